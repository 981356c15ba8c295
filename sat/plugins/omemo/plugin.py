"""OMEMO (XEP-0384) in both of its versions: what of it has to do with the server, and with messages.

Its library takes half a second and 25 MiB to load, so it is loaded when there is something to encrypt, to decrypt or to
compare (``engine.py``). The first keys are made in another process (``making.py``), and lists of devices are read
without it (``lists.py``)."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from twisted.internet.defer import Deferred, DeferredLock

from sat.api import JID
from sat.api.errors import CannotDecrypt, NoKeys, NotConnected, PeerError, RequestTimeout, SatError
from sat.api.messages import Secured, Trust
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_message
from sat.core.settings import Help
from sat.plugins.encryption.api import Key, KeyNews, MethodInfo
from sat.plugins.encryption.method import Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages.plugin import Messages
from sat.plugins.omemo.lists import Devices, read_devices, write_devices
from sat.plugins.omemo.names import CURRENT, DEVICES, NAMESPACES, NEW, OLD, bundle_place
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.xmpp import stanzas, xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.omemo.engine import Device, Engine

SILENT = 300  # of what is no message in the history, the newest are known again after a restart
OPENED = 2000  # messages that are known again
HEARD = 2000  # people of whose devices we remember what we have heard
OFFER = 10.0  # seconds online before keys are made: other things are more urgent
OWN_AGAIN = 60.0  # seconds between two times that our list is put right: another program may do the reverse
PUBLIC = {"pubsub#access_model": "open", "pubsub#persist_items": "true"}
MANY = {"pubsub#max_items": "max"}
NAMED = "omemo-sid-"
MISSING = ("item-not-found", "forbidden", "not-authorized", "service-unavailable", "remote-server-not-found")


@dataclass
class Options:
    """Whether others can write to us encrypted."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    offer: Annotated[
        bool, "Make keys for OMEMO", Help("So that contacts can begin to write encrypted. They are made once.")
    ] = True


class Omemo(Plugin, Method):
    """OMEMO encryption (XEP-0384)."""

    xeps = ("0384", "0420")
    info = MethodInfo("omemo", "OMEMO", rooms=True, secrets=False, logged=True)
    encryption = needs(Encryption)
    messages = needs(Messages)
    pubsub = needs(Pubsub)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._engine: Engine | None = None
        self._lock = DeferredLock()  # while the engine is made or loaded
        self._lists: dict[JID, dict[str, Devices]] = {}  # of people, as they were told last
        self._untold: set[JID] = set()  # whose lists the engine does not know yet
        self._due: dict[tuple[str, int], Element] = {}  # bundles to publish
        self._opened: dict[bytes, None] = {}  # marks of messages: an archive tells some again
        self._silent: list[str] = []  # of them, those that are no messages in the history
        self._device = 0  # ours, 0 while there is none
        self._own: JID = session.account.jid.bare
        for ns, node in DEVICES.items():
            self.undo(self.pubsub.listen(node, partial(self._told, ns), self.name()))
        self.undo(self.encryption.add(self))
        self.undo(self._close)

    async def load(self) -> None:
        self._device = int(await self.store.get("device", 0))
        self._silent = list(await self.store.rows("opened", str))
        self._opened = dict.fromkeys(map(bytes.fromhex, self._silent))

    # -- the engine --------------------------------------------------------------------------------------------------

    async def engine(self) -> Engine:
        """The library, loaded and knowing what we have heard. Errors: NotConnected the first time, while offline."""
        await self._lock.acquire()
        try:
            if not self._device:
                await self._make()
            if self._engine is None:
                from sat.plugins.omemo.engine import Engine
                from sat.plugins.omemo.keeping import Keeping

                keeping = await Keeping.open(self.secrets)
                self._engine = await Engine.open(self, keeping, self._own, lambda: self.encryption.is_blind)
            while self._untold:
                await self._tell(self._engine, self._untold.pop())
        finally:
            self._lock.release()
        return self._engine

    def _aside(self, work: Coroutine[Any, Any, object]) -> None:
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
        self._lists.clear()
        self._publish_due()
        if not self._device and self.options.offer:
            self.after(OFFER, lambda: self._aside(self._offer()), key="offer")

    async def _offer(self) -> None:
        await self._lock.acquire()
        try:
            if not self._device and self.session.online:
                await self._make()
        finally:
            self._lock.release()

    async def _make(self) -> None:
        """Have keys, and publish them: in this order, so that nobody uses one of which we have lost our half."""
        if not self.session.online:
            raise NotConnected(profile=self.session.name)
        from sat.plugins.omemo.making import make

        taken = [await self.devices_of(ns, self._own) for ns in NAMESPACES]
        made = await make(self._own, {number for devices in taken for number in devices})
        await self.secrets.set_many(made.values)
        for ns, bundle in made.bundles.items():
            await self.publish_bundle(ns, made.device, bundle)
        for ns, devices in zip(NAMESPACES, taken, strict=True):
            await self.publish_devices(ns, write_devices(ns, devices | {made.device: None}))
        await self.store.set("device", made.device)
        self._device = made.device

    async def _put_right(self) -> None:
        """Our lists must name this device; not too often, since another program of ours may do the reverse."""
        if self.tasks.waits("rested"):
            self.after(OWN_AGAIN, lambda: self._aside(self._put_right()), key="own")
            return
        self.after(OWN_AGAIN, lambda: None, key="rested")
        for ns, devices in list(self._lists.get(self._own, {}).items()):
            if self._device and self._device not in devices:
                await self.publish_devices(ns, write_devices(ns, devices | {self._device: None}))

    # -- what is heard of devices ------------------------------------------------------------------------------------

    def _told(self, ns: str, event: Event) -> None:
        """Somebody has published a list of devices."""
        self._note(ns, event.owner, read_devices(ns, event.news.items[-1].payload if event.news.items else None))
        if event.owner == self._own:
            self.after(1.0, lambda: self._aside(self._put_right()), key="own")
        if self._engine is not None:
            self._aside(self.engine())

    def _note(self, ns: str, owner: JID, devices: Devices) -> None:
        while len(self._lists) >= HEARD and owner not in self._lists:
            del self._lists[next(iter(self._lists))]
        self._lists.setdefault(owner, {})[ns] = devices
        self._untold.add(owner)

    async def _tell(self, engine: Engine, owner: JID) -> None:
        before = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        for ns, devices in list(self._lists.get(owner, {}).items()):
            try:
                await engine.heard(ns, owner, devices)
            except SatError as error:
                self.log.warning("the list of devices of %s could not be taken in: %s", owner, error)
        after = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        added = [_key(each) for name, each in after.items() if name not in before]
        lost = [_key(each._replace(active=False)) for name, each in before.items() if name not in after]
        if added or lost:
            self._aside(self.encryption.tell(KeyNews(self.info.name, owner, added, lost)))

    async def _look(self, owner: JID, again: bool = False) -> dict[str, Devices]:
        """The lists of somebody: what was told in this session, else what their server says."""
        for ns in NAMESPACES:
            if again or ns not in self._lists.get(owner, {}):
                self._note(ns, owner, await self.devices_of(ns, owner))
        return self._lists[owner]

    # -- a method of encryption ----------------------------------------------------------------------------------------

    async def begin(self, readers: list[JID]) -> None:
        for each in readers:
            if not any((await self._look(each, again=True)).values()):
                raise NoKeys(who=each, method=self.info.title)

    async def can(self, readers: list[JID]) -> bool:
        for each in readers:
            if not any((await self._look(each)).values()):
                return False
        return True

    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        from sat.plugins.omemo import content

        message = departure.message
        for each in readers:
            try:
                await self._look(each)
            except (PeerError, RequestTimeout) as error:  # what is known of them is enough, if there is any
                self.log.info("the devices of %s could not be asked for: %s", each, error)
        engine = await self.engine()
        envelope = content.envelope(message, self._own, self.session.now())
        content.seal(message, await engine.encrypt(readers, envelope, message.body))

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
        from sat.plugins.omemo.library import Repeated

        engine = await self.engine()
        failure: SatError | None = None
        for ns in NAMESPACES:
            encrypted = message.child("encrypted", ns)
            if encrypted is None:
                continue
            mark = content.mark_of(encrypted)
            if mark in self._opened or (arrival.outgoing and content.device_of(encrypted) == self._device):
                arrival.copy = True  # the text of ours is here: nobody encrypts for themselves
                return
            try:
                opened = await engine.decrypt(ns, encrypted, sender)
            except Repeated:
                arrival.copy = True
                return
            except CannotDecrypt as error:
                if xml.child(encrypted, "payload", ns) is not None:
                    failure = failure or error
                continue
            self._opened[mark] = None
            if len(self._opened) > OPENED:
                del self._opened[next(iter(self._opened))]
            arrival.storing.append(partial(self.messages.insist, partial(self._keep_later, engine.changes())))
            if opened.plaintext is None:
                arrival.stop()
                return
            device = opened.device
            arrival.encrypted = Secured(self.info.name, device.trust, device.fingerprint)
            recipient = arrival.peer if arrival.room else message.recipient.bare if message.recipient else self._own
            try:
                content.unseal(message, ns, opened.plaintext, sender, recipient)
            except ValueError as error:
                raise CannotDecrypt(reason=f"what is in it is not what it says to be: {error}") from error
            if not content.becomes_a_message(message):
                arrival.storing.append(partial(self.messages.insist, partial(self._remember, mark)))
            return
        if failure is not None:
            raise failure
        arrival.stop()  # it moves a session on, of another device or once more, and says nothing

    def _remember(self, mark: bytes) -> Deferred[None]:
        """Know something again that the history does not show by itself, also in the next run."""
        self._silent = [*self._silent, mark.hex()][-SILENT:]
        return self.store.set("opened", self._silent)

    def _keep_later(self, changes: dict[str, str | None]) -> Deferred[None]:
        return Deferred.fromCoroutine(self.keep(changes))

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        if refresh:
            await self._look(owner, again=True)
        engine = await self.engine()
        return [_key(each) for each in await engine.devices(owner)]

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        await (await self.engine()).set_trust(owner, fingerprint, trust)

    async def repair(self, peer: JID) -> None:
        from sat.plugins.omemo import content

        await self._look(peer, again=True)
        await (await self.engine()).repair(peer, content.nothing(self._own, peer, self.session.now()))

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        return {f"{NAMED}{key.id}": key.fingerprint for key in keys}

    def named(self, parameters: dict[str, str]) -> list[str]:
        return [value.lower() for name, value in parameters.items() if name.startswith(NAMED)]

    # -- the network, for the engine -----------------------------------------------------------------------------------

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        """Publish the public keys of our device."""
        node, item = bundle_place(ns, device)
        options = PUBLIC | MANY if ns == NEW else PUBLIC
        self._due.pop((ns, device), None)
        try:
            await self.pubsub.publish(None, node, bundle, id=item, options=options)
        except SatError:
            self._due.setdefault((ns, device), bundle)
            raise

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        """The same behind the next :meth:`keep`; if there is no connection, with the next one."""
        self._due[ns, device] = bundle

    def _publish_due(self) -> None:
        for (ns, device), bundle in list(self._due.items()) if self.session.online else ():
            self._aside(self.publish_bundle(ns, device, bundle))

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        """The public keys of a device of somebody."""
        node, item = bundle_place(ns, device)
        service = None if owner == self._own else owner
        try:
            # Of the old version there are items that are not called “current”: the newest is meant.
            found = await self.pubsub.items(service, node, most=1, ids=[item] if ns == NEW else ())
        except PeerError as error:
            if error.details.get("condition") in MISSING:
                return None
            raise
        payload = found.items[-1].payload if found.items else None
        return payload if payload is not None and (payload.name, payload.uri) == ("bundle", ns) else None

    async def delete_bundle(self, ns: str, device: int) -> None:
        """Take back the public keys of a device of ours."""
        node, item = bundle_place(ns, device)
        await (self.pubsub.retract(None, node, item) if ns == NEW else self.pubsub.delete(None, node))

    async def publish_devices(self, ns: str, devices: Element) -> None:
        """Publish our list of devices."""
        await self.pubsub.publish(None, DEVICES[ns], devices, id=CURRENT, options=PUBLIC)

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        """The list of devices of somebody; None where there is none."""
        try:
            return await self.pubsub.newest(None if owner == self._own else owner, DEVICES[ns])
        except PeerError as error:
            if error.details.get("condition") in MISSING:
                return None
            raise

    async def devices_of(self, ns: str, owner: JID) -> Devices:
        """The same, read."""
        return read_devices(ns, await self.fetch_devices(ns, owner))

    def send_empty(self, peer: JID, encrypted: Element) -> None:
        """Send a message that moves a session on, and says nothing."""
        message = stanzas.Message.to(peer)
        message.element.addChild(encrypted)
        message.add("store", "urn:xmpp:hints")
        self.session.send(message.element)

    async def keep(self, values: dict[str, str | None]) -> None:
        """Store keys and sessions."""
        if values:
            await self.secrets.set_many(values)
        self._publish_due()


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
