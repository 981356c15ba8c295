"""OMEMO (XEP-0384) in both of its versions: what of it has to do with the server, and with messages.

Its library takes half a second and 25 MiB to load, so it is loaded when there is something to encrypt, to decrypt or to
compare (``engine.py``). The first keys are made in another process (``making.py``), and lists of devices are read
without it (``lists.py``)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredList, DeferredLock
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import CannotDecrypt, CannotEncrypt, NoKeys, PeerError, RequestTimeout, SatError
from sat.api.messages import MessageKind, Secured, Trust
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_message
from sat.plugins.encryption.api import Key, KeyNews, MethodInfo
from sat.plugins.encryption.method import Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages.plugin import Messages
from sat.plugins.omemo.envelopes import FEATURE, OmemoEnvelopes
from sat.plugins.omemo.heard import Heard
from sat.plugins.omemo.later import Later
from sat.plugins.omemo.lists import Devices, read_devices
from sat.plugins.omemo.names import DEVICES, NAMESPACES, NEW, OLD
from sat.plugins.omemo.options import Options
from sat.plugins.omemo.ours import Ours
from sat.plugins.omemo.server import Server
from sat.plugins.omemo.trust_messages import is_one
from sat.plugins.omemo.trusting import Trusting
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.xmpp import stanzas, xml

if TYPE_CHECKING:
    from sat.plugins.omemo.engine import Engine
    from sat.plugins.omemo.library import Device

SILENT = 500  # of what is no message in the history, the newest are known again after a restart
OPENED = 2000  # messages that are known again
SETTLED = 2.0  # seconds until what was heard is stored: after a log-in much is told at once
NAMED = "omemo-sid-"
LOST = "the exchange of keys that it belongs to is lost on this device, so it never can be; ask for it again"


class Omemo(Plugin, Method):
    """OMEMO encryption (XEP-0384)."""

    xeps = ("0384", "0396", "0420", "0434", "0450")
    features = (FEATURE,)
    whole = True
    info = MethodInfo("omemo", "OMEMO", rooms=True, secrets=False, logged=True)
    encryption = needs(Encryption)
    messages = needs(Messages)
    pubsub = needs(Pubsub)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._engine: Engine | None = None
        self._lock = DeferredLock()  # while the engine is made or loaded
        self._heard = Heard()
        self._untold: set[JID] = set()  # whose lists the engine does not know yet
        self._opened: dict[bytes, None] = {}  # marks of messages: an archive tells some again
        self._silent: list[str] = []  # of them, those that are no messages in the history
        self._own: JID = session.account.jid.bare
        self._trusting = Trusting(self, self._own, self.engine, lambda: self.options.pass_on, self._trust_moved)
        self._later = Later(self, self.messages, session.store("omemo_later"))
        self._server = Server(session, self.pubsub, self.secrets, self.aside)
        self.envelopes = OmemoEnvelopes(self._knowing, self._server.keep)
        self._ours = Ours(self, self._server, self._own)
        for ns, node in DEVICES.items():
            self.undo(self.pubsub.listen(node, partial(self._told, ns), self.name()))
        self.undo(self.encryption.add(self))
        self.undo(self._close)

    async def load(self) -> None:
        await self._ours.load()
        self._silent = list(await self.store.rows("opened", str))
        self._opened = dict.fromkeys(map(bytes.fromhex, self._silent))
        self._heard.remember(await self.store.rows("able", JID))
        await self._later.load()
        await self._trusting.load()
        self.undo(self.settings.changed.connect(lambda change: self.aside(self._ours.name())))

    # -- the engine --------------------------------------------------------------------------------------------------

    async def engine(self) -> Engine:
        """The library, loaded and knowing what we have heard. Errors: NotConnected the first time, while offline."""
        async with self.alone():
            if not self._ours.device:
                await self._ours.make()
            if self._engine is None:
                from sat.plugins.omemo.engine import Engine
                from sat.plugins.omemo.keeping import Keeping

                keeping = await Keeping.open(self.secrets)
                self._engine = await Engine.open(self._server, keeping, self._own, lambda: self.encryption.is_blind)
            while self._untold:
                await self._tell(self._engine, self._untold.pop())
        return self._engine

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nobody else makes or loads the engine meanwhile."""
        await self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def lists_of(self, owner: JID) -> dict[str, Devices]:
        """The lists of somebody, as they were told last."""
        return self._heard.lists(owner)

    def aside(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; what fails is tried again when there is a reason to."""

        async def run() -> None:
            try:
                await work
            except SatError as error:
                self.log.info("OMEMO: %s", error)

        self.spawn(run())

    def _close(self) -> None:
        if self._engine is not None:
            Deferred.fromCoroutine(self._engine.close()).addErrback(lambda _: None)

    # -- our keys ----------------------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            return
        self._heard.begin_session()
        self._server.publish_due()
        self._later.wake()
        self._trusting.tell()
        self._ours.online()

    # -- what is heard of devices ------------------------------------------------------------------------------------

    def _told(self, ns: str, event: Event) -> None:
        """Somebody has published a list of devices."""
        devices = read_devices(ns, event.news.items[-1].payload if event.news.items else None)
        self._note(ns, event.owner, devices)
        if event.owner == self._own:
            self._ours.told(devices)
        if self._engine is not None:
            self.aside(self.engine())

    def _note(self, ns: str, owner: JID, devices: Devices) -> None:
        self._untold.add(owner)
        if self._heard.note(ns, owner, devices):
            self.after(SETTLED, lambda: self.store.set("able", list(map(str, self._heard.able))), key="able")
            if owner != self._own:
                self.encryption.automatic.learned(owner)

    async def _tell(self, engine: Engine, owner: JID) -> None:
        before = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        for ns, devices in list(self._heard.lists(owner).items()):
            try:
                await engine.heard(ns, owner, devices)
            except SatError as error:
                self.log.warning("the list of devices of %s could not be taken in: %s", owner, error)
        after = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        self._later.wake(owner)
        self.aside(self._trusting.look())
        added = [_key(each) for name, each in after.items() if name not in before]
        lost = [_key(each._replace(active=False)) for name, each in before.items() if name not in after]
        if added or lost:
            self.aside(self.encryption.tell(KeyNews(self.info.name, owner, added, lost)))

    async def _look(self, owner: JID, again: bool = False) -> dict[str, Devices]:
        """The lists of somebody: what was told in this session, else what their server says."""
        unknown = [ns for ns in NAMESPACES if again or ns not in self._heard.lists(owner)]
        asked = [Deferred.fromCoroutine(self._server.devices_of(ns, owner)) for ns in unknown]
        for ns, (_, told) in zip(unknown, await DeferredList(asked, consumeErrors=True), strict=True):
            if isinstance(told, Failure):
                raise told.value
            self._note(ns, owner, told)
        return self._heard.lists(owner)

    # -- a method of encryption ----------------------------------------------------------------------------------------

    async def begin(self, readers: list[JID]) -> None:
        for each in readers:
            if not any((await self._look(each, again=True)).values()):
                raise NoKeys(who=each, method=self.info.title)

    @property
    def automatic(self) -> bool:
        """Where we have keys, or are to make some and can."""
        return bool(self._ours.device) or (self.options.offer and not self._ours.refused)

    def can(self, readers: list[JID]) -> bool | None:
        known = {self._heard.can(each) for each in readers}
        if False in known:
            return False
        return True if known == {True} and self._ours.device else None

    async def look(self, readers: list[JID]) -> None:
        for each in readers:
            if self._heard.can(each) is None:
                await self._look(each)
        if all(self._heard.can(each) for each in readers):
            await self._ours.offer()

    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        from sat.plugins.omemo import content

        message = departure.message
        engine = await self._knowing(readers)
        envelope = content.envelope(message, self._own, self.session.now())
        content.seal(message, await engine.encrypt(readers, envelope, message.body))

    async def veil(self, message: stanzas.Message, readers: list[JID], fleeting: bool) -> None:
        from sat.plugins.omemo import content

        engine = await self._knowing(readers)
        if not await engine.reads_whole(readers):
            return  # the old version encrypts texts alone
        if fleeting and (message.kind == MessageKind.GROUPCHAT or not await engine.has_sessions(readers)):
            raise CannotEncrypt(who=", ".join(readers), reason="it is not worth the keys that it would use up")
        envelope = content.envelope(message, self._own, self.session.now())
        content.seal(message, await engine.encrypt(readers, envelope, None))

    async def _knowing(self, readers: list[JID]) -> Engine:
        """The engine, when it knows the devices of these, as far as that can be."""
        for each in readers:
            try:
                await self._look(each)
            except (PeerError, RequestTimeout) as error:  # what is known of them is enough, if there is any
                self.log.info("the devices of %s could not be asked for: %s", each, error)
        return await self.engine()

    @on_message(Stage.DECRYPT, NEW)
    def _new(self, arrival: Arrival) -> Any:
        return self.encryption.open(self, arrival) if arrival.message.child("encrypted", NEW) else None

    @on_message(Stage.DECRYPT, OLD)
    def _old(self, arrival: Arrival) -> Any:
        return self.encryption.open(self, arrival) if arrival.message.child("encrypted", OLD) else None

    async def decrypt(self, arrival: Arrival) -> None:
        message = arrival.message
        sender = self._own if arrival.outgoing else arrival.room.author if arrival.room else arrival.sender.bare
        if not sender:
            raise CannotDecrypt(reason="the room does not tell who has written it")
        from sat.plugins.omemo import content
        from sat.plugins.omemo.library import NotYet, Repeated

        try:
            engine = await self.engine()
        except SatError:
            self._later.keep(arrival, sender)
            raise
        failure: SatError | None = None
        for ns in NAMESPACES:
            encrypted = message.child("encrypted", ns)
            if encrypted is None:
                continue
            mark = content.mark_of(encrypted)
            if mark in self._opened or (arrival.outgoing and content.device_of(encrypted) == self._ours.device):
                arrival.copy = True  # the text of ours is here: nobody encrypts for themselves
                return
            try:
                opened = await engine.decrypt(ns, encrypted, sender)
            except Repeated:
                arrival.copy = True
                return
            except (CannotDecrypt, NotYet) as error:
                if xml.child(encrypted, "payload", ns) is not None and failure is None:
                    failure = self._failed(arrival, sender, error)
                continue
            self._later.wake(sender)
            self._opened[mark] = None
            if len(self._opened) > OPENED:
                del self._opened[next(iter(self._opened))]
            arrival.storing.append(partial(self.messages.insist, partial(self._keep_later, engine.changes())))
            if opened.plaintext is None:
                arrival.stop()
                return
            device = opened.device
            arrival.encrypted = Secured(self.info.name, device.trust, device.fingerprint, ns == NEW)
            recipient = arrival.peer if arrival.room else message.recipient.bare if message.recipient else self._own
            try:
                time = content.unseal(message, ns, opened.plaintext, sender, recipient)
            except ValueError as error:
                raise CannotDecrypt(reason=f"what is in it is not what it says to be: {error}") from error
            if not content.becomes_a_message(message) and not message.child("no-store", content.NS_HINTS):
                arrival.storing.append(partial(self.messages.insist, partial(self._remember, mark)))
            if is_one(message):
                told = partial(self._trusting.hear, message, sender, device.fingerprint, time)
                arrival.storing.insert(0, partial(self._hear, told))  # before the key is used up that opened it
                arrival.stop()
            return
        if failure is not None:
            raise failure
        arrival.stop()  # it moves a session on, of another device or once more, and says nothing

    def _failed(self, arrival: Arrival, sender: JID, error: Exception) -> SatError:
        """Why a message cannot be read; it is kept where that may pass."""
        if not isinstance(error, CannotDecrypt):
            self._later.keep(arrival, sender)
            return CannotDecrypt(reason=str(error))
        from sat.plugins.omemo.library import is_lost

        return CannotDecrypt(reason=LOST) if arrival.again and is_lost(error) else error

    def _remember(self, mark: bytes) -> Deferred[None]:
        """Know something again that the history does not show by itself, also in the next run."""
        self._silent = [*self._silent, mark.hex()][-SILENT:]
        return self.store.set("opened", self._silent)

    def _hear(self, told: Callable[[], Coroutine[Any, Any, None]]) -> Deferred[None]:
        def failed(failure: Failure) -> None:  # whatever it is, the server must not send it for ever
            self.log.error("what somebody thinks of keys is not taken in: %s", failure.value)

        return Deferred.fromCoroutine(told()).addErrback(failed)

    def _keep_later(self, changes: dict[str, str | None]) -> Deferred[None]:
        return Deferred.fromCoroutine(self._server.keep(changes))

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        if refresh:
            await self._look(owner, again=True)
        engine = await self.engine()
        return [self._key(each) for each in await engine.devices(owner)]

    def _key(self, device: Device) -> Key:
        return _key(device)._replace(by=self._trusting.by(device.owner, device.fingerprint))

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        engine = await self.engine()
        before = {each.fingerprint: each.trust for each in await engine.devices(owner)}
        await engine.set_trust(owner, fingerprint, trust)
        await self._trusting.decided(owner, fingerprint, before.get(fingerprint, Trust.UNDECIDED), trust)
        self._later.wake(owner)

    def _trust_moved(self, owner: JID) -> None:
        """Others have told what is to be thought of keys of somebody."""
        self._later.wake(owner)
        self.aside(self.encryption.tell(KeyNews(self.info.name, owner)))

    async def remove(self, key: Key) -> None:
        for ns, devices in (await self._ours.remove(int(key.id))).items():
            self._note(ns, self._own, devices)
        await self.engine()

    async def withdraw(self) -> None:
        if self._ours.device:
            await self._server.withdraw(self._ours.device)

    async def repair(self, peer: JID) -> None:
        from sat.plugins.omemo import content

        await self._look(peer, again=True)
        await (await self.engine()).repair(peer, content.nothing(self._own, peer, self.session.now()))

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        return {f"{NAMED}{key.id}": key.fingerprint for key in keys}

    def named(self, parameters: dict[str, str]) -> list[str]:
        return [value.lower() for name, value in parameters.items() if name.startswith(NAMED)]


def _key(device: Device) -> Key:
    return Key(
        Omemo.info.name,
        device.owner,
        device.fingerprint,
        device.trust,
        device.own,
        device.here,
        device.active,
        device.label,
        str(device.number),
    )
