"""What the person is told in a sentence, for some seconds, above the window bar and over every dialog."""

from __future__ import annotations

from collections.abc import Callable

import urwid

from sat.api import SatError
from sat_frontends.quick_frontend.text import clean_line

MOST = 2  # sentences at a time
SECONDS, ERROR_SECONDS = 8.0, 15.0


class Telling:
    """The notices. An answer to what the person did takes the place of the answer before."""

    def __init__(self, notices: urwid.Notifications, redraw: Callable[[], object]) -> None:
        self._notices, self._redraw = notices, redraw
        self._answer: urwid.Notification | None = None

    def notice(self, text: str, error: bool = False, seconds: float = 0.0) -> urwid.Notification:
        """Show a sentence; one that is shown already is not repeated."""
        self._redraw()
        shown = next((each for each in self._notices.notifications if each.widget.text == text), None)
        severity = urwid.Severity.ERROR if error else urwid.Severity.INFO
        timeout = seconds or (ERROR_SECONDS if error else SECONDS)
        return shown or self._notices.notify(text, severity=severity, timeout=timeout)

    def failed(self, error: SatError) -> urwid.Notification:
        """Show what went wrong, and what can be done."""
        return self.notice(clean_line(f"{error} {error.advice}".strip()), error=True)

    def answer(self, what: str | SatError = "", error: bool = False) -> None:
        """Show what came of what the person did: a sentence, which may tell of an ``error``, or nothing."""
        if self._answer is not None:
            self._notices.dismiss(self._answer)
        self._answer = None
        if isinstance(what, SatError):
            self._answer = self.failed(what)
        elif what:
            self._answer = self.notice(what, error)
        self._redraw()

    def problems(self, sentences: list[str], where: str) -> None:
        """Show what is wrong from the start. All of it does not fit: ``where`` says where the rest is."""
        shown = sentences if len(sentences) <= MOST else sentences[: MOST - 1]
        for sentence in shown:
            self.notice(sentence, error=True)
        if left := len(sentences) - len(shown):
            self.notice(f"{left} more lines of sat.conf cannot be followed: {where}", error=True)

    def clear(self) -> None:
        """What failed before is no longer true."""
        self._notices.clear()
