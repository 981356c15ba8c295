"""Logging in, with the clock in the hand."""

from __future__ import annotations

import pytest
from support.line import ACCOUNT, Line, online
from support.scripted import Behaviour, stream_error

from sat.api import JID
from sat.api.errors import AuthFailed, InvalidAddress, PasswordUnusable, SatError, error_named
from sat.api.profile import ConnectionState


def test_logs_in_with_the_best_mechanism() -> None:
    line = online()
    assert line.link.jid == "romeo@example.org/orchard"
    assert line.state is ConnectionState.ONLINE
    assert line.sessions == [False]
    assert line.stored["mechanism"] == "SCRAM-SHA-512"
    assert line.here.secure
    assert [change.state.value for change in line.changes] == ["connecting", "online"]


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"])
def test_logs_in_with_what_there_is(mechanism: str) -> None:
    assert online(Behaviour(mechanisms=("DIGEST-MD5", mechanism, "ANONYMOUS"))).stored["mechanism"] == mechanism


def test_takes_the_server_signature_as_a_challenge_too() -> None:
    assert online(Behaviour(scram="extra-challenge")).state is ConnectionState.ONLINE


def test_says_that_it_could_bind_where_the_server_offers_no_plus() -> None:
    assert online().memory.authorised[0].startswith("y,,n=romeo,r=")


FEATURES = "<stream:features>{}</stream:features>"
OLD = FEATURES.format("<auth xmlns='http://jabber.org/features/iq-auth'/>")
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


@pytest.mark.parametrize(
    ("behaviour", "name"),
    [
        (Behaviour(tls="none"), "EncryptionMissing"),
        (Behaviour(tls="none", mechanisms=("PLAIN",)), "EncryptionMissing"),
        (Behaviour(tls="refused"), "EncryptionMissing"),
        (Behaviour(before=OLD), "EncryptionMissing"),
        (Behaviour(mechanisms=("ANONYMOUS", "DIGEST-MD5")), "NoCommonMechanism"),
        (Behaviour(mechanisms=()), "NoCommonMechanism"),
        (Behaviour(scram="early-success"), "ServerNotProven"),
        (Behaviour(scram="no-signature"), "ServerNotProven"),
        (Behaviour(scram="bad-signature"), "ServerNotProven"),
        (Behaviour(scram="error"), "ServerNotProven"),
        (Behaviour(scram="mandatory"), "ProtocolViolation"),
        (Behaviour(scram="foreign-nonce"), "ProtocolViolation"),
        (Behaviour(iterations=1), "ProtocolViolation"),
        (Behaviour(iterations=20_000_000), "ProtocolViolation"),
        (Behaviour(iterations=1_000_001), "ProtocolViolation"),
        (Behaviour(password="other"), "AuthFailed"),
        (Behaviour(refuse="account-disabled"), "AccountDisabled"),
        (Behaviour(refuse="temporary-auth-failure"), "ServerClosed"),
        (Behaviour(refuse="not-authorized"), "AuthFailed"),
        (Behaviour(bind="admin@example.org/x"), "ProtocolViolation"),
        (Behaviour(bind="romeo@example.org"), "ProtocolViolation"),
        (Behaviour(bind="@@//<>"), "ProtocolViolation"),
        (Behaviour(before="<stream:stream>"), "ProtocolViolation"),
        (Behaviour(before="<features xmlns='urn:evil'/>"), "ProtocolViolation"),
        (Behaviour(before="text"), "ProtocolViolation"),
        (Behaviour(header="<!DOCTYPE x [<!ENTITY a 'lol'>]><stream/>"), "ProtocolViolation"),
        (Behaviour(header="<?xml version='1.0' encoding='UTF-16'?><stream/>"), "ProtocolViolation"),
        (Behaviour(header="<html>"), "ProtocolViolation"),
        (Behaviour(features="<x xmlns='a'/>" * 10_000), "ProtocolViolation"),
        (Behaviour(before="</stream:stream>"), "ServerClosed"),
        (Behaviour(before=stream_error("host-unknown", "")), "ServerNotFound"),
        (Behaviour(silent=True), "ServerSilent"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_refuses(behaviour: Behaviour, name: str) -> None:
    line = Line(behaviour)
    results = line.connect()
    line.advance(40, 1) if not results else None
    assert type(results[0]).__name__ == name, str(results[0])
    assert line.link.connection.error == name or line.changes[-2].error == name
    assert not line.sessions
    assert str(results[0])


def test_nothing_of_the_password_leaves_without_encryption() -> None:
    line = Line(Behaviour(tls="none"))
    line.connect()
    assert not line.memory.authorised


def test_goes_without_encryption_only_where_allowed_and_on_this_machine() -> None:
    open_account = ACCOUNT._replace(require_tls=False)
    line = Line(Behaviour(tls="none"), open_account)
    assert line.connect() == [None]
    far = Line(Behaviour(tls="none"), open_account)
    far.peer = "192.0.2.1"
    far.connect()
    assert far.error == "EncryptionMissing"


def test_plain_needs_encryption_even_there() -> None:
    line = Line(Behaviour(tls="none", mechanisms=("PLAIN",)), ACCOUNT._replace(require_tls=False))
    line.connect()
    assert line.error == "NoCommonMechanism"


def test_what_came_in_clear_behind_proceed_is_thrown_away() -> None:
    line = Line()
    line.link.connect()
    forged = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    line._accept()
    real = line.here.server._write

    def write(text: str) -> None:
        if PROCEED in text:
            text += f"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>{forged}</mechanisms></stream:features>"
        real(text)

    line.here.server._write = write
    line.settle()
    assert line.stored["mechanism"] == "SCRAM-SHA-512"


def test_does_not_go_below_what_was_used_before() -> None:
    line = online()
    line.link.disconnect()
    line.settle()
    line.behaviour.mechanisms = ("PLAIN",)
    line.memory.authorised.clear()
    (error,) = line.connect()
    assert type(error).__name__ == "WeakerThanBefore"
    assert not line.memory.authorised


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN"])
@pytest.mark.parametrize("password", ["x\u0627", "\u0000x", "a\ud800"])
def test_a_password_that_cannot_be_one_is_told_and_not_sent(password: str, mechanism: str) -> None:
    line = Line(Behaviour(mechanisms=(mechanism,)))
    line.password = password
    (error,) = line.connect()
    if mechanism == "PLAIN" and password == "x\u0627":
        assert type(error) is AuthFailed, "PLAIN leaves the preparation to the server (RFC 4616 §2)"
        return
    assert type(error) is PasswordUnusable
    assert str(error) == (
        "This password for romeo at example.org holds a character that passwords cannot have, or mixes writing from"
        " left and from right, so it was not sent."
    )
    assert not line.memory.authorised
    assert line.state is ConnectionState.OFFLINE, "only a person can mend it"


def test_a_name_that_cannot_log_in_is_told_as_one() -> None:
    line = Line(Behaviour(), ACCOUNT._replace(jid=JID("x\u0627@example.org")))
    (error,) = line.connect()
    assert type(error) is InvalidAddress
    assert error.details["address"] == "x\u0627@example.org"


def test_what_looks_weaker_than_before_is_told_with_the_profile() -> None:
    line = online()
    line.behaviour.mechanisms = ("SCRAM-SHA-1",)
    line.here.cut()
    line.advance(2)
    told = line.link.connection
    error = error_named(told.error, told.details)
    assert error.advice.endswith("jp profile forget-security Montague")


def test_a_rejected_password_is_not_tried_again() -> None:
    line = Line(Behaviour(refuse="not-authorized"))
    line.connect()
    line.advance(600, 5)
    assert len(line.connections) == 1
    assert line.state is ConnectionState.OFFLINE


def test_what_the_password_raises_ends_the_attempt() -> None:
    line = Line()

    def missing() -> str:
        raise SatError

    line.link._password = missing
    assert type(line.connect()[0]) is SatError
    assert line.state is ConnectionState.OFFLINE
