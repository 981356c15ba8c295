"""OMEMO between two profiles of ours, over a real server; a foreign program of one of them looks on."""

from __future__ import annotations

import pytest
from support.talk import history, wait

from sat.api import JID
from sat.api.errors import CannotEncrypt, InvalidArgument, NoKeys
from sat.api.messages import MessageState, Trust
from sat.plugins.rooms.api import Affiliation
from sat.world import World
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")


def last(profile, peer):
    found = history(profile, peer)
    return found[-1] if found else None


def begins(profile, peer):
    try:
        return run(profile.encryption.begin(peer))
    except NoKeys:
        return None


def unreadable(profile, peer="bob@localhost"):
    return [each for each in history(profile, peer) if not each.outgoing and each.error]


def arrives(profile, peer, body):
    wait(lambda: (found := last(profile, peer)) and found.body == body, f"“{body}” is there")
    return last(profile, peer)


def test_what_is_written_is_encrypted_and_read(pair, onlooker):
    alice, bob = pair
    run(alice.messages.send(BOB, "only for you é <b>"))
    came = arrives(bob, "alice@localhost", "only for you é <b>")
    (key,) = [key for key in run(bob.encryption.get_keys(ALICE)) if key.active]
    assert came.encrypted == ("omemo", Trust.BLIND, key.fingerprint, True)
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


def test_what_comes_in_clear_is_shown_as_such(pair, onlooker):
    """A program without keys, or a server that takes the encryption away."""
    alice, bob = pair
    onlooker.send("<message to='alice@localhost' type='chat' id='clear'><body>no lock</body></message>")
    assert arrives(alice, "bob@localhost", "no lock").encrypted.method == ""
    assert run(alice.encryption.get(BOB)).method == "omemo"
    run(alice.messages.send(BOB, "still with a lock"))
    assert arrives(bob, "alice@localhost", "still with a lock").encrypted.method == "omemo"


def test_a_correction_in_clear_replaces_nothing(pair, onlooker):
    """It is a message of its own, in clear."""
    alice, bob = pair
    run(bob.messages.send(ALICE, "pay 10"))
    came = arrives(alice, "bob@localhost", "pay 10")
    sent = last(bob, "alice@localhost")
    onlooker.send(
        "<message to='alice@localhost' type='chat' id='forged'><body>pay 1000</body>"
        f"<replace xmlns='urn:xmpp:message-correct:0' id='{sent.id}'/></message>"
    )
    assert arrives(alice, "bob@localhost", "pay 1000").encrypted.method == ""
    assert run(alice.messages.get_message(came.id)).body == "pay 10"


def test_what_cannot_be_read_is_shown_with_its_reason(pair, onlooker):
    alice, _ = pair
    for number, ns in enumerate(("urn:xmpp:omemo:2", "eu.siacs.conversations.axolotl"), 1):
        onlooker.send(
            f"<message to='alice@localhost' type='chat' id='{ns}'><encrypted xmlns='{ns}'><header sid='4711'/>"
            "<payload>AAAA</payload></encrypted><body>I am a fallback</body><store xmlns='urn:xmpp:hints'/></message>"
        )
        wait(lambda: len(unreadable(alice)) == number, "it is there")  # noqa: B023
        assert unreadable(alice)[-1].body == ""
        assert "cannot be read here: the device that it is from is not on" in unreadable(alice)[-1].error
        run(alice.messages.mark_read(BOB))


def test_keys_and_sessions_are_sealed_at_rest(pair, world: World):
    (file,) = world.folder.rglob("sat.db")
    content = file.read_bytes() + file.with_name("sat.db-wal").read_bytes()
    assert b"own_device_id" in content  # the names are not secret
    assert b"double_ratchet" in content
    assert b"skipped_message_keys" not in content  # what is in a session is


def test_keys_are_made_while_nobody_waits_for_them(pair, world: World):
    alice, _ = pair
    world.enter_profile("carol")
    wait(lambda: begins(alice, JID("carol@localhost")), "others can write to carol", 40)
    run(alice.messages.send(JID("carol@localhost"), "welcome"))
    assert arrives(world.bridge().profile("carol"), "alice@localhost", "welcome").encrypted.method == "omemo"


# -- rooms -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(pair, world: World):
    """A private room of alice and bob, encrypted."""
    alice, bob = pair
    jid = JID(f"cellar@{world.prosody.rooms}")
    run(alice.rooms.create(jid, "alice", private=True))
    run(alice.rooms.set_affiliation(jid, BOB, Affiliation.MEMBER))
    run(bob.rooms.join(jid, "bob"))
    run(alice.encryption.begin(jid))
    return jid


def test_in_a_private_room(pair, room, onlooker):
    alice, bob = pair
    id = run(alice.messages.send(room, "between us"))
    came = arrives(bob, room, "between us")
    assert came.encrypted.method == "omemo"
    assert came.sender == f"{room}/alice"
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DELIVERED, "the room has sent it to all")
    wait(lambda: run(bob.encryption.get(room)).method == "omemo", "bob answers so")
    run(bob.messages.send(room, "and back"))
    assert arrives(alice, room, "and back").encrypted.method == "omemo"
    assert [each.body for each in history(alice, room)] == ["between us", "and back"]
    run(alice.correction.correct(id, "between us two"))
    wait(lambda: history(bob, room)[0].body == "between us two", "it is corrected")
    assert [each.body for each in history(alice, room)] == ["between us two", "and back"]


def test_what_goes_with_texts_in_a_private_room(pair, room):
    alice, bob = pair
    id = run(alice.messages.send(room, "what do you think?"))
    came = arrives(bob, room, "what do you think?")
    run(bob.reactions.react(came.id, ["👍"]))
    wait(lambda: run(alice.messages.get_message(id)).reactions, "alice sees it")
    run(alice.retraction.retract(id))
    wait(lambda: run(bob.messages.get_message(came.id)).retracted, "it is taken back")
    assert [each.error for each in [*history(alice, room), *history(bob, room)] if each.error] == []


def test_what_was_said_while_we_were_away(pair, room):
    alice, bob = pair
    run(bob.profile.disconnect())
    run(alice.messages.send(room, "in the room"))
    run(alice.messages.send(BOB, "to you"))
    run(bob.profile.connect())
    assert arrives(bob, room, "in the room").encrypted.method == "omemo"
    assert arrives(bob, "alice@localhost", "to you").encrypted.method == "omemo"
    assert [each.error for each in [*history(bob, room), *unreadable(bob, "alice@localhost")] if each.error] == []


def test_an_open_room_cannot_be_encrypted(pair, world: World):
    alice, _ = pair
    jid = JID(f"market@{world.prosody.rooms}")
    run(alice.rooms.create(jid, "alice"))
    with pytest.raises(CannotEncrypt, match="nobody knows who reads along"):
        run(alice.encryption.begin(jid))
    assert run(alice.encryption.get(jid)).method == ""


def test_one_message_is_encrypted_where_the_conversation_is_not(world: World):
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(alice.encryption.end(BOB))
    run(alice.messages.send(BOB, "this one is", encrypt="omemo"))
    assert arrives(bob, "alice@localhost", "this one is").encrypted.method == "omemo"
    run(alice.messages.send(BOB, "this one is not"))
    assert arrives(bob, "alice@localhost", "this one is not").encrypted.method == ""
    assert run(alice.encryption.get(BOB)).method == ""
    for method, error in (("omemo", NoKeys), ("rot13", InvalidArgument)):
        with pytest.raises(error):
            run(alice.messages.send(JID("nobody@localhost"), "never", encrypt=method))
    assert last(alice, "nobody@localhost") is None
