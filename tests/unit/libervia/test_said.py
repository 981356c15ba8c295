"""A message's text in HTML: its styles (XEP-0393), what somebody does (XEP-0245), and nothing of theirs but text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from libervia.server.text import STYLED_AT_MOST, said
from sat.api import JID
from sat.api.messages import PLAIN, Extra, Mark, Mention

TAGS = {"div", "a", "strong", "em", "s", "code", "pre", "blockquote"}


def shown(text, extra=PLAIN, name="Bob"):
    return str(said(text, extra, name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*strong* plain", "<strong>*strong*</strong> plain"),
        ("_so_ ~not~ `*x*`", "<em>_so_</em> <s>~not~</s> <code>`*x*`</code>"),
        ("*_both_*", "<strong>*</strong><strong><em>_both_</em></strong><strong>*</strong>"),
        ("a\n> b\n>> c\nd", "a\n<blockquote>&gt; b\n<blockquote>&gt;&gt; c\n</blockquote></blockquote>d"),
        ("```\n*x* <b>\n```\ny", "<pre><code>```\n*x* &lt;b&gt;\n```\n</code></pre>y"),
        ("2*3*4", "2*3*4"),
        ("<b>*x*</b>", "&lt;b&gt;*x*&lt;/b&gt;"),
    ],
)
def test_styles_become_tags(text, expected):
    assert shown(text) == expected


def test_links_stay_links_but_in_code():
    tree = html.fromstring(f"<div>{shown('*see http://a.example/* and `http://b.example/`')}</div>")
    assert [(link.get("href"), link.getparent().tag) for link in tree.iter("a")] == [("http://a.example/", "strong")]


def test_what_is_unstyled_is_as_it_was_typed():
    assert shown("*x* > _y_\n> z", Extra(unstyled=True)) == "*x* &gt; _y_\n&gt; z"


def test_who_is_named_is_set_off():
    bob = JID("bob@x.lit")
    extra = Extra(mentions=[Mention(4, 7, bob), Mention(8, 14, bob, own=True)])
    expected = 'hi, <span class="mention">bob</span> <mark class="mention">&lt;eve&gt;!</mark>'
    assert shown("hi, bob <eve>!", extra) == expected
    assert shown("/me bob", extra).endswith('</span> <span class="mention">bob</span>')
    assert "mention" not in shown("\x1b hi, bob", extra), "nobody knows where the places are then"


def test_what_is_marked_beside_the_text_is_emphasised():
    extra = Extra(marks=[Mark(3, 8, "strong"), Mark(3, 4, "emphasis")])
    assert shown("hi <bob>", extra) == "hi <strong><em>&lt;</em></strong><strong>bob&gt;</strong>"


def test_what_somebody_does_begins_with_their_name():
    assert shown("/me *waves*", name="<Bob>") == (
        '<span class="does">* <bdi>&lt;Bob&gt;</bdi></span> <strong>*waves*</strong>'
    )
    assert shown("/mean") == "/mean"


@given(st.text(alphabet=st.sampled_from("*_~`> ab\n<&\"'/:.hpt\u202e"), max_size=80), st.booleans())
def test_without_its_tags_it_is_the_text(text, unstyled):
    from sat_frontends.quick_frontend.text import clean

    tree = html.fromstring(f"<div>{shown(text, Extra(unstyled=unstyled))}</div>")
    assert tree.text_content() == clean(text)
    assert {each.tag for each in tree.iter()} <= TAGS
    assert {name for each in tree.iter() for name in each.attrib} <= {"href", "rel", "target"}


@pytest.mark.parametrize(
    "text",
    ["*a* " * 25_000, "*" * 100_000, "*_~`" * 25_000, ">" * 100_000, "> a\n>> b\n" * 12_000, "```\n```\nb\n" * 8_000],
)
def test_a_styling_bomb_is_no_more_than_its_text(text):
    """A parser that looks again and again would run into the limit of a test's time here."""
    page = shown(text)
    assert page.count("<strong>") + page.count("<blockquote>") + page.count("<pre>") <= STYLED_AT_MOST + 10
    assert html.fromstring(f"<div>{page}</div>").text_content() == text
