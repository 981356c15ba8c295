"""What goes with a text, through a real server: styles, spoilers, languages, attention, mentions; and shared drafts."""

from __future__ import annotations

from typing import Any

import pytest
from support.talk import BOB, faults, heard, wait

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Extra, Message
from sat.world.people import run

ALICE = "alice@localhost"


def last(profile: Any, peer: str) -> Message:
    return run(profile.messages.get_history(JID(peer)))[-1]


@pytest.mark.parametrize(
    "extra", [Extra(unstyled=True), Extra(spoiler=True, hint="the <end>"), Extra(spoiler=True), Extra(lang="fr")]
)
def test_what_goes_with_a_text_arrives_with_it_and_with_its_correction(both, world, extra):
    alice, bob = both
    text = f"*{extra}*"
    id = run(alice.messages.send(JID(BOB), text, extra=extra))
    wait(lambda: heard(bob, ALICE)[-1:] == [text], "bob has it")
    assert last(bob, ALICE).extra == extra
    run(alice.correction.correct(id, f"{text} again"))
    wait(lambda: last(bob, ALICE).body == f"{text} again", "bob sees the correction")
    assert last(bob, ALICE).extra == extra
    assert not faults(world.daemon)


def test_a_corrected_answer_is_still_an_answer(both):
    alice, bob = both
    asked = run(alice.messages.send(JID(BOB), "cake?"))
    wait(lambda: heard(bob, ALICE)[-1:] == ["cake?"], "bob has it")
    answer = run(bob.messages.send(JID(ALICE), "yes", reply=last(bob, ALICE).id))
    wait(lambda: last(alice, BOB).body == "yes", "the answer is there")
    run(bob.correction.correct(answer, "no"))
    wait(lambda: last(alice, BOB).body == "no", "without the quotation in its text")
    assert (last(alice, BOB).reply, last(alice, BOB).quote) == (asked, "cake?")


def test_attention_is_asked_for_once_a_minute(both):
    alice, bob = both
    run(alice.attention.ask_attention(JID(BOB)))
    wait(lambda: last(bob, ALICE).extra.attention, "bob is asked")
    with pytest.raises(InvalidArgument):
        run(alice.attention.ask_attention(JID(BOB)))


def test_a_draft_is_the_same_for_whoever_asks_and_goes_to_no_server(both):
    alice, bob = both
    before = heard(bob, ALICE)
    run(alice.drafts.set_draft(JID(f"{BOB}/phone"), "Dear Bob"))
    assert [(each.peer, each.text) for each in run(alice.drafts.get_drafts())] == [(JID(BOB), "Dear Bob")]
    run(alice.drafts.set_draft(JID(BOB), ""))
    assert run(alice.drafts.get_drafts()) == []
    assert heard(bob, ALICE) == before
