"""People with OMEMO keys who share one server: dictionaries stand for it, and nothing waits."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.errors import CannotDecrypt, NotConnected, SatError
from sat.plugins.omemo.engine import Engine
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.library import NotYet, Opened
from sat.plugins.omemo.names import OLD
from sat.xmpp.xml import Element, to_text
from support.parsing import parse
from support.storing import result


def again(element: Element) -> Element:
    """The element as it comes from the network."""
    return parse(to_text(element))


class Server:
    """What everybody has published."""

    def __init__(self) -> None:
        self.bundles: dict[tuple[str, JID, int], Element] = {}
        self.devices: dict[tuple[str, JID], Element] = {}


class Person:
    """Somebody with one device; ``engine`` is theirs. It is the engine's network, too."""

    def __init__(self, server: Server, jid: str, blind: bool = True) -> None:
        self.server, self.jid, self.blind = server, JID(jid), blind
        self.offline = False
        self.fault: SatError | None = None  # of their server
        self.empty: list[tuple[JID, Element]] = []
        self.stored: dict[str, str] = {}
        self.soon: list[Element] = []
        self.engine = self.open()

    def open(self) -> Engine:
        """The engine, from what is stored."""
        return result(Engine.open(self, Keeping(dict(self.stored)), self.jid, lambda: self.blind))

    # -- what tests ask ----------------------------------------------------------------------------------------------

    def write(self, to: Person, text: str, *versions: str) -> list[Element]:
        """What leaves: an element for each version that is needed."""
        result(self.engine.refresh(to.jid))
        return [again(each) for each in result(self.engine.encrypt([to.jid], text, text))]

    def read(self, encrypted: list[Element], sender: Person | JID) -> Opened:
        """What it says. Errors: CannotDecrypt."""
        jid = sender.jid if isinstance(sender, Person) else sender
        (element,) = encrypted
        try:
            opened = result(self.engine.decrypt(str(element.uri), element, jid))
        except NotYet as error:
            raise CannotDecrypt(reason=str(error)) from error
        result(self.keep(self.engine.changes()))
        return opened

    def speaks_only(self, ns: str) -> None:
        """Their device is on the list of this version alone."""
        for version, owner in list(self.server.devices):
            if owner == self.jid and version != ns:
                del self.server.devices[version, owner]

    # -- the engine's network ----------------------------------------------------------------------------------------

    def _reach(self) -> None:
        if self.offline:
            raise NotConnected(profile="me")
        if self.fault is not None:
            raise self.fault

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        self._reach()
        self.server.bundles[ns, self.jid, device] = bundle

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        self.soon.append(bundle)
        self.server.bundles[ns, self.jid, device] = bundle

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        self._reach()
        return self.server.bundles.get((ns, owner, device))

    async def delete_bundle(self, ns: str, device: int) -> None:
        del self.server.bundles[ns, self.jid, device]

    async def publish_devices(self, ns: str, devices: Element) -> None:
        self._reach()
        self.server.devices[ns, self.jid] = devices

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        self._reach()
        return self.server.devices.get((ns, owner))

    def send_empty(self, peer: JID, encrypted: Element) -> None:
        self.empty.append((peer, encrypted))

    async def keep(self, values: dict[str, str | None]) -> None:
        for key, value in values.items():
            if value is None:
                self.stored.pop(key, None)
            else:
                self.stored[key] = value


def only_old(*people: Person) -> None:
    """Their programs know the old version alone."""
    for person in people:
        person.speaks_only(OLD)


def device_of(person: Person) -> Any:
    """Their device."""
    (device,) = result(person.engine.devices(person.jid))
    return device
