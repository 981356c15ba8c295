"""What a method of encryption is to the service: every method looks the same to it, and so to the frontends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from sat.api import JID
from sat.api.messages import Trust
from sat.core.pipeline import Arrival, Departure
from sat.plugins.encryption.api import Key, MethodInfo


class Method(ABC):
    """One way to encrypt, for one profile. Errors of all: NotConnected, RequestTimeout, PeerError; and NoKeys,
    KeysUntrusted, CannotEncrypt, CannotDecrypt where they say so."""

    info: ClassVar[MethodInfo]
    automatic: ClassVar[bool] = True
    """Whether it may be used without the person's choice."""

    @abstractmethod
    async def begin(self, readers: list[JID]) -> None:
        """What is needed before something can be encrypted for these. Errors: NoKeys."""

    async def end(self, peer: JID) -> None:  # noqa: B027 - most have nothing to do
        """Nothing is encrypted for them any more."""

    @abstractmethod
    async def can(self, readers: list[JID]) -> bool:
        """Whether each has a key that something can be encrypted for; asks their server if nothing is known."""

    @abstractmethod
    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        """Replace what is written in a message by its encryption; when this returns, what it has changed is stored.
        Errors: NoKeys, KeysUntrusted, CannotEncrypt."""

    @abstractmethod
    async def decrypt(self, arrival: Arrival) -> None:
        """The reverse; it says how the message was secured. Stops what is nothing to read. Errors: CannotDecrypt."""

    @abstractmethod
    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        """The keys of somebody, or our own."""

    @abstractmethod
    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        """Say what is thought of a key that is known."""

    @abstractmethod
    async def repair(self, peer: JID) -> None:
        """Begin anew with all of somebody's programs. Errors: NoKeys."""

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        """What an address says of these keys of its owner, for others to compare."""
        return {}

    def named(self, parameters: dict[str, str]) -> list[str]:
        """The fingerprints that such parameters tell; the reverse."""
        return []
