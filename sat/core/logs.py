"""Logging: one line an event, with the profile in it. Nothing secret is ever put in."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import Any

FORMAT = "%(asctime)s %(levelname)-7s %(profile)s %(name)s: %(message)s"
LIMIT = 5_000_000  # bytes of a log file before it is turned over


class _Profile(logging.Filter):
    """Gives lines without a profile a dash; puts control characters of remote text out of action."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "profile"):
            record.profile = "-"
        message = record.getMessage()
        if not message.isprintable():
            record.msg = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in message)
            record.args = ()
        return True


def start(file: Path | None) -> None:
    """Log to a file (0600), or to the terminal."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr) if file is None else _file_handler(file)
    handler.addFilter(_Profile())
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level("info")
    show_traffic(False)
    _hear_twisted()


@cache
def _hear_twisted() -> None:
    """Also log what Twisted complains about: a Deferred whose error nobody has handled, a timer's exception. Twisted
    takes observers once in a process, and says it on stderr where it has none."""
    from twisted.logger import STDLibLogObserver, globalLogBeginner

    observer: Any = STDLibLogObserver()
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)


def _file_handler(file: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler  # 5 ms: not on the way of who logs to the terminal

    class Handler(RotatingFileHandler):
        def _open(self) -> TextIOWrapper:
            # Also when it is turned over: whatever the umask is, nobody else may read it.
            return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_private)

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Handler(file, maxBytes=LIMIT, backupCount=2, encoding="utf-8", errors="replace")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def set_level(level: str) -> None:
    """Log more or less from now on."""
    logging.getLogger("sat").setLevel(level.upper())


def show_traffic(shown: bool) -> None:
    """Whether the XML of the streams is logged (passwords masked)."""
    logging.getLogger("sat.xmpp.traffic").setLevel(logging.DEBUG if shown else logging.WARNING)
