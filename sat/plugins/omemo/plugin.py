"""OMEMO (XEP-0384) in both of its versions: what of it has to do with the server, and with messages.

Its library takes half a second and 25 MiB to load, so it is loaded when there is something to encrypt, to decrypt or to
compare (``engine.py``); what is heard of devices before that waits in memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import CannotDecrypt, NoKeys, NotConnected, PeerError, SatError
from sat.api.messages import Secured, Trust
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Online, Plugin, needs, on_event, on_message
from sat.plugins.encryption.api import Key, KeyNews, MethodInfo
from sat.plugins.encryption.method import Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages.plugin import Messages
from sat.plugins.omemo import content
from sat.plugins.omemo.names import CURRENT, DEVICES, NAMESPACES, NEW, OLD, bundle_place
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.plugins.roster.plugin import Roster
from sat.xmpp import stanzas, xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.omemo.engine import Device, Engine

HEARD = 2000  # people of whose devices we remember what we have heard
OWN_AGAIN = 60.0  # seconds between two times that our list is put right: another program may do the reverse
PUBLIC = {"pubsub#access_model": "open", "pubsub#persist_items": "true"}
MANY = {"pubsub#max_items": "max"}
NAMED = "omemo-sid-"
MISSING = ("item-not-found", "forbidden", "not-authorized", "service-unavailable", "remote-server-not-found")


class Omemo(Plugin, Method):
    """OMEMO encryption (XEP-0384)."""

    xeps = ("0384", "0420")
    info = MethodInfo("omemo", "OMEMO", rooms=False, secrets=False, logged=True)
    encryption = needs(Encryption)
    messages = needs(Messages)
    pubsub = needs(Pubsub)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._engine: Engine | None = None
        self._opening: list[Deferred[Engine]] | None = None
        self._heard: dict[JID, dict[str, Element | None]] = {}  # lists that the engine has not been told yet
        self._asked: set[JID] = set()  # whose lists were asked for in this session
        self._due: dict[tuple[str, int], Element] = {}  # bundles to publish
        self._own: JID = session.account.jid.bare
        for ns, node in DEVICES.items():
            self.undo(self.pubsub.listen(node, partial(self._told, ns), self.name()))
        self.undo(self.encryption.add(self))
        self.undo(self._close)

    # -- the engine ----------------------------------------------------------------------------------------------------

    async def engine(self) -> Engine:
        """The library, loaded and knowing what we have heard. Errors: NotConnected the first time, while offline."""
        if self._engine is None:
            await self._open()
        assert self._engine is not None
        while self._heard:
            owner, lists = self._heard.popitem()
            for ns, devices in lists.items():
                await self._hear(self._engine, ns, owner, devices)
        return self._engine

    async def _open(self) -> None:
        if self._opening is not None:  # somebody is at it
            waiter: Deferred[Engine] = Deferred()
            self._opening.append(waiter)
            await waiter
            return
        waiting = self._opening = []
        try:
            from sat.plugins.omemo.engine import Engine
            from sat.plugins.omemo.keeping import Keeping

            keeping = await Keeping.open(self.secrets)
            if not keeping.names("/own_device_id") and not self.session.online:
                raise NotConnected(profile=self.session.name)
            self._engine = await Engine.open(self, keeping, self._own, lambda: self.encryption.is_blind)
        except BaseException as error:
            self._opening = None
            for each in waiting:
                each.errback(error)
            raise
        self._opening = None
        for each in waiting:
            each.callback(self._engine)

    def _close(self) -> None:
        if self._engine is not None:
            Deferred.fromCoroutine(self._engine.close()).addErrback(lambda _: None)

    # -- what is heard of devices --------------------------------------------------------------------------------------

    def _told(self, ns: str, event: Event) -> None:
        """Somebody has published a list of devices."""
        devices = event.news.items[-1].payload if event.news.items else None
        if len(self._heard) >= HEARD:
            self._heard.clear()
        self._heard.setdefault(event.owner, {})[ns] = devices
        self._asked.add(event.owner)
        if event.owner == self._own:
            self.after(1.0, lambda: self.spawn(self._put_right()), key="own")
        elif self._engine is not None:
            self.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        await self.engine()

    async def _put_right(self) -> None:
        """Our list must name this device, if it has keys: the engine publishes it again, not too often."""
        if self._engine is None and not (await self.secrets.get("/own_device_id")):
            return
        if self.tasks.waits("rested"):
            self.after(OWN_AGAIN, lambda: self.spawn(self._put_right()), key="own")
            return
        self.after(OWN_AGAIN, lambda: None, key="rested")
        await self.engine()

    async def _hear(self, engine: Engine, ns: str, owner: JID, devices: Element | None) -> None:
        before = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        try:
            await engine.heard(ns, owner, devices)
        except SatError as error:
            self.log.warning("the list of devices of %s could not be taken in: %s", owner, error)
            return
        after = {each.fingerprint: each for each in await engine.devices(owner) if each.active}
        added = [_key(each) for name, each in after.items() if name not in before]
        lost = [_key(each._replace(active=False)) for name, each in before.items() if name not in after]
        if added or lost:
            self.spawn(self.encryption.tell(KeyNews(self.info.name, owner, added, lost)))

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            return
        self._asked.clear()
        for (ns, device), bundle in list(self._due.items()):
            self.publish_soon(ns, device, bundle)

    # -- a method of encryption ----------------------------------------------------------------------------------------

    async def begin(self, peer: JID) -> None:
        if not await self.can(peer):
            raise NoKeys(who=peer, method=self.info.title)

    async def can(self, peer: JID) -> bool:
        engine = await self.engine()
        if not any(each.active for each in await engine.devices(peer)) and peer not in self._asked:
            await self._refresh(engine, peer)
        return any(each.active for each in await engine.devices(peer))

    async def _refresh(self, engine: Engine, owner: JID) -> None:
        self._asked.add(owner)
        await engine.refresh(owner)

    async def encrypt(self, departure: Departure) -> None:
        engine = await self.engine()
        if departure.peer not in self._asked and not await engine.devices(departure.peer):
            await self._refresh(engine, departure.peer)
        message = departure.message
        envelope = content.envelope(message, self._own, self.session.now())
        encrypted = await engine.encrypt([departure.peer.bare], envelope, message.body)
        content.seal(message, encrypted)

    @on_message(Stage.DECRYPT, NEW)
    def _new(self, arrival: Arrival) -> Any:
        return self.encryption.open(self, arrival) if arrival.message.child("encrypted", NEW) else None

    @on_message(Stage.DECRYPT, OLD)
    def _old(self, arrival: Arrival) -> Any:
        return self.encryption.open(self, arrival) if arrival.message.child("encrypted", OLD) else None

    async def decrypt(self, arrival: Arrival) -> None:
        message = arrival.message
        sender = self._own if arrival.outgoing else arrival.sender.bare
        engine = await self.engine()
        failure: SatError | None = None
        for ns in NAMESPACES:
            encrypted = message.child("encrypted", ns)
            if encrypted is None:
                continue
            try:
                opened = await engine.decrypt(ns, encrypted, sender)
            except CannotDecrypt as error:
                if xml.child(encrypted, "payload", ns) is not None:
                    failure = failure or error
                continue
            arrival.storing.append(partial(self.messages.insist, partial(self._keep_later, engine.changes())))
            if opened.plaintext is None:
                arrival.stop()
                return
            device = opened.device
            arrival.encrypted = Secured(self.info.name, device.trust, device.fingerprint)
            recipient = message.recipient.bare if message.recipient else self._own
            try:
                content.unseal(message, ns, opened.plaintext, sender, recipient)
            except ValueError as error:
                raise CannotDecrypt(reason=f"what is in it is not what it says to be: {error}") from error
            return
        if failure is not None:
            raise failure
        arrival.stop()  # it moves a session on, of another device or once more, and says nothing

    def _keep_later(self, changes: dict[str, str | None]) -> Deferred[None]:
        return Deferred.fromCoroutine(self.keep(changes))

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        engine = await self.engine()
        if refresh:
            await self._refresh(engine, owner)
        return [_key(each) for each in await engine.devices(owner)]

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        await (await self.engine()).set_trust(owner, fingerprint, trust)

    async def repair(self, peer: JID) -> None:
        await (await self.engine()).repair(peer)

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        return {f"{NAMED}{key.id}": key.fingerprint for key in keys}

    def named(self, parameters: dict[str, str]) -> list[str]:
        return [value.lower() for name, value in parameters.items() if name.startswith(NAMED)]

    # -- the network, for the engine -----------------------------------------------------------------------------------

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        """Publish the public keys of our device."""
        node, item = bundle_place(ns, device)
        options = PUBLIC | MANY if ns == NEW else PUBLIC
        await self.pubsub.publish(None, node, bundle, id=item, options=options)
        self._due.pop((ns, device), None)

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        """The same, without waiting for it; if there is no connection, with the next one."""
        self._due[ns, device] = bundle
        if self.session.online:
            self.spawn(self.publish_bundle(ns, device, bundle))

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
        """The list of devices of somebody."""
        try:
            return await self.pubsub.newest(None if owner == self._own else owner, DEVICES[ns])
        except PeerError as error:
            if error.details.get("condition") in MISSING:
                return None
            raise

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
