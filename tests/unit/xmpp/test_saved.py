"""The session of a daemon that was killed is settled by the next one, also where the server has no archive."""

from __future__ import annotations

import pytest
from support.line import Line, heard, message, online, texts
from support.scripted import Behaviour, bodies
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.profile import Account, ConnectionState
from sat.xmpp import xml
from sat.xmpp.acks import WRAP, HandledTooHigh
from sat.xmpp.saved import FORGOTTEN, Saved, read_saved

SAVED = Saved(JID("romeo@example.org/orchard"), "again", 3, WRAP - 1, ["a", "", "b"])


def killed(line: Line) -> Line:
    """Another run of the daemon, with what the first one had stored, at the same server."""
    line.here.dropped = True
    again = Line(line.behaviour)
    again.stored, again.memory = dict(line.stored), line.memory
    return again


def presences(line: Line) -> list[str]:
    return [str(each.attributes.get("type", "")) for each in line.memory.received if each.name == "presence"]


def test_what_had_arrived_is_known_and_the_rest_is_the_cores() -> None:
    line = online()
    line.link.send(message("one"), "1")
    line.advance(1)
    line.behaviour.answer_acks = False
    line.link.send(message("two"), "2")
    line.settle()
    line.here.dropped = True
    line.link.send(message("three"), "3")
    line.settle()
    again = killed(line)
    assert again.connect() == [None]
    assert again.acknowledged == ["2"]
    assert again.sessions == [False], "to the plugins it is a new session"
    assert again.memory.logins == 1, "to the server it is the old one"
    assert presences(again) == ["unavailable"]
    assert bodies(again.memory) == ["one", "two"]
    again.behaviour.answer_acks = True
    again.link.send(message("three"), "3")
    again.advance(1)
    assert again.acknowledged == ["2", "3"]


def test_what_was_not_stored_comes_again() -> None:
    line = online()
    never: Deferred[None] = Deferred()
    line.handle = lambda element: never if len(line.stanzas) == 2 else None
    for text in ("one", "two", "three"):
        line.server.send(heard(text))
    line.settle()
    assert texts(line) == ["one", "two", "three"]
    again = killed(line)
    again.connect()
    assert texts(again) == ["two", "three"]


def test_a_refused_resumption_tells_what_had_arrived() -> None:
    line = online(Behaviour(answer_acks=False, resume="with-h"))
    line.link.send(message("one"), "1")
    line.settle()
    again = killed(line)
    again.connect()
    assert again.acknowledged == ["1"]
    assert again.memory.logins == 2


def test_nothing_is_left_of_a_session_that_came_to_its_end() -> None:
    line = online()
    line.link.send(message("one"), "1")
    line.advance(1)
    assert line.stored["session"]
    line.link.disconnect()
    line.settle()
    assert line.stored["session"] == ""


def test_what_changes_while_it_is_written_down_is_so_afterwards_together() -> None:
    line = online(Behaviour(answer_acks=False))
    written: list[Deferred[None]] = []

    def storing() -> Deferred[None]:
        written.append(Deferred())
        return written[-1]

    line.storing = storing
    for number in range(5):
        line.link.send(message(str(number)), str(number))
        line.settle()
    assert len(written) == 1
    assert tokens(line) == ["0"]
    written[0].callback(None)
    line.settle()
    assert len(written) == 2
    assert tokens(line) == ["0", "1", "2", "3", "4"]
    written[1].callback(None)
    line.settle()
    assert len(written) == 2


def tokens(line: Line) -> list[str]:
    saved = read_saved(line.stored["session"])
    assert saved is not None
    return saved.tokens


@pytest.mark.parametrize("text", ["", "?", "[]", "{}", '["@", "x", 1, 2, []]', '["a@b/c", "x", null, 2, []]'])
def test_what_is_damaged_is_nothing(text: str) -> None:
    line = Line()
    line.stored["session"] = text
    assert line.connect() == [None]
    assert line.memory.logins == 1


def test_the_session_of_another_account_is_left_alone() -> None:
    line = Line(Behaviour(user="paris"), Account(JID("paris@example.org"), "127.0.0.1", 5222))
    line.stored["session"] = SAVED.to_text()
    assert line.connect() == [None]
    assert line.memory.logins == 1


def test_a_server_that_counts_less_than_before_is_not_believed() -> None:
    line = online()
    for number in range(3):
        line.link.send(message(str(number)), str(number))
    line.advance(1)
    again = killed(line)
    again.memory.counted = 1
    again.connect()
    assert again.acknowledged == []
    again.advance(3)
    assert again.state is ConnectionState.ONLINE
    assert again.memory.logins == 2


def test_while_it_is_not_settled_nothing_is_sent_over_it() -> None:
    line = online()
    again = killed(line)
    again.behaviour.silent = True
    again.connect()
    assert not again.link.send(xml.element("presence"))


def test_counts_pass_the_end_of_32_bits() -> None:
    assert SAVED.settle(WRAP - 1) == []
    assert SAVED.settle(0) == ["a"]
    assert SAVED.settle(2) == ["a", "b"]
    assert SAVED.settle(7) == ["a", "b"], "more had left than was written down"
    with pytest.raises(HandledTooHigh):
        SAVED.settle(FORGOTTEN + 3)
    with pytest.raises(HandledTooHigh):
        SAVED.settle(WRAP - 2)
    assert read_saved(SAVED.to_text()) == SAVED
