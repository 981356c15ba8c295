"""Corrections, retractions, reactions, answers and markers through a real server."""

from __future__ import annotations

from typing import Any

from support.talk import BOB, all_arrived, faults, heard, is_online, say, wait

from sat.api import JID
from sat.api.messages import Message, MessageState, Reaction
from sat.world import PASSWORD
from sat.world.people import enter, run

ALICE = "alice@localhost"


def last(profile: Any, peer: str) -> Message:
    return run(profile.messages.get_history(JID(peer)))[-1]


def told(alice: Any, bob: Any, text: str) -> str:
    """Alice says something, and bob has it; its id."""
    id = say(alice, text)
    wait(lambda: heard(bob, ALICE)[-1:] == [text], "bob has it")
    return id


def test_a_correction_replaces_the_text_on_both_sides(both, world):
    alice, bob = both
    id = told(alice, bob, "helo")
    run(alice.correction.correct(id, "hello"))
    assert run(alice.messages.get_message(id)).body == "hello"
    wait(lambda: last(bob, ALICE).body == "hello", "bob sees it")
    assert last(bob, ALICE).edited
    assert [each.body for each in run(bob.messages.get_versions(last(bob, ALICE).id))] == ["helo", "hello"]
    wait(lambda: run(alice.messages.get_message(id)).edit_state is MessageState.SENT, "the server has it")
    assert not faults(world.daemon)


def test_reactions_and_answers_go_back(both):
    alice, bob = both
    id = told(alice, bob, "cake?")
    theirs = last(bob, ALICE)
    run(bob.reactions.react(theirs.id, ["👍", "🎂"]))
    wait(lambda: run(alice.messages.get_message(id)).reactions, "alice sees them")
    reactions = run(alice.messages.get_message(id)).reactions
    assert reactions == [Reaction("👍", [JID(BOB)]), Reaction("🎂", [JID(BOB)])]
    run(bob.messages.send(JID(ALICE), "yes", reply=theirs.id))
    wait(lambda: last(alice, BOB).body == "yes", "the answer is there, without a quotation in its text")
    answer = last(alice, BOB)
    assert (answer.reply, answer.quote, answer.reply_to.bare) == (id, "cake?", JID(ALICE))


def test_what_is_taken_back_is_gone_on_both_sides(both):
    alice, bob = both
    id = told(alice, bob, "wrong window")
    run(alice.retraction.retract(id))
    wait(lambda: last(bob, ALICE).retracted, "bob sees it")
    assert last(bob, ALICE).body == ""
    assert run(bob.messages.search("window")) == []


def test_who_reads_tells_so(both):
    alice, bob = both
    id = told(alice, bob, "read me")
    assert run(alice.messages.get_message(id)).state is not MessageState.DISPLAYED
    run(bob.messages.mark_read(JID(ALICE)))
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DISPLAYED, "alice knows")


def test_changes_made_while_the_server_is_away_arrive_once(both, world):
    alice, bob = both
    id = told(alice, bob, "helo")
    world.prosody.kill()
    wait(lambda: not is_online(alice), "it is noticed")
    run(alice.correction.correct(id, "hello"))
    run(alice.correction.correct(id, "hello there"))
    assert run(alice.messages.get_message(id)).edit_state is MessageState.PENDING
    world.prosody.start()
    wait(lambda: is_online(alice) and is_online(bob), "both are back", 60)
    wait(lambda: last(bob, ALICE).body == "hello there", "bob sees it")
    assert [each.body for each in run(bob.messages.get_versions(last(bob, ALICE).id))] == [
        "helo",
        "hello",
        "hello there",
    ]
    wait(lambda: all_arrived(alice), "all is settled")


def test_another_device_learns_changes_from_the_archive(both, world):
    alice, bob = both
    kept, gone = told(alice, bob, "before"), told(alice, bob, "soon gone")
    run(
        bob.reactions.react(
            next(each.id for each in run(bob.messages.get_history(JID(ALICE))) if each.body == "before"), ["👍"]
        )
    )
    wait(lambda: run(alice.messages.get_message(kept)).reactions, "alice sees it")
    run(alice.correction.correct(kept, "after"))
    run(alice.retraction.retract(gone))
    wait(lambda: last(bob, ALICE).retracted, "all is at the server")
    enter(world.bridge(), "tablet", ALICE, PASSWORD, world.prosody.port)
    tablet = world.bridge().profile("tablet")

    def seen() -> list[tuple[str, bool, list[str]]]:
        found = run(tablet.messages.get_history(JID(BOB)))
        return [(each.body, each.retracted, [reaction.emoji for reaction in each.reactions]) for each in found][-2:]

    wait(lambda: is_online(tablet), "it is online")
    wait(lambda: len(seen()) == 2 or run(tablet.archive.fetch_older(JID(BOB))), "it looks into the archive")
    wait(lambda: seen() == [("after", False, ["👍"]), ("", True, [])], f"it has all: {seen()}")
    run(world.bridge().manager.delete_profile("tablet"))
