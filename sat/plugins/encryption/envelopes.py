"""How a method of encryption carries keys for streams (XEP-0391): in envelopes that the programs of one person open."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from sat.api import JID
from sat.api.messages import Trust
from sat.xmpp.xml import Element


class Shared(NamedTuple):
    """A key for AES-GCM and its IV, for one use, that nobody knows but somebody's programs and ours; ``trust`` is what
    is thought of the program that has made it."""

    key: bytes
    iv: bytes
    trust: Trust = Trust.VERIFIED

    def __repr__(self) -> str:
        """It without the key: this may come into a log."""
        return f"Shared(trust={self.trust!r})"


class Envelopes(ABC):
    """Those of one method, for one profile."""

    namespace: ClassVar[str]
    """That of an envelope, which is also how the method is named beside it."""
    length: ClassVar[int]
    """Bytes of the keys."""
    feature: ClassVar[str]
    """By which programs say that they can open them."""

    @abstractmethod
    async def enclose(self, peer: JID) -> tuple[Element, Shared]:
        """A new key, and the envelope in which it reaches those programs of somebody that messages are encrypted for.
        Errors: NoKeys, KeysUntrusted, CannotEncrypt, NotConnected, …"""

    @abstractmethod
    async def disclose(self, envelope: Element, peer: JID) -> Shared:
        """What is in an envelope that must be by a program of that person; it opens once. Errors: CannotDecrypt, …"""
