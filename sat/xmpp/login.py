"""Logging in on an open stream: encryption, proof, address (RFC 6120 §5–7)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from twisted.internet.threads import deferToThreadPool

from sat.api import JID
from sat.api.errors import (
    AccountDisabled,
    AuthFailed,
    EncryptionMissing,
    InvalidAddress,
    NoCommonMechanism,
    ProtocolViolation,
    SatError,
    ServerClosed,
)
from sat.api.profile import Account
from sat.xmpp import sasl, tls, xml
from sat.xmpp.stanzas import Iq, stanza_error
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, NS_STREAMS, Element

NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
NS_BINDINGS = "urn:xmpp:sasl-cb:0"
NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_MECHANISM = "mechanism"
_IN_THREAD = 10_000  # iterations from which on the loop must not wait for them (some 3 ms)


class SecurityMemory(Protocol):
    """What is remembered of an account from one connection to the next. The core stores it."""

    def get(self, key: str) -> str:
        """What was remembered, or nothing."""

    def set(self, key: str, value: str) -> None:
        """Remember."""


def has_logged_in(memory: SecurityMemory) -> bool:
    """Whether the account was ever used from here, as far as is remembered."""
    return bool(memory.get(_MECHANISM))


class Proof(NamedTuple):
    """How the log-in was done: the mechanism, and the features of the stream that follows."""

    mechanism: str
    features: Element


async def features_of(stream: Stream, sender: str = "") -> Element:
    """Open the stream (anew) and wait for the server's features."""
    stream.open(sender)
    features = await stream.receive()
    if features.uri != NS_STREAMS or features.name != "features":
        raise ProtocolViolation(server=stream.domain, reason="it does not say what it offers")
    return features


async def encrypt(stream: Stream, require: bool) -> Element:
    """Open the stream, encrypt it where the server can, and give the features that hold then.

    Without encryption it goes on only where ``require`` is false and the server is this machine.
    Errors: EncryptionMissing, those of TLS.
    """
    features = await features_of(stream)
    if stream.encrypted:
        return features
    if xml.child(features, "starttls", NS_TLS) is not None:
        stream.send(xml.element("starttls", NS_TLS))
        answer = await stream.receive()
        if answer.uri != NS_TLS or answer.name != "proceed":
            raise EncryptionMissing(server=stream.domain)
        await stream.start_tls()
        return await features_of(stream)
    if require or not _is_loopback(stream):
        raise EncryptionMissing(server=stream.domain)
    return features


def _is_loopback(stream: Stream) -> bool:
    peer = stream.transport.getPeer()
    try:
        return ipaddress.ip_address(str(getattr(peer, "host", "")).partition("%")[0]).is_loopback
    except ValueError:
        return False


async def log_in(stream: Stream, account: Account, password: Callable[[], str], memory: SecurityMemory) -> Proof:
    """Encrypt and authenticate. Errors: those of TLS, of ``password``, AuthFailed, PasswordUnusable, AccountDisabled,
    NoCommonMechanism, InvalidAddress, WeakerThanBefore, ServerNotProven, ProtocolViolation, ServerClosed."""
    features = await encrypt(stream, account.require_tls)
    bindings = tls.bindings(stream.transport.getHandle()) if stream.encrypted else {}
    offered = _offered(features)
    types = _binding_types(features)
    choice = sasl.choose(stream.domain, offered, types, bindings, stream.encrypted, memory.get(_MECHANISM))
    mechanism: sasl.Plain | sasl.Scram
    if choice.mechanism == "PLAIN":
        mechanism = sasl.Plain(stream.domain, account.jid.local, password())
    else:
        plus = any(each.endswith("-PLUS") for each in offered)
        mechanism = sasl.Scram(stream.domain, choice, account.jid.local, password(), plus, bool(bindings))
    await _authenticate(stream, account, mechanism, choice.mechanism)
    memory.set(_MECHANISM, choice.mechanism)
    stream.trust()
    return Proof(choice.mechanism, await features_of(stream, account.jid.bare if stream.encrypted else ""))


def _offered(features: Element) -> list[str]:
    mechanisms = xml.child(features, "mechanisms", NS_SASL)
    return [] if mechanisms is None else [xml.text_of(each) for each in xml.elements(mechanisms, "mechanism", NS_SASL)]


def _binding_types(features: Element) -> list[str] | None:
    """XEP-0440: the channel bindings that the server says it has; None where it says nothing."""
    advertised = xml.child(features, "sasl-channel-binding", NS_BINDINGS)
    if advertised is None:
        return None
    return [str(each.attributes.get("type", "")) for each in xml.elements(advertised, "channel-binding")]


async def _authenticate(stream: Stream, account: Account, mechanism: sasl.Plain | sasl.Scram, name: str) -> None:
    auth = xml.element("auth", NS_SASL, mechanism=name)
    xml.set_text(auth, _packed(mechanism.first()))
    stream.send(auth)
    said = ""  # the last thing the server said; SCRAM's may come as a challenge or with the success
    for step in range(3):
        answer = await stream.receive()
        if answer.uri != NS_SASL:
            break
        if answer.name == "success":
            mechanism.finish(_unpacked(stream.domain, answer) or said)
            return
        if answer.name == "failure":
            raise refusal(stream.domain, account.jid.local, answer)
        if answer.name != "challenge" or isinstance(mechanism, sasl.Plain):
            break
        message = _unpacked(stream.domain, answer)
        if step:
            said, reply = message, ""
            mechanism.finish(said)
            mechanism = sasl.Plain("", "", "")  # proven: what is left is the success
        else:
            iterations, final = mechanism.challenged(message)
            reply = await _computed(stream.reactor, iterations, final)
        response = xml.element("response", NS_SASL)
        xml.set_text(response, _packed(reply) if reply else "")
        stream.send(response)
    raise ProtocolViolation(server=stream.domain, reason="it does not keep to the log-in's order")


async def _computed(reactor: Any, iterations: int, final: Callable[[], str]) -> str:
    if iterations > _IN_THREAD:
        return str(await deferToThreadPool(reactor, reactor.getThreadPool(), final))
    return final()


def _packed(message: str) -> str:
    return base64.b64encode(message.encode()).decode() or "="


def _unpacked(server: str, element: Element) -> str:
    text = xml.text_of(element).strip()
    try:
        return "" if text == "=" else base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise ProtocolViolation(server=server, reason="its part of the log-in is malformed") from None


def refusal(server: str, user: str, failure: Element) -> SatError:
    """What a refused log-in means (RFC 6120 §6.5)."""
    condition, text = "", ""
    for each in xml.elements(failure, ns=NS_SASL):
        if each.name == "text":
            text = " ".join(xml.text_of(each).split())[:200]
        else:
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


async def bind(stream: Stream, account: Account) -> JID:
    """Get our full address (RFC 6120 §7). Errors: ProtocolViolation, ServerClosed."""
    iq = Iq.set()
    request = iq.add("bind", NS_BIND)
    if account.resource:
        xml.add(request, "resource", NS_BIND, account.resource)
    stream.send(iq.element)
    while True:
        answer = await stream.receive()
        if answer.name == "iq" and answer.uri == NS_CLIENT and answer.attributes.get("id") == iq.id:
            break
        if answer.uri != NS_CLIENT:
            raise ProtocolViolation(server=stream.domain, reason="it gave no address")
    if answer.attributes.get("type") != "result":
        raise ServerClosed(server=stream.domain, reason=f"no session: {stanza_error(answer).details['reason']}")
    bound = xml.child(answer, "bind", NS_BIND)
    text = xml.text_of(xml.child(bound, "jid", NS_BIND)).strip() if bound is not None else ""
    try:
        jid = JID.parse(text)
    except InvalidAddress:
        raise ProtocolViolation(server=stream.domain, reason="the address that it gave is not valid") from None
    if jid.bare != account.jid.bare or not jid.resource:
        raise ProtocolViolation(server=stream.domain, reason="it gave us the address of another account")
    return jid
