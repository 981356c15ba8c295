"""Streams by a connection from program to program, or over a proxy (XEP-0065, XEP-0260)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import NoWayToPeer, SatError, TooManyTransfers
from sat.api.settings import Tab
from sat.core.plugin import Ended, Plugin, Refusal, configured, needs, on_event, on_iq
from sat.core.settings import Help, Range
from sat.core.tasks import in_time
from sat.plugins.disco.plugin import Disco
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.roster.plugin import Roster
from sat.xmpp import bytestreams
from sat.xmpp.bytestreams import PROXY, Candidate
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.jingle.stream import Stream
    from sat.plugins.jingle.ways import Channel, Negotiation
    from sat.plugins.socks5.connection import Client
    from sat.plugins.socks5.listening import Listener

SERVICES = 30  # of the server that are asked whether they are a proxy
PROXIES = 3  # that are offered
AT_ONCE = 50  # streams that are expected without a session
SEARCH = 30.0  # seconds


@dataclass
class Options:
    """Files and pipes from program to program. Who gets a file this way learns the address of this machine."""

    tab: ClassVar[Tab] = Tab.CONNECTION
    direct: Annotated[
        bool, "Connect directly to other programs", Help("Else over the server's proxy, which is slower.")
    ] = True
    port: Annotated[int, "Port at which others connect", Range(0, 65_535), Help("0: any that is free.")] = 0
    address: Annotated[str, "Address at which others connect", Help("Empty: all that this machine has.")] = ""
    local: Annotated[
        bool,
        "Connect anywhere in the local network",
        Help("Else only in networks that this machine is a part of. Others could misuse it."),
    ] = False


class Socks5Bytestreams(Plugin):
    """Streams by a connection from program to program, or over a proxy (XEP-0065, XEP-0260)."""

    xeps = ("0065", "0260")
    features = (bytestreams.NS,)
    options = configured(Options)
    jingle = needs(Jingle)
    disco = needs(Disco)
    roster = needs(Roster)

    namespace = bytestreams.NS_JINGLE
    preference = 50

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.reactor = session.clock
        self._proxies: list[Candidate] | None = None  # of our server, once they are known
        self._asking: Deferred[None] | None = None
        self._expected: dict[tuple[JID, str], Deferred[Stream]] = {}
        self.undo(self.jingle.use(self))

    @cached_property
    def listener(self) -> Listener:
        """Our own server, for as long as something is expected at it."""
        from sat.plugins.socks5.listening import Listener

        listener = Listener(self.reactor, self.log)
        self.undo(listener.close)
        return listener

    # -- Way -----------------------------------------------------------------------------------------------------

    def begin(self, channel: Channel, offered: Element | None) -> Negotiation:
        """Negotiate in a session."""
        from sat.plugins.socks5.negotiation import Quest

        return Quest(self, channel, offered)

    def may_connect(self, address: str, port: int) -> bool:
        """Whether that may be connected to, which a peer has named."""
        from sat.plugins.socks5.addresses import may_connect, own_interfaces

        return may_connect(address, port, own_interfaces(), self.options.local)

    async def places(self, destinations: tuple[str, ...]) -> list[Candidate]:
        """Where a peer can come to, who asks for one of those: our own addresses, and our server's proxies. To be
        forgotten at the ``listener``."""
        from sat.plugins.socks5.addresses import own_interfaces, told

        options, ours = self.options, self.session.jid
        port = self.listener.expect(destinations, options.address, options.port) if options.direct else 0
        hosts = told(own_interfaces(), options.address, options.local) if port else []
        direct = [
            Candidate(host, port, ours, f"d{number}", bytestreams.priority(bytestreams.DIRECT, 65_535 - number))
            for number, host in enumerate(hosts)
        ]
        proxies = [
            each._replace(id=f"p{number}", type=PROXY, priority=bytestreams.priority(PROXY, 65_535 - number))
            for number, each in enumerate(await self.proxies())
        ]
        return [*direct, *proxies]

    # -- proxies -------------------------------------------------------------------------------------------------

    async def proxies(self) -> list[Candidate]:
        """Those of our server; asked for once in a session with it."""
        if self._proxies is None:
            try:
                self._proxies = await in_time(self._find_proxies(), SEARCH, self.reactor)
            except Exception as error:  # a server that does not answer is one without proxies, for now
                self.log.info("proxies of the server could not be found: %r", error)
                return []
        return self._proxies

    async def _find_proxies(self) -> list[Candidate]:
        found = []
        services = await self.disco.get_items(JID(self.session.account.jid.domain))
        for service in [each.jid for each in services if not each.node][:SERVICES]:
            try:
                info = await self.disco.get_info(service)
                if bytestreams.NS not in info.features or not any(
                    (each.category, each.kind) == ("proxy", "bytestreams") for each in info.identities
                ):
                    continue
                answer = await self.ask(Iq.get(service, bytestreams.query("", ())))
            except SatError:  # one of the others may do
                continue
            place = bytestreams.read_address(answer)
            # ejabberd adds a resource, by which the activation finds the node of its cluster.
            if place is not None and place.jid.bare == service.bare:
                found.append(place)
            if len(found) == PROXIES:
                break
        return found

    async def through(self, place: Candidate, destination: str, sid: str, peer: JID) -> Client:
        """Our connection to a proxy of ours at which the peer is already, activated (XEP-0065 §6.3). Errors:
        NoWayToPeer, NotConnected, PeerError, RequestTimeout."""
        from sat.plugins.socks5.searching import WITHIN, connect

        try:
            client: Client = await in_time(
                connect(self.reactor, place, destination, self.may_connect), WITHIN, self.reactor
            )
        except SatError:
            raise
        except Exception:
            raise NoWayToPeer(peer=peer, reason="the server's proxy could not be reached") from None
        try:
            await self.ask(Iq.set(place.jid, bytestreams.activation(sid, peer)))
        except BaseException:
            client.give_up()
            raise
        return client

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self._proxies = None

    # -- without a session (XEP-0065 by itself) --------------------------------------------------------------------

    def expect(self, peer: JID, sid: str) -> Deferred[Stream]:
        """Let a peer (a full address) offer places for the stream of that id, which was agreed on elsewhere. Fires with
        it; fails with NoWayToPeer; cancel it to expect it no longer. Its time is not limited here. Errors:
        TooManyTransfers."""
        key = peer, sid
        if len(self._expected) >= AT_ONCE or key in self._expected:
            raise TooManyTransfers(limit=AT_ONCE)

        def forget(_: Deferred[Stream]) -> None:
            self._expected.pop(key, None)

        made: Deferred[Stream] = Deferred(forget)
        self._expected[key] = made
        return made

    @on_iq("set", bytestreams.NS, "query")
    async def _offered(self, iq: Iq) -> Element:
        peer, payload = iq.sender, iq.payload
        if peer is None or payload is None:
            raise Refusal("service-unavailable")
        try:
            query = bytestreams.read_query(payload)
        except ValueError as error:
            raise Refusal("bad-request", str(error), kind="modify") from None
        made = self._expected.pop((peer, query.sid), None)
        if made is None:
            known = self.roster.may_see(peer)
            raise Refusal("not-acceptable", kind="modify") if known else Refusal("service-unavailable")
        from sat.plugins.socks5.searching import Search

        ours = self.session.jid
        asked = query.destination or bytestreams.destination(query.sid, peer, ours)
        search = Search(self.reactor, asked, self.may_connect)
        # In the order in which they are named (XEP-0065 §5.3.2).
        search.add(each._replace(priority=-number, id=str(number)) for number, each in enumerate(query.hosts))
        search.start()
        try:
            client, place = await search.found
        except NoWayToPeer as error:
            made.errback(NoWayToPeer(peer=peer, reason=error.details["reason"]))
            raise Refusal("item-not-found") from None

        def hand_over() -> None:
            stream = client.carry(peer)
            made.callback(stream) if not made.called else stream.abort()

        self.after(0, hand_over)  # behind the answer
        return bytestreams.used(query.sid, place.jid)

    async def open(self, peer: JID, sid: str) -> Stream:
        """Offer our places to a peer for the stream of that id, which was agreed on elsewhere. Errors: NoWayToPeer,
        NotConnected, PeerError, RequestTimeout."""
        ours = self.session.jid
        asked = bytestreams.destination(sid, ours, peer)
        try:
            places = await self.places((asked,))
            answer = await self.ask(Iq.set(peer, bytestreams.query(sid, places)), 60.0)
            used = bytestreams.read_used(answer)
            place = next((each for each in places if each.jid == used), None)
            if place is None:
                raise NoWayToPeer(peer=peer, reason="the other program has used what was not offered")
            if place.type == PROXY:
                return (await self.through(place, asked, sid, peer)).carry(peer)
            came = self.listener.come((asked,), "")
            if came is None:
                raise NoWayToPeer(peer=peer, reason="the connection was closed at once")
            return came.carry(peer)
        finally:
            self.listener.forget((asked,))
