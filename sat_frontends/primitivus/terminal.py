"""The terminal: what it is asked to tell, and what it tells besides keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import urwid
import urwid.display.raw

PASTED = "paste "  # a pasted text comes as one key: this, then the text

_ASK_BACKGROUND = "\x1b]11;?\x1b\\"  # xterm's "OSC 11 ; ?", which most terminals answer
_ANSWER = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)[^\x07\x1b]*(?:\x07|\x1b\\)")
_BEGUN = re.compile(rb"\x1b\]1[^\x07\x1b]{0,40}\x1b?$")
NO_STRINGS = ("linux", "dumb", "fbterm")
"""Terminals that would print such questions."""


class Question(NamedTuple):
    """What the terminal is asked for, what its answer looks like and how it begins. ``told`` is called with the answer,
    if it ever comes."""

    ask: str
    answer: re.Pattern[bytes]
    begun: re.Pattern[bytes]
    told: Callable[[re.Match[bytes]], object]


class Screen(urwid.display.raw.Screen):
    """urwid's screen on this terminal.

    Pasted texts and the focus are asked for at once. urwid would first ask whether the terminal knows them; tmux does
    not answer that, and then a pasted newline would send the line.
    """

    def __init__(self) -> None:
        super().__init__(bracketed_paste_mode=True, focus_reporting=True)
        self.on_draw: Callable[[urwid.Canvas], object] = lambda canvas: None
        """Called with what will be drawn."""
        self.on_stop: Callable[[], object] = lambda: None
        """Called before the terminal is given back."""
        self._questions: list[Question] = []
        self._held = b""  # the beginning of an answer

    def ask(self, question: Question) -> None:
        """Ask it when the screen starts. Nobody waits for the answer, which is no input."""
        self._questions.append(question)

    def ask_background(self, told: Callable[[bool], object]) -> None:
        """Ask for the colour behind the text when the screen starts. Nobody waits for the answer: ``told`` is called
        with whether it is light, whenever the terminal says so, if it ever does."""
        if not self.term.startswith(NO_STRINGS):
            self.ask(Question(_ASK_BACKGROUND, _ANSWER, _BEGUN, lambda answer: told(_is_light(*answer.groups()))))

    def _start(self, *arguments: Any, **named: Any) -> None:
        super()._start(*arguments, **named)
        if self._questions:
            self.write("".join(each.ask for each in self._questions))
            self.flush()

    def _stop(self) -> None:
        self.on_stop()
        super()._stop()

    def draw_screen(self, size: tuple[int, int], canvas: urwid.Canvas) -> None:
        self.on_draw(canvas)
        super().draw_screen(size, canvas)

    def get_available_raw_input(self) -> list[int]:
        return list(self.without_answer(bytes(super().get_available_raw_input())))

    def without_answer(self, typed: bytes) -> bytes:
        """What was typed, without the answers to questions, which may come in pieces."""
        typed, self._held = self._held + typed, b""
        for question in list(self._questions):
            if answer := question.answer.search(typed):
                self._questions.remove(question)
                question.told(answer)
                typed = typed[: answer.start()] + typed[answer.end() :]
        for question in self._questions:
            if begun := question.begun.search(typed):
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
