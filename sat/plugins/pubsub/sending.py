"""What the server has to be told of a list of ours, one by one, as soon as it can be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from sat.api.errors import FeatureMissing, NotConnected, RequestTimeout
from sat.core.plugin import Plugin

T = TypeVar("T")
P = TypeVar("P", bound=Plugin)
AGAIN = 60.0  # seconds until a server that did not answer is told again


class Sending(ABC, Generic[P, T]):
    """That of one profile; the list is the subclass's. ``_open``: whether the server takes it in this session."""

    stays: ClassVar[str]
    """What the log says where the server does not take it."""

    def __init__(self, plugin: P) -> None:
        self._plugin = plugin
        self._open = self._sending = False

    def send(self) -> None:
        """Tell the server what it does not know, if there is anything; else at the next opportunity."""
        if self._open and not self._sending and self._next() is not None:
            self._plugin.spawn(self._send_all())

    @abstractmethod
    def _next(self) -> T | None:
        """What it does not know."""

    @abstractmethod
    async def _send(self, item: T) -> Any:
        """Tell it."""

    async def _send_all(self) -> None:
        self._sending = True
        try:
            while self._open and (item := self._next()) is not None:
                await self._send(item)
        except RequestTimeout:
            self._plugin.after(AGAIN, self.send, key="send")
        except NotConnected:  # the next session, or this one when it is resumed
            pass
        except FeatureMissing as error:
            self._open = False
            self._plugin.log.info("%s; %s", error, self.stays)
        finally:
            self._sending = False
