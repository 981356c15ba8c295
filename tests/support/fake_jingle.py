"""The other program in a session, played by a test: what is offered, agreed upon, said, and the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred, succeed

from sat.api import JID
from sat.api.errors import Cancelled, SatError, TransferBroken
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.reasons import error_of
from sat.plugins.jingle.stream import SOCKS5, Stream
from sat.xmpp.jingle import Condition, Reason
from sat.xmpp.xml import Element

PEER = JID("juliet@capulet.lit/balcony")


class Cable:
    """A carrier whose other end is another stream's; ``full``: that one reads nothing more."""

    def __init__(self) -> None:
        self.other: Stream | None = None
        self.full = False
        self.paused = False
        self._room: Deferred[None] | None = None

    def send(self, data: bytes) -> Deferred[None] | None:
        assert self.other is not None
        self.other.received(data)
        if not self.full:
            return None
        self._room = Deferred()
        return self._room

    def drain(self) -> None:
        """The other end reads again."""
        self.full = False
        room, self._room = self._room, None
        if room is not None:
            room.callback(None)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def finish(self) -> Deferred[None]:
        assert self.other is not None
        self.other.ended(None)
        return succeed(None)

    def leave(self) -> None:
        self.drop()

    def drop(self) -> None:
        self.paused = False


def streams(peer: JID = PEER) -> tuple[Stream, Stream, Cable]:
    """Both ends of a stream, ours first, and our carrier."""
    ours, theirs = Cable(), Cable()
    here, there = Stream(peer, SOCKS5, ours), Stream(peer, SOCKS5, theirs)
    ours.other, theirs.other = there, here
    return here, there, ours


class Content:
    """A content; ``connect`` finds its stream."""

    def __init__(self, session: Session, description: Element, senders: str, name: str = "0") -> None:
        self.session, self.description, self.senders, self.name = session, description, senders, name
        self.creator, self.security = "initiator", None
        self.found: Outcome[Stream] = Outcome()
        self.there: Stream | None = None
        self.cable: Cable | None = None
        self.rejected: Condition | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.creator, self.name

    @property
    def sending(self) -> bool:
        return self.senders == ("initiator" if self.session.initiator else "responder")

    async def stream(self) -> Stream:
        return await self.found.wait()

    def connect(self, description: Element | None = None) -> Stream:
        """The peer has accepted it, so described, and a way is found; its end of the stream."""
        self.description = description or self.description
        self.here, self.there, self.cable = streams(self.session.peer)
        self.found.settle(self.here)
        return self.there

    def fail(self, error: SatError) -> None:
        self.found.fail(error)
        if self.there is not None:
            self.here.abort(error)


class Session:
    """A session; ``accepted`` are the descriptions that were, ``said`` what was told, ``ended`` why it is over."""

    def __init__(self, clock: Any, initiator: bool, peer: JID = PEER) -> None:
        self.clock, self.initiator, self.peer = clock, initiator, peer
        self.contents: list[Content] = []
        self.accepted: dict[str, Element] | None = None
        self.said: list[Element] = []
        self.ended: Condition | None = None
        self.is_there = self.is_online = True
        self.features: set[str] = set()
        self._timers: dict[Any, Any] = {}
        self._finished: Outcome[Reason] = Outcome()

    def put(self, description: Element, senders: str = "initiator", name: str = "0") -> Content:
        self.contents.append(Content(self, description, senders, name))
        return self.contents[-1]

    def later(self, function: Any) -> None:
        self.clock.callLater(0, function)

    def spawn(self, work: Any) -> None:
        Deferred.fromCoroutine(work)

    def after(self, seconds: float, function: Any, key: Any) -> None:
        self.cancel(key)
        self._timers[key] = self.clock.callLater(seconds, function)

    def cancel(self, key: Any) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None and timer.active():
            timer.cancel()

    async def accept(self, descriptions: Mapping[str, Element] | None = None) -> None:
        if descriptions is None:
            descriptions = {content.name: content.description for content in self.contents}
        self.accepted = dict(descriptions)
        for content in list(self.contents):
            if content.name in descriptions:
                content.description = descriptions[content.name]
            else:
                self.reject_content(content)

    def accept_later(self, descriptions: Mapping[str, Element] | None = None) -> None:
        self.later(lambda: Deferred.fromCoroutine(self.accept(descriptions)))

    def accept_content_later(self, content: Content, description: Element) -> None:
        self.accepted = {**(self.accepted or {}), content.name: description}

    def reject_content(self, content: Content, condition: Condition = Condition.DECLINE) -> None:
        content.rejected = condition
        if content in self.contents and len(self.contents) == 1:
            self.end(condition)
        elif content in self.contents:
            self.contents.remove(content)
            content.fail(Cancelled())

    async def tell(self, payload: Element) -> None:
        self.said.append(payload)

    async def check_peer(self) -> None:
        if not self.is_there:
            raise TransferBroken(peer=self.peer, reason="nobody is there")

    def stay(self) -> None: ...

    async def knows(self, feature: str) -> bool:
        return feature in self.features

    async def finish(self) -> Reason:
        return await self._finished.wait()

    def end(self, condition: Condition = Condition.SUCCESS, text: str = "") -> None:
        if not self._finished.settled:
            self.ended = condition
            self._over(Reason(condition, text), Cancelled())

    def terminated(self, condition: Condition = Condition.SUCCESS) -> None:
        """The peer ends it."""
        self._over(Reason(condition), error_of(self.peer, Reason(condition)))

    def broken(self, error: SatError) -> None:
        self._finished.fail(error)
        for content in self.contents:
            content.fail(error)

    def _over(self, reason: Reason, error: SatError) -> None:
        for content in self.contents:
            if content.there is not None and reason.condition is Condition.SUCCESS:
                content.here.satisfy()
            else:
                content.fail(error)
        self._finished.settle(reason)


class Offers:
    """What a plugin offers, instead of ``Jingle.offer``."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.sessions: list[Session] = []
        self.fails: SatError | None = None

    async def offer(self, peer: JID, offers: Sequence[Any]) -> Session:
        if self.fails is not None:
            raise self.fails
        session = Session(self._clock, True, peer)
        for number, each in enumerate(offers):
            session.put(each.description, each.senders, each.name or str(number))
        self.sessions.append(session)
        return session
