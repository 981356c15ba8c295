"""When there is a session and when not, with the clock in the hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from support.line import ACCOUNT, Line, heard, online
from support.scripted import Behaviour, stream_error

from sat.api.profile import Account, ConnectionState
from sat.xmpp.resolve import Record, Target, located


def starts(line: Line, seconds: float) -> list[float]:
    """When it tried, in that time."""
    begin, found, known = line.reactor.seconds(), [], len(line.connections)
    while line.reactor.seconds() - begin < seconds:
        line.advance(0.1)
        if len(line.connections) > known:
            known = len(line.connections)
            found.append(line.reactor.seconds() - begin)
    return found


def test_pauses_double_and_stay_below_a_minute() -> None:
    line = Line(Behaviour(before=stream_error("system-shutdown")))
    line.connect()
    times = [0.0, *starts(line, 300)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    for gap, wanted in zip(gaps, (1, 2, 4, 8, 16, 32, 60, 60), strict=False):
        assert wanted * 0.8 - 0.01 <= gap <= wanted * 1.2 + 0.3
    assert line.link.connection.retry_in


def test_a_server_that_closes_after_each_log_in_is_left_more_and_more_alone() -> None:
    line = Line(Behaviour(after_login=""))
    line.connect()
    count = 0
    for _ in range(250):
        if line.state is ConnectionState.ONLINE:
            line.server.send(
                stream_error("policy-violation"),
                False,
            )
            count += 1
        line.advance(0.1)
    assert 3 <= count <= 5


def test_pauses_begin_anew_after_a_minute_online() -> None:
    line = online()
    for _ in range(4):
        line.here.cut()
        line.advance(70, 1)
        assert line.state is ConnectionState.ONLINE
    line.here.cut()
    assert line.link.connection.retry_in <= 1.2


def test_another_program_with_our_resource_gets_the_session() -> None:
    line = online()
    line.server.send(stream_error("conflict"), False)
    line.advance(120, 1)
    assert line.error == "SessionReplaced"
    assert line.state is ConnectionState.OFFLINE
    assert len(line.connections) == 1


def test_it_goes_offline_while_nobody_answers() -> None:
    line = Line()
    line.link.connect().addErrback(lambda failure: None)
    line.reactor.advance(0)
    assert line.reactor.tcpClients, "it knocks"
    left: list[None] = []
    line.link.disconnect().addCallback(left.append)
    assert left == [None]
    assert line.state is ConnectionState.OFFLINE


def test_a_refused_port_is_tried_again_and_a_nudge_is_at_once() -> None:
    line = Line()
    line.refuse_connections = True
    (error,) = line.connect()
    assert type(error).__name__ == "ServerRefused"
    assert line.state is ConnectionState.WAITING
    line.refuse_connections = False
    line.link.nudge()
    line.settle()
    assert line.state is ConnectionState.ONLINE


def test_disconnect_while_waiting_and_while_connecting() -> None:
    line = Line()
    line.refuse_connections = True
    line.connect()
    line.link.disconnect()
    assert line.state is ConnectionState.OFFLINE
    line.refuse_connections = False
    line.behaviour.silent = True
    results = line.connect()
    line.link.disconnect()
    line.settle()
    assert not line.here.open, "nobody who has said nothing is waited for"
    assert type(results[0]).__name__ == "NotConnected"
    assert line.state is ConnectionState.OFFLINE
    assert not line.here.open
    assert not line.reactor.getDelayedCalls()


def test_an_attempt_that_fails_at_once() -> None:
    line = Line()

    def fail(*_: Any, **__: Any) -> None:
        raise OverflowError("no such port")

    line.reactor.connectTCP = fail
    (error,) = line.connect()
    assert type(error).__name__ == "ServerRefused"
    assert line.state is ConnectionState.WAITING


def test_disconnect_while_the_connection_is_being_made(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    line.link.connect().addErrback(lambda failure: None)
    done: list[Any] = []
    line.link.disconnect().addCallback(done.append)
    assert done, "there is nobody to wait for"
    assert line.state is ConnectionState.OFFLINE
    assert not line.reactor.getDelayedCalls()
    assert not caplog.records


def test_nothing_comes_after_the_farewell() -> None:
    line = online()
    line.here.to_client.append(heard("late").encode())
    line.link.disconnect()
    line.settle()
    assert not line.stanzas
    assert line.memory.acknowledged == 0


def test_a_restart_of_the_server_is_no_reason_for_long_pauses() -> None:
    line = online()
    for _ in range(4):
        line.advance(12, 1)
        line.here.cut()
        assert line.link.connection.retry_in <= 1.2
        line.advance(2)
        assert line.state is ConnectionState.ONLINE


def test_says_farewell() -> None:
    line = online()
    line.server.send(heard("bye"))
    line.settle()
    done: list[Any] = []
    line.link.disconnect().addCallback(done.append)
    line.settle()
    assert line.memory.acknowledged == 1
    assert line.server.seen[-2:] == ["a", "end"]
    assert done
    assert not line.reactor.getDelayedCalls()


def test_a_server_that_does_not_close_is_left_after_three_seconds() -> None:
    line = online()
    line.here.dropped = True
    done: list[Any] = []
    line.link.disconnect().addCallback(done.append)
    line.advance(3)
    assert done


# -- several targets ------------------------------------------------------------------------------------------------

ANYWHERE = ACCOUNT._replace(host="", port=0)
FIRST, SECOND, DIRECT = (
    Record(1, 0, "192.0.2.1", 5222),
    Record(2, 0, "192.0.2.2", 5299),
    Record(3, 0, "192.0.2.3", 443, direct=True),
)
STRIPPED = Behaviour(tls="none")


def test_a_target_that_refuses_leaves_the_next() -> None:
    line = Line(None, ANYWHERE, FIRST, SECOND)
    line.refused_ports = {5222}
    assert line.connect() == [None]
    assert [each.error for each in line.changes] == ["", ""]


def test_somebody_who_takes_the_encryption_away_at_one_target_does_not_hide_another() -> None:
    line = Line(None, ANYWHERE, FIRST, DIRECT)
    line.at_port[5222] = STRIPPED
    assert line.connect() == [None]
    assert len(line.connections) == 2
    assert not line.connections[0].open


def test_where_no_target_can_be_used_the_first_error_of_security_is_told() -> None:
    line = Line(STRIPPED, ANYWHERE, FIRST, SECOND, DIRECT)
    line.refused_ports = {5222, 443}
    (error,) = line.connect()
    assert type(error).__name__ == "EncryptionMissing"
    assert line.link.connection.retry_in >= 24, "it looks like an attack"


def test_where_no_target_can_be_reached_the_first_error_is_told() -> None:
    line = Line(None, ANYWHERE, FIRST, SECOND)
    line.refuse_connections = True
    (error,) = line.connect()
    assert error.details == {"server": "192.0.2.1", "port": "5222"}


# -- where the server would have us come back (XEP-0198 §5) ---------------------------------------------------------


def came_back(location: str, refused: int = 0, account: Account = ANYWHERE) -> Line:
    """A session that was cut and goes on, at a server that named a place."""
    line = Line(Behaviour(location=location), account, FIRST, SECOND)
    assert line.connect() == [None]
    line.refused_ports = {refused}
    line.asked_ports.clear()
    line.here.cut()
    line.advance(2)
    return line


def test_a_session_goes_on_where_the_server_says() -> None:
    line = came_back("192.0.2.9:5999")
    assert line.asked_ports == [5999]
    assert line.sessions == [False, True]


def test_who_is_there_must_be_the_server_as_anywhere() -> None:
    line = Line(Behaviour(location="192.0.2.9:5999"), ANYWHERE, FIRST)
    line.at_port[5999] = STRIPPED
    assert line.connect() == [None]
    line.here.cut()
    line.advance(2)
    assert line.asked_ports == [5222, 5999, 5222], "without TLS there is no session there, and DNS tells the way"
    assert line.sessions == [False, True]


def test_where_that_place_cannot_be_reached_the_usual_ones_are_tried() -> None:
    line = came_back("192.0.2.9:5999", 5999)
    assert line.asked_ports == [5999, 5222]
    assert line.sessions == [False, True]


def test_a_place_that_was_set_is_kept_to() -> None:
    assert came_back("192.0.2.9:5999", account=ACCOUNT).asked_ports == [5222]


def test_a_session_that_is_over_begins_anew_at_the_usual_place() -> None:
    line = Line(Behaviour(location="192.0.2.9:5999"), ANYWHERE, FIRST)
    assert line.connect() == [None]
    line.link.disconnect()
    line.settle()
    line.asked_ports.clear()
    assert line.connect() == [None]
    assert line.asked_ports == [5222]


BEFORE = Target("192.0.2.1", 5222)


@pytest.mark.parametrize(
    ("location", "wanted"),
    [
        ("a.example.org", BEFORE._replace(host="a.example.org")),
        ("a.example.org:5333", BEFORE._replace(host="a.example.org", port=5333)),
        ("[2001:db8::1]:5333", BEFORE._replace(host="[2001:db8::1]", port=5333)),
        ("[2001:db8::1]", BEFORE._replace(host="[2001:db8::1]")),
        ("", None),
        ("a.example.org:0", None),
        ("a.example.org:99999", None),
        ("[::::]", None),
        ("2001:db8::1", None),
        ("a b", None),
        ("https://a.example.org/", None),
        ("a.example.org:५", None),
    ],
)
def test_places_that_a_server_names(location: str, wanted: Target | None) -> None:
    assert located(location, BEFORE) == wanted
    assert located(location, BEFORE._replace(url="wss://example.org/")) is None
