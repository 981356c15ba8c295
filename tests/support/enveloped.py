"""A method of encryption that carries nothing but keys for streams, by real OMEMO devices in memory."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.messages import Trust
from sat.core.pipeline import Arrival, Departure
from sat.plugins.encryption.api import Key, MethodInfo
from sat.plugins.encryption.method import Method
from sat.plugins.omemo.engine import Engine
from sat.plugins.omemo.envelopes import OmemoEnvelopes
from support.omemo import Person


class Carrying(Method):
    """That of the profile of a person."""

    info = MethodInfo("omemo", "OMEMO", rooms=False, secrets=False, logged=True)

    def __init__(self, person: Person) -> None:
        async def knowing(people: list[JID]) -> Engine:
            for each in people:
                await person.engine.refresh(each)
            return person.engine

        self.envelopes = OmemoEnvelopes(knowing, person.keep)

    async def begin(self, readers: list[JID]) -> None: ...

    def can(self, readers: list[JID]) -> bool:
        return False  # it is used where a test says so

    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        raise NotImplementedError

    async def decrypt(self, arrival: Arrival) -> None:
        raise NotImplementedError

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        return []

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None: ...

    async def repair(self, peer: JID) -> None: ...


class Tamper:
    """What a wire does to what goes over it: ``change`` gets each stanza as text, and gives what arrives."""

    def __init__(self, wire: Any) -> None:
        self._hear = wire.hear
        self.change: Any = lambda text: text
        wire.hear = self.hear

    def hear(self, text: str) -> None:
        self._hear(self.change(text))
