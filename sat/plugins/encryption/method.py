"""What a method of encryption is to the service: every method looks the same to it, and so to the frontends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Trust
from sat.core.pipeline import Arrival, Departure
from sat.plugins.encryption.api import Key, MethodInfo
from sat.plugins.encryption.envelopes import Envelopes
from sat.xmpp.stanzas import Message

ASIDE = (Trust.DISTRUSTED, Trust.UNDECIDED)
"""What is thought of keys that nothing is encrypted for."""


class Method(ABC):
    """One way to encrypt, for one profile. Errors of all: NotConnected, RequestTimeout, PeerError; and NoKeys,
    KeysUntrusted, CannotEncrypt, CannotDecrypt where they say so."""

    @property
    @abstractmethod
    def info(self) -> MethodInfo:
        """What people see of it."""

    @property
    def automatic(self) -> bool:
        """Whether it may be used without the person's choice."""
        return False

    envelopes: Envelopes | None = None
    """How it carries keys for streams; None where it cannot."""

    whole: ClassVar[bool] = False
    """Whether it can encrypt what is no text (see :meth:`veil`)."""

    @abstractmethod
    async def begin(self, readers: list[JID]) -> None:
        """What is needed before something can be encrypted for these. Errors: NoKeys."""

    async def end(self, peer: JID) -> None:  # noqa: B027 - most have nothing to do
        """Nothing is encrypted for them any more, and nothing is begun."""

    def asks(self, peer: JID) -> bool:
        """Whether they would like to begin, and nobody has answered."""
        return False

    async def refuse(self, peer: JID) -> None:  # noqa: B027 - most are not asked
        """Do not begin."""

    @abstractmethod
    def can(self, readers: list[JID]) -> bool | None:
        """Whether each has a key that something can be encrypted for, and we have one; None: that is not known."""

    async def look(self, readers: list[JID]) -> None:  # noqa: B027 - most know it
        """Find that out, and have a key if they do."""

    @abstractmethod
    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        """Replace what is written in a message by its encryption; when this returns, what it has changed is stored.
        Errors: NoKeys, KeysUntrusted, CannotEncrypt."""

    async def veil(self, message: Message, readers: list[JID], fleeting: bool) -> None:  # noqa: B027 - most cannot
        """The same for what goes with a conversation and is no text (a receipt, a reaction, typing), if they read that
        encrypted; else it stays as it is. ``fleeting``: it is worth no exchange of keys. Errors: as those of
        :meth:`encrypt`, where it should not leave."""

    @abstractmethod
    async def decrypt(self, arrival: Arrival) -> None:
        """The reverse; it says how the message was secured. Stops what is nothing to read. Errors: CannotDecrypt."""

    @abstractmethod
    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        """The keys of somebody, or our own."""

    @abstractmethod
    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        """Say what is thought of a key that is known."""

    async def remove(self, key: Key) -> None:
        """Have nobody encrypt for another program of ours any more. Errors: InvalidArgument."""
        raise InvalidArgument(reason=f"{self.info.title} keeps no list of your programs.")

    @abstractmethod
    async def repair(self, peer: JID) -> None:
        """Begin anew with all of somebody's programs. Errors: NoKeys."""

    def note(self, peer: JID, keys: list[Key]) -> str:
        """What there is to do or to know in a conversation that is encrypted by it, in a sentence, or nothing; ``keys``
        are those that can read along."""
        return note_of(keys)

    def news(self, peer: JID) -> str:
        """The same where it is not."""
        return ""

    async def compare(self, peer: JID, secret: str, question: str) -> None:
        """Compare a secret. Errors: CannotEncrypt, InvalidArgument."""
        raise self._no_secrets()

    async def answer(self, peer: JID, secret: str) -> None:
        """Answer what they have asked. Errors: CannotEncrypt, NotFound, InvalidArgument."""
        raise self._no_secrets()

    async def abort(self, peer: JID) -> None:
        """Do not compare. Errors: InvalidArgument."""
        raise self._no_secrets()

    def _no_secrets(self) -> InvalidArgument:
        return InvalidArgument(reason=f"{self.info.title} compares no secrets.")

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        """What an address says of these keys of its owner, for others to compare."""
        return {}

    def named(self, parameters: dict[str, str]) -> list[str]:
        """The fingerprints that such parameters tell; the reverse."""
        return []


def note_of(keys: list[Key]) -> str:
    """What is to be done about keys, in a sentence."""
    if not keys:
        return "No keys of this contact are known, so nothing can be sent."
    waiting = sum(key.trust is Trust.UNDECIDED for key in keys)
    if all(key.trust in ASIDE for key in keys):
        return "You trust none of this contact's keys, so nothing is sent. Compare them, and say which are right."
    if waiting:
        of = "A new key waits" if waiting == 1 else f"{waiting} new keys wait"
        return f"{of} for your decision. Until then nothing is encrypted for {'it' if waiting == 1 else 'them'}."
    return ""
