"""A program in a real terminal, tmux, seen by its text."""

from __future__ import annotations

import shlex
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Self

PATIENCE = 30  # seconds
LONG_ENOUGH = 4  # looks, of 0.05 s each and more


class Terminal:
    """A terminal of its own. The shell around the program shows its exit code. A context manager ends both."""

    def __init__(self, env: dict[str, str], command: str, columns: int = 80, rows: int = 24) -> None:
        self._server = ["tmux", "-L", f"sat-test-{uuid.uuid4().hex[:12]}", "-f", "/dev/null"]
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in env.items())
        shell = f"env {settings} LANG=C.UTF-8 {command}; echo ended with $?; sleep 600"
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), shell)

    def _tmux(self, *arguments: str, given: str = "") -> str:
        return subprocess.run(
            [*self._server, *arguments], input=given, capture_output=True, text=True, check=True, timeout=20
        ).stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: ``Enter``, ``M-a``, ``C-x``; other words are typed."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text as it stands."""
        self._tmux("send-keys", "-l", "--", text)

    def paste(self, text: str) -> None:
        """Paste a text, marked as such if the program has asked for it, as terminals do."""
        self._tmux("load-buffer", "-", given=text)
        self._tmux("paste-buffer", "-p", "-d")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def record(self, path: Path) -> None:
        """Write all that the program writes to the terminal, as it is, to a file."""
        self._tmux("pipe-pane", f"cat >> {shlex.quote(str(path))}")

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    def wait(self, condition: Callable[[str], bool]) -> str:
        """Wait until the screen is as wanted, and stays so: it is drawn bit by bit. The screen."""
        end = time.monotonic() + PATIENCE
        before, text = None, self.text
        while text != before or not condition(text):
            assert time.monotonic() < end, f"not what was waited for:\n{text}"
            time.sleep(0.05)
            before, text = text, self.text
        return text

    def shows(self, *words: str) -> str:
        """Wait until all of these are on the screen; lines are taken as they stand. What was there before a key was
        pressed says nothing of what it does."""
        return self.wait(lambda text: all(each in text for each in words))

    def tells(self, sentence: str) -> str:
        """Wait until a sentence is on the screen, which may be broken into lines, in a box or not; long words, too."""
        return self.wait(lambda text: sentence.replace(" ", "") in unfolded(text).replace(" ", ""))

    def escape(self) -> None:
        """Press Esc where one writes, and wait until that is left: with the next key at once it would be another. While
        the screen is drawn there is no cursor either, but not for long."""
        self.press("Escape")
        end = time.monotonic() + PATIENCE
        hidden = 0
        while hidden < LONG_ENOUGH:
            assert time.monotonic() < end, f"the cursor is still shown:\n{self.text}"
            time.sleep(0.05)
            shown = self._tmux("display-message", "-p", "#{cursor_flag}").strip() != "0"
            hidden = 0 if shown else hidden + 1

    def line(self, words: str) -> str:
        """The first line of the screen that holds some words, or nothing."""
        return next((line for line in self.text.splitlines() if words in line), "")

    def close(self) -> None:
        """End the program and the terminal."""
        self._tmux("kill-server")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def unfolded(screen: str) -> str:
    """The words of a screen without the lines and boxes around them. What stands side by side is mixed up."""
    for char in "│┃║┌┐└┘╭╮╰╯─━":
        screen = screen.replace(char, " ")
    return " ".join(screen.split())
