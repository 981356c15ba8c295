"""What was begun and not sent."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.errors import MessageTooLong
from sat.plugins.drafts.api import MOST, Draft
from sat.plugins.drafts.plugin import SAVED_AFTER, Drafts
from sat.plugins.messages.api import LONGEST

JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")


@pytest.fixture
def drafts(romeo):
    return romeo.plug(Drafts)


def stored(romeo):
    return now(romeo.store("drafts").all())


def test_a_draft_is_that_of_the_conversation_and_told(romeo, drafts, record):
    changed = record(drafts.changed)
    now(drafts.set_draft(JULIET.with_resource("balcony"), "But soft"))
    assert now(drafts.get_draft(JULIET)) == Draft(JULIET, "But soft", romeo.now())
    assert changed == [[Draft(JULIET, "But soft", romeo.now())]]
    now(drafts.set_draft(JULIET, "But soft"))
    assert len(changed) == 1, "nothing is new"
    now(drafts.set_draft(JULIET, " \n"))
    assert changed[-1][0].text == ""
    assert now(drafts.get_draft(JULIET)) == Draft(JULIET, "")
    assert now(drafts.get_drafts()) == []


def test_not_each_key_is_written(romeo, drafts):
    for text in ("B", "Bu", "But"):
        now(drafts.set_draft(JULIET, text))
    assert stored(romeo) == {}
    romeo.clock.advance(SAVED_AFTER)
    assert [text for text, _ in stored(romeo).values()] == ["But"]
    now(drafts.set_draft(JULIET, ""))
    romeo.clock.advance(SAVED_AFTER)
    assert stored(romeo) == {}


def test_drafts_outlive_the_daemon(romeo, drafts):
    now(drafts.set_draft(NURSE, "older"))
    romeo.clock.advance(SAVED_AFTER)
    now(drafts.set_draft(JULIET, "But soft"))
    drafts.stop()  # before this one's time has come
    assert set(stored(romeo)) == {JULIET, NURSE}
    now(romeo.store("drafts").set("broken@x.lit", {"no": "draft"}))
    again = Drafts.start(romeo)
    now(again.load())
    assert [each.text for each in now(again.get_drafts())] == ["But soft", "older"]
    again.stop()


def test_drafts_are_bounded_in_size_and_number(romeo, drafts, record):
    with pytest.raises(MessageTooLong):
        now(drafts.set_draft(JULIET, "é" * (LONGEST // 2 + 1)))
    for number in range(MOST):
        now(drafts.set_draft(JID(f"p{number}@x.lit"), "text"))
    changed = record(drafts.changed)
    now(drafts.set_draft(JULIET, "one more"))
    assert [(each.peer, each.text) for each in changed[0]] == [(JULIET, "one more"), ("p0@x.lit", "")]
    assert len(now(drafts.get_drafts())) == MOST
