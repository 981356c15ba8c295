"""The messages of a log-in on the stream, in both of XMPP's ways: RFC 6120 §6, and XEP-0388 (SASL2)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.threads import deferToThreadPool

from sat.api.errors import (
    AccountDisabled,
    AuthFailed,
    EncryptionMissing,
    NoCommonMechanism,
    ProtocolViolation,
    SatError,
    ServerClosed,
    StepUnknown,
)
from sat.xmpp import sasl, xml
from sat.xmpp.stream import Stream
from sat.xmpp.xml import Element

NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
NS_SASL2 = "urn:xmpp:sasl:2"
_IN_THREAD = 10_000  # iterations from which on the loop must not wait for them (some 3 ms)


class Way(Protocol):
    """How the messages are wrapped."""

    namespace: str

    def begin(self, mechanism: str, first: bytes) -> Element:
        """The client's first element."""

    def said(self, success: Element) -> str | None:
        """What the server says with its success, in base64; None where that is nothing."""


class Classic:
    """RFC 6120 §6.4."""

    namespace = NS_SASL

    def begin(self, mechanism: str, first: bytes) -> Element:
        """The client's first element."""
        auth = xml.element("auth", NS_SASL, mechanism=mechanism)
        xml.set_text(auth, _packed(first) or "=")
        return auth

    def said(self, success: Element) -> str | None:
        """What the server says with its success."""
        text = xml.text_of(success).strip()
        return None if text in ("", "=") else text


class Extensible:
    """XEP-0388 §2; ``inline`` is what is asked for along with the log-in."""

    namespace = NS_SASL2

    def __init__(self, inline: list[Element]) -> None:
        self._inline = inline

    def begin(self, mechanism: str, first: bytes) -> Element:
        """The client's first element."""
        made = xml.element("authenticate", NS_SASL2, mechanism=mechanism)
        xml.add(made, "initial-response", NS_SASL2, _packed(first))
        made.children += self._inline
        return made

    def said(self, success: Element) -> str | None:
        """What the server says with its success."""
        data = xml.child(success, "additional-data", NS_SASL2)
        return None if data is None else xml.text_of(data).strip()


async def prove(stream: Stream, user: str, mechanism: sasl.Mechanism, way: Way) -> Element:
    """Prove who we are and have the server prove who it is; its success. Errors: AuthFailed, AccountDisabled,
    NoCommonMechanism, EncryptionMissing, ServerNotProven, StepUnknown, ProtocolViolation, ServerClosed."""
    stream.send(way.begin(mechanism.name, mechanism.first()))
    proven = False  # by a challenge: SCRAM's last message may come as one or with the success
    for _ in range(3):
        answer = await stream.receive()
        if answer.uri != way.namespace:
            break
        if answer.name == "success":
            if not proven:
                mechanism.finish(_unpacked(stream.domain, way.said(answer) or ""))
            return answer
        if answer.name == "failure":
            raise refusal(stream.domain, user, answer)
        if answer.name == "continue":
            raise StepUnknown(server=stream.domain, steps=_tasks(answer))
        if answer.name != "challenge" or not isinstance(mechanism, sasl.Scram) or proven:
            break
        message = _unpacked(stream.domain, xml.text_of(answer).strip())
        reply = b""
        if mechanism.ready:
            mechanism.finish(message)
            proven = True
        else:
            iterations, final = mechanism.challenged(message)
            reply = await _computed(stream.reactor, iterations, final)
        response = xml.element("response", way.namespace)
        xml.set_text(response, _packed(reply))
        stream.send(response)
    raise ProtocolViolation(server=stream.domain, reason="it does not keep to the log-in's order")


async def _computed(reactor: Any, iterations: int, final: Callable[[], bytes]) -> bytes:
    if iterations > _IN_THREAD:
        return bytes(await deferToThreadPool(reactor, reactor.getThreadPool(), final))
    return final()


def _packed(message: bytes) -> str:
    return base64.b64encode(message).decode()


def _unpacked(server: str, text: str) -> bytes:
    try:
        return b"" if text == "=" else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolViolation(server=server, reason="its part of the log-in is malformed") from None


def _tasks(element: Element) -> str:
    tasks = xml.child(element, "tasks", NS_SASL2)
    names = [] if tasks is None else [xml.text_of(each)[:40] for each in xml.elements(tasks, "task", NS_SASL2)[:20]]
    return ", ".join(names) or "nothing that it names"


def refusal(server: str, user: str, failure: Element) -> SatError:
    """What a refused log-in means (RFC 6120 §6.5)."""
    condition, text = "", ""
    for each in xml.elements(failure):
        if each.name == "text" and each.uri == failure.uri:
            text = " ".join(xml.text_of(each).split())[:200]
        elif each.uri == NS_SASL:
            condition = each.name[:60]
    if condition in ("not-authorized", "credentials-expired", "invalid-authzid"):
        return AuthFailed(server=server, user=user)
    if condition == "account-disabled":
        return AccountDisabled(server=server, user=user, reason=text or "no reason given")
    if condition in ("invalid-mechanism", "mechanism-too-weak"):
        return NoCommonMechanism(server=server, offered=text or condition)
    if condition == "encryption-required":
        return EncryptionMissing(server=server)
    reason = f"it could not log us in ({condition or 'no reason given'})"
    return ServerClosed(server=server, reason=f"{reason} (“{text}”)" if text else reason, condition=condition)
