"""The terminal: what it is asked to tell, and what it tells besides keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import urwid
import urwid.display.raw

PASTED = "paste "  # a pasted text comes as one key: this, then the text

_ASK_BACKGROUND = "\x1b]11;?\x1b\\"  # xterm's "OSC 11 ; ?", which most terminals answer
_ANSWER = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)[^\x07\x1b]*(?:\x07|\x1b\\)")
_BEGUN = re.compile(rb"\x1b\]1[^\x07\x1b]{0,40}\x1b?$")
_NO_OSC = ("linux", "dumb", "fbterm")  # these would print it


class Screen(urwid.display.raw.Screen):
    """urwid's screen on this terminal.

    Pasted texts and the focus are asked for at once. urwid would first ask whether the terminal knows them; tmux does
    not answer that, and then a pasted newline would send the line.
    """

    def __init__(self) -> None:
        super().__init__(bracketed_paste_mode=True, focus_reporting=True)
        self._told: Callable[[bool], object] | None = None
        self._held = b""  # the beginning of an answer

    def ask_background(self, told: Callable[[bool], object]) -> None:
        """Ask for the colour behind the text when the screen starts. Nobody waits for the answer: ``told`` is called
        with whether it is light, whenever the terminal says so, if it ever does."""
        if not self.term.startswith(_NO_OSC):
            self._told = told

    def _start(self, *arguments: Any, **named: Any) -> None:
        super()._start(*arguments, **named)
        if self._told is not None:
            self.write(_ASK_BACKGROUND)
            self.flush()

    def get_available_raw_input(self) -> list[int]:
        return list(self.without_answer(bytes(super().get_available_raw_input())))

    def without_answer(self, typed: bytes) -> bytes:
        """What was typed, without the answer to ``ask_background``, which may come in pieces."""
        told = self._told
        if told is None:
            return typed
        typed, self._held = self._held + typed, b""
        if answer := _ANSWER.search(typed):
            self._told = None
            told(_is_light(*answer.groups()))
            return typed[: answer.start()] + typed[answer.end() :]
        if begun := _BEGUN.search(typed):
            self._held = begun[0]
            return typed[: begun.start()]
        return typed


def _is_light(*parts: bytes) -> bool:
    """Whether a colour is nearer to white than to black; its parts are hexadecimal numbers of any length."""
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in parts)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5


class Reports:
    """Takes out of the keys what is none: a pasted text becomes one key, and ``focused`` is told of the focus."""

    def __init__(self, focused: Callable[[bool], object]) -> None:
        self._focused = focused
        self._pasting: list[str] | None = None

    def filter(self, keys: list[Any], _raw: list[int]) -> list[Any]:
        """The keys, as ``urwid.MainLoop`` wants them filtered."""
        return [key for each in keys if (key := self._key(each)) is not None]

    def _key(self, key: Any) -> Any:
        if key in ("focus in", "focus out"):
            self._focused(key == "focus in")
            return None
        if key == "begin paste":
            self._pasting = []
            return None
        if self._pasting is None or not isinstance(key, str):
            return None if key == "end paste" else key
        if key == "end paste":
            text, self._pasting = "".join(self._pasting), None
            return PASTED + text
        self._pasting.append({"enter": "\n", "tab": "    "}.get(key, key if len(key) == 1 else ""))
        return None
