"""OMEMO between profanity and our daemon: the old version, which is all that profanity knows.

Where the account has no list of devices yet, profanity 0.13 fails to make one (“can't get OMEMO device list”), and
nobody can write to it. So bob's is there before, and empty, as another program would leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interop.in_terminal import ALICE, BOB, bob_is_there, enter, heard
from interop.table import BOTH, exchanged
from interop.terminals import profanity
from support.peer import Peer
from support.talk import wait
from support.tmux import Terminal

from sat.api import JID
from sat.api.messages import Trust
from sat.plugins.encryption.api import Key
from sat.world import PASSWORD, World
from sat.world.people import run

CLIENT = "profanity"


@pytest.fixture(scope="module")
def alice(alice_at_prosody: Any) -> Any:
    run(alice_at_prosody.encryption.get_keys(JID(ALICE)))  # makes hers
    return alice_at_prosody


@pytest.fixture(scope="module")
def screen(world: World, alice: Any) -> Iterator[Terminal]:
    """profanity, with bob's account and keys, in the window of alice, where it encrypts."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as other:
        other.send(
            "<iq type='set' id='list'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish "
            "node='eu.siacs.conversations.axolotl.devicelist'><item id='current'><list "
            "xmlns='eu.siacs.conversations.axolotl'/></item></publish></pubsub></iq>"
        )
        other.expect(lambda stanza: stanza.get("id") == "list" and stanza.get("type") == "result")
    with profanity(world, "bob") as screen:
        bob_is_there(alice)
        enter(screen, "/omemo gen")
        wait(lambda: run(alice.encryption.get_keys(BOB)), "alice has heard of bob's keys")
        enter(screen, "/omemo trustmode blind")
        enter(screen, f"/msg {ALICE}")
        enter(screen, "/omemo start")
        screen.shows("[OMEMO]")
        yield screen


def fingerprints(text: str) -> list[str]:
    """Those on a screen: groups of eight digits with dashes between."""
    return ["".join(found.split("-")) for found in re.findall(r"(?:[0-9a-f]{8}-){7}[0-9a-f]{8}", text)]


def key_of_bob(alice: Any) -> Key:
    (key,) = run(alice.encryption.get_keys(BOB))
    return key


@exchanged(BOTH, "OMEMO 0.3 (0384)")
def test_messages(alice: Any, screen: Terminal) -> None:
    enter(screen, "psst <&>")
    assert heard(alice, BOB, "psst <&>").encrypted[:3] == ("omemo", Trust.BLIND, key_of_bob(alice).fingerprint)
    wait(lambda: run(alice.encryption.get(BOB)).method == "omemo", "alice answers so")
    run(alice.messages.send(BOB, "what is it?"))
    screen.tells("what is it?")


@exchanged(BOTH, "OMEMO: files (0454)")
def test_files(alice: Any, screen: Terminal, tmp_path: Path) -> None:
    theirs = tmp_path / "beach.txt"
    theirs.write_text("on the beach")
    enter(screen, f"/sendfile {theirs}")
    wait(lambda: any(each.attachments for each in run(alice.messages.get_history(BOB))), "it comes")
    came = run(alice.messages.get_history(BOB))[-1]
    assert (came.encrypted.method, came.body) == ("omemo", "")
    assert Path(run(alice.attachments.get_file(came.id)).path).read_text() == "on the beach"
    ours = tmp_path / "dune.txt"
    ours.write_text("on the dune")
    (about,) = run(alice.transfers.finish(run(alice.upload.upload(str(ours), BOB)).id)).attachment
    screen.wait(lambda text: about.url in "".join(text.split()))
    saved = tmp_path / "saved.txt"
    enter(screen, f"/url save {about.url} {saved}")
    wait(lambda: saved.exists() and saved.read_text() == "on the dune", "it is saved")


@exchanged(BOTH, "OMEMO: keys are compared")
def test_fingerprints(alice: Any, screen: Terminal) -> None:
    (own,) = [each.fingerprint for each in run(alice.encryption.get_keys(JID(ALICE))) if each.here]
    enter(screen, f"/omemo fingerprint {ALICE}")
    screen.wait(lambda text: own in fingerprints(text))
    enter(screen, "/omemo fingerprint bob@localhost")
    bob = key_of_bob(alice).fingerprint
    screen.wait(lambda text: bob in fingerprints(text))
    (verified,) = run(alice.encryption.verify_uri(f"xmpp:bob@localhost?omemo-sid-{key_of_bob(alice).id}={bob}"))
    assert verified.trust is Trust.VERIFIED
    enter(screen, "is it me?")
    assert heard(alice, BOB, "is it me?").encrypted.trust is Trust.VERIFIED
