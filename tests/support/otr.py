"""Two people who talk off the record, or somebody who disturbs them, with nothing but memory between."""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Any

from sat.otr.keys import new_private_key
from sat.otr.outcomes import Outcome, Policy, Started, State, Text
from sat.otr.session import OtrSession

Bodies = list[str]


@cache
def key_of(name: str) -> bytes:
    """Their key, made once."""
    return new_private_key()


class Person:
    """One of them: a session, what it sends until somebody carries it, and what came of what it got."""

    def __init__(self, name: str, policy: Policy = Policy.MANUAL, key: bytes = b"") -> None:
        self.now = 1_000.0
        self.sent: deque[str] = deque()
        self.outcomes: list[Outcome] = []
        self.verified: set[str] = set()
        self.session = OtrSession(key or key_of(name), self, self.sent.append, policy, lambda: self.now)

    def is_verified(self, fingerprint: str) -> bool:
        return fingerprint in self.verified

    def set_verified(self, fingerprint: str) -> None:
        self.verified.add(fingerprint)

    def get(self, body: str, known: bool = True) -> list[Outcome]:
        """Receive a body."""
        outcomes = self.session.receive(body, known=known)
        self.outcomes += outcomes
        return outcomes

    def seal(self, text: str) -> Bodies:
        """A text as it travels."""
        bodies = self.session.send(text)
        assert isinstance(bodies, list)
        return bodies

    def take(self) -> Bodies:
        """What is to be carried."""
        bodies = list(self.sent)
        self.sent.clear()
        return bodies

    def got(self, kind: Any) -> list[Any]:
        """What came of one kind, since this was asked."""
        found = [each for each in self.outcomes if isinstance(each, kind)]
        self.outcomes = [each for each in self.outcomes if not isinstance(each, kind)]
        return found


def carry(one: Person, other: Person) -> Bodies:
    """Carry what they send to each other until both are silent; all that was carried."""
    carried = []
    while one.sent or other.sent:
        for sender, receiver in ((one, other), (other, one)):
            if sender.sent:
                carried.append(sender.sent.popleft())
                receiver.get(carried[-1])
        assert len(carried) < 100, "they never end"
    return carried


def say(sender: Person, receiver: Person, text: str) -> list[Outcome]:
    """Send a text; what came of it."""
    outcomes: list[Outcome] = []
    for body in sender.seal(text):
        outcomes += receiver.get(body)
    carry(sender, receiver)
    return outcomes


def talking() -> tuple[Person, Person]:
    """alice and bob, encrypted, with nothing left to tell."""
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.session.start()
    carry(alice, bob)
    assert alice.session.state is bob.session.state is State.ENCRYPTED
    assert alice.got(Started)
    assert bob.got(Started)
    assert alice.outcomes == bob.outcomes == []
    return alice, bob


def heard(outcomes: list[Outcome]) -> list[str]:
    """The encrypted texts among these."""
    return [each.text for each in outcomes if isinstance(each, Text)]
