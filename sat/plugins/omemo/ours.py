"""Our own device: its first keys, its place on our lists, and how it is called there (XEP-0384 §5.3)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from sat.api import JID
from sat.api.errors import NotConnected, PeerError
from sat.plugins.omemo.lists import Devices, Label, write_devices
from sat.plugins.omemo.names import NAMESPACES, NEW
from sat.plugins.omemo.server import Server

if TYPE_CHECKING:
    from sat.plugins.omemo.plugin import Omemo

OFFER = 10.0  # seconds online before keys are made: other things are more urgent
OWN_AGAIN = 60.0  # seconds between two times that our list is put right: another program may do the reverse
LONGEST_NAME = 53  # characters


class Ours:
    """That of one profile. ``device`` is its number, 0 while there is none."""

    def __init__(self, omemo: Omemo, server: Server, own: JID) -> None:
        self._omemo, self._server, self._own = omemo, server, own
        self.device = 0
        self.refused = False  # the server takes no keys, in this session
        self._label: Label | None = None
        self._missed = False  # we were not on a list of ours, so our public keys may be gone, too

    async def load(self) -> None:
        """Know what an earlier run has made."""

        def label(row: Any) -> Label:
            text, signature = row
            return Label(str(text), b64decode(str(signature)))

        self.device = int(await self._omemo.store.get("device", 0))
        self._label = next(iter(await self._omemo.store.rows("label", label)), None)

    def online(self) -> None:
        """There is a new connection: do what needs one, soon."""
        self.refused = False
        if (not self.device and self._omemo.options.offer) or (self.device and self._name != self._named):
            self._omemo.after(OFFER, self._look, key="offer")

    def _look(self) -> None:
        self._omemo.aside(self.offer() if not self.device else self.name())

    async def offer(self) -> None:
        """Have keys, if there is a connection. Errors: PeerError where the server refuses them."""
        try:
            async with self._omemo.alone():
                if not self.device and self._omemo.session.online:
                    await self.make()
        except PeerError:
            self.refused = True
            raise
        await self.name()

    async def make(self) -> None:
        """Have keys, and publish them: in this order, so that nobody uses one of which we have lost our half."""
        if not self._omemo.session.online:
            raise NotConnected(profile=self._omemo.session.name)
        from sat.plugins.omemo.making import make

        taken = [await self._server.devices_of(ns, self._own) for ns in NAMESPACES]
        made = await make(self._own, {number for devices in taken for number in devices})
        await self._omemo.secrets.set_many(made.values)
        for ns, bundle in made.bundles.items():
            await self._server.publish_bundle(ns, made.device, bundle)
        for ns, devices in zip(NAMESPACES, taken, strict=True):
            await self._server.publish_devices(ns, write_devices(ns, devices | {made.device: None}))
        await self._omemo.store.set("device", made.device)
        self.device = made.device

    # -- on our lists --------------------------------------------------------------------------------------------------

    def told(self, devices: Devices) -> None:
        """Our lists may be wrong now, this one is told anew."""
        self._missed = self._missed or bool(self.device and self.device not in devices)
        self._omemo.after(1.0, lambda: self._omemo.aside(self._put_right()), key="own")

    async def _put_right(self) -> None:
        """Our lists must name this device, as it is called; not too often, since another program of ours may do the
        reverse."""
        if self._omemo.tasks.waits("rested"):
            self._omemo.after(OWN_AGAIN, lambda: self._omemo.aside(self._put_right()), key="own")
            return
        for ns, devices in list(self._omemo.lists_of(self._own).items()):
            if self.device and not self._is_right(ns, devices):
                self._omemo.after(OWN_AGAIN, lambda: None, key="rested")
                await self._publish(ns, devices)
        if self._missed:
            await (await self._omemo.engine()).publish_missing()
            self._missed = False

    def _is_right(self, ns: str, devices: Devices) -> bool:
        return self.device in devices and (ns != NEW or devices[self.device] == self._label)

    async def _publish(self, ns: str, devices: Devices) -> None:
        await self._server.publish_devices(ns, write_devices(ns, devices | {self.device: self._label}))

    async def remove(self, number: int) -> dict[str, Devices]:
        """Take another device of ours off our lists; they are returned. Errors: NotConnected, RequestTimeout,
        PeerError."""
        left = {}
        for ns in NAMESPACES:
            devices = left[ns] = await self._server.devices_of(ns, self._own)
            if number in devices:
                del devices[number]
                await self._publish(ns, devices)
        return left

    @property
    def _name(self) -> str:
        """How the person wants it to be called."""
        return self._omemo.options.label.strip()[:LONGEST_NAME]

    @property
    def _named(self) -> str:
        return self._label.text if self._label else ""

    async def name(self) -> None:
        """Call it as the settings say, where that is news."""
        if not self.device or self._name == self._named or not self._omemo.session.online:
            return
        name = self._name
        signature = await (await self._omemo.engine()).signature_of(name) if name else b""
        self._label = Label(name, signature) if name else None
        await self._omemo.store.set("label", [[name, b64encode(signature).decode()]] if name else [])
        await self._publish(NEW, await self._server.devices_of(NEW, self._own))
