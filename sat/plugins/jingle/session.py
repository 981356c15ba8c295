"""One session (XEP-0166) as a state machine. Drawn in docs/state-machines/jingle.md."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    NotConnected,
    NotFound,
    NoWayToPeer,
    PeerError,
    RequestTimeout,
    SatError,
    TooManyTransfers,
    TransferBroken,
)
from sat.core.tasks import Clock, Log, Work
from sat.plugins.disco.plugin import GONE
from sat.plugins.jingle.content import Content, Phase
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.ways import Offer
from sat.xmpp import jingle
from sat.xmpp.jingle import Action, Condition, Part, Reason
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.jingle.plugin import Jingle

PATIENCE = 300.0  # seconds that an offer waits for a person
MORE = 30.0  # seconds that who offers waits longer: who was asked ends it first
LINGER = 60.0  # seconds from the end of the last stream to the end of the session
WHY = 3.0  # seconds after a stream broke in which the peer says why: its words come by another way
MOST = 50  # contents of a session
_LOST = GONE | {"item-not-found"}  # who was started anew knows nothing of it


class State(Enum):
    """How far a session has come."""

    OFFERED = auto()  # and nobody has accepted it yet
    ACTIVE = auto()
    ENDED = auto()


class Session:
    """One session with one program of a peer."""

    def __init__(self, plugin: Jingle, peer: JID, sid: str, *, initiator: bool, application: str) -> None:
        self.peer = peer
        """Its full address: nobody else may speak in it."""
        self.ours = plugin.session.jid
        self.sid = sid
        self.initiator = initiator
        """Whether it was offered by this side."""
        self.application = application
        """The namespace of its descriptions."""
        self.contents: list[Content] = []
        self.state = State.OFFERED
        self.clock: Clock = plugin.session.clock
        self.log: Log = plugin.log
        self.plugin = plugin
        self._finished: Outcome[Reason] = Outcome()
        self._stays = False

    # -- for applications ----------------------------------------------------------------------------------------

    async def accept(self, descriptions: Mapping[str, Element] | None = None) -> None:
        """Take what was offered: contents of other names than given are left out (the peer is told); by default all,
        as offered. Errors: NotFound when the session is over, NotConnected, PeerError, RequestTimeout."""
        if self.state is not State.OFFERED or self.initiator:
            raise NotFound(what=f"offer {self.sid}")
        self.cancel("patience")
        for content in list(self.contents):
            if descriptions is None or content.name in descriptions:
                content.description = (descriptions or {}).get(content.name, content.description)
            else:
                self.drop(content, Cancelled())
                await self.ask(Action.CONTENT_REMOVE, [content.part()], Reason(Condition.DECLINE))
        parts = [await content.whole() for content in self.contents]
        if self.state is not State.OFFERED or not parts:
            self.end(Condition.DECLINE)
            raise NotFound(what=f"offer {self.sid}")
        try:
            await self.ask(Action.SESSION_ACCEPT, parts, responder=self.ours)
        except SatError as error:
            self.say(Action.SESSION_TERMINATE, reason=Reason(Condition.GENERAL_ERROR))
            self.broken(error)
            raise
        if self.state is State.OFFERED:
            self.state = State.ACTIVE
            for content in self.contents:
                content.open()

    def accept_later(self, descriptions: Mapping[str, Element] | None = None) -> None:
        """The same, when what is being answered now has been answered. What goes wrong is told by the streams."""

        async def accept() -> None:
            with suppress(SatError):
                await self.accept(descriptions)

        self.later(lambda: self.spawn(accept()))

    async def accept_content(self, content: Content, description: Element | None = None) -> None:
        """Take a content that the peer has added; it is over where that cannot be said. Errors: as of accept."""
        if content not in self.contents or content.phase is not Phase.OFFERED or content.offered_here:
            raise NotFound(what=f"offer {content.name}")
        content.description = description or content.description
        part = await content.whole()
        try:
            await self.ask(Action.CONTENT_ACCEPT, [part])
        except SatError as error:
            self.remove(content, Condition.GENERAL_ERROR, error)
            raise
        if content.phase is Phase.OFFERED:
            self.cancel(content.key)
            content.open()

    def accept_content_later(self, content: Content, description: Element | None = None) -> None:
        """The same, in the background. What goes wrong is told by its stream."""

        async def accept() -> None:
            with suppress(SatError):
                await self.accept_content(content, description)

        self.spawn(accept())

    def reject_content(self, content: Content, condition: Condition = Condition.DECLINE) -> None:
        """Do not take what the peer has added; or remove a content of whomever, with its stream. A session without
        contents is over."""
        self.remove(content, condition, Cancelled())

    async def add(self, offer: Offer) -> Content:
        """Offer one more content (content-add), of the same application; ``Content.stream`` tells whether the peer
        takes it. Errors: NotFound, TooManyTransfers, NotConnected, PeerError, RequestTimeout."""
        if self.state is not State.ACTIVE:
            raise NotFound(what=f"session {self.sid}")
        await self.plugin.learn(self.peer)
        content = self.make(offer)
        try:
            part = await content.whole()
            await self.ask(Action.CONTENT_ADD, [part])
        except SatError as error:
            self.drop(content, error)
            raise
        self.after(PATIENCE + MORE, partial(self.unanswered, content), key=content.key)
        return content

    async def tell(self, payload: Element) -> None:
        """Say something (session-info). Errors: NotConnected, PeerError, RequestTimeout."""
        await self.ask(Action.SESSION_INFO, payload=payload)

    async def check_peer(self) -> None:
        """Ask whether the peer still is there, and in this session (XEP-0166 §6.8). Errors: TransferBroken when nobody
        says so."""
        try:
            await self.ask(Action.SESSION_INFO)
        except PeerError as error:  # many do not know the question, and are there
            if error.details.get("condition") in _LOST:
                raise TransferBroken(peer=self.peer, reason="the other program is not there any more") from None
        except (NotConnected, RequestTimeout):
            raise TransferBroken(peer=self.peer, reason="the other program could not be asked for its end") from None

    def stay(self) -> None:
        """Do not end it by itself a while after its streams have ended: its application ends it, or the peer does."""
        self._stays = True
        self.cancel("linger")

    @property
    def is_online(self) -> bool:
        """Whether we can say something in it now."""
        return self.plugin.session.online

    async def knows(self, feature: str) -> bool:
        """Whether the other program announces that. Errors: NotConnected, PeerError, RequestTimeout."""
        return feature in await self.plugin.learn(self.peer)

    def end(self, condition: Condition = Condition.SUCCESS, text: str = "") -> None:
        """Say that it is over, or that we do not want it (DECLINE, BUSY), or no longer (CANCEL). What is still open of
        its streams is aborted, or left in order where it is a SUCCESS. A second time it does nothing."""
        if self.state is not State.ENDED:
            reason = Reason(self._told(condition), text)
            self.say(Action.SESSION_TERMINATE, reason=reason)
            for content in self.contents if condition is Condition.SUCCESS else ():
                content.leave()
            self.over(reason, Cancelled())

    async def finish(self) -> Reason:
        """Wait for the end, by whomever; why. SUCCESS is the only one that means that all has come. Errors: why it
        broke, where nobody has said why: RequestTimeout, TransferBroken, NotConnected, …"""
        return await self._finished.wait()

    # -- for its contents and the plugin ---------------------------------------------------------------------------

    def after(self, seconds: float, function: Callable[[], object], key: Hashable) -> None:
        """Call once, later, while the session lives."""
        self.plugin.after(seconds, function, (self.peer, self.sid, key))

    def cancel(self, key: Hashable) -> None:
        """Forget a timer."""
        self.plugin.tasks.cancel((self.peer, self.sid, key))

    def later(self, function: Callable[[], object]) -> None:
        """Call when what is being answered now has been answered."""
        self.plugin.after(0, function)

    def spawn(self, work: Work) -> None:
        """Run in the background."""
        self.plugin.spawn(work)

    async def ask(
        self,
        action: Action,
        parts: Sequence[Part] = (),
        reason: Reason | None = None,
        payload: Element | None = None,
        **roles: JID,
    ) -> None:
        """Say something, and wait until the peer has it. Errors: NotConnected, PeerError, RequestTimeout."""
        await self.plugin.ask(Iq.set(self.peer, jingle.write(action, self.sid, parts, reason, payload, **roles)))

    def said(self, action: Action, parts: Sequence[Part]) -> Deferred[None]:
        """The same, as a Deferred."""
        return Deferred.fromCoroutine(self.ask(action, parts))

    def say(self, action: Action, parts: Sequence[Part] = (), reason: Reason | None = None) -> None:
        """Say something, whether the peer has it or not."""
        self.plugin.session.send(Iq.set(self.peer, jingle.write(action, self.sid, parts, reason)).element)

    def make(self, offer: Offer) -> Content:
        """A new content of ours. Errors: NoWayToPeer, TooManyTransfers."""
        ways = self.plugin.ways_to(self.peer)
        if not ways:
            raise NoWayToPeer(peer=self.peer, reason="none that both programs know")
        if len(self.contents) >= MOST:
            raise TooManyTransfers(limit=MOST)
        taken = {content.name for content in self.contents}
        name = offer.name or next(name for name in map(str, range(len(taken) + 1)) if name not in taken)
        creator = "initiator" if self.initiator else "responder"
        part = Part(name, creator, offer.senders, offer.description, security=offer.security)
        content = Content(self, part, ways, None)
        content.to_be_confirmed = offer.confirmed
        self.contents.append(content)
        return content

    def take(self, part: Part) -> Content:
        """A new content of the peer's. Raises ``Refusal`` where it makes no sense, LookupError where we know no way
        for it."""
        assert part.transport is not None
        way = self.plugin.way(part.transport.uri)
        if way is None:
            raise LookupError
        content = Content(self, part, [way], part.transport)
        self.contents.append(content)
        return content

    def remove(self, content: Content, condition: Condition, error: SatError) -> None:
        """Give a content up, and the session with the last one."""
        if content not in self.contents or self.state is State.ENDED:
            return
        condition = self._told(condition)
        if len(self.contents) == 1:
            self.say(Action.SESSION_TERMINATE, reason=Reason(condition))
            self.over(Reason(condition), error)
            return
        rejected = content.phase is Phase.OFFERED and not content.offered_here and self.state is State.ACTIVE
        self.drop(content, error)
        action = Action.CONTENT_REJECT if rejected else Action.CONTENT_REMOVE
        self.say(action, [content.part()], Reason(condition))

    def stream_ended(self, content: Content, error: SatError | None) -> None:
        """A stream has ended, by the peer or by us. One that broke is the end of its content, a little later."""
        stream = content.open_stream
        if error is not None:
            # Who has all that was handed over, or has given it up, may be gone before its word for that is here.
            has_all = stream is not None and stream.is_closing and not content.receiving
            lost = partial(self.remove, content, Condition.CONNECTIVITY_ERROR, error)
            self.after(LINGER if has_all else WHY, lost, key=content.key)
        elif self.state is State.ACTIVE and not self._stays and all(_is_done(each) for each in self.contents):
            self.after(LINGER, lambda: self.end(Condition.TIMEOUT), key="linger")

    def _told(self, condition: Condition) -> Condition:
        """What the peer is told: that a stream broke, rather than that what came of it could not be handled."""
        broken = any(each.open_stream is not None and each.open_stream.error is not None for each in self.contents)
        return Condition.CONNECTIVITY_ERROR if broken and condition is Condition.FAILED_APPLICATION else condition

    def broken(self, error: SatError) -> None:
        """It is over without anybody having said so."""
        if self.state is not State.ENDED:
            self.over(None, error)

    def over(self, reason: Reason | None, error: SatError) -> None:
        self.state = State.ENDED
        for key in ("patience", "linger", "gone", *(content.key for content in self.contents)):
            self.cancel(key)
        for content in self.contents:
            self.cancel(("replacement", *content.key))
        self.plugin.forget(self)
        for content in list(self.contents):
            content.fail(error)
        if reason is None:
            self._finished.fail(error)
        else:
            self._finished.settle(reason)

    def drop(self, content: Content, error: SatError) -> None:
        self.contents.remove(content)
        self.cancel(content.key)
        self.cancel(("replacement", *content.key))
        content.fail(error)

    @property
    def waits_for_us(self) -> bool:
        """Whether it was offered to us, and we have not answered yet."""
        return self.state is State.OFFERED and not self.initiator

    def expect_answer(self) -> None:
        """Give who was asked their time, where there is no answer yet."""
        if self.state is not State.OFFERED:
            return
        seconds = PATIENCE + MORE if self.initiator else PATIENCE
        self.after(seconds, lambda: self._too_late(seconds), key="patience")

    def _too_late(self, seconds: float) -> None:
        reason = Reason(Condition.TIMEOUT)
        self.say(Action.SESSION_TERMINATE, reason=reason)
        self.over(reason, RequestTimeout(peer=self.peer, seconds=round(seconds)))

    def unanswered(self, content: Content) -> None:
        if content.phase is Phase.OFFERED:
            self.remove(content, Condition.TIMEOUT, RequestTimeout(peer=self.peer, seconds=round(PATIENCE + MORE)))


def _is_done(content: Content) -> bool:
    stream = content.open_stream
    return stream is not None and stream.is_over
