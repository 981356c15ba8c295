"""OMEMO between two profiles of ours, over a real server; a foreign program of one of them looks on."""

from __future__ import annotations

import pytest
from support.peer import Peer
from support.talk import history, wait

from sat.api import JID
from sat.api.errors import NoKeys
from sat.api.messages import MessageState, Trust
from sat.world import PASSWORD, World
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


@pytest.fixture(scope="module")
def pair(world: World):
    """alice and bob with keys, encrypting what they write to each other."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.get_keys(BOB))  # makes bob's
    run(alice.encryption.begin(BOB))
    return alice, bob


@pytest.fixture
def onlooker(world: World):
    """Another program of bob, which has no keys."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as peer:
        peer.available()
        peer.send("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        yield peer


def last(profile, peer):
    found = history(profile, peer)
    return found[-1] if found else None


def arrives(profile, peer, body):
    wait(lambda: (found := last(profile, peer)) and found.body == body, f"“{body}” is there")
    return last(profile, peer)


def test_what_is_written_is_encrypted_and_read(pair, onlooker):
    alice, bob = pair
    run(alice.messages.send(BOB, "only for you é <b>"))
    came = arrives(bob, "alice@localhost", "only for you é <b>")
    (key,) = [key for key in run(bob.encryption.get_keys(ALICE)) if key.active]
    assert came.encrypted == ("omemo", Trust.BLIND, key.fingerprint)
    sent = last(alice, "bob@localhost")
    assert sent.encrypted.method == "omemo"
    wait(lambda: last(alice, "bob@localhost").state in (MessageState.DELIVERED, MessageState.SENT), "it has left")
    seen = onlooker.expect(lambda stanza: any(each.tag == "{urn:xmpp:omemo:2}encrypted" for each in stanza.iter()))
    assert "only for you" not in str([each.text for each in seen.iter()])


def test_the_answer_is_encrypted_without_a_choice(pair):
    alice, bob = pair
    wait(lambda: run(bob.encryption.get(ALICE)).method == "omemo", "bob answers so")
    assert not run(bob.encryption.get(ALICE)).chosen
    for number in range(5):
        run(bob.messages.send(ALICE, f"answer {number}"))
    assert arrives(alice, "bob@localhost", "answer 4").encrypted.method == "omemo"


def test_a_correction_is_encrypted_too(pair):
    alice, bob = pair
    id = run(alice.messages.send(BOB, "teh"))
    arrives(bob, "alice@localhost", "teh")
    run(alice.correction.correct(id, "the"))
    came = arrives(bob, "alice@localhost", "the")
    assert came.edited
    assert came.encrypted.method == "omemo"


def test_nothing_leaves_for_who_has_no_keys(pair, world: World):
    alice, _ = pair
    with pytest.raises(NoKeys):
        run(alice.encryption.begin(JID("carol@localhost")))
    assert run(alice.encryption.get(JID("carol@localhost"))).method == ""


def test_what_moves_a_session_of_another_device_on_is_not_shown(pair, onlooker):
    """Programs send such messages to the account, so all its devices get them."""
    alice, _ = pair
    for ns, keys in (
        ("urn:xmpp:omemo:2", "<keys jid='alice@localhost'><key rid='7'>MmM=</key></keys>"),
        ("eu.siacs.conversations.axolotl", "<key rid='7'>MmM=</key><iv>MmM=</iv>"),
    ):
        onlooker.send(
            f"<message to='alice@localhost' id='empty'><encrypted xmlns='{ns}'><header sid='5'>{keys}</header>"
            "</encrypted><store xmlns='urn:xmpp:hints'/></message>"
        )
    before = [each.id for each in history(alice, "bob@localhost")]
    onlooker.send("<message to='alice@localhost' type='chat' id='after'><body>in clear</body></message>")
    arrives(alice, "bob@localhost", "in clear")
    assert [each.id for each in history(alice, "bob@localhost")][:-1] == before
    assert not [each for each in history(alice, "bob@localhost") if "encrypted" in each.error]


def test_keys_are_compared_by_an_address(pair):
    alice, bob = pair
    uri = run(bob.encryption.get_uri(BOB))
    (key,) = run(alice.encryption.verify_uri(uri))
    assert key.trust is Trust.VERIFIED
    assert run(alice.encryption.get(BOB)).trust is Trust.VERIFIED
    run(bob.messages.send(ALICE, "is it you?"))
    assert arrives(alice, "bob@localhost", "is it you?").encrypted.trust is Trust.VERIFIED


def test_nothing_is_sent_to_keys_that_are_distrusted(pair):
    alice, _ = pair
    (key,) = [key for key in run(alice.encryption.get_keys(BOB)) if key.active]
    run(alice.encryption.set_trust(BOB, "omemo", key.fingerprint, Trust.DISTRUSTED))
    id = run(alice.messages.send(BOB, "not for this key"))
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.FAILED, "it is refused")
    assert "have not decided" in run(alice.messages.get_message(id)).error
    run(alice.encryption.set_trust(BOB, "omemo", key.fingerprint, Trust.VERIFIED))
    run(alice.messages.retry(id))
    arrives(pair[1], "alice@localhost", "not for this key")


def test_it_goes_on_after_a_restart(pair, world: World):
    world.daemon.stop()
    world.daemon.start()
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(alice.messages.send(BOB, "still here"))
    assert arrives(bob, "alice@localhost", "still here").encrypted.method == "omemo"
