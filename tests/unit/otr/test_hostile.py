"""What somebody on the way, or the peer, can send to do harm. None of it raises, none of it is answered for ever."""

import base64
import random
import struct

import pytest
from support.otr import Person, carry, heard, say, talking

from sat.otr import engine, wire
from sat.otr.group import PRIME
from sat.otr.library import proto
from sat.otr.outcomes import (
    Asked,
    Compared,
    Plain,
    Policy,
    Question,
    Reason,
    Result,
    Started,
    State,
    Text,
    Unencrypted,
    Unreadable,
)
from sat.otr.session import NOT_PRIVATE, NOT_READABLE, PER, RATE

UNREADABLE = Unreadable(Reason.UNREADABLE)


def coded(data: bytes) -> str:
    return "?OTR:" + base64.b64encode(data).decode() + "."


def parts(body: str):
    """A message of the protocol, taken apart."""
    return engine.parse(wire.read(body))


def changed(body: str, **fields) -> str:
    """A message with other fields in it."""
    message = parts(body)
    for name, value in fields.items():
        setattr(message, name, value)
    return bytes(message).decode()


def begun(bob_policy: Policy = Policy.ASKED):
    """alice has asked bob to begin; what he has sent since."""
    alice, bob = Person("alice"), Person("bob", bob_policy)
    alice.session.start()
    (query,) = alice.take()
    bob.get(query)
    (commit,) = bob.take()
    return alice, bob, commit


# -- strangers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize(
    "body", ["?OTRv2?", "?OTR:AAICAAAAAA==.", "?OTR,1,2,x,", "?OTR Error:x", "x \t  \t\t\t\t \t \t \t    \t\t  \t "]
)
def test_a_stranger_is_not_answered(policy, body):
    alice = Person("alice", policy)
    assert alice.get(body, known=False) == [Plain(body)]
    assert not alice.take()


def test_a_stranger_whom_we_have_asked_is_answered():
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.session.start()
    bob.get(alice.take()[0])
    alice.get(bob.take()[0], known=False)
    assert alice.take()


def test_a_contact_who_begins_without_asking_must_ask():
    commit = begun()[2]
    carol = Person("carol", Policy.MANUAL)
    assert carol.get(commit) == [Asked()]
    assert not carol.take()


def test_a_flood_of_queries_is_answered_a_few_times():
    alice = Person("alice", Policy.ASKED)
    for _ in range(100):
        assert alice.get("?OTRv2?") == []
    assert len(alice.take()) == RATE
    alice.now += PER
    alice.get("?OTRv2?")
    assert len(alice.take()) == 1


def test_after_a_flood_our_person_can_still_say_yes():
    alice, bob = Person("alice"), Person("bob")
    for _ in range(100):
        alice.get("?OTRv2?")
    bob.session.start()
    bob.take()
    alice.session.start()
    carry(alice, bob)
    assert alice.got(Started)


def test_a_flood_of_queries_asks_us_a_few_times():
    alice = Person("alice", Policy.MANUAL)
    for _ in range(100):
        alice.get("?OTRv2?")
    assert len(alice.got(Asked)) == RATE


def test_a_flood_of_commitments_is_answered_a_few_times():
    _, _, commit = begun()
    carol = Person("carol", Policy.ASKED)
    for _ in range(100):
        carol.get(commit)
    assert len(carol.take()) == RATE


def test_a_flood_of_unreadable_messages_is_answered_a_few_times():
    alice, bob = talking()
    (body,) = alice.seal("x")
    bob.get(body)
    for _ in range(100):
        assert bob.get(body) == [UNREADABLE]
    assert bob.take() == [NOT_READABLE] * RATE


@pytest.mark.parametrize("query", ["?OTR?", "?OTRv?", "?OTRv3?", "?OTRv34?"])
def test_other_versions_are_refused(query):
    alice = Person("alice", Policy.ASKED)
    assert alice.get(query) == [Unreadable(Reason.VERSION)]
    assert not alice.take()


@pytest.mark.parametrize("version", [0, 1, 3, 4, 65_535])
def test_messages_of_other_versions_are_refused(version):
    alice, _ = talking()
    for kind in (2, 3, 10, 17, 18):
        assert alice.get(coded(struct.pack("!HB", version, kind) + bytes(200))) == [Unreadable(Reason.VERSION)]


# -- the exchange of keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, PRIME - 1, PRIME, PRIME + 5])
def test_a_number_with_a_known_power_is_not_taken(number):
    """Both would have a key that everybody can compute."""
    alice, bob, commit = begun()
    alice.get(commit)
    (answer,) = alice.take()
    bob.get(changed(answer, gy=number.to_bytes(193, "big")))
    assert not bob.take()
    assert bob.session.state is State.PLAIN


@pytest.mark.parametrize("number", [1, PRIME - 1, PRIME + 5])
def test_nor_behind_a_commitment(number):
    """The one who answers learns the number only when it is revealed."""
    from sat.otr.crypto import AESCTR, SHA256, mpi

    alice = Person("alice", Policy.ASKED)
    secret = bytes(16)
    commit = proto.DHCommit(AESCTR(secret).encrypt(mpi(number)), SHA256(mpi(number)))
    alice.get(bytes(commit).decode())
    assert alice.take()
    reveal = proto.RevealSig(secret, bytes(300), bytes(20))
    assert alice.get(bytes(reveal).decode()) == [Unreadable(Reason.EXCHANGE)]
    assert alice.session.state is State.PLAIN


def test_a_key_that_somebody_else_signs_for_is_not_taken(monkeypatch):
    """mallory claims alice's key without having it."""
    bob, mallory = begun()[1], Person("mallory", Policy.ASKED)
    alices, own = Person("alice").session._key, mallory.session._key
    monkeypatch.setattr(own, "serializePublicKey", alices.serializePublicKey)
    bob.session.start()
    bob.take()
    mallory.session.start()
    mallory.get("?OTRv2?")
    for _ in range(4):
        for sender, receiver in ((mallory, bob), (bob, mallory)):
            for body in sender.take():
                receiver.get(body)
    assert Unreadable(Reason.EXCHANGE) in bob.outcomes
    assert bob.session.state is State.PLAIN


@pytest.mark.parametrize("field", ["encsig", "mac", "rkey"])
def test_a_changed_exchange_fails(field):
    alice, bob, commit = begun()
    alice.get(commit)
    bob.get(alice.take()[0])
    (reveal,) = bob.take()
    value = getattr(parts(reveal), field)
    assert alice.get(changed(reveal, **{field: value[:-1] + bytes([value[-1] ^ 1])})) == [Unreadable(Reason.EXCHANGE)]
    assert not alice.take()
    # it was disturbed, not ended: the right one still comes through
    alice.get(reveal)
    carry(alice, bob)
    assert alice.got(Started)
    assert bob.got(Started)


def test_our_own_messages_come_back():
    alice = Person("alice", Policy.ASKED)
    alice.get("?OTRv2?")
    (commit,) = alice.take()
    assert alice.get(commit) == []
    assert not alice.take()
    assert alice.session.state is State.PLAIN
    alice, _ = talking()
    (body,) = alice.seal("to bob")
    assert alice.get(body) == [UNREADABLE]


def test_somebody_who_comes_between_has_another_key():
    """mallory takes over a conversation: alice is told that it is another key than before."""
    alice, bob = talking()
    mallory = Person("mallory", Policy.ASKED)
    alice.get("?OTRv2?")
    mallory.session.start()
    mallory.take()
    carry(alice, mallory)
    assert alice.outcomes == [
        Started(mallory.session.own_fingerprint, False, before=bob.session.own_fingerprint),
    ]


def test_messages_of_the_exchange_out_of_turn_do_nothing():
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.session.start()
    bodies = carry(alice, bob)[1:]
    assert len(bodies) == 4
    carol = Person("carol", Policy.ASKED)
    for body in [*bodies[1:], *reversed(bodies)]:
        carol.get(body)
    assert carol.session.state is State.PLAIN
    for body in bodies[1:]:  # replayed to who had them
        assert alice.get(body) == bob.get(body) == []
    assert heard(say(alice, bob, "still")) == ["still"]


# -- texts -----------------------------------------------------------------------------------------------------------


def test_a_replayed_text_is_not_shown_again():
    alice, bob = talking()
    (body,) = alice.seal("pay 10")
    assert heard(bob.get(body)) == ["pay 10"]
    assert bob.get(body) == [UNREADABLE]
    say(bob, alice, "done")
    say(alice, bob, "thanks")
    assert bob.get(body) == [UNREADABLE]
    assert heard(say(alice, bob, "and now")) == ["and now"]


def test_a_text_that_was_overtaken_is_not_shown():
    alice, bob = talking()
    first, second = alice.seal("first")[0], alice.seal("second")[0]
    assert heard(bob.get(second)) == ["second"]
    assert bob.get(first) == [UNREADABLE]
    assert heard(say(alice, bob, "third")) == ["third"]


@pytest.mark.parametrize("field", ["skeyid", "rkeyid", "dhy", "ctr", "encmsg", "mac", "flags"])
def test_a_changed_text_is_not_shown(field):
    alice, bob = talking()
    (body,) = alice.seal("pay 10")
    value = getattr(parts(body), field)
    other = value ^ 2 if isinstance(value, int) else value[:-1] + bytes([value[-1] ^ 1])
    assert bob.get(changed(body, **{field: other})) == [UNREADABLE]
    assert heard(bob.get(body)) == ["pay 10"]


def test_who_says_that_it_may_be_lost_is_not_answered():
    alice, bob = talking()
    (body,) = alice.seal("x")
    assert bob.get(changed(body, flags=1)) == []
    assert not bob.take()


def test_texts_of_an_old_conversation_are_not_shown():
    alice, bob = talking()
    old = alice.seal("old")[0]
    bob.session.end()
    carry(alice, bob)
    assert bob.get(old) == [Unreadable(Reason.NOT_PRIVATE)]
    assert bob.take() == [NOT_PRIVATE]
    alice, bob = talking()
    assert bob.get(old) == [UNREADABLE]


def test_back_to_plain_is_never_silent():
    """Whoever drops or makes up what is on the way brings nobody to write in clear."""
    alice, bob = talking()
    for body in ("?OTR Error:no", "plain", "?OTRv3?", "?OTR:AAMD.", "?OTR:===."):
        bob.get(body)
    assert bob.session.state is State.ENCRYPTED
    assert bob.got(Unencrypted) == [Unencrypted("plain")]
    assert heard(say(bob, alice, "encrypted")) == ["encrypted"]


def sealed(sender: Person, text: bytes, records: bytes) -> str:
    """A text with any records after it."""

    class Raw:
        def __bytes__(self):
            return records

    keys = sender.session._current._keys
    return bytes(keys.createDataMessage(text, 0, [Raw()])).decode()


@pytest.mark.parametrize(
    "records",
    [b"\0", b"\0\1\xff\xff", b"\0\0\0\0" * 50_000, b"\0\x09\0\1x", b"\xff\xff\0\0", b"\0\0\0\2pp\0\x08\0\5use!x"],
    ids=range(6),
)
def test_records_that_nobody_knows_take_no_text_away(records):
    alice, bob = talking()
    assert heard(bob.get(sealed(alice, b"text", records))) == ["text"]
    assert bob.session.state is State.ENCRYPTED
    assert heard(say(alice, bob, "more")) == ["more"]


def test_a_text_and_the_end_together():
    alice, bob = talking()
    outcomes = bob.get(sealed(alice, b"bye", b"\0\1\0\0\0\1\0\0"))
    assert heard(outcomes) == ["bye"]
    assert bob.session.state is State.FINISHED


@pytest.mark.parametrize("number", [0, 1, PRIME - 1, PRIME + 3])
def test_a_next_key_that_is_none_ends_in_nothing_worse_than_silence(number):
    alice, bob = talking()
    alice.session._current._keys.ourDHKey.pub = number
    assert bob.get(alice.seal("x")[0]) == [UNREADABLE]
    assert bob.get(alice.seal("x")[0]) == [UNREADABLE]
    assert heard(say(bob, alice, "y")) == ["y"]
    assert bob.session.state is State.ENCRYPTED


def test_what_is_in_a_text_does_not_act():
    alice, bob = talking()
    assert bob.get(sealed(alice, b"a\x1b[2J\xff<b>b</b>", b"")) == [
        Text("a\ufffd[2J\ufffdb", alice.session.own_fingerprint)
    ]


# -- comparing secrets -----------------------------------------------------------------------------------------------


def record(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value


def numbers(*values: int) -> bytes:
    from sat.otr.crypto import mpi

    return struct.pack("!I", len(values)) + b"".join(map(mpi, values))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xff\xff\xff",
        numbers(*[1] * 6),
        numbers(*[PRIME - 1] * 6),
        numbers(*[2] * 6),
        numbers(*[2] * 7),
        numbers(2, 1 << 400_000, 2, 2, 2, 2),
    ],
    ids=range(7),
)
def test_a_false_beginning(value):
    alice, bob = talking()
    assert bob.get(sealed(alice, b"", record(2, value))) == [Compared(Result.BROKEN, alice.session.own_fingerprint)]
    assert not bob.session._current.is_asked


@pytest.mark.parametrize("kind", [3, 4, 5, 6])
def test_out_of_turn(kind):
    alice, bob = talking()
    assert bob.get(sealed(alice, b"", record(kind, numbers(*[2] * 11)))) == []
    bob.session.begin_comparing("blue")
    bob.take()
    result = Result.ABORTED if kind == 6 else Result.BROKEN
    value = b"" if kind == 6 else numbers(*[2] * 11)
    assert bob.get(sealed(alice, b"", record(kind, value))) == [Compared(result, alice.session.own_fingerprint)]
    assert bob.verified == set()


def test_both_begin_at_once():
    alice, bob = talking()
    alice.session.begin_comparing("blue")
    bob.session.begin_comparing("blue")
    carry(alice, bob)
    assert {each.result for each in alice.got(Compared)} <= {Result.BROKEN, Result.ABORTED}
    assert alice.verified == bob.verified == set()
    alice.session.begin_comparing("blue")
    carry(alice, bob)
    bob.session.answer("blue")
    carry(alice, bob)
    assert alice.got(Compared)[-1].result is Result.SAME


def test_a_flood_of_questions_is_bounded():
    alice, bob = talking()
    for _ in range(20):
        alice.session.begin_comparing("x", "what?")
        alice.session.abort_comparing()
        carry(alice, bob)
    assert len(bob.got(Question)) == RATE


@pytest.mark.parametrize("question", [b"a\x1b[2J\x9b", b"\xff" * 50_000, b"enter <b>your password</b>"])
def test_a_question_is_a_bounded_text(question):
    alice, bob = talking()
    alice.session._current._keys.smp = engine._Comparison(alice.session._current._keys)
    alice.session._current._keys.smp.gotSecret(b"x", question)
    carry(alice, bob)
    ((text,),) = bob.got(Question)
    assert len(text) <= engine.MAX_QUESTION
    assert "\x1b" not in text


def test_somebody_between_is_found_out():
    """mallory has two conversations, and hands the comparison from one to the other."""
    alice, bob = Person("alice", Policy.ASKED), Person("bob", Policy.ASKED)
    to_alice, to_bob = Person("mallory"), Person("mallory")
    for victim, between in ((alice, to_alice), (bob, to_bob)):
        between.session.start()
        carry(between, victim)
    alice.session.begin_comparing("our secret")
    carry(alice, to_alice)
    to_bob.session.begin_comparing("a guess")
    carry(to_bob, bob)
    bob.session.answer("our secret")
    carry(bob, to_bob)
    to_alice.session.answer("a guess")
    carry(to_alice, alice)
    assert [each.result for each in alice.got(Compared) + bob.got(Compared)] == [Result.DIFFERENT] * 2
    assert alice.verified == bob.verified == set()


def test_nothing_of_it_is_logged(caplog):
    """potr would log keys and texts."""
    caplog.set_level("DEBUG")
    alice, bob = talking()
    bob.get(alice.seal("text")[0] * 2)
    assert [each for each in caplog.records if each.name.startswith("potr")] == []


@pytest.mark.parametrize("inner", ["?OTRv2?", "?OTR,1,1,x;", "text", "?OTR Error:x", "?OTR:===."])
def test_fragments_hide_nothing_but_messages(inner):
    alice, _ = talking()
    assert alice.get(f"?OTR,1,1,{inner.replace(',', ';')},") == [Unreadable(Reason.MALFORMED)]
    assert not alice.take()


# -- anything --------------------------------------------------------------------------------------------------------


def transcript() -> list[str]:
    """Every kind of message."""
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.session.start()
    bodies = carry(alice, bob) + alice.seal("text")
    alice.session.begin_comparing("x", "?")
    bodies += carry(alice, bob)
    bob.session.answer("x")
    bodies += carry(alice, bob)
    bob.session.end()
    return bodies + carry(alice, bob)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_messages_end_as_outcomes(seed):
    chance = random.Random(seed)
    bodies = transcript()
    victims = [*talking(), begun()[1], Person("carol", Policy.ASKED)]
    for _ in range(300):
        data = bytearray(chance.choice(bodies).encode())
        if chance.random() < 0.5 and data.startswith(b"?OTR:"):
            raw = bytearray(base64.b64decode(data[5:-1]))
            for _ in range(chance.randrange(1, 4)):
                raw[chance.randrange(3, len(raw))] = chance.choice([0, 1, 255, chance.randrange(256)])
            data = bytearray(coded(bytes(raw[: chance.randrange(3, len(raw) + 1)])).encode())
        else:
            del data[chance.randrange(len(data)) :]
        for victim in victims:
            victim.get(data.decode("utf-8", "replace"))
    assert all(len(victim.take()) < 50 for victim in victims)
    alice, bob = victims[:2]
    assert alice.session.state is bob.session.state is State.ENCRYPTED
    carry(alice, bob)
