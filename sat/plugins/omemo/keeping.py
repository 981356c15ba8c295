"""Where the library keeps keys and sessions: sealed, in the profile's vault, and written once for each message."""

from __future__ import annotations

import json

from omemo.storage import Just, Maybe, Nothing, Storage
from omemo.types import JSONType

from sat.storage.vault import Secrets


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

    # -- what the library calls ------------------------------------------------------------------------------------

    async def _load(self, key: str) -> Maybe[JSONType]:
        text = self._values.get(key)
        return Nothing() if text is None else Just(json.loads(text))

    async def _store(self, key: str, value: JSONType) -> None:
        text = json.dumps(value, separators=(",", ":"))
        if self._values.get(key) != text:
            self._values[key] = self._changed[key] = text

    async def _delete(self, key: str) -> None:
        if self._values.pop(key, None) is not None:
            self._changed[key] = None
