"""What is marked in the XHTML beside a text is marked in the text, as far as both have the same words."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.messages import PLAIN, Extra, Mark
from sat.plugins.messages.plugin import Messages
from sat.plugins.spoilers.plugin import Spoilers
from sat.plugins.xhtml_im.plugin import MOST, XhtmlIm

JULIET = JID("juliet@capulet.lit")


@pytest.fixture
def messages(romeo):
    romeo.plug(XhtmlIm, Spoilers)
    romeo.goes_online()
    return romeo.plugin(Messages)


def heard(romeo, messages, body, xhtml, beside=""):
    html = f"<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>{xhtml}</body></html>"
    text = f"<body>{body}</body>" if body else ""
    romeo.hears(f"<message from='{JULIET}/x' type='chat'>{text}{html}{beside}</message>")
    romeo.turn()
    return now(messages.get_history(JULIET))[-1]


def marked(message):
    return [(message.body[each.begin : each.end], each.style) for each in message.extra.marks]


@pytest.mark.parametrize(
    ("xhtml", "expected"),
    [
        ("But <b>soft</b>, <i>what light</i>", [("soft", "strong"), ("what light", "emphasis")]),
        ("<p>But <strong><em>soft</em></strong>, what light</p>", [("soft", "emphasis"), ("soft", "strong")]),
        ("But <strong>so</strong><strong>ft, what</strong> light", [("soft, what", "strong")]),
        ("<p>But\n  soft,</p><p><code>what</code> <del>light</del></p>", [("what", "code"), ("light", "strike")]),
        ("But <span style='COLOR: red; font-weight: Bold'>soft</span>, what light", [("soft", "strong")]),
        ("But <span style='font-style:italic;text-decoration: underline line-through'>soft</span>, what light",
         [("soft", "emphasis"), ("soft", "strike")]),
        ("But <a href='https://capulet.lit'><b>soft</b></a>, what light", [("soft", "strong")]),
        ("But <span style='color:red'>soft</span>, what <script>light</script>light", []),
        ("But <b>hard</b>, what light", []),
        ("But <b>soft</b>, what light <b>breaks</b>", []),
        ("<b><x xmlns='urn:other'>But </x></b>soft, what light", []),
        ("", []),
    ],
)  # fmt: skip
def test_words_that_are_emphasised(romeo, messages, xhtml, expected):
    message = heard(romeo, messages, "But soft, what light", xhtml)
    assert (message.body, sorted(marked(message))) == ("But soft, what light", sorted(expected))
    if not expected:
        assert message.extra == PLAIN


def test_without_a_text_the_words_of_the_xhtml_are_it(romeo, messages):
    message = heard(
        romeo, messages, "", "<p><b>Juliet</b>:</p><p>see <a href='https://capulet.lit/'>us</a> <em>now</em></p>"
    )
    assert message.body == "Juliet:\nsee us (https://capulet.lit/) now"
    assert marked(message) == [("Juliet", "strong"), ("now", "emphasis")]


def test_what_can_be_seen_beside_it_stays(romeo, messages):
    message = heard(
        romeo, messages, "They die", "They <b>die</b>", "<spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>"
    )
    assert message.extra == Extra(spoiler=True, hint="the end", marks=[Mark(5, 8, "strong")])


def test_only_so_many_are_kept(romeo, messages):
    message = heard(romeo, messages, "ab" * 500, "<b>a</b>b" * 500)
    assert len(message.extra.marks) == MOST


def test_a_deep_and_long_one_takes_no_time(romeo, messages):
    """As deep, and with as many elements, as a stanza may have."""
    deep = "<b style='" + "font-weight:bold;" * 200 + "'>"
    message = heard(romeo, messages, "x" * 500, f"{deep * 80}{'<i>x</i>' * 500}{'</b>' * 80}")
    assert marked(message) == [("x" * 500, "emphasis"), ("x" * 500, "strong")]


def test_ours_have_none(romeo, messages):
    now(messages.send(JULIET, "soft", extra=Extra(marks=[Mark(0, 4, "strong")])))
    assert now(messages.get_history(JULIET))[-1].extra == PLAIN
    assert "xhtml" not in romeo.sent()[-1]
