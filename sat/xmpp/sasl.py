"""Proving who we are, and having the server prove who it is (RFC 4422, RFC 5802, RFC 7677), with nobody in between who
changes what the server offers (XEP-0440, XEP-0474).

SCRAM with SHA-1, SHA-256, SHA-512, each with and without channel binding, by scramp; PLAIN inside verified TLS.
Never DIGEST-MD5 (RFC 6331), ANONYMOUS or the log-in of XEP-0078.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from sat.api.errors import (
    InvalidAddress,
    NoCommonMechanism,
    OfferTampered,
    PasswordUnusable,
    ProtocolViolation,
    ServerNotProven,
    WeakerThanBefore,
)
from sat.imports import leaving_out

# From the weakest to the strongest. One with channel binding is stronger than any without: it also proves that
# nobody sits in the middle of the TLS connection.
MECHANISMS = (
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512-PLUS",
)
_BINDINGS = ("tls-exporter", "tls-server-end-point", "tls-unique")
FINISHED = "finished"  # what old servers call tls-unique in TLS 1.3, where that is not defined (RFC 9266 §3)
MIN_ITERATIONS = 4096  # RFC 7677 §4
MAX_ITERATIONS = 1_000_000


class Mechanism(Protocol):
    """One log-in: what is said first, and what the server's success must hold."""

    name: str

    def first(self) -> bytes:
        """What to send with the mechanism's name."""

    def finish(self, said: bytes) -> None:
        """Check what the server says with its success. Errors: ServerNotProven."""


class Offer(NamedTuple):
    """What a server offers: its ``mechanisms``, and the channel bindings that it says it has (XEP-0440), None where it
    says nothing. ``strict``: by SASL2, where a contradiction has no old server as an excuse."""

    mechanisms: Sequence[str]
    types: Sequence[str] | None = None
    strict: bool = False

    @property
    def plus(self) -> bool:
        """Whether a mechanism with channel binding is among them."""
        return any(each.endswith("-PLUS") for each in self.mechanisms)

    def digest(self, algorithm: str) -> str:
        """What a server signs of it in its SCRAM challenge (XEP-0474 §5.1)."""
        text = "\x1e".join(sorted(self.mechanisms, key=str.encode))
        if self.types is not None:
            text += "\x1f" + "\x1e".join(sorted(self.types, key=str.encode))
        return base64.b64encode(hashlib.new(algorithm, text.encode()).digest()).decode()


class Choice(NamedTuple):
    """The mechanism to use; ``binding`` is the channel binding's type and data, with -PLUS. ``signed``: only where the
    server signs its offer (XEP-0474 §7)."""

    mechanism: str
    binding: tuple[str, bytes] | None = None
    signed: bool = False


def choose(
    server: str, offer: Offer, bindings: dict[str, bytes], encrypted: bool, before: str = "", old: bool = False
) -> Choice:
    """The strongest mechanism that both sides have, not weaker than the one used ``before``. ``old``: a server that
    does not say which channel bindings it has binds to FINISHED.

    Errors: NoCommonMechanism, WeakerThanBefore, OfferTampered.
    """
    offered = offer.mechanisms
    binding = _common_binding(offer.types, bindings)
    if old and may_be_old(offer, bindings):
        binding = "tls-unique", bindings[FINISHED]
    usable = [
        each
        for each in MECHANISMS
        if each in offered and (binding or not each.endswith("-PLUS")) and (encrypted or each != "PLAIN")
    ]
    said = ", ".join(each[:40] for each in offered[:20]) or "nothing"
    if bindings:
        _check_consistent(server, offer)
    if not usable:
        raise NoCommonMechanism(server=server, offered=said)
    best = usable[-1]
    if before in MECHANISMS and MECHANISMS.index(best) < MECHANISMS.index(before):
        raise WeakerThanBefore(server=server, offered=said, before=before)
    if best.endswith("-PLUS"):
        return Choice(best, binding)
    # XEP-0440 §3 rule 6: every server has tls-server-end-point, so somebody may have exchanged the list.
    odd = bool(bindings and offer.plus and offer.types and not binding and "tls-server-end-point" not in offer.types)
    if odd and best == "PLAIN":  # which can sign nothing
        raise OfferTampered(server=server, reason="none of its channel bindings is known")
    return Choice(best, signed=odd)


def _check_consistent(server: str, offer: Offer) -> None:
    """XEP-0440 §3: somebody in between may have taken a part away (rules 4 and 5). Who offers only PLAIN has nothing
    that could be bound, and old servers name the bindings all the same."""
    scram = any(each.startswith("SCRAM-") for each in offer.mechanisms)
    if offer.strict and offer.plus and not offer.types:
        raise OfferTampered(server=server, reason="mechanisms with channel binding, and no channel bindings")
    if offer.types and not offer.plus and (offer.strict or scram):
        raise OfferTampered(server=server, reason="channel bindings, and no mechanism that uses them")


def may_be_old(offer: Offer, bindings: dict[str, bytes]) -> bool:
    """Whether the server could be one from before RFC 9266: it binds, does not say to what, and TLS is newer."""
    return offer.plus and offer.types is None and FINISHED in bindings


def _common_binding(types: Sequence[str] | None, bindings: dict[str, bytes]) -> tuple[str, bytes] | None:
    if types is None:  # what each version of TLS has by default: RFC 9266 §3, RFC 5802 §6.1
        types = ("tls-exporter",) if "tls-exporter" in bindings else ("tls-unique",)
    for name in _BINDINGS:
        if name in types and name in bindings:
            return name, bindings[name]
    return None


class Plain:
    """RFC 4616. The server proves itself by its certificate only. Errors: PasswordUnusable."""

    name = "PLAIN"

    def __init__(self, server: str, user: str, password: str) -> None:
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in password):
            raise PasswordUnusable(server=server, user=user)
        self._message = f"\0{user}\0{password}"

    def first(self) -> bytes:
        """What to send with the mechanism's name."""
        return self._message.encode()

    def finish(self, said: bytes) -> None:
        """Believe a success; PLAIN has nothing to check."""


class Scram:
    """One exchange of SCRAM; it fails with ServerNotProven where the server does not know the password.
    Errors: PasswordUnusable and InvalidAddress, where SASLprep (RFC 4013) refuses the password or the name."""

    def __init__(self, server: str, choice: Choice, user: str, password: str, offer: Offer, can_bind: bool) -> None:
        with leaving_out("asn1crypto", "asn1crypto.x509", "importlib.metadata", "ssl"):
            from scramp import ScramClient, ScramException
            from scramp.utils import saslprep

        self.name = choice.mechanism
        self.ready = False  # our proof is made: what follows is the server's
        self._server, self._offer, self._signed = server, offer, choice.signed
        # A binding given with a mechanism that has none makes scramp say "y": we could, you offer none
        # (RFC 5802 §6). So a -PLUS that somebody removed from the list is found out.
        could = None if offer.plus or not can_bind else ("tls-server-end-point", b"-")
        name, data = choice.binding or could or ("", b"")
        given = ("tls-server-end-point", data) if data else None
        try:
            saslprep(password)
        except ScramException:
            raise PasswordUnusable(server=server, user=user) from None
        try:
            saslprep(user)
        except ScramException:
            reason = "no password can be sent with this name"
            raise InvalidAddress(address=f"{user}@{server}", reason=reason) from None
        try:
            self._client = ScramClient([choice.mechanism], user, password, channel_binding=given)
        except ScramException as error:
            raise NoCommonMechanism(server=server, offered=choice.mechanism) from error
        if choice.binding and name != "tls-server-end-point":
            _rename_binding(self._client, name, data)

    def first(self) -> bytes:
        """The client-first-message."""
        return str(self._client.get_client_first()).encode()

    def challenged(self, said: bytes) -> tuple[int, Callable[[], bytes]]:
        """The iteration count asked for, and the function that makes the client-final-message. That takes some
        milliseconds per 10,000 iterations and may run in a thread. Errors: ProtocolViolation, OfferTampered."""
        from scramp import ScramException

        # RFC 5802 §5.1: an extension that must be understood comes first.
        if said.startswith(b"m="):
            raise ProtocolViolation(server=self._server, reason="it asks for an unknown extension of SCRAM")
        try:
            message = said.decode()
            self._client.set_server_first(message)
            iterations = int(self._client.iterations)
        except (ScramException, ValueError) as error:
            reason = f"a SCRAM challenge that is not acceptable ({error})"
            raise ProtocolViolation(server=self._server, reason=reason[:200]) from None
        if not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
            reason = f"{iterations} SCRAM iterations are not acceptable"
            raise ProtocolViolation(server=self._server, reason=reason)
        self._check_offer(message)
        return iterations, self._final

    def _check_offer(self, message: str) -> None:
        """XEP-0474 §5.2. What an attacker makes of the signature, too, the server finds in our proof."""
        signed = [part[2:] for part in message.split(",") if part.startswith("h=")]
        if not signed and not self._signed:
            return
        algorithm = self.name.removeprefix("SCRAM-").removesuffix("-PLUS").replace("-", "").lower()
        own = self._offer.digest(algorithm)
        if len(signed) != 1 or not hmac.compare_digest(signed[0].encode(), own.encode()):
            raise OfferTampered(server=self._server, reason="it is not what the server has signed")

    def _final(self) -> bytes:
        message = str(self._client.get_client_final())
        self.ready = True
        return message.encode()

    def finish(self, said: bytes) -> None:
        """Check the server's signature, which comes with its success. Errors: ServerNotProven."""
        from scramp import ScramException

        if not self.ready or not said:
            raise ServerNotProven(server=self._server)
        try:
            self._client.set_server_final(said.decode())
        except (ScramException, ValueError):
            raise ServerNotProven(server=self._server) from None


def _rename_binding(client: Any, name: str, data: bytes) -> None:
    """scramp computes any binding from its data, but takes only the names that Python's ssl module can produce."""
    from scramp.core import CBindData, CbName, ChannelBinding, Gs2Header

    class Name(CbName):  # type: ignore[misc]  # scramp has no types
        SUPPORTED_TYPES = frozenset({name})
        UNSUPPORTED_TYPES: frozenset[str] = frozenset()

    client.cb = ChannelBinding(Name(name), CBindData(data))
    client.gs2_header = Gs2Header.from_binding(client.cb, True)
