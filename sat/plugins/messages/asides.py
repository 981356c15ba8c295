"""What belongs to a conversation and is no message: receipts, markers, typing. It is not stored here, and leaves now or
not at all; where the conversation is encrypted, so is it, as far as the other side can read that."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.errors import SatError
from sat.core.plugin import Plugin
from sat.xmpp.stanzas import Message

MOST = 100  # that are being encrypted; of more, the newest are not sent: they would come too late


class Aside(NamedTuple):
    """One of a conversation with ``peer``. ``method`` is how what it is about was encrypted; ``fleeting``: worth little
    and soon over; ``holds`` says whether it is still true when it could leave."""

    message: Message
    peer: JID
    method: str = ""
    fleeting: bool = False
    holds: Callable[[], bool] = lambda: True


Veil = Callable[[Aside], "Coroutine[Any, Any, None] | None"]


class Asides:
    """Those of one profile. ``veil`` gives the work that encrypts one, None where it leaves as it is; it fails where it
    is not to leave."""

    def __init__(self, plugin: Plugin) -> None:
        self.veil: Veil = lambda aside: None
        self._plugin = plugin
        self._waiting = 0

    def send(self, aside: Aside) -> None:
        """Let it leave."""
        work = self.veil(aside)
        if work is None:
            self._plugin.session.send(aside.message.element)
        elif self._waiting < MOST:
            self._waiting += 1
            self._plugin.spawn(self._send_later(aside, work))
        else:
            work.close()

    async def _send_later(self, aside: Aside, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SatError as error:
            self._plugin.log.info("what goes with a conversation with %s is not sent: %s", aside.peer, error)
        else:
            if aside.holds():
                self._plugin.session.send(aside.message.element)
        finally:
            self._waiting -= 1
