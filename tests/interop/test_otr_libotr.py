"""Our engine of OTR and libotr, which nearly all programs with OTR use, in one room: no server is between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.otr import Person

from benchmarks import libotr
from benchmarks.libotr import LibotrPeer
from sat.otr.outcomes import Asked, Compared, Ended, Policy, Question, Reason, Result, Started, State, Text, Unreadable
from sat.otr.session import NOT_PRIVATE

CLIENT = ""  # it is our engine that they talk to, not the daemon
TEXTS = ["hello", "Grüße, 中文, 🎉 & <b>no</b> more", "a\nb", "long " * 2_000]

pytestmark = pytest.mark.skipif(bool(libotr.missing()), reason=f"{libotr.missing()} cannot be installed here")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return libotr.build(tmp_path_factory.mktemp("libotr"))


@pytest.fixture(params=[("2", 0), ("23", 0), ("2", 500), ("23", 500)], ids=lambda each: f"v{each[0]}-{each[1]}")
def bob(request: pytest.FixtureRequest, program: Path) -> Iterator[LibotrPeer]:
    """bob, with libotr: he may speak version 3, too; he may take short messages only."""
    with LibotrPeer(program, *request.param) as bob:
        yield bob


@pytest.fixture
def alice() -> Person:
    return Person("alice")


def carry(alice: Person, bob: LibotrPeer) -> list[tuple[str, str]]:
    """Carry what they send until both are silent; what happened at bob."""
    events = []
    while alice.sent or bob.sent:
        for body in bob.take():
            alice.get(body)
        for body in alice.take():
            events += bob.do("receive", body)
    return events


def begin(alice: Person, bob: LibotrPeer) -> None:
    alice.session.start()
    assert ("secure", alice.session.own_fingerprint) in carry(alice, bob)
    assert alice.got(Started) == [Started(bob.fingerprint, False)]
    assert alice.session.state is State.ENCRYPTED
    assert bob.state == "encrypted"


def to_bob(alice: Person, bob: LibotrPeer, text: str) -> list[tuple[str, str]]:
    return [event for body in alice.seal(text) for event in bob.do("receive", body)]


def to_alice(alice: Person, bob: LibotrPeer, text: str) -> list[Text]:
    assert bob.do("send", text) == []
    carry(alice, bob)
    return alice.got(Text)


def test_alice_begins(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)


def test_bob_begins_and_she_says_yes(alice: Person, bob: LibotrPeer) -> None:
    bob.do("start")
    carry(alice, bob)
    assert alice.got(Asked) == [Asked()]
    begin(alice, bob)


def test_bob_begins_and_she_wants_that_always(bob: LibotrPeer) -> None:
    alice = Person("alice", Policy.ASKED)
    bob.do("start")
    assert ("secure", alice.session.own_fingerprint) in carry(alice, bob)
    assert alice.got(Started) == [Started(bob.fingerprint, False)]


def test_both_begin_at_once(alice: Person, bob: LibotrPeer) -> None:
    """Whose commitment has the smaller hash is chance: several rounds."""
    for _ in range(6):
        alice.session.start()
        bob.do("start")
        carry(alice, bob)
        assert alice.got(Started)
        assert bob.state == "encrypted"
        assert to_bob(alice, bob, "x") == [("text", "x")]
        alice.session.end()
        carry(alice, bob)


def test_texts(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    for text in TEXTS * 2:
        assert to_bob(alice, bob, text) == [("text", text)]
        ((received, fingerprint),) = to_alice(alice, bob, text)
        assert fingerprint == bob.fingerprint
        assert received == text.replace("<b>no</b>", "no")  # libpurple's programs send HTML


def test_our_fragments(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    text = "long " * 40_000
    assert len(alice.seal(text)) > 3
    assert to_bob(alice, bob, text) == [("text", text)]


def test_texts_that_cross(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    numbers = [f"number {number}" for number in range(20)]
    hers = [body for text in numbers for body in alice.seal(text)]
    for text in numbers:
        bob.do("send", text)
    assert [event for body in hers for event in bob.do("receive", body)] == [("text", text) for text in numbers]
    carry(alice, bob)
    assert [each.text for each in alice.got(Text)] == numbers
    assert to_bob(alice, bob, "after") == [("text", "after")]


@pytest.mark.parametrize("question", ["", "Which colour is ‘müde’?"])
def test_alice_compares(alice: Person, bob: LibotrPeer, question: str) -> None:
    begin(alice, bob)
    for secret, result, event in (("rot", Result.DIFFERENT, "different"), ("blü", Result.SAME, "same")):
        alice.session.begin_comparing("blü", question)
        assert carry(alice, bob) == [("asked", question)]
        bob.do("answer", secret)
        assert carry(alice, bob) == [(event, "")]
        assert alice.got(Compared) == [Compared(result, bob.fingerprint)]
    assert alice.verified == {bob.fingerprint}


@pytest.mark.parametrize("question", ["", "Which colour is ‘müde’?"])
def test_bob_compares(alice: Person, bob: LibotrPeer, question: str) -> None:
    begin(alice, bob)
    good = Result.PROVED if question else Result.SAME
    for secret, result, event in (("rot", Result.DIFFERENT, "different"), ("blü", good, "same")):
        bob.do("compare", "blü", question)
        carry(alice, bob)
        assert alice.got(Question) == [Question(question)]
        alice.session.answer(secret)
        assert carry(alice, bob) == [(event, "")]
        assert alice.got(Compared) == [Compared(result, bob.fingerprint)]
    assert alice.verified == (set() if question else {bob.fingerprint})


def test_either_gives_up_comparing(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    alice.session.begin_comparing("blue")
    carry(alice, bob)
    bob.do("abort")
    carry(alice, bob)
    assert alice.got(Compared) == [Compared(Result.ABORTED, bob.fingerprint)]
    bob.do("compare", "blue", "")
    carry(alice, bob)
    alice.session.abort_comparing()
    assert carry(alice, bob) == [("aborted", "")]


def test_alice_ends(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    alice.session.end()
    assert carry(alice, bob) == [("finished", "")]
    assert bob.state == "finished"
    begin(alice, bob)


def test_bob_ends(alice: Person, bob: LibotrPeer) -> None:
    begin(alice, bob)
    bob.do("end")
    carry(alice, bob)
    assert alice.got(Ended) == [Ended()]
    assert alice.session.state is State.FINISHED


def test_what_alice_cannot_read_she_says(alice: Person, bob: LibotrPeer) -> None:
    """She has started again, and knows nothing of an encrypted conversation; bob does not know that yet."""
    begin(alice, bob)
    again = Person("alice")
    bob.do("send", "hello")
    (error,) = carry(again, bob)
    assert error == ("error", NOT_PRIVATE.removeprefix("?OTR Error: "))
    assert again.outcomes == [Unreadable(Reason.NOT_PRIVATE)]
