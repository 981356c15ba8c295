"""Proving who we are, and having the server prove who it is (RFC 4422, RFC 5802, RFC 7677).

SCRAM with SHA-1, SHA-256, SHA-512, each with and without channel binding, by scramp; PLAIN inside verified TLS.
Never DIGEST-MD5 (RFC 6331), ANONYMOUS or the log-in of XEP-0078.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sat.api.errors import (
    InvalidAddress,
    NoCommonMechanism,
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
MIN_ITERATIONS = 4096  # RFC 7677 §4
MAX_ITERATIONS = 1_000_000


class Choice(NamedTuple):
    """The mechanism to use; ``binding`` is the channel binding's type and data, with -PLUS."""

    mechanism: str
    binding: tuple[str, bytes] | None = None


def choose(
    server: str,
    offered: Sequence[str],
    types: Sequence[str] | None,
    bindings: dict[str, bytes],
    encrypted: bool,
    before: str = "",
) -> Choice:
    """The strongest mechanism that both sides have, not weaker than the one used ``before``.

    ``types`` are the channel bindings that the server advertises (XEP-0440), None where it says nothing.
    Errors: NoCommonMechanism, WeakerThanBefore.
    """
    binding = _common_binding(types, bindings)
    usable = [
        each
        for each in MECHANISMS
        if each in offered and (binding or not each.endswith("-PLUS")) and (encrypted or each != "PLAIN")
    ]
    said = ", ".join(each[:40] for each in offered[:20]) or "nothing"
    if not usable:
        raise NoCommonMechanism(server=server, offered=said)
    best = usable[-1]
    if before in MECHANISMS and MECHANISMS.index(best) < MECHANISMS.index(before):
        raise WeakerThanBefore(server=server, offered=said, before=before)
    return Choice(best, binding if best.endswith("-PLUS") else None)


def _common_binding(types: Sequence[str] | None, bindings: dict[str, bytes]) -> tuple[str, bytes] | None:
    if types is None:  # what each version of TLS has by default: RFC 9266 §3, RFC 5802 §6.1
        types = ("tls-exporter",) if "tls-exporter" in bindings else ("tls-unique",)
    for name in _BINDINGS:
        if name in types and name in bindings:
            return name, bindings[name]
    return None


class Plain:
    """RFC 4616. The server proves itself by its certificate only. Errors: PasswordUnusable."""

    def __init__(self, server: str, user: str, password: str) -> None:
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in password):
            raise PasswordUnusable(server=server, user=user)
        self._message = f"\0{user}\0{password}"

    def first(self) -> str:
        """What to send with the mechanism's name."""
        return self._message

    def finish(self, said: str) -> None:
        """Believe a success; PLAIN has nothing to check."""


class Scram:
    """One exchange of SCRAM; it fails with ServerNotProven where the server does not know the password.
    Errors: PasswordUnusable and InvalidAddress, where SASLprep (RFC 4013) refuses the password or the name."""

    def __init__(
        self, server: str, choice: Choice, user: str, password: str, plus_offered: bool, can_bind: bool
    ) -> None:
        with leaving_out("asn1crypto", "asn1crypto.x509"):
            from scramp import ScramClient, ScramException
            from scramp.utils import saslprep

        self._server = server
        # A binding given with a mechanism that has none makes scramp say "y": we could, you offer none
        # (RFC 5802 §6). So a -PLUS that somebody removed from the list is found out.
        could = None if plus_offered or not can_bind else ("tls-server-end-point", b"-")
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

    def first(self) -> str:
        """The client-first-message."""
        return str(self._client.get_client_first())

    def challenged(self, message: str) -> tuple[int, Callable[[], str]]:
        """The iteration count asked for, and the function that makes the client-final-message. That takes some
        milliseconds per 10,000 iterations and may run in a thread. Errors: ProtocolViolation."""
        from scramp import ScramException

        # RFC 5802 §5.1: an extension that must be understood comes first.
        if message.startswith("m="):
            raise ProtocolViolation(server=self._server, reason="it asks for an unknown extension of SCRAM")
        try:
            self._client.set_server_first(message)
            iterations = int(self._client.iterations)
        except (ScramException, ValueError) as error:
            reason = f"a SCRAM challenge that is not acceptable ({error})"
            raise ProtocolViolation(server=self._server, reason=reason[:200]) from None
        if not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
            reason = f"{iterations} SCRAM iterations are not acceptable"
            raise ProtocolViolation(server=self._server, reason=reason)
        return iterations, self._final

    def _final(self) -> str:
        message = str(self._client.get_client_final())
        self._ready = True
        return message

    _ready = False

    def finish(self, said: str) -> None:
        """Check the server's signature, which comes with its success. Errors: ServerNotProven."""
        from scramp import ScramException

        if not self._ready or not said:
            raise ServerNotProven(server=self._server)
        try:
            self._client.set_server_final(said)
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
