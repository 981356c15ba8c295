"""Logging in on an open stream: encryption, proof, address (RFC 6120 §5–7; XEP-0388 where the server has it)."""

from __future__ import annotations

import ipaddress
import time
import uuid
from collections.abc import Callable
from typing import NamedTuple, Protocol

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    AuthFailed,
    EncryptionMissing,
    NoCommonMechanism,
    ProtocolViolation,
    SatError,
    ServerClosed,
)
from sat.api.profile import Account
from sat.xmpp import fast, sasl, tls, xml
from sat.xmpp.acks import NS_SM
from sat.xmpp.exchange import NS_SASL, NS_SASL2, Classic, Extensible, Way, prove
from sat.xmpp.inline import identity, own_address
from sat.xmpp.stanzas import Iq, stanza_error
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, NS_STREAMS, Element

NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
NS_BINDINGS = "urn:xmpp:sasl-cb:0"
NS_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_MECHANISM, CLIENT, _OLD_BINDING = "mechanism", "client", "old binding"
TOKEN = "token"  # noqa: S105 - what the secrets call it


class SecurityMemory(Protocol):
    """What is remembered of an account from one connection to the next. The core stores it."""

    def get(self, key: str) -> str:
        """What was remembered, or nothing."""

    def set(self, key: str, value: str) -> Deferred[None] | None:
        """Remember. What it gives fires when that is done, or could not be; None where there is nothing to do."""


def has_logged_in(memory: SecurityMemory) -> bool:
    """Whether the account was ever used from here, as far as is remembered."""
    return bool(memory.get(_MECHANISM))


class Proof(NamedTuple):
    """How the log-in was done: the mechanism, and the features of the stream that follows (None: a session goes on).
    By SASL2 also what was ``offered`` inline and the server's ``success``, with who we are."""

    mechanism: str
    features: Element | None
    offered: Element | None = None
    success: Element | None = None
    jid: JID = JID("")


Ask = Callable[[Element], list[Element]]


class Wishes(NamedTuple):
    """What a log-in is for. ``inline`` says what to ask for of what SASL2 offers; ``secrets`` keeps the server's token
    in place of the password (XEP-0484)."""

    inline: Ask
    secrets: SecurityMemory


async def features_of(stream: Stream, sender: str = "") -> Element:
    """Open the stream (anew) and wait for the server's features."""
    stream.open(sender)
    return await _next_features(stream)


async def _next_features(stream: Stream) -> Element:
    features = await stream.receive()
    if features.uri != NS_STREAMS or features.name != "features":
        raise ProtocolViolation(server=stream.domain, reason="it does not say what it offers")
    return features


async def encrypt(stream: Stream, require: bool, sender: str = "") -> Element:
    """Open the stream, encrypt it where the server can, and give the features that hold then. Only there it is told
    who ``sender`` is.

    Without encryption it goes on only where ``require`` is false and the server is this machine.
    Errors: EncryptionMissing, those of TLS.
    """
    if stream.encrypted:
        return await features_of(stream, sender)
    features = await features_of(stream)
    if xml.child(features, "starttls", NS_TLS) is not None and not stream.framed:  # never inside a WebSocket (RFC 7395)
        stream.send(xml.element("starttls", NS_TLS))
        answer = await stream.receive()
        if answer.uri != NS_TLS or answer.name != "proceed":
            raise EncryptionMissing(server=stream.domain)
        await stream.start_tls()
        return await features_of(stream, sender)
    if require or not _is_loopback(stream):
        raise EncryptionMissing(server=stream.domain)
    return features


def _is_loopback(stream: Stream) -> bool:
    peer = stream.transport.getPeer()
    try:
        return ipaddress.ip_address(str(getattr(peer, "host", "")).partition("%")[0]).is_loopback
    except ValueError:
        return False


async def log_in(
    stream: Stream,
    account: Account,
    password: Callable[[], str],
    memory: SecurityMemory,
    wishes: Wishes | None = None,
) -> Proof:
    """Encrypt and authenticate. Errors: those of TLS, of ``password``, AuthFailed, PasswordUnusable, AccountDisabled,
    NoCommonMechanism, InvalidAddress, WeakerThanBefore, OfferTampered, ServerNotProven, StepUnknown,
    ProtocolViolation, ServerClosed."""
    features = await encrypt(stream, account.require_tls, account.jid.bare)
    bindings = tls.bindings(stream.transport.getHandle()) if stream.encrypted else {}
    extensible = xml.child(features, "authentication", NS_SASL2) if stream.encrypted else None
    if extensible is None:
        offer = _offer(features, xml.child(features, "mechanisms", NS_SASL))
        name = await _prove_classic(stream, account, password, memory, offer, bindings)
        memory.set(_MECHANISM, name)
        stream.trust()
        return Proof(name, await features_of(stream, account.jid.bare if stream.encrypted else ""))
    offer = _offer(features, extensible)
    inline = xml.child(extensible, "inline", NS_SASL2)
    asking = _Asking(stream, account, memory, inline, wishes)
    mechanism, success = await asking.by_token(bindings) or (None, None)
    if mechanism is None or success is None:
        made = _mechanism(stream, account, password, memory, offer, bindings)
        success = await asking.by_password(made, bindings)
        mechanism = made.name
        memory.set(_MECHANISM, mechanism)
    stream.trust()
    jid = identity(stream.domain, success, account)
    resumed = xml.child(success, "resumed", NS_SM) is not None
    return Proof(mechanism, None if resumed else await _next_features(stream), inline, success, jid)


async def revoke(stream: Stream, account: Account, client: str, kept: str) -> bool:
    """Encrypt, and have the server forget the token of this ``client``, by using it a last time (XEP-0484 §3.6);
    whether it has. Where it cannot be used on this stream, nothing is tried. Errors: those of TLS, AuthFailed,
    ServerNotProven, ServerClosed."""
    features = await encrypt(stream, account.require_tls, account.jid.bare)
    extensible = xml.child(features, "authentication", NS_SASL2)
    token, bindings = fast.read_token(kept), tls.bindings(stream.transport.getHandle()) if stream.encrypted else {}
    inline = None if extensible is None else xml.child(extensible, "inline", NS_SASL2)
    if token is None or not stream.encrypted or not fast.usable(token, fast.offered(inline), bindings, time.time()):
        return False
    user = account.jid.local
    way = Extensible([_agent(client), xml.element("fast", fast.NS, invalidate="true")])
    await prove(stream, user, fast.Ht(stream.domain, user, token, bindings), way)
    return True


async def _prove_classic(
    stream: Stream,
    account: Account,
    password: Callable[[], str],
    memory: SecurityMemory,
    offer: sasl.Offer,
    bindings: dict[str, bytes],
) -> str:
    """RFC 6120 §6; the mechanism. Servers that do not say what they bind to are asked for what TLS 1.3 has, then for
    what it had before that was defined (ejabberd before 23.10). What was right is tried first the next time; nobody in
    between can have either, so to try both takes nothing away."""
    old = bool(memory.get(_OLD_BINDING))
    ways = (old, not old) if sasl.may_be_old(offer, bindings) else (False,)
    refused: SatError | None = None
    for way in ways:
        made = _mechanism(stream, account, password, memory, offer, bindings, way)
        try:
            await prove(stream, account.jid.local, made, Classic())
        except (AuthFailed, ServerClosed) as error:
            refused = refused or error
            if stream.over or not made.name.endswith("-PLUS"):
                break
            continue
        if way is not old and len(ways) > 1:
            memory.set(_OLD_BINDING, "yes" if way else "")
        return made.name
    assert refused is not None
    raise refused


def _agent(client: str) -> Element:
    """Which program this is (XEP-0388 §2.3.1)."""
    agent = xml.element("user-agent", NS_SASL2, id=client)
    xml.add(agent, "software", NS_SASL2, "Salut à Toi")
    return agent


class _Asking:
    """A log-in by SASL2, with what is asked for along with it."""

    def __init__(
        self, stream: Stream, account: Account, memory: SecurityMemory, inline: Element | None, wishes: Wishes | None
    ) -> None:
        self._stream, self._account, self._memory = stream, account, memory
        self._inline, self._wishes = inline, wishes
        self._tokens = fast.offered(inline) if wishes else []

    async def by_token(self, bindings: dict[str, bytes]) -> tuple[str, Element] | None:
        """With the token of an earlier log-in, where there is one that can be used here. One that is refused is
        forgotten, and nothing is lost: the server goes on as if nobody had tried (XEP-0484 §4.1)."""
        if not self._wishes:
            return None
        secrets = self._wishes.secrets
        token = fast.read_token(secrets.get(TOKEN))
        if token is None or not fast.usable(token, self._tokens, bindings, time.time()):
            return None
        server, user = self._stream.domain, self._account.jid.local
        try:
            mechanism = fast.Ht(server, user, token, bindings)
            success = await prove(self._stream, user, mechanism, self._way(xml.element("fast", fast.NS)))
        except SatError as error:
            if self._stream.over or not isinstance(error, _REFUSED):
                raise
            self._stream.log.info("the server no longer takes its token, so the password is used: %s", error)
            secrets.set(TOKEN, "")
            return None
        self._keep(success, token.mechanism)
        return token.mechanism, success

    async def by_password(self, mechanism: sasl.Mechanism, bindings: dict[str, bytes]) -> Element:
        """With the password, and ask for a token for the next time."""
        wanted = fast.wanted(self._tokens, bindings, mechanism.name.endswith("-PLUS"))
        extra = [xml.element("request-token", fast.NS, mechanism=wanted)] if wanted else []
        success = await prove(self._stream, self._account.jid.local, mechanism, self._way(*extra))
        if wanted:
            self._keep(success, wanted)
        return success

    def _way(self, *extra: Element) -> Way:
        # Stable, so that the server knows its tokens' owner and ends a session that this program has left behind.
        client = self._memory.get(CLIENT)
        if not client:
            client = str(uuid.uuid4())
            self._memory.set(CLIENT, client)
        asked = self._wishes.inline(self._inline) if self._wishes and self._inline is not None else []
        return Extensible([_agent(client), *asked, *extra])

    def _keep(self, success: Element, mechanism: str) -> None:
        token = fast.given(success, mechanism)
        if token is not None and self._wishes:
            self._wishes.secrets.set(TOKEN, token.to_text())


_REFUSED = (AuthFailed, NoCommonMechanism, ServerClosed)


def _mechanism(
    stream: Stream,
    account: Account,
    password: Callable[[], str],
    memory: SecurityMemory,
    offer: sasl.Offer,
    bindings: dict[str, bytes],
    old: bool = False,
) -> sasl.Mechanism:
    choice = sasl.choose(stream.domain, offer, bindings, stream.encrypted, memory.get(_MECHANISM), old)
    if choice.mechanism == sasl.Plain.name:
        return sasl.Plain(stream.domain, account.jid.local, password())
    return sasl.Scram(stream.domain, choice, account.jid.local, password(), offer, bool(bindings))


def _offer(features: Element, mechanisms: Element | None) -> sasl.Offer:
    """The mechanisms, with the channel bindings that the server says it has (XEP-0440)."""
    names = [] if mechanisms is None else [xml.text_of(each) for each in xml.elements(mechanisms, "mechanism")]
    advertised = xml.child(features, "sasl-channel-binding", NS_BINDINGS)
    types = None
    if advertised is not None:
        types = [str(each.attributes.get("type", "")) for each in xml.elements(advertised, "channel-binding")]
    return sasl.Offer(names, types, mechanisms is not None and mechanisms.uri == NS_SASL2)


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
    jid = own_address(stream.domain, text, account)
    if not jid.resource:
        raise ProtocolViolation(server=stream.domain, reason="it gave us the address of another account")
    return jid
