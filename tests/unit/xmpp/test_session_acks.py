"""What a session acknowledges, what it believes of it, and who has to wait."""

from __future__ import annotations

from typing import Any

import pytest
from support.line import heard, message, online, pong, texts
from support.scripted import NS_SM, Behaviour, stream_error
from twisted.internet.defer import Deferred

from sat.api.profile import ConnectionState


def test_incoming_counts_when_it_and_all_before_it_are_done() -> None:
    line = online()
    first: Deferred[None] = Deferred()
    line.handle = lambda element: first if len(line.stanzas) == 1 else None
    line.server.send(heard("one"))
    line.server.send(heard("two"))
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 0
    first.callback(None)
    line.settle()
    assert line.memory.acknowledged == 2, "the answer that was owed"


def test_what_was_not_done_comes_again_after_a_cut() -> None:
    line = online()
    line.handle = lambda element: Deferred() if len(line.stanzas) == 2 else None
    for text in ("one", "two"):
        line.server.send(heard(text))
    line.settle()
    line.here.cut()
    line.handle = lambda element: None
    line.advance(3)
    assert texts(line) == ["one", "two", "two"]
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 2


def test_what_could_not_be_stored_is_asked_for_again() -> None:
    line = online()
    full = [True]

    def store(element: Any) -> Deferred[None]:
        made: Deferred[None] = Deferred()
        made.errback(OSError("disk full")) if full[0] else made.callback(None)
        return made

    line.handle = store
    line.server.send(heard("one"))
    line.settle()
    full[0] = False
    line.advance(40, 1)
    assert texts(line) == ["one", "one"]
    assert line.sessions == [False, True]
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 1


def test_the_server_has_to_wait_when_too_much_is_undone() -> None:
    line = online()
    waiting: list[Deferred[None]] = []

    def store(element: Any) -> Deferred[None]:
        waiting.append(Deferred())
        return waiting[-1]

    line.handle = store
    for number in range(2500):
        line.server.send(heard(str(number)))
    line.settle()
    assert line.here.paused
    assert len(waiting) < 2100
    while waiting:
        for each in waiting[:]:
            waiting.remove(each)
            each.callback(None)
        line.settle()
    assert not line.here.paused
    assert texts(line) == [str(number) for number in range(2500)]


@pytest.mark.parametrize(
    "body", ["x" * 1_000_000, "</body><x/><x/>" + "<a/>" * 20_000 + "<body>"], ids=["text", "elements"]
)
def test_the_server_has_to_wait_when_what_is_undone_is_large(body: str) -> None:
    line, count = online(), 30
    waiting: list[Deferred[None]] = []

    def store(element: Any) -> Deferred[None]:
        waiting.append(Deferred())
        return waiting[-1]

    line.handle = store
    for _ in range(count):
        line.server.send(f"<message from='juliet@example.org'><body>{body}</body></message>")
    line.settle()
    assert line.here.paused
    assert 0 < len(waiting) < 20
    for _ in range(count):
        if waiting:
            waiting.pop(0).callback(None)
        line.settle()
    assert not line.here.paused
    assert len(line.stanzas) == count


@pytest.mark.parametrize("h", ["4294967295", "7"])
def test_an_acknowledgement_of_what_was_never_sent_ends_the_stream(h: str) -> None:
    line = online()
    line.link.send(message("one"), 1)
    line.settle()
    line.server.send(f"<a xmlns='urn:xmpp:sm:3' h='{h}'/>", False)
    line.settle()
    assert line.error == "ProtocolViolation"
    assert line.acknowledged == []


@pytest.mark.parametrize(
    "end", [f"<a xmlns='{NS_SM}' h='7'/>", "<stream:error/>", "</stream:stream>", stream_error("reset", "")]
)
def test_nothing_is_said_after_the_end(end: str) -> None:
    line = online()
    before = line.server
    line.server.send(f"{end}<r xmlns='{NS_SM}'/><iq type='get' id='x'/>", False)
    line.settle()
    assert before.seen[-1] == "end"
    line.advance(3)
    assert line.state is ConnectionState.ONLINE


@pytest.mark.parametrize("h", ["h='-1'", "h='x'", "", "h='99999999999'", "h='１'"])
def test_a_malformed_acknowledgement_ends_the_stream(h: str) -> None:
    line = online()
    line.server.send(f"<a xmlns='urn:xmpp:sm:3' {h}/>", False)
    line.settle()
    assert line.error == "ProtocolViolation"


def test_management_that_was_not_enabled_is_ignored() -> None:
    line = online(Behaviour(managed=False))
    line.server.send("<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='7'/><a xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.state is ConnectionState.ONLINE
    assert "a" not in line.server.seen


def test_without_management_a_ping_acknowledges_what_was_before_it() -> None:
    line = online(Behaviour(managed=False, answers=pong))
    line.link.send(message("one"), 1)
    line.link.send(message("two"), 2)
    line.advance(0.3)
    assert line.acknowledged == [1, 2]


def test_without_management_there_is_nothing_to_resume() -> None:
    line = online(Behaviour(managed=False))
    line.here.cut()
    assert not line.link.send(message("one"), 1)
    line.advance(3)
    assert line.sessions == [False, False]
