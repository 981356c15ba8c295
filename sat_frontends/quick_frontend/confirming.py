"""Requests of web sites to confirm that it is we who want to enter (XEP-0070)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from sat.api import SatError, Signal
from sat.api.errors import InvalidArgument
from sat.plugins.http_auth.api import Confirmation, HttpAuthApi
from sat_frontends.quick_frontend.text import clean_line


class Confirmations:
    """Those without an answer."""

    def __init__(self, api: HttpAuthApi) -> None:
        self.changed: Signal[None] = Signal()
        self.waiting: list[Confirmation] = []
        self._api = api

    def listen(self) -> list[Callable[[], None]]:
        """Hear of them from now on; what ends that."""
        return [self._api.asked.connect(self._asked), self._api.settled.connect(self._settled)]

    async def load(self) -> None:
        """Load them; there are none where the daemon does not know of such things."""
        with suppress(SatError):
            self.waiting = await self._api.get_confirmations()
            self.changed.emit(None)

    async def answer(self, number: str, allow: bool) -> str:
        """Say that it was we, or not; what came of it, in a sentence. Without a number, of the only one. Errors:
        InvalidArgument, NotFound."""
        if not number:
            if len(self.waiting) != 1:
                raise InvalidArgument(reason="Several ask." if self.waiting else "No web site asks anything.")
            number = self.waiting[0].number
        await self._api.answer(number, allow)
        self._settled([number])
        return "The web site was told that it was you." if allow else "The web site was told that it was not you."

    def _asked(self, new: list[Confirmation]) -> None:
        self.waiting = [*self.waiting, *new]
        self.changed.emit(None)

    def _settled(self, numbers: list[str]) -> None:
        left = [each for each in self.waiting if each.number not in numbers]
        if len(left) != len(self.waiting):
            self.waiting = left
            self.changed.emit(None)


def sentence(confirmation: Confirmation) -> str:
    """What is asked. Clean. Who asks is named where it is not the host of the page: it may want to enter elsewhere in
    our name."""
    host = urlsplit(confirmation.url).hostname or ""
    others = host != confirmation.sender and not host.endswith(f".{confirmation.sender}")
    who = f"{clean_line(confirmation.sender)} asks: do" if others else "Do"
    code = f" The page shows the code {clean_line(confirmation.code)}." if confirmation.code else ""
    return f"{who} you want to open {clean_line(confirmation.url)} now? Only if you have just tried to.{code}"
