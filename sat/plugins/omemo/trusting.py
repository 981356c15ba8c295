"""Automatic trust management (XEP-0450): what the person has verified here is told to those whose keys are verified,
and what these tell is believed, so that each new device is compared once, and not with everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from sat.api import JID
from sat.api.errors import SatError
from sat.api.messages import MessageKind, Trust
from sat.core.plugin import Plugin
from sat.plugins.omemo.trust_messages import MOST, Said, read, write
from sat.xmpp.stanzas import Message

if TYPE_CHECKING:
    from sat.plugins.omemo.engine import Engine
    from sat.plugins.omemo.library import Device

POSTPONED = 500  # statements that wait for a key; the oldest are forgotten first
POSTPONED_OF_ONE = 100  # key: who floods us forgets their own
DECIDED = 2000  # keys of which we know when something was said of them last
PEOPLE = 200  # contacts that are told of a key of ours
AHEAD = 300.0  # seconds that the clock of another device may be ahead of ours


class Statement(NamedTuple):
    """What a device of ``speaker`` with the key ``by`` has said of a key, at ``time`` (seconds since 1970)."""

    speaker: str
    by: str
    owner: str
    key: str
    trusted: bool
    time: float


class Decision(NamedTuple):
    """When something was decided about a key, and by whom: a fingerprint, or nobody for the person here."""

    time: float
    by: str = ""


class Trusting:
    """That of one profile. ``engine`` gives the engine, ``wanted`` is whether the settings want it, ``moved`` hears
    whose keys are thought of in another way."""

    def __init__(
        self,
        plugin: Plugin,
        own: JID,
        engine: Callable[[], Awaitable[Engine]],
        wanted: Callable[[], bool],
        moved: Callable[[JID], object],
    ) -> None:
        self._plugin, self._own, self._engine, self._wanted, self._moved = plugin, own, engine, wanted, moved
        self._postponed: list[Statement] = []
        self._decided: dict[str, Decision] = {}  # by owner and fingerprint
        self._unsaid: list[tuple[str, str, bool]] = []  # what the person has decided and nobody knows yet

    async def load(self) -> None:
        """Know what an earlier run knew."""
        store = self._plugin.store

        def unsaid(row: Any) -> tuple[str, str, bool]:
            owner, key, trusted = row
            return str(owner), str(key), bool(trusted)

        def decided(row: Any) -> tuple[str, Decision]:
            name, (time, by) = row
            return str(name), Decision(float(time), str(by))

        def statement(row: Any) -> Statement:
            speaker, by, owner, key, trusted, time = row
            return Statement(str(speaker), str(by), str(owner), str(key), bool(trusted), float(time))

        self._postponed = list(await store.rows("trust_postponed", statement))
        self._decided = dict(await store.rows("trust_decided", decided))
        self._unsaid = list(await store.rows("trust_unsaid", unsaid))

    async def _keep(self) -> None:
        while len(self._decided) > DECIDED:
            del self._decided[next(iter(self._decided))]
        values = {"trust_postponed": self._postponed, "trust_decided": self._decided, "trust_unsaid": self._unsaid}
        await self._plugin.store.set_many(values)

    def by(self, owner: JID, fingerprint: str) -> str:
        """Which key has told what is thought of a key; empty where the person has decided, or nobody."""
        return self._decided.get(_name(owner, fingerprint), Decision(0.0)).by

    # -- what the person decides --------------------------------------------------------------------------------------

    async def decided(self, owner: JID, fingerprint: str, before: Trust, trust: Trust) -> None:
        """The person thinks this of a key now."""
        self._decided.pop(_name(owner, fingerprint), None)
        self._decided[_name(owner, fingerprint)] = Decision(self._plugin.session.now())
        if trust is not before and trust in (Trust.VERIFIED, Trust.DISTRUSTED) and self._wanted():
            self._unsaid.append((str(owner), fingerprint, trust is Trust.VERIFIED))
        await self._keep()
        await self.look()
        self.tell()

    def tell(self) -> None:
        """Tell the others what they do not know yet, if there is a connection."""
        if self._unsaid and self._plugin.session.online:
            self._plugin.spawn(self._tell())

    async def _tell(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        try:
            for owner, fingerprint, trusted in unsaid:
                await self._tell_one(JID(owner), Said(JID(owner), fingerprint, trusted))
        except SatError as error:
            self._plugin.log.info("what is thought of keys is told later: %s", error)
            self._unsaid = [*unsaid, *self._unsaid]
        await self._keep()

    async def _tell_one(self, owner: JID, said: Said) -> None:
        """Tell who has to know (XEP-0450 §4)."""
        engine = await self._engine()
        verified = await engine.verified()
        ours = [each for each in verified.pop(self._own, []) if each.fingerprint != said.key]
        theirs = {jid: [each for each in found if each.fingerprint != said.key] for jid, found in verified.items()}
        await self._send(engine, self._own, ours, [said])
        if owner == self._own:
            for jid, devices in list(theirs.items())[:PEOPLE]:
                await self._send(engine, jid, devices, [said])
        if not said.trusted:
            return
        known = ours if owner != self._own else [*ours, *(each for found in theirs.values() for each in found)]
        new = [each for each in await engine.devices(owner) if each.fingerprint == said.key]
        await self._send(engine, owner, new, [Said(each.owner, each.fingerprint, True) for each in known])

    async def _send(self, engine: Engine, to: JID, devices: Iterable[Device], said: list[Said]) -> None:
        from sat.plugins.omemo import content

        only = frozenset(each.fingerprint for each in devices if each.active)
        for start in range(0, len(said), MOST) if only else ():
            message = Message.to(to, MessageKind.CHAT)
            write(message, said[start : start + MOST])
            if to != self._own:
                message.add("private", "urn:xmpp:carbons:2")  # our other devices could not read it
            envelope = content.envelope(message, self._own, self._plugin.session.now())
            try:
                content.seal(message, await engine.encrypt([to], envelope, None, only))
            except SatError as error:  # a device that knows the old version alone
                self._plugin.log.info("nothing is told to %s of keys: %s", to, error)
                return
            self._plugin.session.send(message.element)

    # -- what others say ----------------------------------------------------------------------------------------------

    async def hear(self, message: Message, sender: JID, by: str, time: float | None) -> None:
        """A device of somebody, with that key, has said what it thinks of keys, at that time. It is believed as soon as
        the key is verified; what is older than what we know changes nothing."""
        if not self._wanted() or time is None or time > self._plugin.session.now() + AHEAD:
            return
        for each in read(message, sender, self._own):
            self._postponed.append(Statement(str(sender), by, str(each.owner), each.key, each.trusted, time))
        theirs = [each for each in self._postponed if each.by == by]
        if len(theirs) > POSTPONED_OF_ONE:
            forgotten = set(theirs[:-POSTPONED_OF_ONE])
            self._postponed = [each for each in self._postponed if each not in forgotten]
        await self.look()
        self._postponed = self._postponed[-POSTPONED:]
        await self._keep()

    async def look(self) -> None:
        """Believe what was said by keys that are verified of keys that are known; the rest goes on waiting."""
        if not self._postponed or not self._wanted():
            return
        engine = await self._engine()
        moved: set[JID] = set()
        again = True
        while again:
            verified = {
                (str(jid), each.fingerprint) for jid, all_ in (await engine.verified()).items() for each in all_
            }
            ready = [each for each in self._postponed if (each.speaker, each.by) in verified]
            again = False
            for each in sorted(ready, key=lambda each: each.time):
                device = await self._known(engine, each)
                if device is None:
                    continue
                self._postponed.remove(each)
                if await self._believe(engine, each, device):
                    moved.add(device.owner)
                    again = True  # it may have said something itself
                    break
        if moved:
            await self._keep()
        for owner in moved:
            self._moved(owner)

    async def _known(self, engine: Engine, statement: Statement) -> Device | None:
        devices = await engine.devices(JID(statement.owner))
        return next((each for each in devices if statement.key in (each.fingerprint, each.identity)), None)

    async def _believe(self, engine: Engine, statement: Statement, device: Device) -> bool:
        """Whether it changes what is thought of a key. What the person distrusts stays so."""
        trust = Trust.VERIFIED if statement.trusted else Trust.DISTRUSTED
        name = _name(device.owner, device.fingerprint)
        last = self._decided.get(name)
        by_hand = last is None or not last.by
        if device.here or (last is not None and last.time >= statement.time):
            return False
        if statement.trusted and device.trust is Trust.DISTRUSTED and by_hand:
            return False
        self._decided.pop(name, None)
        self._decided[name] = Decision(statement.time, "" if by_hand and device.trust is trust else statement.by)
        if device.trust is trust:
            return False
        await engine.set_trust(device.owner, device.fingerprint, trust)
        return True


def _name(owner: JID, fingerprint: str) -> str:
    return f"{owner} {fingerprint}"
