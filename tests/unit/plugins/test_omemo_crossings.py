"""Two who begin to write to each other at once: each begins a session, and the one takes the place of the other."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator
from random import Random

import pytest
from support.omemo import Person, Server, again
from support.storing import result

from sat.api.errors import CannotDecrypt
from sat.plugins.omemo.crossings import KEPT
from sat.plugins.omemo.library import Repeated
from sat.plugins.omemo.names import NEW, OLD
from sat.xmpp import xml
from sat.xmpp.xml import Element

VERSIONS = pytest.mark.parametrize("ns", [NEW, OLD])


def _key_in(element: Element) -> Element:
    """The first key."""
    return next(_keys_in(element))


def _keys_in(element: Element) -> Iterator[Element]:
    for each in element.elements():
        if each.name == "key":
            yield each
        yield from _keys_in(each)


class Line:
    """What two have written and not read yet, in order; with what their programs send by themselves."""

    def __init__(self, *people: Person) -> None:
        self.people = people
        self.under_way = {each: deque() for each in people}  # to them
        self.written = {each: [] for each in people}
        self.read = {each: [] for each in people}

    def other(self, person: Person) -> Person:
        return self.people[self.people[0] is person]

    def write(self, author: Person) -> None:
        text = f"{author.jid} {len(self.written[author])}"
        self.written[author].append(text.encode())
        self._send(author, author.write(self.other(author), text))

    def _send(self, author: Person, elements: list) -> None:
        for _, empty in author.empty:
            self.under_way[self.other(author)].append([again(empty)])
        author.empty.clear()
        if elements:
            self.under_way[self.other(author)].append(elements)

    def deliver(self, reader: Person) -> None:
        if self.under_way[reader]:
            author = self.other(reader)
            plaintext = reader.read(self.under_way[reader].popleft(), author).plaintext
            if plaintext is not None:
                self.read[author].append(plaintext)
            self._send(reader, [])

    def deliver_all(self) -> None:
        while any(self.under_way.values()):
            for each in self.people:
                self.deliver(each)


@pytest.fixture
def people(ns: str) -> tuple[Person, Person]:
    server = Server()
    both = Person(server, "alice@example.org"), Person(server, "bob@example.net")
    for each in both:
        each.speaks_only(ns)
    return both


@pytest.fixture
def line(people: tuple[Person, Person]) -> Line:
    return Line(*people)


@VERSIONS
def test_both_begin_at_once(line: Line, people):
    for _ in range(4):
        for each in people:
            line.write(each)
        line.deliver_all()
    assert line.read == line.written


@VERSIONS
@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_order_they_write_and_read(line: Line, people, seed: int):
    """A program that ends and begins again knows what it knew."""
    random = Random(seed)
    for each in people:
        line.write(each)
    for _ in range(30):
        person = random.choice(people)
        random.choice((line.write, line.deliver, line.deliver))(person)
        if random.random() < 0.1:
            person.engine = person.open()
    line.deliver_all()
    assert line.read == line.written


@VERSIONS
def test_a_program_that_keeps_one_session_only_is_understood(line: Line, people, monkeypatch):
    """Others have the library as it is: what they write is read, and then what is written to them."""
    alice, bob = people
    manager = bob.engine._manager
    monkeypatch.setattr(bob.engine._crossings, "decrypt", lambda _decrypt, message: manager.decrypt(message))
    first, second = alice.write(bob, "hello"), bob.write(alice, "hi")
    assert (bob.read(first, alice).plaintext, alice.read(second, bob).plaintext) == (b"hello", b"hi")
    ((_, empty),) = bob.empty
    assert alice.read([again(empty)], bob).plaintext is None
    assert bob.read(alice.write(bob, "there you are"), alice).plaintext == b"there you are"
    assert alice.read(bob.write(alice, "yes"), bob).plaintext == b"yes"


@VERSIONS
def test_what_a_program_sends_by_itself_overtakes_what_was_written(people):
    alice, bob = people
    first, second = alice.write(bob, "hello"), bob.write(alice, "hi")
    alice.read(second, bob)
    ((_, empty),) = alice.empty
    assert bob.read([again(empty)], alice).plaintext is None
    receipt = alice.write(bob, "got it")
    assert [bob.read(each, alice).plaintext for each in (first, receipt)] == [b"hello", b"got it"]
    assert alice.read(bob.write(alice, "so have I"), bob).plaintext == b"so have I"


@VERSIONS
def test_what_comes_late_is_read_in_the_session_that_it_began(people):
    alice, bob = people
    first, second, late = alice.write(bob, "1"), bob.write(alice, "2"), bob.write(alice, "3")
    bob.read(first, alice)
    alice.read(second, bob)
    assert alice.read(bob.write(alice, "4"), bob).plaintext == b"4"
    assert alice.read(late, bob).plaintext == b"3"
    with pytest.raises(Repeated):
        alice.read(late, bob)
    assert bob.read(alice.write(bob, "5"), alice).plaintext == b"5"


@VERSIONS
def test_what_is_of_neither_changes_nothing(people):
    alice, bob = people
    first, second = alice.write(bob, "1"), bob.write(alice, "2")
    bob.read(first, alice)
    alice.read(second, bob)
    before = dict(alice.stored)
    (damaged,) = bob.write(alice, "3")
    key = _key_in(damaged)
    value = bytearray(base64.b64decode(xml.text_of(key)))
    value[-1] ^= 1
    xml.set_text(key, base64.b64encode(value).decode())
    with pytest.raises(CannotDecrypt):
        alice.read([damaged], bob)
    assert alice.stored == before
    assert alice.read(bob.write(alice, "4"), bob).plaintext == b"4"


@VERSIONS
def test_what_begins_anew_keeps_nothing_of_before(people):
    alice, bob = people
    first, second = alice.write(bob, "1"), bob.write(alice, "2")
    bob.read(first, alice)
    alice.read(second, bob)
    assert any(name.startswith(KEPT) for name in alice.stored)
    result(alice.engine.repair(bob.jid, "nothing"))
    assert not any(name.startswith(KEPT) for name in alice.stored)
