"""Messages that wait for one that is being decrypted."""

from __future__ import annotations

from support.romeo import parse
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, on_message
from sat.xmpp.stanzas import Message


class Slow(Plugin):
    """Takes its time."""

    def __init__(self, session):
        super().__init__(session)
        self.seen, self.work = [], Deferred()

    @on_message(Stage.UNWRAP)
    def _unwrap(self, arrival: Arrival) -> None:
        self.seen.append(("unwrap", arrival.message.id))

    @on_message(Stage.DECRYPT)
    async def _open(self, arrival: Arrival) -> None:
        self.seen.append(("open", arrival.message.id))
        await self.work


def message(id):
    return Message(parse(f"<message from='juliet@capulet.lit/b' id='{id}'><body>x</body></message>"))


def test_what_comes_again_is_placed_already(romeo):
    slow = romeo.plug(Slow)
    arrival = Arrival(message("1"), JID("juliet@capulet.lit/b"))
    arrival.again = "r1"
    romeo.accept(arrival)
    assert slow.seen == [("open", "1")]
    slow.work.callback(None)
