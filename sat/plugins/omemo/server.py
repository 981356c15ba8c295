"""What OMEMO's engine needs of the server: lists of devices and bundles of keys (XEP-0384 §5), and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import PeerError, SatError
from sat.core.session import Session
from sat.plugins.omemo.lists import Devices, read_devices, write_devices
from sat.plugins.omemo.names import CURRENT, DEVICES, NAMESPACES, NEW, bundle_place
from sat.storage.vault import Secrets
from sat.xmpp import stanzas
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.pubsub.plugin import Pubsub

PUBLIC = {"pubsub#access_model": "open", "pubsub#persist_items": "true"}
MANY = {"pubsub#max_items": "max"}
MISSING = ("item-not-found", "forbidden", "not-authorized", "service-unavailable", "remote-server-not-found")


class Server:
    """That of one profile (``sat.plugins.omemo.library.Network``). ``aside`` does something that nobody waits for."""

    def __init__(
        self,
        session: Session,
        pubsub: Pubsub,
        secrets: Secrets,
        aside: Callable[[Coroutine[Any, Any, object]], None],
    ) -> None:
        self._session, self._pubsub, self._secrets, self._aside = session, pubsub, secrets, aside
        self._own: JID = session.account.jid.bare
        self._due: dict[tuple[str, int], Element] = {}  # bundles to publish
        self._withdrawn = False

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        """Publish the public keys of our device."""
        if self._withdrawn:
            return
        node, item = bundle_place(ns, device)
        options = PUBLIC | MANY if ns == NEW else PUBLIC
        self._due.pop((ns, device), None)
        try:
            await self._pubsub.publish(None, node, bundle, id=item, options=options)
        except SatError:
            self._due.setdefault((ns, device), bundle)
            raise

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        """The same behind the next :meth:`keep`; if there is no connection, with the next one."""
        self._due[ns, device] = bundle

    def publish_due(self) -> None:
        """Publish what could not be before."""
        for (ns, device), bundle in list(self._due.items()) if self._session.online else ():
            self._aside(self.publish_bundle(ns, device, bundle))

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        """The public keys of a device of somebody."""
        node, item = bundle_place(ns, device)
        service = None if owner == self._own else owner
        try:
            # Of the old version there are items that are not called “current”: the newest is meant.
            found = await self._pubsub.items(service, node, most=1, ids=[item] if ns == NEW else ())
        except PeerError as error:
            if error.details.get("condition") in MISSING:
                return None
            raise
        payload = found.items[-1].payload if found.items else None
        return payload if payload is not None and (payload.name, payload.uri) == ("bundle", ns) else None

    async def delete_bundle(self, ns: str, device: int) -> None:
        """Take back the public keys of a device of ours."""
        node, item = bundle_place(ns, device)
        await (self._pubsub.retract(None, node, item) if ns == NEW else self._pubsub.delete(None, node))

    async def publish_devices(self, ns: str, devices: Element) -> None:
        """Publish our list of devices."""
        if not self._withdrawn:
            await self._publish_devices(ns, devices)

    async def _publish_devices(self, ns: str, devices: Element) -> None:
        await self._pubsub.publish(None, DEVICES[ns], devices, id=CURRENT, options=PUBLIC)

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        """The list of devices of somebody; None where there is none."""
        try:
            return await self._pubsub.newest(None if owner == self._own else owner, DEVICES[ns])
        except PeerError as error:
            if error.details.get("condition") in MISSING:
                return None
            raise

    async def devices_of(self, ns: str, owner: JID) -> Devices:
        """The same, read."""
        return read_devices(ns, await self.fetch_devices(ns, owner))

    async def withdraw(self, device: int) -> None:
        """Take our device off our lists, and its public keys back: the profile is being deleted. Nothing is published
        any more; what cannot be done is logged."""
        self._withdrawn = True
        works = [Deferred.fromCoroutine(self._withdraw(ns, device)) for ns in NAMESPACES]
        for _, told in await DeferredList(works, consumeErrors=True):
            if isinstance(told, Failure):
                self._session.log.warning("the device of OMEMO could not be taken back: %s", told.value)

    async def _withdraw(self, ns: str, device: int) -> None:
        devices = await self.devices_of(ns, self._own)
        if device in devices:
            del devices[device]
            await self._publish_devices(ns, write_devices(ns, devices))
        await self.delete_bundle(ns, device)

    def send_empty(self, peer: JID, encrypted: Element) -> None:
        """Send a message that moves a session on, and says nothing."""
        message = stanzas.Message.to(peer)
        message.element.addChild(encrypted)
        message.add("store", "urn:xmpp:hints")
        self._session.send(message.element)

    async def keep(self, values: dict[str, str | None]) -> None:
        """Store keys and sessions."""
        if values:
            await self._secrets.set_many(values)
        self.publish_due()
