"""An offer of an older program, in the form of a session with one content: files are received from it as from those."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import Cancelled, NoWayToPeer, SatError
from sat.core.plugin import Refusal
from sat.core.tasks import Work
from sat.plugins.files import wire
from sat.plugins.files.wire import About
from sat.plugins.jingle.outcome import Outcome
from sat.plugins.jingle.session import PATIENCE
from sat.plugins.jingle.stream import Stream
from sat.xmpp.jingle import Condition, Reason
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.stream_initiation.plugin import StreamInitiation

OPENED_WITHIN = 60.0  # seconds in which the sender opens the stream


class Initiation:
    """One offer, and the stream that comes of it."""

    initiator = False
    sending, receiving = False, True
    name, creator = key = "file", "initiator"
    security = None  # older programs do not encrypt

    def __init__(self, plugin: StreamInitiation, peer: JID, sid: str, method: str, about: About) -> None:
        self.peer, self.clock = peer, plugin.session.clock
        self.description = wire.description(about)
        self._plugin, self._sid, self._method = plugin, sid, method
        self._answer: Deferred[About] = Deferred()
        self._found: Outcome[Stream] = Outcome()
        self._finished: Outcome[Reason] = Outcome()
        self._expected: Deferred[Any] | None = None
        self._stream: Stream | None = None
        plugin.after(PATIENCE, lambda: self.end(Condition.TIMEOUT), key=self)

    async def wait(self) -> About:
        """Which part of it somebody here takes. Raises ``Refusal``."""
        return await self._answer

    # -- as a session, and its content -----------------------------------------------------------------------------

    @property
    def session(self) -> Initiation:
        """Itself."""
        return self

    @property
    def contents(self) -> list[Initiation]:
        """Itself, as long as it lives."""
        return [] if self._finished.settled else [self]

    async def stream(self) -> Stream:
        """The bytes."""
        return await self._found.wait()

    async def finish(self) -> Reason:
        """Wait for the end."""
        return await self._finished.wait()

    async def tell(self, payload: Element) -> None:
        """There is no way to say more."""

    def later(self, function: Callable[[], object]) -> None:
        """Call soon."""
        self._plugin.after(0, function)

    def spawn(self, work: Work) -> None:
        """Run in the background."""
        self._plugin.spawn(work)

    def after(self, seconds: float, function: Callable[[], object], key: Hashable) -> None:
        """Call once, later."""
        self._plugin.after(seconds, function, key=(self, key))

    def cancel(self, key: Hashable) -> None:
        """Forget a timer."""
        self._plugin.tasks.cancel((self, key))

    def stay(self) -> None:
        """It does not end by itself, once there is a stream."""

    @property
    def is_online(self) -> bool:
        """Whether we are."""
        return self._plugin.session.online

    async def knows(self, feature: str) -> bool:
        """Nothing new."""
        return False

    async def check_peer(self) -> None:
        """Those programs know no such question."""

    def remove(self, content: object, condition: Condition, error: SatError) -> None:
        """Give it up, because of that."""
        if self._stream is not None:
            self._stream.abort(error)
        self.end(condition)

    def accept_later(self, descriptions: Mapping[str, Element]) -> None:
        """Take it, when what is being answered now has been answered."""
        self.later(lambda: self.spawn(self.accept(descriptions)))

    async def accept(self, descriptions: Mapping[str, Element]) -> None:
        """Take it, and expect its stream."""
        if self._answer.called:
            return
        self.description = descriptions[self.name]
        try:
            self._expected = self._plugin.expect(self.peer, self._sid, self._method)
        except SatError as error:
            self._found.fail(error)
            self.end(Condition.FAILED_TRANSPORT)
            return
        self._plugin.after(OPENED_WITHIN, self._late, key=self)
        self._expected.addCallbacks(self._opened, self._not_opened)
        self._answer.callback(wire.read_description(self.description))

    def reject_content(self, content: object, condition: Condition = Condition.DECLINE) -> None:
        """Do not take it, or no more of it."""
        self.end(condition)

    def end(self, condition: Condition = Condition.SUCCESS) -> None:
        """It is over."""
        if self._finished.settled:
            return
        self._plugin.tasks.cancel(self)
        self._plugin.over(self)
        self._finished.settle(Reason(condition))
        self._found.fail(Cancelled())
        if self._expected is not None and not self._expected.called:
            self._expected.cancel()
        if self._stream is not None:
            self._stream.satisfy() if condition is Condition.SUCCESS else self._stream.abort()
        if not self._answer.called:
            self._answer.errback(Refusal("forbidden", "Offer Declined"))

    def _opened(self, stream: Stream) -> None:
        self._plugin.tasks.cancel(self)
        self._stream = stream
        self._found.settle(stream)

    def _not_opened(self, failure: Failure) -> None:
        error = failure.value
        self._found.fail(error if isinstance(error, SatError) else Cancelled())
        self.end(Condition.FAILED_TRANSPORT)

    def _late(self) -> None:
        self._found.fail(NoWayToPeer(peer=self.peer, reason="the other program has opened no stream"))
        self.end(Condition.TIMEOUT)
