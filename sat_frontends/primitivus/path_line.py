"""A field for the path of a file, completed by Tab."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from sat_frontends.primitivus.input import Line, beginning
from sat_frontends.primitivus.keys import KeyMap

if TYPE_CHECKING:
    from sat_frontends.quick_frontend.command_registry import Completion

SHOWN = 12  # names that are offered


class PathLine(Line):
    """Tab writes what all that fits has in common; ``offer`` is told the names where there are several. Where nothing
    is to be completed, Tab goes on to the next field."""

    def __init__(
        self,
        caption: object,
        keymap: KeyMap,
        possible: Callable[[str], list[Completion]],
        offer: Callable[[list[str]], object],
    ) -> None:
        super().__init__(caption, keymap, wrap="any")
        self._possible, self._offer = possible, offer

    def keypress(self, size: tuple[int], key: str) -> str | None:
        if key == "tab" and self._complete():
            return None
        return super().keypress(size, key)

    def _complete(self) -> bool:
        """Whether there was something to complete."""
        typed = str(self.edit_text)
        found = [each.text for each in self._possible(typed)] if typed else []
        common = beginning(found)
        if len(common) > len(typed):
            self.replace(common)
        elif len(found) < 2:
            return False
        self._offer([os.path.basename(each.rstrip("/")) for each in found[:SHOWN]] if len(found) > 1 else [])
        return True
