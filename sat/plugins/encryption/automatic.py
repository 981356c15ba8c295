"""By what new conversations are encrypted, where the person leaves that to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import SatError
from sat.plugins.encryption.method import Method

if TYPE_CHECKING:
    from sat.plugins.encryption.plugin import Encryption

PATIENCE = 2.0  # seconds that a first message waits for what their server says of keys
GATHER = 0.2  # seconds in which news of several conversations are told as one


class Automatic:
    """What is known of keys decides, at once; only who was never heard of is asked for before the first message, once
    in a session and not for long. Who has no keys, and who does not answer, is written to in clear."""

    def __init__(self, service: Encryption) -> None:
        self._service = service
        self._asked: set[JID] = set()  # in this session
        self._waiting: dict[JID, list[Deferred[None]]] = {}  # what is written meanwhile
        self._learned: set[JID] = set()  # to be told

    def begin_session(self) -> None:
        """Those who did not answer may do so now."""
        self._asked.clear()

    def known(self, readers: list[JID]) -> Method | None:
        """The method that all of them can read, as far as we know."""
        for method in self._service.methods():
            if readers and method.automatic and method.can(readers):
                return method
        return None

    async def choose(self, peer: JID) -> Method | None:
        """The method for the first message to somebody; None: it is written in clear."""
        readers = await self.readers(peer)
        if not readers:
            return None
        asks = [each for each in self._service.methods() if each.automatic and each.can(readers) is None]
        if asks and peer not in self._asked and self._service.session.online:
            await self._look(peer, readers, asks)
        return self.known(readers)

    async def readers(self, peer: JID) -> list[JID]:
        """Who reads along, nobody where that is not to be encrypted."""
        if not self._service.options.automatic or peer == self._service.session.account.jid.bare or not peer.local:
            return []
        try:
            return await self._service.readers(peer)
        except SatError:  # a room that is open for everybody, or that we are not in
            return []

    def _look(self, peer: JID, readers: list[JID], methods: list[Method]) -> Deferred[None]:
        waiter: Deferred[None] = Deferred()
        waiting = self._waiting.setdefault(peer, [])
        waiting.append(waiter)
        if len(waiting) == 1:
            self._service.after(PATIENCE, lambda: self._go_on(peer), key=("asked", peer))
            self._service.spawn(self._ask(peer, readers, methods))
        return waiter

    async def _ask(self, peer: JID, readers: list[JID], methods: list[Method]) -> None:
        for method in methods:
            try:
                await method.look(readers)
            except SatError as error:
                self._service.log.info("whether %s reads %s is not known: %s", peer, method.info.title, error)
        self._go_on(peer)

    def _go_on(self, peer: JID) -> None:
        self._service.tasks.cancel(("asked", peer))
        self._asked.add(peer)
        for waiter in self._waiting.pop(peer, ()):
            waiter.callback(None)

    def learned(self, owner: JID) -> None:
        """Somebody has keys now, or none any more: what is written to them next is encrypted, or is not."""
        self._learned.add(owner)
        if not self._service.tasks.waits("learned"):
            self._service.after(GATHER, self._tell, key="learned")

    def _tell(self) -> None:
        learned, self._learned = self._learned, set()
        self._service.spawn(self._service.tell_undecided(learned))
