"""A session that loses its connection: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

from support.line import Line, asked, message, online
from support.scripted import Behaviour, bodies, stream_error

from sat.api import JID
from sat.api.profile import ConnectionState
from sat.xmpp.link import LONGEST
from sat.xmpp.session import KEPT
from sat.xmpp.stanzas import Presence


def test_tokens_come_back_when_the_server_has_the_stanzas() -> None:
    line = online()
    for number in range(3):
        assert line.link.send(message(str(number)), number)
    line.settle()
    assert line.acknowledged == []
    line.advance(0.3)
    assert line.acknowledged == [0, 1, 2]


def test_asks_after_twenty_stanzas_at_the_latest() -> None:
    line = online()
    for number in range(45):
        line.link.send(message(str(number)), number)
    line.settle()
    assert line.acknowledged[:20] == list(range(20))
    line.advance(0.5)
    assert line.acknowledged == list(range(45))


def test_what_was_lost_is_sent_again_once_and_in_order() -> None:
    line = online()
    line.link.send(message("one"), 1)
    line.advance(1)
    line.here.dropped = True
    line.link.send(message("two"), 2)
    line.link.send(message("three"), 3)
    line.settle()
    line.here.cut()
    assert line.link.send(message("four"), 4), "it waits for the resumption"
    line.advance(3)
    assert line.sessions == [False, True]
    assert bodies(line.memory) == ["one", "two", "three", "four"]
    assert line.acknowledged == [1, 2, 3, 4]


def test_it_is_known_whether_a_session_may_go_on_when_its_connection_changes() -> None:
    line = online()
    seen: list[tuple[ConnectionState, bool]] = []
    line.link_changed = lambda change: seen.append((change.state, line.link.resumable))
    line.refuse_connections = True
    line.here.cut()
    assert seen == [(ConnectionState.WAITING, True)]
    line.advance(2)
    assert all(resumable for _, resumable in seen[1:])
    line.advance(KEPT + 1.2 * LONGEST + 5, step=5)  # the longest pause, with its jitter
    assert seen[-1] == (ConnectionState.WAITING, False), "the server keeps it no longer"
    line.refuse_connections = False
    line.connect()
    line.link.disconnect()
    assert seen[-1] == (ConnectionState.OFFLINE, False)


def test_what_had_arrived_is_not_sent_again() -> None:
    line = online(Behaviour(answer_acks=False))
    line.link.send(message("one"), 1)
    line.settle()
    line.here.cut()
    line.behaviour.answer_acks = True
    line.advance(3)
    assert bodies(line.memory) == ["one"]
    assert line.acknowledged == [1]


def test_a_refused_resumption_uses_its_h() -> None:
    line = online(Behaviour(answer_acks=False, resume="with-h"))
    line.link.send(message("one"), 1)
    line.settle()
    line.here.dropped = True
    line.link.send(message("two"), 2)
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]
    assert line.acknowledged == [1]
    assert bodies(line.memory) == ["one"], "what was not acknowledged is the core's"


def test_a_refused_resumption_without_h_begins_anew() -> None:
    line = online(Behaviour(resume="no"))
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]


def presences(line: Line) -> list[tuple[str, str]]:
    """Kind and addressee of the presences that the server got."""
    return [(each.getAttribute("type", ""), each["to"]) for each in line.memory.received if each.name == "presence"]


KINDS = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"]


def test_what_was_said_of_subscriptions_outlives_a_refused_resumption() -> None:
    line = online(Behaviour(resume="with-h"))
    line.link.send(Presence.to(JID("arrived@example.org"), "subscribe").element)
    line.settle()
    line.here.dropped = True
    for kind in KINDS:
        line.link.send(Presence.to(JID(f"{kind}@example.org"), kind).element)
    line.link.send(Presence.to(JID("room@example.org/nick")).element)
    line.link.send(message("the core's"), 1)
    asked(line, "juliet@example.org/balcony")
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]
    wanted = [("subscribe", "arrived@example.org"), *((kind, f"{kind}@example.org") for kind in KINDS)]
    assert presences(line) == wanted, "each once, in their order"
    assert not bodies(line.memory)
    line.here.cut()
    line.advance(3)
    assert presences(line) == wanted, "the new session's were acknowledged"


def test_what_was_said_of_subscriptions_outlives_several_sessions() -> None:
    line = online(Behaviour(resume="no", answer_acks=False))
    line.here.dropped = True
    line.link.send(Presence.to(JID("juliet@example.org"), "subscribe").element)
    line.here.cut()
    line.behaviour.after_login = stream_error("system-shutdown")
    line.advance(2)
    assert not presences(line)
    line.behaviour.after_login = ""
    line.advance(10)
    assert presences(line) == [("subscribe", "juliet@example.org")]


def test_what_was_said_of_subscriptions_is_forgotten_by_who_goes_offline() -> None:
    line = online(Behaviour(resume="no"))
    line.here.dropped = True
    line.link.send(Presence.to(JID("juliet@example.org"), "subscribe").element)
    line.here.cut()
    line.link.disconnect()
    assert line.connect() == [None]
    assert not presences(line)


def test_a_malformed_resumption_is_no_session() -> None:
    line = online(Behaviour(resume="garbage"))
    line.here.cut()
    line.advance(3)
    assert "ProtocolViolation" in [each.error for each in line.changes]
    line.advance(5)
    assert line.sessions == [False, False], "it is not tried again"
