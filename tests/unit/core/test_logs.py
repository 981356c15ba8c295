"""The log file."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sat.core import logs


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Where the log goes; it is turned over after 1,000 bytes, and the shell lets everybody read everything."""
    root, package = logging.getLogger(), logging.getLogger("sat")
    before = root.handlers[:], root.level, package.level
    umask = os.umask(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "LIMIT", 1_000)
        logs.start(tmp_path / "state" / "sat.log")
        yield tmp_path / "state" / "sat.log"
    os.umask(umask)
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = before[0], before[1]
    package.setLevel(before[2])


def test_nobody_else_may_read_it_even_after_it_was_turned_over(log_file: Path) -> None:
    for number in range(100):
        logging.getLogger("sat.test").info("line %d", number)
    files = list(log_file.parent.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(log_file.parent.stat().st_mode) == 0o700


def test_what_others_write_makes_no_line_of_its_own(log_file: Path) -> None:
    logging.getLogger("sat.test").info("said %s", "hello\n2026-01-01 ERROR forged\x1b[31m\u202e")
    assert len(log_file.read_text().splitlines()) == 1
    assert "\x1b" not in log_file.read_text()
    assert "\u202e" not in log_file.read_text()


UNHANDLED = """
import gc, sys
from pathlib import Path
from sat.api import Secret
from sat.core import logs
logs.start(Path(sys.argv[1]))
from twisted.internet import reactor
from twisted.internet.defer import Deferred

async def fail(password):
    raise RuntimeError(f"nobody handles {[password]}")

def go():
    Deferred.fromCoroutine(fail(Secret("hunter2")))
    gc.collect()
    reactor.callLater(0, lambda: 1 / 0)
    reactor.callLater(0, reactor.stop)

reactor.callWhenRunning(go)
reactor.run()
"""


def test_what_nobody_has_handled_is_logged(tmp_path: Path) -> None:
    file = tmp_path / "sat.log"
    done = subprocess.run(
        [sys.executable, "-c", UNHANDLED, str(file)], capture_output=True, text=True, timeout=60, check=True
    )
    log = file.read_text()
    assert "CRITICAL - twisted: Unhandled error in Deferred" in log
    assert "RuntimeError: nobody handles [Secret('…')]" in log
    assert "ZeroDivisionError" in log
    assert "Traceback" in log
    assert "hunter2" not in log
    assert (done.stdout, done.stderr) == ("", "")
