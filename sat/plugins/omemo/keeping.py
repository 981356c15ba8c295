"""Where the library keeps keys and sessions: sealed, in the profile's vault, and written once for each message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from omemo.storage import Maybe, Nothing, Storage
from omemo.types import JSONType

from sat.storage.vault import Secrets

T = TypeVar("T")
U = TypeVar("U")


class Fresh(Maybe[T]):
    """A value that nobody else has, so that it can be given away as it is. The library's own copies it again and again,
    which takes a third of the time of a message."""

    def __init__(self, value: T) -> None:
        self._value = value

    is_just = True
    is_nothing = False

    def from_just(self) -> T:
        return self._value

    def maybe(self, default: U) -> T | U:
        return self._value

    def fmap(self, function: Callable[[T], U]) -> Fresh[U]:
        return Fresh(function(self._value))


class Keeping(Storage):
    """All of one profile. It is read whole when the library is loaded; what the library writes is gathered until
    :meth:`take` says what of it is new, for one transaction."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(disable_cache=True)  # this is one
        self._values = values
        self._changed: dict[str, str | None] = {}

    @classmethod
    async def open(cls, secrets: Secrets) -> Keeping:
        """With what is stored. Errors: StorageError."""
        return cls(await secrets.all())

    def take(self) -> dict[str, str | None]:
        """What was written since the last time, by key; None for what was deleted."""
        changed, self._changed = self._changed, {}
        return changed

    def names(self, beginning: str) -> list[str]:
        """The rest of the keys that begin so."""
        return [key[len(beginning) :] for key in self._values if key.startswith(beginning)]

    def has(self, key: str) -> bool:
        """Whether something is kept there."""
        return key in self._values

    def group(self, beginning: str) -> dict[str, str]:
        """All whose keys begin so, by the rest of the key, as they are stored."""
        return {name: self._values[beginning + name] for name in self.names(beginning)}

    def put(self, beginning: str, group: dict[str, str]) -> None:
        """These instead of all whose keys begin so."""
        for name in self.names(beginning):
            if name not in group:
                del self._values[beginning + name]
                self._changed[beginning + name] = None
        for name, text in group.items():
            self._values[beginning + name] = self._changed[beginning + name] = text

    # -- what the library calls ------------------------------------------------------------------------------------

    async def _load(self, key: str) -> Maybe[JSONType]:
        text = self._values.get(key)
        return Nothing() if text is None else Fresh(json.loads(text))

    async def _store(self, key: str, value: JSONType) -> None:
        text = json.dumps(value, separators=(",", ":"))
        if self._values.get(key) != text:
            self._values[key] = self._changed[key] = text

    async def _delete(self, key: str) -> None:
        if self._values.pop(key, None) is not None:
            self._changed[key] = None
