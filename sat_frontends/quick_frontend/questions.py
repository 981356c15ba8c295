"""What waits for a person to say yes or no."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from sat.api import SatError, Signal
from sat.api.errors import InvalidArgument


class Numbered(Protocol):
    """A question has a number."""

    @property
    def number(self) -> str: ...


Q = TypeVar("Q", bound=Numbered)


class Questions(Generic[Q]):
    """Those without an answer, of one kind."""

    several = nobody = ""
    """What is said where it is not clear which one is meant, because there are several or none."""
    allowed = denied = ""
    """What is said of an answer."""

    def __init__(
        self,
        asked: Signal[list[Q]],
        settled: Signal[list[str]],
        load: Callable[[], Coroutine[Any, Any, list[Q]]],
        answer: Callable[[str, bool], Coroutine[Any, Any, None]],
    ) -> None:
        self.changed: Signal[None] = Signal()
        self.waiting: list[Q] = []
        self._told, self._over, self._load, self._answer = asked, settled, load, answer

    def listen(self) -> list[Callable[[], None]]:
        """Hear of them from now on; what ends that."""
        return [self._told.connect(self._asked), self._over.connect(self._settled)]

    async def load(self) -> None:
        """Load them; there are none where the daemon does not know of such things."""
        with suppress(SatError):
            self.waiting = await self._load()
            self.changed.emit(None)

    async def answer(self, number: str, allow: bool) -> str:
        """Say yes or no; what came of it, in a sentence. Without a number, to the only one. Errors: InvalidArgument,
        NotFound."""
        if not number:
            if len(self.waiting) != 1:
                raise InvalidArgument(reason=self.several if self.waiting else self.nobody)
            number = self.waiting[0].number
        await self._answer(number, allow)
        self._settled([number])
        return self.allowed if allow else self.denied

    def _asked(self, new: list[Q]) -> None:
        self.waiting = [*self.waiting, *new]
        self.changed.emit(None)

    def _settled(self, numbers: list[str]) -> None:
        left = [each for each in self.waiting if each.number not in numbers]
        if len(left) != len(self.waiting):
            self.waiting = left
            self.changed.emit(None)
