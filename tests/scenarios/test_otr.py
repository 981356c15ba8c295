"""OTR between two profiles of ours, over a real server; another program of one of them looks on."""

from __future__ import annotations

import pytest
from support.peer import Peer
from support.talk import connection, history, wait

from sat.api import JID, Secret
from sat.api.errors import CannotEncrypt
from sat.api.messages import IN_CLEAR, MessageState, Trust
from sat.plugins.encryption.api import ComparisonState
from sat.world import PASSWORD, World
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")
WORD = "quicksilver"


@pytest.fixture(scope="module")
def bridge(world: World):
    return world.bridge()


@pytest.fixture(scope="module")
def pair(world: World, bridge):
    """alice and bob, who says yes to whoever asks."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.settings.set_setting("otr.begin", "asked"))
    return alice, bob


@pytest.fixture
def onlooker(world: World):
    """Another program of bob, which is told of everything that is copied."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as peer:
        peer.available()
        peer.send("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        peer.expect(has_id("carbons"))
        yield peer


def has_id(id):
    return lambda stanza: stanza.get("id") == id


def until_asked(peer, xml, id):
    """The texts of all that comes before the answer to this: whatever was to come has come before."""
    came = []
    peer.send(xml)
    peer.expect(lambda stanza: came.append("".join(stanza.itertext())) or stanza.get("id") == id)
    return came


def last(profile, peer):
    found = history(profile, peer)
    return found[-1] if found else None


def arrives(profile, peer, body):
    wait(lambda: (found := last(profile, peer)) and found.body == body, f"“{body}” is there")
    return last(profile, peer)


def fails(profile, id):
    wait(lambda: run(profile.messages.get_message(id)).state is MessageState.FAILED, "it is refused")
    return run(profile.messages.get_message(id)).error


def follows(profile, peer, method):
    wait(lambda: run(profile.encryption.get(peer)).method == method, f"it is encrypted with “{method}”")


def test_texts_go_both_ways(pair):
    alice, bob = pair
    chat = run(alice.encryption.begin(BOB, "otr"))
    assert (chat.method, chat.trust, chat.note) == ("otr", Trust.BLIND, "")
    follows(bob, ALICE, "otr")
    run(alice.messages.send(BOB, f"{WORD} é <b>"))
    came = arrives(bob, ALICE, f"{WORD} é <b>")
    assert came.encrypted[:2] == ("otr", Trust.BLIND)
    (own,) = [key for key in run(alice.encryption.get_keys(ALICE)) if key.method == "otr"]
    assert came.encrypted.key == own.fingerprint
    for number in range(5):
        run(bob.messages.send(ALICE, f"{WORD} {number}"))
    assert arrives(alice, BOB, f"{WORD} 4").encrypted.method == "otr"
    wait(lambda: history(alice, BOB)[0].state is MessageState.DELIVERED, "the receipt is there")


def compares(bridge, pair, secret, answer):
    """How it ended, as alice and bob are told."""
    alice, bob = pair
    ends = {}
    for profile, peer in ((alice, BOB), (bob, ALICE)):
        profile.encryption.compared.connect(lambda told, peer=peer: ends.update({peer: told[-1].state}))
    run(alice.encryption.compare(BOB, Secret(secret), "Where did we meet?"))
    wait(lambda: run(bob.encryption.get_comparisons()), "bob is asked")
    assert run(bob.encryption.get_comparisons()) == [(ALICE, "otr", ComparisonState.ASKED, "Where did we meet?")]
    run(bob.encryption.answer(ALICE, Secret(answer)))
    bridge.listen(lambda: len(ends) == 2 and ComparisonState.WAITING not in ends.values(), 20)
    return ends[BOB], ends[ALICE]


def test_a_wrong_answer_is_told(bridge, pair):
    assert compares(bridge, pair, "at the mill", "At the mill") == (
        ComparisonState.DIFFERENT,
        ComparisonState.DIFFERENT,
    )
    assert run(pair[0].encryption.get(BOB)).trust is Trust.BLIND


def test_the_right_answer_verifies_who_gave_it(bridge, pair):
    alice, bob = pair
    assert compares(bridge, pair, "at the mill", "at the mill") == (ComparisonState.SAME, ComparisonState.PROVED)
    wait(lambda: run(alice.encryption.get(BOB)).trust is Trust.VERIFIED, "alice knows who it is")
    assert run(bob.encryption.get(ALICE)).trust is Trust.BLIND
    run(bob.messages.send(ALICE, f"{WORD}, it is me"))
    assert arrives(alice, BOB, f"{WORD}, it is me").encrypted.trust is Trust.VERIFIED


def test_no_other_program_and_no_archive_gets_any_of_it(pair, onlooker):
    alice, bob = pair
    run(alice.messages.send(BOB, f"{WORD} for one"))
    arrives(bob, ALICE, f"{WORD} for one")
    came = until_asked(
        onlooker,
        "<iq type='set' id='archive'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
        "<field var='with'><value>alice@localhost</value></field></x></query></iq>",
        "archive",
    )
    assert not [each for each in came if "?OTR" in each]


def test_what_comes_in_clear_is_shown_as_such(pair, onlooker):
    alice, bob = pair
    onlooker.send("<message to='alice@localhost' type='chat' id='clear'><body>no lock</body></message>")
    assert arrives(alice, BOB, "no lock").encrypted == IN_CLEAR
    wait(lambda: "anybody on the way" in run(alice.encryption.get(BOB)).note, "alice is warned")
    run(alice.messages.send(BOB, f"{WORD}, still"))
    assert arrives(bob, ALICE, f"{WORD}, still").encrypted.method == "otr"


def test_after_the_end_nothing_leaves_in_clear(pair):
    alice, bob = pair
    run(bob.encryption.end(ALICE))
    wait(lambda: "They have ended" in run(alice.encryption.get(BOB)).note, "alice is told")
    id = run(alice.messages.send(BOB, f"{WORD} in clear?"))
    assert "Begin it again, or end it here, too" in fails(alice, id)
    run(alice.encryption.begin(BOB, "otr"))
    run(alice.messages.retry(id))
    assert arrives(bob, ALICE, f"{WORD} in clear?").encrypted.method == "otr"


def test_who_logs_out_tells_it(pair):
    alice, bob = pair
    run(bob.profile.disconnect())
    wait(lambda: "They have ended" in run(alice.encryption.get(BOB)).note, "alice is told")
    run(bob.profile.connect())
    id = run(bob.messages.send(ALICE, f"{WORD} again?"))
    assert "there is no conversation with OTR" in fails(bob, id)


def test_a_stranger_gets_no_answer(pair, world: World):
    _, bob = pair
    world.prosody.register("mallory", PASSWORD)
    with Peer("mallory@localhost", PASSWORD, world.prosody.port, world.prosody.ca_file) as mallory:
        mallory.available()
        full = connection(bob).jid
        mallory.send(f"<message to='{full}' type='chat' id='q'><body>?OTRv2?</body></message>")
        wait(lambda: last(bob, "mallory@localhost"), "it has come")
        ping = f"<iq to='{full}' type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>"
        assert not [each for each in until_asked(mallory, ping, "ping") if "OTR" in each]


def test_nobody_answers(pair, world: World):
    """A program that knows no OTR."""
    alice, _ = pair
    with Peer(world.jid("carol"), PASSWORD, world.prosody.port, world.prosody.ca_file) as carol:
        carol.available()
        with pytest.raises(CannotEncrypt, match="not answered within 30 seconds"):
            run(alice.encryption.begin(JID("carol@localhost"), "otr"))
        carol.expect(lambda stanza: "Your program does not seem to know it" in "".join(stanza.itertext()))
    assert run(alice.encryption.get(JID("carol@localhost"))).method == ""


def test_it_is_nowhere_on_the_disk_and_gone_with_the_daemon(pair, world: World):
    (file,) = world.folder.rglob("sat.db")
    for each in file.parent.iterdir():
        assert not each.is_file() or WORD.encode() not in each.read_bytes()
    world.daemon.stop()
    world.daemon.start()
    alice = world.bridge().profile("alice")
    assert [each.body for each in history(alice, BOB)] == ["no lock"]
    assert run(alice.encryption.get(BOB)).method == "otr"
    assert "nothing is sent" in run(alice.encryption.get(BOB)).note
