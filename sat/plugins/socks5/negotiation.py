"""How two programs find the one connection that both use (XEP-0260): both offer places, both try those of the other,
and of what was reached the best is nominated, by the same rule on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api.errors import NoWayToPeer, SatError
from sat.core.plugin import Refusal
from sat.plugins.jingle.stream import Stream
from sat.plugins.jingle.ways import Channel
from sat.plugins.socks5.connection import Client, Connection
from sat.plugins.socks5.searching import Search, unlike
from sat.xmpp import bytestreams
from sat.xmpp.bytestreams import PROXY, Candidate, Transport, destination
from sat.xmpp.stanzas import new_id
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.socks5.plugin import Socks5Bytestreams

ACTIVATED_WITHIN = 30.0  # seconds that the peer has to activate its proxy
NOTED_WITHIN = 60.0  # seconds that the peer has to tell what it has found


class Quest:
    """The search for the stream of one content."""

    namespace = bytestreams.NS_JINGLE

    def __init__(self, plugin: Socks5Bytestreams, channel: Channel, offered: Element | None) -> None:
        theirs = None if offered is None else _read(offered)
        peer, ours = channel.peer, channel.ours
        sid = self._sid = new_id() if theirs is None else theirs.sid
        self._plugin, self._channel = plugin, channel
        self._ours: list[Candidate] = []
        self._our_destination = destination(sid, ours, peer)
        # Some programs ask for the same in both directions.
        self._let_in = (self._our_destination, destination(sid, peer, ours))
        self._theirs: dict[str, Candidate] = {}
        self._search: Search | None = None
        self._their_destination = destination(sid, peer, ours)
        self._opened: Deferred[Stream] | None = None
        self._reached: tuple[Client, Candidate] | None = None  # ours, at a place of theirs
        self._searched = False  # whether our search is over, and told
        self._noted: Candidate | None = None  # the place of ours that the peer has reached
        self._noted_at_all = False  # whether the peer has told what it has reached, be it nothing
        self._activated = False  # whether the peer has told that its proxy is
        self._activating = False  # whether ours is being
        self._over = False
        self._ready: Deferred[None] = Deferred()
        self._preparing = False
        if theirs is not None:
            self._learn(theirs)

    # -- Negotiation ---------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        try:
            taken = {(each.host, each.port) for each in self._theirs.values()}
            places = await self._plugin.places(self._let_in)
            self._ours = [each for each in places if (each.host, each.port) not in taken]
        finally:
            if self._over:
                self._plugin.listener.forget(self._let_in)
            if not self._ready.called:
                self._ready.callback(None)

    def prepared(self) -> Deferred[None]:
        """When our places are known. Before, nothing listens: an offer of somebody alone opens no port."""
        if not self._preparing:
            self._preparing = True
            self._plugin.spawn(self._prepare())
        return self._ready

    def element(self) -> Element:
        """Ours."""
        mediated = any(each.type == PROXY for each in self._ours)
        return bytestreams.transport(self._sid, self._ours, self._our_destination if mediated else "")

    def heard(self, transport: Element) -> None:
        """What the peer has accepted, with its own places."""
        theirs = _read(transport)
        if theirs.sid != self._sid:
            raise Refusal("bad-request")
        self._learn(theirs)

    def _learn(self, theirs: Transport) -> None:
        new = [each for each in unlike(theirs.candidates, self._ours) if each.id not in self._theirs]
        new = new[: bytestreams.MOST - len(self._theirs)]
        self._theirs.update((each.id, each) for each in new)
        self._their_destination = theirs.destination or self._their_destination
        if self._search is not None:
            self._search.add(new)

    def told(self, transport: Element) -> bool:
        """More places, or what the peer has found."""
        try:
            said = _read(transport)
        except Refusal:
            return False
        if said.sid != self._sid or self._over:
            return False
        self._learn(said)
        if said.told is None:
            return bool(said.candidates)
        what, id = said.told
        if what == "candidate-used":
            place = next((each for each in self._ours if each.id == id), None)
            if place is None or self._noted_at_all:
                return False
            self._note(place)
        elif what == "candidate-error":
            if self._noted_at_all:
                return False
            self._note(None)
        elif what == "activated":
            self._activated = True
            self._decide()
        else:
            self._fail("the proxy did not work")
        return True

    def open(self) -> Deferred[Stream]:
        """Search, and tell what was found."""
        opened = self._opened = Deferred(lambda _: self.stop())
        search = self._search = Search(self._plugin.reactor, self._their_destination, self._plugin.may_connect)
        search.add(self._theirs.values())
        search.found.addCallbacks(self._found, self._found_none)
        if self._noted is not None:
            search.better_than(self._worth(self._noted))
        search.start()
        return opened

    def stop(self) -> None:
        """Give up what is not open yet."""
        if self._over:
            return
        self._over = True
        if self._search is not None:
            self._search.stop()
        if self._reached is not None and self._reached[0].stream is None:
            self._reached[0].give_up()
        self._cancel("noted", "activated")
        if self._ready.called:  # else as soon as it is, if it ever will be
            self._plugin.listener.forget(self._let_in)

    # -- what was found ------------------------------------------------------------------------------------------

    def _found(self, reached: tuple[Client, Candidate]) -> None:
        if self._over:
            reached[0].give_up()
            return
        self._reached = reached
        self._say(bytestreams.note("candidate-used", reached[1].id))
        self._searched_all()

    def _found_none(self, failure: Failure) -> None:
        if not self._over:
            self._say(bytestreams.note("candidate-error"))
            self._searched_all()

    def _searched_all(self) -> None:
        self._searched = True
        if not self._noted_at_all:
            self._plugin.after(NOTED_WITHIN, lambda: self._fail("the other program told nothing"), self._key("noted"))
        self._decide()

    def _note(self, place: Candidate | None) -> None:
        self._noted, self._noted_at_all = place, True
        self._cancel("noted")
        if place is not None and self._search is not None and not self._searched:
            self._search.better_than(self._worth(place))
        self._decide()

    def _worth(self, place: Candidate) -> int:
        """The priority that a place of theirs needs in order to be better than this one of ours. Of two alike, that
        which the initiator has chosen wins (§2.5), which is the responder's place."""
        return place.priority - 1 if self._channel.initiator else place.priority

    def _decide(self) -> None:
        """When both have told what they reached, it is clear which connection is the stream (§2.5)."""
        if self._over or self._opened is None or not (self._searched and self._noted_at_all):
            return
        reached, noted = self._reached, self._noted
        if reached is None and noted is None:
            self._fail("no connection from one program to the other was possible")
        elif reached is not None and (noted is None or reached[1].priority > self._worth(noted)):
            client, place = reached
            if place.type != PROXY or self._activated:
                self._done(client)
            elif not self._plugin.tasks.waits(self._key("activated")):
                self._plugin.after(
                    ACTIVATED_WITHIN, lambda: self._fail("the proxy was not activated"), self._key("activated")
                )
        elif noted is not None:
            if reached is not None:
                reached[0].give_up()
                self._reached = None
            if noted.type == PROXY and not self._activating:
                self._activating = True
                self._plugin.spawn(self._activate(noted))
            elif noted.type != PROXY:
                came = self._plugin.listener.come(self._let_in, noted.host)
                self._done(came) if came is not None else self._fail("the connection was closed at once")

    async def _activate(self, place: Candidate) -> None:
        """Have our proxy join both ends (XEP-0065 §6.3)."""
        try:
            client = await self._plugin.through(place, self._our_destination, self._sid, self._channel.peer)
        except SatError as error:
            if not self._over:
                self._say(bytestreams.note("proxy-error"))
                self._fail(str(error).rstrip("."))
            return
        if self._over:
            client.give_up()
            return
        self._say(bytestreams.note("activated", place.id))
        self._done(client)

    def _done(self, connection: Connection) -> None:
        opened = self._opened
        assert opened is not None
        stream = connection.carry(self._channel.peer)
        self.stop()
        if opened.called:  # it was cancelled
            stream.abort()
        else:
            opened.callback(stream)

    def _fail(self, reason: str) -> None:
        opened = self._opened
        self.stop()
        if opened is not None and not opened.called:
            opened.errback(NoWayToPeer(peer=self._channel.peer, reason=reason))

    def _say(self, what: Element) -> None:
        said = self._channel.say(bytestreams.transport(self._sid, told=what))
        said.addErrback(lambda failure: self._plugin.log.debug("the other program did not take it: %s", failure.value))

    def _key(self, what: str) -> tuple[str, str]:
        return what, self._sid

    def _cancel(self, *timers: str) -> None:
        for each in timers:
            self._plugin.tasks.cancel(self._key(each))


def _read(transport: Element) -> Transport:
    try:
        return bytestreams.read_transport(transport)
    except ValueError as error:
        raise Refusal("bad-request", str(error)) from None
