"""What others can do, asked once (XEP-0030), and what we can do, told in our presence (XEP-0115)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidAddress, NotConnected, PeerError, SatError
from sat.core.plugin import Online, Plugin, Refusal, needs, on_event, on_iq, on_presence
from sat.plugins.disco.api import DiscoApi, Identity, Info, Item
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.roster.plugin import Roster
from sat.xmpp import caps, disco, xml
from sat.xmpp.stanzas import Iq, Presence
from sat.xmpp.xml import Element

OURS = Identity("client", "pc", "Salut à Toi")
NODE = "https://salut-a-toi.org/caps"
KEPT = 500  # answers in memory
AT_ONCE = 20  # questions under way about programs (R17)
LONGEST = 20_000  # characters of an answer that is kept for the next ones with its hash; usual ones have a tenth
MOST_ITEMS = 1000
GONE = frozenset(("service-unavailable", "recipient-unavailable", "remote-server-not-found", "remote-server-timeout"))
"""What servers say of who is not there (RFC 6120 §8.3.3)."""


class Node(NamedTuple):
    """A node of ours: what it is, and what it has, as pairs of node and name. Both may refuse."""

    info: Callable[[Iq], Info]
    items: Callable[[Iq], list[tuple[str, str]]] | None = None


class Disco(Plugin, DiscoApi):
    """What servers and programs can do (XEP-0030, XEP-0115)."""

    xeps = ("0030", "0115")
    features = (disco.NS_INFO, disco.NS_ITEMS, caps.NS)
    presence = needs(PresencePlugin)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._infos: OrderedDict[tuple[JID, str], Info] = OrderedDict()
        self._known: OrderedDict[str, Info] = OrderedDict()  # by checked hash
        self._told: dict[JID, str] = {}  # full address → the hash it tells
        self._asking: set[str] = set()
        self._nodes: dict[str, Node] = {}
        self._under_way: dict[tuple[JID, str], list[Deferred[Info]]] = {}
        self.undo(self.presence.decorate(self._announce))

    async def load(self) -> None:
        self._known.update(await self.store.rows("caps", _from_row))

    # -- ours --------------------------------------------------------------------------------------------------

    def _own(self) -> Info:
        return Info([OURS], self.session.features)

    def _announce(self, presence: Element) -> None:
        ver = caps.ver(self._own())
        xml.add(presence, "c", caps.NS, hash="sha-1", node=NODE, ver=ver)

    @on_iq("get", disco.NS_INFO, "query")
    def _info_asked(self, iq: Iq) -> Element:
        node = str(iq.payload.attributes.get("node", "")) if iq.payload is not None else ""
        own = self._own()
        if node in self._nodes:
            return disco.info_element(self._nodes[node].info(iq), node)
        if node not in ("", f"{NODE}#{caps.ver(own)}"):
            raise Refusal("item-not-found")
        return disco.info_element(own, node)

    @on_iq("get", disco.NS_ITEMS, "query")
    def _items_asked(self, iq: Iq) -> Element:
        node = str(iq.payload.attributes.get("node", "")) if iq.payload is not None else ""
        query = xml.element("query", disco.NS_ITEMS, node=node or None)
        if node in self._nodes and (items := self._nodes[node].items) is not None:
            for its_node, name in items(iq):
                xml.add(query, "item", jid=self.session.jid, node=its_node, name=name)
        return query

    def serve(self, node: str, served: Node) -> Callable[[], None]:
        """Answer questions about a node of ours; what ends that."""
        self._nodes[node] = served

        def withdraw() -> None:
            self._nodes.pop(node, None)

        return withdraw

    # -- theirs ------------------------------------------------------------------------------------------------

    async def get_info(self, jid: JID, node: str = "") -> Info:
        key = (jid, node)
        if not node and (found := self._known.get(self._told.get(jid, ""))):
            return found
        if key in self._infos:
            self._infos.move_to_end(key)
            return self._infos[key]
        answer: Deferred[Info] = Deferred()
        if key in self._under_way:  # somebody asks already
            self._under_way[key].append(answer)
        else:
            self._under_way[key] = [answer]
            self.spawn(self._find_out(*key))  # not by who asks: they may be cancelled, and the others wait on
        return await answer

    async def _find_out(self, jid: JID, node: str) -> None:
        key = (jid, node)
        waiting = self._under_way[key]
        try:
            info = disco.read_info(await self._ask_info(jid, node))
        except SatError as error:
            for each in waiting:
                each.errback(error)
        else:
            if self._under_way.get(key) is waiting:  # else that program has gone
                self._infos[key] = info
                while len(self._infos) > KEPT:
                    self._infos.popitem(last=False)
            for each in waiting:
                each.callback(info)
        finally:
            if self._under_way.get(key) is waiting:
                del self._under_way[key]
            for each in waiting:
                each.cancel()  # those who have no answer, because we were stopped

    def forget(self, jid: JID) -> None:
        """What that program could do; another may be there now."""
        for known in (self._infos, self._under_way):
            for key in [each for each in known if each[0] == jid]:
                del known[key]

    async def _ask_info(self, jid: JID, node: str) -> Element:
        request = Iq.get(jid)
        request.add("query", disco.NS_INFO, node=node or None)
        return await self.ask(request)

    async def get_items(self, jid: JID, node: str = "") -> list[Item]:
        request = Iq.get(jid)
        request.add("query", disco.NS_ITEMS, node=node or None)
        items = []
        for told, its_node, name in disco.read_items(await self.ask(request))[:MOST_ITEMS]:
            try:
                items.append(Item(JID.parse(told), its_node, name))
            except InvalidAddress as error:
                self.log.warning("an item was left out: %s", error)
        return items

    async def find_programs(self, peer: JID, feature: str, nobody: SatError) -> list[JID]:
        """The programs of somebody that are online and know a feature, but for this one, the one with the highest
        priority first; just the one that an address names, whatever it knows. Errors: NotConnected, and ``nobody``
        where there is none."""
        if not self.session.online:
            raise NotConnected(profile=self.session.name)
        if peer.resource:
            try:
                await self.get_info(peer)
            except PeerError as error:
                if error.details.get("condition") in GONE:
                    raise nobody from None
            return [peer]
        there = [each for each in await self.presence.get_presences() if each.jid.bare == peer.bare]
        found = []
        for each in sorted(there, key=lambda each: (-each.priority, each.jid)):
            with suppress(SatError):  # one of the others may do
                if each.jid != self.session.jid and feature in (await self.get_info(each.jid)).features:
                    found.append(each.jid)
        if not found:
            raise nobody
        return found

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        if not event.resumed:
            self._infos.clear()
            self._told.clear()

    @on_presence
    def _program(self, presence: Presence) -> None:
        """A contact's program tells its hash; an unknown one is asked about once, and believed if it fits."""
        sender, left = presence.sender, presence.kind == "unavailable"
        if sender is None or (presence.kind and not left):
            return
        ver, node = _hash(presence)
        if left or ver != self._told.get(sender, ""):
            self._told.pop(sender, None)
            self.forget(sender)
        if left or not ver or self.roster.find(sender) is None:  # strangers' programs are not asked
            return
        if not self.presence.is_there(sender):  # one of too many that a contact has
            return
        self._told[sender] = ver
        if ver not in self._known and ver not in self._asking and len(self._asking) < AT_ONCE:
            self._asking.add(ver)
            self.spawn(self._learn(sender, node, ver))

    async def _learn(self, jid: JID, node: str, ver: str) -> None:
        try:
            answer = await self._ask_info(jid, f"{node}#{ver}")
        except SatError as error:
            self.log.debug("%s does not say what it can: %s", jid, error)
            return
        finally:
            self._asking.discard(ver)
        if not caps.fits(answer, ver):  # XEP-0115 §5.4: else one could speak for the programs of others
            self.log.warning("%s tells a hash that does not fit what it says", jid)
            return
        if len(xml.to_text(answer)) > LONGEST:  # many of these would fill the memory
            return
        self._known[ver] = disco.read_info(answer)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        self.after(5.0, lambda: self.spawn(self._keep()), key="keep")

    async def _keep(self) -> None:
        rows = {ver: [[list(each) for each in info.identities], info.features] for ver, info in self._known.items()}
        await self.store.set("caps", rows)


def _hash(presence: Presence) -> tuple[str, str]:
    """The hash that a program tells and the name of the program; nothing where there is no hash that we can check."""
    told = presence.child("c", caps.NS)
    if told is None or told.attributes.get("hash") != "sha-1":
        return "", ""
    ver = str(told.attributes.get("ver", ""))
    return (ver, str(told.attributes.get("node", ""))) if len(ver) <= 100 else ("", "")


def _from_row(row: Any) -> tuple[str, Info]:
    ver, (identities, features) = row
    return ver, Info([Identity(*map(str, each)) for each in identities], [str(each) for each in features])
