"""OTR with profanity, which has libotr: bob there, alice in our daemon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.in_terminal import ALICE, BOB, bob_is_there, enter, heard
from interop.table import BOTH, exchanged
from interop.terminals import profanity
from support.talk import wait
from support.tmux import Terminal

from sat.api import JID, Secret
from sat.api.messages import IN_CLEAR, MessageState, Trust
from sat.plugins.encryption.api import ComparisonState
from sat.world import World
from sat.world.people import run

CLIENT = "profanity"


@pytest.fixture(scope="module")
def alice(alice_at_prosody: Any) -> Any:
    return alice_at_prosody


@pytest.fixture(scope="module")
def screen(world: World, alice: Any) -> Iterator[Terminal]:
    """profanity, with bob's account and a key, in the window of alice."""
    with profanity(world, "bob") as screen:
        bob_is_there(alice)
        enter(screen, "/otr policy manual")
        enter(screen, "/otr gen")
        screen.tells("Private key generation complete.")
        enter(screen, f"/msg {ALICE}")
        screen.wait(lambda text: "[unencrypted]" in text)
        yield screen


@pytest.fixture(scope="module")
def talking(alice: Any, screen: Terminal) -> Any:
    """alice has asked, and profanity has said yes."""
    chat = run(alice.encryption.begin(BOB, "otr"))
    assert (chat.method, chat.trust) == ("otr", Trust.BLIND)
    screen.wait(lambda text: "OTR session started (untrusted)." in text)
    return alice


def encryption(alice: Any) -> Any:
    return run(alice.encryption.get(BOB))


def ends_with(alice: Any, trust: Trust) -> None:
    wait(lambda: not run(alice.encryption.get_comparisons()), "it has ended")
    wait(lambda: encryption(alice).trust is trust, f"their key is {trust}")


@exchanged(BOTH, "Off-the-record messaging (OTR version 2, 0364)")
def test_texts_go_both_ways(talking: Any, screen: Terminal) -> None:
    run(talking.messages.send(BOB, "soft! <b>&</b> é"))
    screen.tells("soft! <b>&</b> é")
    enter(screen, "ay me <&>")
    came = heard(talking, BOB, "ay me <&>")
    (key,) = [key for key in run(talking.encryption.get_keys(BOB)) if key.active and key.method == "otr"]
    assert came.encrypted[:3] == ("otr", Trust.BLIND, key.fingerprint)
    sent = "x" * 20_000 + " end"
    run(talking.messages.send(BOB, sent))
    screen.wait(lambda text: "xxx end" in text)


def test_our_fingerprint_is_theirs(talking: Any, screen: Terminal) -> None:
    (own,) = [key for key in run(talking.encryption.get_keys(JID(ALICE))) if key.method == "otr"]
    enter(screen, "/otr theirfp")
    screen.wait(lambda text: own.fingerprint in "".join(text.split()).lower())


def test_a_wrong_secret(talking: Any, screen: Terminal) -> None:
    run(talking.encryption.compare(BOB, Secret("nurse")))
    screen.wait(lambda text: "wants to authenticate your identity" in text)
    enter(screen, "/otr secret friar")
    screen.wait(lambda text: "Authentication failed" in text)
    ends_with(talking, Trust.BLIND)


def test_they_ask_a_question(talking: Any, screen: Terminal) -> None:
    enter(screen, '/otr question "Whose balcony?" juliet')
    wait(lambda: run(talking.encryption.get_comparisons()), "alice is asked")
    (asked,) = run(talking.encryption.get_comparisons())
    assert asked == (BOB, "otr", ComparisonState.ASKED, "Whose balcony?")
    run(talking.encryption.answer(BOB, Secret("juliet")))
    screen.wait(lambda text: "Authentication successful" in text)
    ends_with(talking, Trust.BLIND)


@exchanged(BOTH, "Verification by a secret (OTR)")
def test_the_right_secret(talking: Any, screen: Terminal) -> None:
    run(talking.encryption.compare(BOB, Secret("nurse"), "Who raised you?"))
    screen.wait(lambda text: "Who raised you?" in text)
    enter(screen, "/otr answer nurse")
    ends_with(talking, Trust.VERIFIED)


def test_they_end_it_and_begin_again(talking: Any, screen: Terminal) -> None:
    enter(screen, "/otr end")
    wait(lambda: "They have ended" in encryption(talking).note, "alice is told")
    id = run(talking.messages.send(BOB, "in clear?"))
    wait(lambda: run(talking.messages.get_message(id)).state is MessageState.FAILED, "it is refused")
    enter(screen, "in clear, from me")
    assert heard(talking, BOB, "in clear, from me").encrypted == IN_CLEAR
    enter(screen, "/otr start")
    screen.wait(lambda text: "[OTR]" in text)
    enter(screen, "again")
    assert heard(talking, BOB, "again").encrypted.trust is Trust.VERIFIED
    run(talking.messages.retry(id))
    screen.tells("in clear?")


def test_we_end_it_and_they_ask(talking: Any, screen: Terminal) -> None:
    run(talking.encryption.end(BOB))
    screen.wait(lambda text: "[unencrypted]" in text)
    run(talking.messages.send(BOB, "back in clear"))
    screen.tells("back in clear")
    enter(screen, "/otr start")
    wait(lambda: run(talking.messages.get_history(BOB))[-1].error, "alice is asked")
    assert "would like to talk with OTR" in run(talking.messages.get_history(BOB))[-1].error
    assert run(talking.encryption.begin(BOB, "otr")).trust is Trust.VERIFIED
    screen.wait(lambda text: "[OTR]" in text)
    enter(screen, "a last word")
    assert heard(talking, BOB, "a last word").encrypted.method == "otr"
