"""What goes with texts is encrypted with them, over a real server; a foreign program of one of the two looks on."""

from __future__ import annotations

import pytest
from support.omemo_peer import KeyedPeer
from support.peer import Peer
from support.talk import BOB, history, wait

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.omemo.names import OLD
from sat.world import PASSWORD, World
from sat.world.people import run

ALICE = "alice@localhost"
IN_CLEAR = {
    "urn:xmpp:receipts",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:reactions:0",
    "urn:xmpp:message-retract:1",
    "http://jabber.org/protocol/chatstates",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:reply:0",
}


@pytest.fixture
def talking(pair):
    """alice and bob have sessions with each other."""
    alice, bob = pair
    for one, other, to, by in ((alice, bob, BOB, ALICE), (bob, alice, ALICE, BOB)):
        run(one.messages.send(JID(to), "hello"))
        wait(lambda: (came := last(other, by)) and came.body, "it is there")  # noqa: B023
    return alice, bob


def last(profile, peer, *, outgoing=False):
    found = [each for each in history(profile, peer) if each.outgoing is outgoing]
    return found[-1] if found else None


def arrives(alice, bob, body):
    """alice writes; bob has it. Both ids."""
    id = run(alice.messages.send(JID(BOB), body))
    wait(lambda: (found := last(bob, ALICE)) and found.body == body, f"“{body}” is there")
    return id, last(bob, ALICE).id


def namespaces(stanzas):
    return {element.tag[1:].partition("}")[0] for stanza in stanzas for element in stanza.iter()}


def seen(onlooker, until):
    """All that came to the onlooker, up to a text in clear."""
    stanzas = [onlooker.receive()]
    while until not in [each.text for each in stanzas[-1].iter()]:
        stanzas.append(onlooker.receive())
    return stanzas


def test_what_is_seen_taken_back_and_thought_of_it(talking, onlooker):
    alice, bob = talking
    id, theirs = arrives(alice, bob, "cake?")
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DELIVERED, "it is delivered")
    run(bob.messages.mark_read(JID(ALICE)))
    wait(lambda: run(alice.messages.get_message(id)).state is MessageState.DISPLAYED, "it was seen")
    run(bob.reactions.react(theirs, ["👍"]))
    wait(lambda: run(alice.messages.get_message(id)).reactions, "alice sees the reaction")
    wait(lambda: run(bob.messages.get_message(theirs)).edit_state is MessageState.SENT, "it has left")
    run(alice.retraction.retract(id))
    wait(lambda: run(bob.messages.get_message(theirs)).retracted, "it is taken back")
    onlooker.send(f"<message to='{BOB}' id='end'><body>the end</body></message>")
    stanzas = seen(onlooker, "the end")
    assert len([each for each in stanzas if "urn:xmpp:omemo:2" in namespaces([each])]) >= 5
    assert not IN_CLEAR & namespaces(stanzas)


def test_typing(talking, onlooker, world: World):
    _, bob = talking
    bridge = world.bridge()
    states = []
    bridge.profile("alice").chat_states.changed.connect(lambda state: states.append(state.state))
    run(bob.chat_states.set_typing(JID(ALICE), True))
    bridge.listen(lambda: "composing" in states, 20)
    run(bob.chat_states.set_typing(JID(ALICE), False))
    bridge.listen(lambda: states[-1:] == ["active"], 20)
    assert states[-2:] == ["composing", "active"]
    onlooker.send(f"<message to='{BOB}' id='end2'><body>typed</body></message>")
    stanzas = seen(onlooker, "typed")
    assert not IN_CLEAR & namespaces(stanzas)
    with Peer(ALICE, PASSWORD, world.prosody.port, world.prosody.ca_file) as archive:
        kept = archive.archived()
    hints = [each for each in kept if each.find("{urn:xmpp:hints}no-store") is not None]
    assert kept
    assert not hints, "typing is kept by no archive"


def test_what_has_no_text_is_kept_by_the_archive(talking):
    """A reaction is there after a time without a connection; nothing comes twice or cannot be read."""
    alice, bob = talking
    id, theirs = arrives(alice, bob, "tea?")
    run(alice.profile.disconnect())
    run(bob.reactions.react(theirs, ["🍵"]))
    wait(lambda: run(bob.messages.get_message(theirs)).edit_state is MessageState.SENT, "it has left")
    run(alice.profile.connect())
    wait(lambda: run(alice.messages.get_message(id)).reactions, "alice sees it")
    arrives(alice, bob, "and on")
    for profile, peer in ((alice, BOB), (bob, ALICE)):
        assert [each.error for each in history(profile, peer) if each.error] == []


def test_taking_back_in_clear_is_told_and_does_nothing(talking, onlooker):
    alice, bob = talking
    run(bob.messages.send(JID(ALICE), "it was me"))
    wait(lambda: last(alice, BOB).body == "it was me", "it is there")
    came, sent = last(alice, BOB), last(bob, ALICE, outgoing=True)
    onlooker.send(
        f"<message to='{ALICE}' type='chat' id='forged-back'><body>/me retracted a message</body>"
        f"<retract xmlns='urn:xmpp:message-retract:1' id='{sent.id}'/></message>"
    )
    wait(lambda: "was to be taken back" in last(alice, BOB).error, "it is told")
    assert run(alice.messages.get_message(came.id)).body == "it was me"


def test_with_a_program_that_reads_the_old_version_alone_it_is_in_clear(talking, onlooker):
    """As other programs of that version have it; the texts are encrypted all the same."""
    alice, bob = talking
    phone = KeyedPeer(onlooker)
    phone.announce(OLD)
    wait(lambda: len([key for key in run(alice.encryption.get_keys(JID(BOB))) if key.active]) == 2, "alice knows of it")
    run(bob.messages.send(JID(ALICE), "a cake"))
    wait(lambda: last(alice, BOB).body == "a cake", "it is there")
    run(alice.reactions.react(last(alice, BOB).id, ["🎂"]))
    onlooker.expect(lambda stanza: "urn:xmpp:reactions:0" in namespaces([stanza]))
    wait(lambda: last(bob, ALICE, outgoing=True).reactions, "bob's other program sees it, too")
    run(alice.messages.send(JID(BOB), "thanks"))
    seen = onlooker.expect(lambda stanza: "eu.siacs.conversations.axolotl" in namespaces([stanza]))
    assert "thanks" not in [each.text for each in seen.iter()]
