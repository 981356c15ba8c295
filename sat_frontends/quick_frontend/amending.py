"""Answers, corrections and reactions in one conversation: what the text being written is for, and small changes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sat.api import SatError
from sat.api.messages import Message, MessageKind
from sat.plugins.correction.api import CorrectionApi
from sat.plugins.reactions.api import ReactionsApi
from sat.plugins.retraction.api import RetractionApi

COMMON = ("👍", "❤️", "😂", "😮", "😢", "🙏", "🎉", "👎")
"""Reactions to choose from, before all others."""

RETRACTING = "It is deleted here, and who has it is asked to delete it too. Who has read it has read it."
"""What to know before a message is taken back."""


class Amenders(Protocol):
    """The typed clients that change messages."""

    @property
    def correction(self) -> CorrectionApi: ...
    @property
    def retraction(self) -> RetractionApi: ...
    @property
    def reactions(self) -> ReactionsApi: ...


class Purpose(StrEnum):
    """What the text being written is for."""

    NEW = "new"
    ANSWER = "answer"
    CORRECTION = "correction"


class Composing(NamedTuple):
    """What the text being written is for, and the message that it answers or corrects."""

    purpose: Purpose = Purpose.NEW
    message: Message | None = None

    @property
    def id(self) -> str:
        """The id of that message."""
        return self.message.id if self.message is not None else ""


NEW = Composing()


def can_correct(message: Message) -> bool:
    """Whether we may replace its text."""
    return message.outgoing and not message.retracted and message.kind is not MessageKind.ERROR


def can_react(message: Message) -> bool:
    """Whether a reaction or an answer to it makes sense."""
    return not message.retracted and message.kind is not MessageKind.ERROR


def toggled(message: Message, emoji: str) -> list[str]:
    """Our reactions to a message when one is put on it, or taken away if it is there."""
    ours = [each.emoji for each in message.reactions if each.own]
    return [each for each in ours if each != emoji] if emoji in ours else [*ours, emoji]


class Amending:
    """The changes of one conversation. Errors go to ``fail``, None when something went well."""

    def __init__(self, apis: Amenders | None, fail: Callable[[SatError | None], None]) -> None:
        self._apis, self._fail = apis, fail

    async def correct(self, id: str, text: str) -> bool:
        """Replace the text of one of ours; whether that was stored."""
        return self._apis is not None and await self._try(self._apis.correction.correct(id, text))

    async def retract(self, id: str) -> bool:
        """Take one of ours back; whether that was stored."""
        return self._apis is not None and await self._try(self._apis.retraction.retract(id))

    async def react(self, message: Message, emoji: str) -> bool:
        """Put a reaction on a message, or take ours away; whether that was stored."""
        return self._apis is not None and await self._try(
            self._apis.reactions.react(message.id, toggled(message, emoji))
        )

    async def _try(self, work: Coroutine[Any, Any, None]) -> bool:
        try:
            await work
        except SatError as error:
            self._fail(error)
            return False
        self._fail(None)
        return True
