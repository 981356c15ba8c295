"""Logging in again by a token that the server gave, in one round trip (XEP-0484, with the HT mechanisms of
draft-ietf-kitten-sasl-ht). The token stands for the password, so it is kept where that is kept."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection
from typing import NamedTuple

from sat.api.errors import ServerNotProven
from sat.xmpp import xml
from sat.xmpp.times import parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:fast:0"
_LONGEST = 4096  # characters of a token
# The best first, as with SCRAM; each by the channel binding that it proves.
_BINDINGS = {
    "HT-SHA-256-EXPR": "tls-exporter",
    "HT-SHA-256-ENDP": "tls-server-end-point",
    "HT-SHA-256-UNIQ": "tls-unique",
}
_UNBOUND = "HT-SHA-256-NONE"


class Token(NamedTuple):
    """A token as it is kept: for this mechanism only, until ``expiry`` (seconds since 1970 UTC)."""

    mechanism: str
    token: str
    expiry: float

    def to_text(self) -> str:
        """For the profile's secrets."""
        return json.dumps(self, separators=(",", ":"))


def read_token(text: str) -> Token | None:
    """What was kept; None where that is nothing, or damaged."""
    try:
        mechanism, token, expiry = json.loads(text)
        return Token(str(mechanism), str(token), float(expiry))
    except (ValueError, TypeError):
        return None


def offered(inline: Element | None) -> list[str]:
    """The mechanisms for tokens that the server offers in SASL2's ``inline``."""
    fast = xml.child(inline, "fast", NS) if inline is not None else None
    return [] if fast is None else [xml.text_of(each) for each in xml.elements(fast, "mechanism", NS)]


def wanted(names: Collection[str], bindings: dict[str, bytes], password_bound: bool) -> str:
    """The mechanism to ask a token for, or nothing. Without channel binding, who listens in the middle could use what
    we send once more (XEP-0484 §6): only where the password does not do better (``password_bound``)."""
    for name, binding in _BINDINGS.items():
        if name in names and binding in bindings:
            return name
    return _UNBOUND if _UNBOUND in names and not password_bound else ""


def usable(token: Token | None, names: Collection[str], bindings: dict[str, bytes], now: float) -> bool:
    """Whether a token can be used on this stream."""
    if token is None or token.mechanism not in names or now >= token.expiry:
        return False
    return token.mechanism == _UNBOUND or _BINDINGS.get(token.mechanism) in bindings


def given(success: Element, mechanism: str) -> Token | None:
    """The token that comes with a success: the one asked for, or one to follow the one just used (§3.5)."""
    found = xml.child(success, "token", NS)
    text = str(found.attributes.get("token", "")) if found is not None else ""
    expiry = parse_stamp(str(found.attributes.get("expiry", ""))) if found is not None else None
    return Token(mechanism, text, expiry) if text and len(text) <= _LONGEST and expiry is not None else None


class Ht:
    """One log-in by a token. It fails with ServerNotProven where the server does not have the token."""

    def __init__(self, server: str, user: str, token: Token, bindings: dict[str, bytes]) -> None:
        self.name = token.mechanism
        self._server, self._user, self._key = server, user, token.token.encode()
        self._binding = bindings[_BINDINGS[self.name]] if self.name in _BINDINGS else b""

    def first(self) -> bytes:
        """The initiator's message."""
        return self._user.encode() + b"\0" + self._signed(b"Initiator")

    def finish(self, said: bytes) -> None:
        """Check the server's own proof, which comes with its success. Errors: ServerNotProven."""
        if not hmac.compare_digest(said, self._signed(b"Responder")):
            raise ServerNotProven(server=self._server)

    def _signed(self, role: bytes) -> bytes:
        return hmac.new(self._key, role + self._binding, hashlib.sha256).digest()
