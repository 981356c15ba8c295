"""Logging in by SASL2, with Bind 2, resumption and carbons along with it (XEP-0388, XEP-0386, XEP-0198 §9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from support.line import Line, heard, message, online, texts
from support.scripted import Behaviour, bodies
from support.scripted_sasl2 import NS_BIND2, NS_SASL2, NS_SM, Sasl2

from sat.api.errors import error_named
from sat.api.profile import ConnectionState
from sat.xmpp import traffic, xml

CARBONS, CSI = "urn:xmpp:carbons:2", "urn:xmpp:csi:0"
SUCCESS = f"<success xmlns='{NS_SASL2}'>{{}}<authorization-identifier>romeo@example.org/x</authorization-identifier>"


def modern(**changes: object) -> Behaviour:
    return Behaviour(sasl2=replace(Sasl2(fast=()), **changes))  # type: ignore[arg-type]


def test_one_request_logs_in_and_binds_and_turns_on_what_is_needed() -> None:
    line = online(modern())
    assert line.link.jid == "romeo@example.org/sat/1"
    assert line.stored["mechanism"] == "SCRAM-SHA-512"
    assert [each for each in line.server.seen if each not in ("starttls", "r")] == ["authenticate", "response"]
    (begun,) = line.memory.begun
    bind = xml.child(begun, "bind", NS_BIND2)
    assert bind is not None
    assert [(each.uri, each.name) for each in xml.elements(bind)] == [
        (NS_BIND2, "tag"),
        (NS_SM, "enable"),
        (CARBONS, "enable"),
    ]
    assert line.told.enabled == {CARBONS}
    assert CSI in line.told.offers
    assert line.link.resumable


def test_the_client_is_known_again_and_named_only_behind_encryption() -> None:
    line = online(modern())
    line.link.disconnect()
    line.settle()
    line.connect()
    ids = {xml.child(each, "user-agent")["id"] for each in line.memory.begun}  # type: ignore[index]
    assert len(ids) == 1
    assert UUID(ids.pop()).version == 4
    assert line.memory.openings[:2] == ["", "romeo@example.org"]


def test_the_resource_that_a_person_wants_stands_in_front() -> None:
    line = Line(modern())
    line.link.account = line.link.account._replace(resource="laptop")
    line.connect()
    assert line.link.jid == "romeo@example.org/laptop/1"


def test_without_encryption_the_classic_way_is_used() -> None:
    behaviour = modern()
    behaviour.tls = "none"
    line = Line(behaviour)
    line.link.account = line.link.account._replace(require_tls=False)
    assert line.connect() == [None]
    assert not line.memory.begun


def test_what_the_server_cannot_do_at_once_is_asked_for_later() -> None:
    line = online(modern(bind2=None, inline_sm=False))
    assert line.link.jid == "romeo@example.org/orchard"
    assert line.link.resumable
    assert line.told.enabled == frozenset()
    assert "enable" in line.server.seen


def test_stanzas_count_from_the_success_on() -> None:
    line = online(modern())
    line.server.send(heard("one"))
    line.settle()
    line.link.send(message("two"), "token")
    line.advance(1)
    assert texts(line) == ["one"]
    assert line.acknowledged == ["token"]
    line.server.send(f"<r xmlns='{NS_SM}'/>", counted=False)
    line.settle()
    assert line.memory.acknowledged == 1


def test_a_session_goes_on_in_the_same_request() -> None:
    line = online(modern())
    line.link.send(message("lost"))
    line.here.dropped = True
    line.settle()
    line.memory.unacknowledged.append(heard("missed"))
    line.memory.sent += 1
    line.here.cut()
    line.advance(2)
    assert line.sessions == [False, True]
    assert line.memory.logins == 1
    assert texts(line) == ["missed"]
    assert bodies(line.memory) == ["lost"]
    assert line.told.enabled == {CARBONS}
    assert CSI in line.told.offers
    assert xml.child(line.memory.begun[-1], "resume", NS_SM) is not None


def test_a_session_that_is_gone_is_followed_by_a_new_one_in_the_same_request() -> None:
    line = online(modern())
    line.link.send(message("arrived"), "a")
    line.settle()
    line.here.dropped = True
    line.link.send(message("lost"), "b")
    line.settle()
    line.behaviour.resume = "with-h"
    line.here.cut()
    line.advance(2)
    assert line.sessions == [False, False]
    assert line.memory.logins == 2
    assert line.acknowledged == ["a"]


def test_a_session_of_a_daemon_that_was_killed_is_settled() -> None:
    line = online(modern())
    line.server.send(heard("stored"))
    line.advance(1)
    line.connections.clear()
    line.link = line.new_link()
    line.connect()
    assert line.sessions == [False, False], "to the plugins it is a new one"
    assert line.memory.logins == 1
    assert line.told.enabled == frozenset()
    assert CSI in line.told.offers


def test_stream_management_may_fail_alone() -> None:
    line = online(modern(managed=f"<failed xmlns='{NS_SM}'/>"))
    assert not line.link.resumable
    assert line.state is ConnectionState.ONLINE


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda told: setattr(told, "scram", "bad-signature"), "ServerNotProven"),
        (lambda told: setattr(told, "scram", "no-signature"), "ServerNotProven"),
        (lambda told: setattr(told, "scram", "early-success"), "ServerNotProven"),
        (lambda told: setattr(told, "scram", "foreign-nonce"), "ProtocolViolation"),
        (lambda told: setattr(told, "iterations", 1), "ProtocolViolation"),
        (lambda told: setattr(told, "password", "other"), "AuthFailed"),
        (lambda told: setattr(told, "refuse", "account-disabled"), "AccountDisabled"),
        (lambda told: setattr(told, "refuse", "temporary-auth-failure"), "ServerClosed"),
        (lambda told: setattr(told.sasl2, "identity", "admin@example.org/x"), "ProtocolViolation"),
        (lambda told: setattr(told.sasl2, "identity", "romeo@example.org"), "ProtocolViolation"),
        (lambda told: setattr(told.sasl2, "identity", "@@//<>"), "ProtocolViolation"),
        (lambda told: setattr(told.sasl2, "success", SUCCESS.format("") + "</success>"), "ServerNotProven"),
        (lambda told: setattr(told.sasl2, "success", "<success xmlns='urn:evil'/>"), "ProtocolViolation"),
        (lambda told: setattr(told.sasl2, "success", "<stream:features/>"), "ProtocolViolation"),
        (lambda told: setattr(told.sasl2, "success", f"<continue xmlns='{NS_SASL2}'/>"), "StepUnknown"),
        (lambda told: setattr(told.sasl2, "mechanisms", ("ANONYMOUS",)), "NoCommonMechanism"),
        (lambda told: setattr(told.sasl2, "mechanisms", ("SCRAM-SHA-1-PLUS",)), "OfferTampered"),
    ],
)
def test_refuses(change: Callable[[Behaviour], None], name: str) -> None:
    behaviour = modern()
    change(behaviour)
    line = Line(behaviour)
    (error,) = line.connect()
    assert type(error).__name__ == name, str(error)
    assert not line.sessions


def test_a_session_that_nobody_asked_to_go_on_is_refused() -> None:
    behaviour = modern(bind2=None)
    line = Line(behaviour)
    real = behaviour.sasl2
    assert real is not None
    real.identity = f"romeo@example.org</authorization-identifier><resumed xmlns='{NS_SM}' h='0' previd='x'/><x>"
    line.connect()
    assert line.error == "ProtocolViolation"


def test_a_further_step_is_named() -> None:
    tasks = "<tasks><task>TOTP-EXAMPLE</task></tasks>"
    line = Line(modern(success=f"<continue xmlns='{NS_SASL2}'>{tasks}</continue>"))
    line.connect()
    told = line.link.connection
    assert "TOTP-EXAMPLE" in str(error_named(told.error, told.details))
    line.advance(600, 5)
    assert len(line.connections) == 1, "only a person can mend it"


@pytest.mark.parametrize("mechanisms", [("PLAIN",), ("SCRAM-SHA-1",), ("SCRAM-SHA-1", "PLAIN")])
def test_does_not_go_below_what_the_classic_way_used(mechanisms: tuple[str, ...]) -> None:
    line = online()
    line.link.disconnect()
    line.settle()
    line.behaviour.sasl2 = Sasl2(mechanisms=mechanisms)
    line.memory.authorised.clear()
    (error,) = line.connect()
    assert type(error).__name__ == "WeakerThanBefore"
    assert not line.memory.authorised


def test_nor_the_classic_way_below_sasl2() -> None:
    line = online(modern())
    line.link.disconnect()
    line.settle()
    line.behaviour.sasl2, line.behaviour.mechanisms = None, ("SCRAM-SHA-1",)
    (error,) = line.connect()
    assert type(error).__name__ == "WeakerThanBefore"


def test_a_roster_larger_than_what_is_allowed_before_the_log_in_is_taken() -> None:
    line = online(modern())
    line.server.send(heard("x" * 200_000))
    line.settle()
    assert len(texts(line)[0]) == 200_000


def test_nothing_of_it_is_in_the_log() -> None:
    text = xml.element("authenticate", NS_SASL2, mechanism="PLAIN")
    xml.add(text, "initial-response", NS_SASL2, "hidden")
    xml.add(text, "token", "urn:xmpp:fast:0", token="hidden")
    assert "hidden" not in traffic.masked(text)
