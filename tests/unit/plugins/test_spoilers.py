"""Texts that are hidden until somebody wants to see them."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.messages import Extra
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.plugin import Messages
from sat.plugins.replies.plugin import Replies
from sat.plugins.spoilers.plugin import LONGEST_HINT, NS, Spoilers
from sat.storage.edits import SPOILER

JULIET = JID("juliet@capulet.lit")


@pytest.fixture
def messages(romeo):
    romeo.plug(Spoilers, Replies, Correction)
    romeo.goes_online()
    return romeo.plugin(Messages)


def heard(romeo, messages, inside):
    romeo.hears(f"<message from='{JULIET}/x' type='chat'>{inside}</message>")
    romeo.turn()
    return now(messages.get_history(JULIET))[-1]


@pytest.mark.parametrize(
    ("spoiler", "hint"),
    [
        (f"<spoiler xmlns='{NS}'/>", ""),
        (f"<spoiler xmlns='{NS}'> the\n&lt;b&gt;end&lt;/b&gt; </spoiler>", "the <b>end</b>"),
        (f"<spoiler xmlns='{NS}'>{'x' * 100_000}</spoiler>", "x" * LONGEST_HINT),
        (f"<spoiler xmlns='{NS}' xml:lang='ca'>mar</spoiler><spoiler xmlns='{NS}'>sea</spoiler>", "sea"),
        (f"<spoiler xmlns='{NS}' xml:lang='ca'>mar</spoiler><spoiler xmlns='{NS}' xml:lang='en'>sea</spoiler>", "mar"),
    ],
)
def test_a_hint_is_one_short_line_in_a_language(romeo, messages, spoiler, hint):
    message = heard(romeo, messages, f"<body>They die.</body>{spoiler}")
    assert (message.extra.spoiler, message.extra.hint, message.body) == (True, hint, "They die.")


def test_ours_goes_out_so_and_its_correction_too(romeo, messages):
    id = now(messages.send(JULIET, "They die.", extra=Extra(spoiler=True, hint="the <end>")))
    now(romeo.plugin(Correction).correct(id, "Both die."))
    assert all(f"<spoiler xmlns='{NS}'>the &lt;end&gt;</spoiler>" in xml for xml in romeo.sent())
    now(messages.send(JULIET, "x", extra=Extra(spoiler=True)))
    assert f"<spoiler xmlns='{NS}'/>" in romeo.sent()[-1]


@pytest.mark.parametrize(("hint", "quote"), [("", SPOILER), ("the end", "the end")])
def test_an_answer_does_not_tell_what_is_hidden(romeo, messages, hint, quote):
    theirs = heard(romeo, messages, f"<body>They die.</body><spoiler xmlns='{NS}'>{hint}</spoiler>")
    now(messages.send(JULIET, "no!", reply=theirs.id))
    assert now(messages.get_history(JULIET))[-1].quote == quote
    assert "They die" not in romeo.sent()[-1]
