"""Sessions that two devices have begun with each other at once.

Each has then begun one, and hears that the other has begun another, which the library puts in its place. So both would
write in a session that the other has forgotten, and nothing could be read any more. Here the one that went is kept
beside the one that came: what is not of the one is of the other, and the one that is written in is answered in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from omemo import DecryptionFailed, OMEMOException
from omemo.message import Message

from sat.api import JID
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.library import was_opened_before

KEPT = "/sat/crossed"  # before the place of a session: where the other one is
ANSWERED = "/sat/answered"  # before the place of a session: in which one something was written to us

Decrypt = Callable[[Message], Awaitable[Any]]


class Crossings:
    """Those of one profile. What they know of a session is how the library stores it."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    async def decrypt(self, decrypt: Decrypt, message: Message) -> Any:
        """What the library makes of a message, in the session that it is of. Errors: OMEMOException."""
        place = f"/{message.namespace}/{message.bare_jid}/{message.device_id}/"
        exchange = next((exchange for _, exchange in message.keys if exchange is not None), None)
        if exchange is not None:
            return await self._begin(decrypt, message, place, exchange)
        opened = await self._go_on(decrypt, message, place)
        if opened[0] is not None:  # not what programs send by themselves to move a session on
            await self._keeping.store_bytes(ANSWERED + place, await self._ephemeral(place))
        return opened

    def forget(self, owner: JID) -> None:
        """All begins anew with the devices of somebody."""
        for name in {name.rpartition("/")[0] for name in self._keeping.names(f"{KEPT}/")}:
            if f"/{owner}/" in name:
                self._keeping.put(f"{KEPT}/{name}/", {})

    async def _go_on(self, decrypt: Decrypt, message: Message, place: str) -> Any:
        try:
            return await decrypt(message)
        except DecryptionFailed as error:
            if was_opened_before(error) or not self._has_kept(place):
                raise
            self._change_places(place)
            try:
                return await decrypt(message)
            except OMEMOException as other:
                self._change_places(place)
                raise other if was_opened_before(other) else error from other

    async def _begin(self, decrypt: Decrypt, message: Message, place: str, exchange: Any) -> Any:
        if await self._is_kept(place, exchange):  # it comes late: the other side is in the other one since
            self._change_places(place)
            try:
                return await decrypt(message)
            finally:
                self._change_places(place)
        before = self._keeping.group(place) if await self._is_unanswered(place) else {}
        held = await self._ephemeral(place)
        opened = await decrypt(message)
        if await self._ephemeral(place) != held:
            self._keeping.put(KEPT + place, before)
        return opened

    def _has_kept(self, place: str) -> bool:
        return self._keeping.has(f"{KEPT}{place}initiation")

    async def _is_kept(self, place: str, exchange: Any) -> bool:
        return self._has_kept(place) and await self._ephemeral(KEPT + place) == exchange.header.ephemeral_key

    async def _is_unanswered(self, place: str) -> bool:
        """Whether we have begun a session that the other side has not written in. What its program sends by itself can
        overtake what it has written before, so that is no answer."""
        begun = await self._keeping.load_primitive(f"{place}initiation", str)
        answered = await self._keeping.load_bytes(ANSWERED + place)
        return begun.maybe("") == "ACTIVE" and answered.maybe(b"") != await self._ephemeral(place)

    async def _ephemeral(self, place: str) -> bytes:
        """The key that no two sessions have in common."""
        return (await self._keeping.load_bytes(f"{place}key_exchange/ephemeral_key")).maybe(b"")

    def _change_places(self, place: str) -> None:
        one, other = self._keeping.group(place), self._keeping.group(KEPT + place)
        self._keeping.put(place, other)
        self._keeping.put(KEPT + place, one)
