"""A program in a terminal that nobody looks at: keys go in, what it draws comes out."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from typing import Self

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[=>78])")


class Terminal:
    """A context manager: inside it the program runs, after it the program has ended."""

    def __init__(self, command: list[str], env: dict[str, str], columns: int = 80, rows: int = 24) -> None:
        self._command = command
        self._env = {**env, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self._size = (rows, columns)
        self._drawn = b""

    def __enter__(self) -> Self:
        self._screen, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, self._size)
        self._process = subprocess.Popen(
            self._command, stdin=theirs, stdout=theirs, stderr=theirs, env=self._env, start_new_session=True
        )
        os.close(theirs)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        # It may want to put the terminal right before it ends, so what it draws is read until then.
        self._read_until(lambda: self._process.poll() is not None, 5)
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended by itself."""
        return self._process.poll() is None

    def press(self, keys: str) -> None:
        """Type keys: text, ``\\r`` for Enter, ``\\x1ba`` for Alt-a."""
        os.write(self._screen, keys.encode())

    def shows(self, text: str, seconds: float = 20) -> bool:
        """Whether a text was drawn since the last ``forget``, waiting for it. Give a single word: a program need not
        draw the blanks between words."""
        wanted = text.encode()
        return self._read_until(lambda: wanted in self._text(), seconds)

    def forget(self) -> None:
        """Forget what was drawn until now."""
        self._drawn = b""

    def drawn(self) -> str:
        """What was drawn since the last ``forget``, without colours and places."""
        return self._text().decode(errors="replace")

    @property
    def raw(self) -> str:
        """What was drawn since the last ``forget``, as the program wrote it."""
        return self._drawn.decode(errors="replace")

    def _text(self) -> bytes:
        return _ESCAPES.sub(b"", self._drawn)

    def _read_until(self, condition: object, seconds: float) -> bool:
        assert callable(condition)
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            over = self._process.poll() is not None  # what it has drawn before is still to be read
            if select.select([self._screen], [], [], 0.05)[0]:
                try:
                    self._drawn += os.read(self._screen, 65536)
                except OSError:  # EIO: nobody is at the other side any more
                    return bool(condition())
            elif over:
                return bool(condition())
        return True
