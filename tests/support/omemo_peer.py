"""A foreign program with OMEMO keys: the client of ``peer.py`` carries what our engine writes in the test's process."""

from __future__ import annotations

from xml.etree import ElementTree

from sat.api import JID
from sat.plugins.omemo import content
from sat.plugins.omemo.names import CURRENT, DEVICES, NEW, OLD, bundle_place
from sat.xmpp import xml
from support.omemo import Person, Server, again, device_of
from support.parsing import parse
from support.peer import Peer
from support.storing import result

PUBSUB = "http://jabber.org/protocol/pubsub"


class KeyedPeer:
    """That of the account of a client; it writes in version 2. ``person`` has its keys."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.jid = peer, JID.parse(peer.jid).bare
        self.person = Person(Server(), str(self.jid))
        self.number: int = device_of(self.person).number
        self.fingerprint: str = device_of(self.person).fingerprint
        self._asked = 0

    def _ask(self, kind: str, payload: str, to: str = "") -> ElementTree.Element:
        self._asked += 1
        id = f"keys{self._asked}"
        address = f" to='{to}'" if to else ""
        self.peer.send(f"<iq type='{kind}' id='{id}'{address}><pubsub xmlns='{PUBSUB}'>{payload}</pubsub></iq>")
        return self.peer.expect(lambda stanza: stanza.get("id") == id)

    def item(self, owner: JID, node: str, item: str) -> xml.Element | None:
        """What somebody has published under a name."""
        answer = self._ask("get", f"<items node='{node}'><item id='{item}'/></items>", str(owner))
        found = answer.find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}items/{{{PUBSUB}}}item/*")
        return None if found is None else parse(ElementTree.tostring(found, "unicode"))

    def _publish(self, node: str, item: str, payload: xml.Element) -> None:
        fields = (
            "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
            "<field var='pubsub#access_model'><value>open</value></field>"
            "<field var='pubsub#persist_items'><value>true</value></field>"
        )
        options = f"<publish-options><x xmlns='jabber:x:data' type='submit'>{fields}</x></publish-options>"
        holder = f"<publish node='{node}'><item id='{item}'>{xml.to_text(payload)}</item></publish>{options}"
        answer = self._ask("set", holder)
        assert answer.get("type") == "result", ElementTree.tostring(answer)

    def learn(self, owner: JID) -> None:
        """Know the devices that somebody has published, and their keys."""
        from sat.plugins.omemo.lists import read_devices

        devices = self.item(owner, DEVICES[NEW], CURRENT)
        assert devices is not None, f"{owner} has no devices"
        self.person.server.devices[NEW, owner] = devices
        for number in read_devices(NEW, devices):
            node, item = bundle_place(NEW, number)
            bundle = self.item(owner, node, item)
            if bundle is not None:
                self.person.server.bundles[NEW, owner, number] = bundle
        result(self.person.engine.refresh(owner))

    def announce(self, ns: str = NEW) -> None:
        """Publish its keys of a version, beside those of the account's others."""
        from sat.plugins.omemo.lists import read_devices, write_devices

        node, item = bundle_place(ns, self.number)
        self._publish(node, item, self.person.server.bundles[ns, self.jid, self.number])
        others = read_devices(ns, self.item(self.jid, DEVICES[ns], CURRENT))
        self._publish(DEVICES[ns], CURRENT, write_devices(ns, others | {self.number: None}))

    def withdraw(self, number: int) -> None:
        """Remove the public keys of a device of the account."""
        for ns in (NEW, OLD):
            node, item = bundle_place(ns, number)
            one = f"<retract node='{node}'><item id='{item}'/></retract>"
            assert self._ask("set", one).get("type") == "result"

    def write(self, to: JID, inside: str, id: str, time: float = 1_750_000_000.0) -> None:
        """Send something encrypted: the elements that stand in the message."""
        message = content.Message(parse(f"<message xmlns='jabber:client' to='{to}'>{inside}</message>"))
        envelope = content.envelope(message, self.jid, time)
        (encrypted,) = result(self.person.engine.encrypt([to], envelope, None))
        self.peer.send(
            f"<message to='{to}' type='chat' id='{id}'>{xml.to_text(again(encrypted))}<store xmlns='urn:xmpp:hints'/>"
            "</message>"
        )
