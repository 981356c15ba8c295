"""Logging in again by a token (XEP-0484)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.line import ACCOUNT, Line, online
from support.scripted import Behaviour
from support.scripted_sasl2 import Sasl2
from twisted.internet.defer import Deferred

from sat.api.profile import ConnectionState
from sat.xmpp import fast, xml
from sat.xmpp.fast import Token, read_token, usable, wanted
from sat.xmpp.once import revoke_token, try_password

PLUS = ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")
LATER = 4e9


def server(**changes: object) -> Behaviour:
    return Behaviour(
        mechanisms=PLUS,
        binding_types=("tls-unique",),
        sasl2=replace(Sasl2(), **changes),  # type: ignore[arg-type]
    )


def again(line: Line) -> None:
    """Log in once more, in a new session."""
    line.link.disconnect()
    line.settle()
    line.memory.authorised.clear()
    line.memory.begun.clear()
    line.connect()


def token(line: Line) -> Token:
    kept = read_token(line.secrets.get("token"))
    assert kept is not None
    return kept


def test_a_token_is_asked_for_and_then_used_instead_of_the_password() -> None:
    line = online(server())
    assert token(line).mechanism == "HT-SHA-256-UNIQ"
    line.password = "nobody asks for it"
    again(line)
    assert line.state is ConnectionState.ONLINE
    assert line.memory.authorised == ["HT-SHA-256-UNIQ"]
    assert "HT-SHA-256-UNIQ" in line.link.connection.security
    assert line.stored["mechanism"] == "SCRAM-SHA-256-PLUS", "it says nothing of how strong the password's way is"
    assert xml.child(line.memory.begun[0], "fast", fast.NS) is not None
    assert xml.child(line.memory.begun[0], "request-token", fast.NS) is None


def test_it_is_kept_with_the_secrets_only() -> None:
    line = online(server())
    assert "token-1" in line.secrets["token"]
    assert "token-1" not in str(line.stored)


def test_a_token_that_follows_replaces_it() -> None:
    line = online(server(rotated="token-2"))
    again(line)
    assert token(line)[:2] == ("HT-SHA-256-UNIQ", "token-2")


@pytest.mark.parametrize("condition", ["credentials-expired", "not-authorized", "invalid-mechanism", "aborted"])
def test_a_token_that_is_refused_is_forgotten_and_the_password_used(condition: str) -> None:
    line = online(server(refuse_token=condition, token="token-2"))
    line.memory.tokens.clear()
    line.behaviour.sasl2 = replace(line.behaviour.sasl2, token="token-3")  # type: ignore[type-var]
    again(line)
    assert line.state is ConnectionState.ONLINE
    assert line.memory.authorised[0] == "HT-SHA-256-UNIQ"
    assert line.memory.authorised[1].startswith("p=tls-unique,,n=romeo")
    assert len(line.connections) == 2, "on the same stream"
    assert token(line).token == "token-3"


def test_a_token_that_is_refused_and_not_replaced_is_gone() -> None:
    line = online(server())
    line.memory.tokens.clear()
    line.password = "wrong"
    again(line)
    assert line.error == "AuthFailed"
    assert line.secrets["token"] == ""


@pytest.mark.parametrize("responder", ["wrong", "none"])
def test_a_server_that_does_not_have_the_token_is_not_believed(responder: str) -> None:
    line = online(server(responder=responder))
    again(line)
    assert line.error == "ServerNotProven"
    assert line.sessions == [False]


def test_another_channel_is_found() -> None:
    line = online(server())
    line.bindings = {"tls-unique": b"somebody else's"}
    again(line)
    assert line.error == "AuthFailed", "and the password's way finds it too"


def test_the_password_stays_no_weaker_when_a_token_is_refused() -> None:
    line = online(server())
    line.memory.tokens.clear()
    line.behaviour.mechanisms, line.behaviour.binding_types = ("PLAIN",), None
    again(line)
    assert line.error == "WeakerThanBefore"
    assert line.memory.authorised == ["HT-SHA-256-UNIQ"], "nothing of the password may leave"


def test_no_token_without_channel_binding_for_whom_the_password_is_bound() -> None:
    line = online(server(fast=("HT-SHA-256-NONE",)))
    assert not line.secrets


def test_a_bound_token_is_not_used_unbound() -> None:
    line = online(server())
    line.behaviour.sasl2 = Sasl2(fast=("HT-SHA-256-NONE",))
    again(line)
    assert line.memory.authorised[0].startswith("p=tls-unique")


def test_one_that_has_expired_is_not_tried() -> None:
    line = online(server(expiry="2020-01-01T00:00:00Z"))
    again(line)
    assert line.memory.authorised[0].startswith("p=tls-unique")


@pytest.mark.parametrize("expiry", ["", "soon"])
def test_one_without_an_end_is_not_kept(expiry: str) -> None:
    assert not online(server(expiry=expiry)).secrets


@pytest.mark.parametrize("text", ["", "{", "[]", "[1]", "null", '["a","b",[]]'])
def test_what_is_damaged_is_no_token(text: str) -> None:
    assert read_token(text) is None


def test_a_token_is_read_as_it_was_kept() -> None:
    kept = Token("HT-SHA-256-EXPR", "secret", 1.5)
    assert read_token(kept.to_text()) == kept


def test_the_best_binding_is_asked_for() -> None:
    names = ["HT-SHA-256-NONE", "HT-SHA-256-ENDP", "HT-SHA-256-EXPR", "HT-SHA3-512-EXPR"]
    both = {"tls-server-end-point": b"", "tls-exporter": b""}
    assert wanted(names, both, True) == "HT-SHA-256-EXPR"
    assert wanted(names, {"tls-server-end-point": b""}, True) == "HT-SHA-256-ENDP"
    assert wanted(names, {}, True) == ""
    assert wanted(names, {}, False) == "HT-SHA-256-NONE"
    assert wanted([], both, False) == ""


def test_only_a_token_for_what_is_offered_can_be_used() -> None:
    bindings = {"tls-exporter": b""}
    assert usable(Token("HT-SHA-256-EXPR", "x", LATER), ["HT-SHA-256-EXPR"], bindings, 0)
    assert not usable(Token("HT-SHA-256-EXPR", "x", LATER), ["HT-SHA-256-NONE"], bindings, 0)
    assert not usable(Token("HT-SHA-256-EXPR", "x", LATER), ["HT-SHA-256-EXPR"], {}, 0)
    assert not usable(Token("HT-SHA-999", "x", LATER), ["HT-SHA-999"], bindings, 0)
    assert not usable(None, ["HT-SHA-256-EXPR"], bindings, 0)


def test_trying_a_password_tries_the_password_and_opens_no_session() -> None:
    line = online(server())
    line.memory.authorised.clear()
    line.memory.begun.clear()
    told: list[object] = []
    trying = Deferred.fromCoroutine(try_password(ACCOUNT, "wrong", line.reactor, line, None, line.lookup))
    trying.addErrback(lambda failure: told.append(type(failure.value).__name__))
    line.settle()
    assert told == ["AuthFailed"]
    assert line.memory.authorised[0].startswith("p=tls-unique,,n=romeo")
    names = [each.name for each in xml.elements(line.memory.begun[0])]
    assert names == ["initial-response", "user-agent"]
    assert token(line).token == "token-1", "the one of the session stays"


def revoking(line: Line, kept: str) -> list[object]:
    told: list[object] = []
    work = Deferred.fromCoroutine(revoke_token(ACCOUNT, "client-1", kept, line.reactor, None, line.lookup))
    work.addCallbacks(told.append, lambda failure: told.append(type(failure.value).__name__))
    line.memory.begun.clear()
    line.settle()
    return told


def test_a_token_is_revoked_by_using_it_a_last_time_without_a_session() -> None:
    line = online(server())
    kept, logins = line.secrets["token"], line.memory.logins
    assert revoking(line, kept) == [True]
    (begun,) = line.memory.begun
    used, agent = xml.child(begun, "fast", fast.NS), xml.child(begun, "user-agent")
    assert used is not None
    assert used.attributes["invalidate"] == "true"
    assert agent is not None
    assert agent.attributes["id"] == "client-1"
    assert (line.memory.tokens, line.memory.logins) == ({}, logins)
    assert line.state is ConnectionState.ONLINE, "the session goes on"
    assert revoking(line, kept) == ["AuthFailed"]


@pytest.mark.parametrize("kept", ["", "x", Token("HT-SHA-256-UNIQ", "t", 1.0).to_text()])
def test_a_token_that_cannot_be_used_is_not_tried(kept: str) -> None:
    line = online(server())
    assert revoking(line, kept) == [False]
    assert line.memory.begun == []


def test_where_no_tokens_are_known_any_more_none_is_sent() -> None:
    line = online(server())
    line.behaviour.sasl2 = None
    assert revoking(line, line.secrets["token"]) == [False]
