"""What could not be read, and perhaps can be when keys have come: it is kept as it came, and tried again.

Never kept is what a replay or a forgery can be: what the ratchet has refused will be refused again."""

from __future__ import annotations

from typing import Any, NamedTuple

from twisted.internet.defer import Deferred, succeed

from sat.api import JID
from sat.core.pipeline import Arrival, InRoom
from sat.core.plugin import Plugin
from sat.plugins.messages.plugin import Messages
from sat.storage.stores import Store
from sat.xmpp import xml
from sat.xmpp.stanzas import Message, stanza_of

MOST = 200  # messages of a profile; the oldest are forgotten first
MOST_OF_ONE = 50  # author: strangers do not make us forget what others have written
SIZE = 1 << 20  # characters of all of them
TRIES = 10  # of one message
TOGETHER = 1.0  # seconds: keys come several at a time
NO_TEXT = "This was no text, but a reaction, a correction or the like. It could be read later, and is taken in."


class Kept(NamedTuple):
    """A message of which the history has an entry without a text. ``author`` has encrypted it; ``place`` is its place
    among the others. The rest is what was found out about its :class:`Arrival`."""

    id: str
    author: str
    place: float
    text: str
    sender: str
    peer: str
    outgoing: bool
    old: bool
    time: float
    archive_id: str
    room: list[Any]
    tries: int = 0


class Later:
    """Those of one profile, stored in ``store``, one by one."""

    def __init__(self, plugin: Plugin, messages: Messages, store: Store) -> None:
        self._plugin, self._messages, self._store = plugin, messages, store
        self._kept: dict[str, Kept] = {}
        self._waits = False  # whether what is tried has to wait longer

    async def load(self) -> None:
        """Know what an earlier run has kept."""

        def read(value: Any) -> Kept:
            kept = Kept(*value)
            JID.parse(kept.author), float(kept.place), int(kept.tries)
            return kept

        found = []
        for key, value in (await self._store.all()).items():
            try:
                found.append(read(value))
            except (TypeError, ValueError):
                self._plugin.log.error("what is kept of the message %s is damaged", key)
                self._store.delete(key)
        self._kept = {each.id: each for each in sorted(found, key=lambda each: each.place)}

    def keep(self, arrival: Arrival, author: JID) -> None:
        """A message cannot be read yet. It is kept behind its entry in the history."""
        if arrival.again:
            self._waits = True
            return
        now = self._plugin.session.now()
        time = self._messages.time_of(arrival)
        kept = Kept(
            id="",
            author=str(author),
            place=now,
            text=xml.to_text(arrival.message.element, ""),
            sender=str(arrival.sender),
            peer=str(arrival.peer),
            outgoing=arrival.outgoing,
            old=arrival.old,
            time=now if time is None else time,
            archive_id=arrival.archive_id,
            room=list(arrival.room) if arrival.room else [],
        )
        arrival.storing.append(lambda: self._keep(kept._replace(id=arrival.id)))

    def _keep(self, kept: Kept) -> Deferred[None]:
        if not kept.id or len(kept.text) > SIZE:
            return succeed(None)  # the history had it
        theirs = [each.id for each in self._kept.values() if each.author == kept.author]
        if len(theirs) >= MOST_OF_ONE:
            self._forget(theirs[0])
        self._kept[kept.id] = kept
        while len(self._kept) > MOST or sum(len(each.text) for each in self._kept.values()) > SIZE:
            self._forget(next(iter(self._kept)))
        return self._store.set(kept.id, list(kept))

    def _forget(self, id: str) -> None:
        if self._kept.pop(id, None) is not None:
            self._messages.insist(lambda: self._store.delete(id))

    # -- again -------------------------------------------------------------------------------------------------------

    def wake(self, author: JID | None = None) -> None:
        """Keys of somebody have come, or of anybody: try what they have written, soon."""
        if any(author is None or each.author == author for each in self._kept.values()):
            key = ("later", author)
            if not self._plugin.tasks.waits(key):
                self._plugin.after(TOGETHER, lambda: self._plugin.spawn(self._try_all(author)), key=key)

    async def _try_all(self, author: JID | None) -> None:
        for kept in [each for each in self._kept.values() if author is None or each.author == author]:
            if kept.id in self._kept:
                await self._try(kept)

    async def _try(self, kept: Kept) -> None:
        element = xml.parse(kept.text.encode())
        if stanza_of(element) is None:
            self._forget(kept.id)
            return
        arrival = Arrival(Message(element), JID(kept.sender))
        arrival.again, arrival.peer, arrival.outgoing, arrival.old = kept.id, JID(kept.peer), kept.outgoing, kept.old
        arrival.time, arrival.archive_id, arrival.archived = kept.time, kept.archive_id, True
        if kept.room:
            trusted, occupant, mention, author = kept.room
            arrival.room = InRoom(trusted, occupant, mention, JID(author))
        self._waits = False
        done = self._plugin.session.accept(arrival)
        if done is not None:
            await done
        if self._waits and kept.tries + 1 < TRIES:
            self._kept[kept.id] = kept._replace(tries=kept.tries + 1)
            await self._store.set(kept.id, list(self._kept[kept.id]))
            return
        self._forget(kept.id)
        if not arrival.id:  # an archive may have told it meanwhile: then it says what it says
            await self._messages.explain(kept.id, NO_TEXT)
