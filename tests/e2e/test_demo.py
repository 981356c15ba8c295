"""``sat demo``, as a person starts and ends it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes import alive, processes_naming

from sat.world import until
from sat.world.daemon import script
from sat.world.terminal import Terminal

SECONDS = 60


@pytest.fixture
def demo() -> Iterator[subprocess.Popen[bytes]]:
    """A demo that nobody looks at."""
    with subprocess.Popen([script("sat"), "demo"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        yield process
        process.terminate()  # not killed: then its folder would stay


def read_until(process: subprocess.Popen[bytes], words: str) -> str:
    """What a program prints, up to some words."""
    text, end = b"", time.monotonic() + SECONDS
    while words.encode() not in text and time.monotonic() < end and select.select([process.stdout], [], [], 1):
        chunk = os.read(process.stdout.fileno(), 65536)
        if not chunk:
            break
        text += chunk
    assert words in text.decode()
    return text.decode()


def folder_in(text: str) -> Path:
    """The world's folder, from the line that tells how a shell gets into it."""
    return Path(re.search(r"\. (\S*sat-world-\S+)/env", text)[1])


def test_a_message_passes_through_every_frontend():
    done = subprocess.run(
        [script("sat"), "demo", "--check"], capture_output=True, text=True, timeout=4 * SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 8, done.stdout


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_shell_gets_in_and_nothing_is_left(demo, end, code):
    folder = folder_in(read_until(demo, "until you press Ctrl-C"))
    assert folder.exists()
    assert len(processes_naming(str(folder))) >= 4  # server, bus, daemon, web
    done = subprocess.run(
        ["sh", "-c", f". {folder / 'env'} && jp -p alice message history bob@localhost"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Salut Alice" in done.stdout, done.stderr
    demo.send_signal(end)
    assert demo.wait(SECONDS) == code
    assert not folder.exists()
    assert until(lambda: not processes_naming(str(folder)), 5)


def test_nothing_is_left_of_a_daemon_that_the_shell_started(demo):
    folder = folder_in(read_until(demo, "until you press Ctrl-C"))
    done = subprocess.run(
        ["sh", "-c", f". {folder / 'env'} && sat stop && sat start && jp -p alice message send bob@localhost again"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    started = int(re.search(r"\(process (\d+)\)", done.stdout)[1])
    assert alive(started)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(SECONDS) == 0
    assert not alive(started)
    assert not folder.exists()
    assert until(lambda: not processes_naming(str(folder)), 5)


def test_a_terminal_gets_primitivus():
    with Terminal([script("sat"), "demo"], dict(os.environ)) as terminal:
        assert terminal.shows("Opening", SECONDS), terminal.drawn()
        assert terminal.shows("Carol", SECONDS), terminal.drawn()
        terminal.forget()
        terminal.press("\x0c")  # Ctrl-l: drawn again, so what is seen is on primitivus' screen
        assert terminal.shows("http://127.0.0.1:", SECONDS), "nobody could read what was printed below it"
        terminal.forget()
        terminal.press("\x18")  # Ctrl-x
        assert terminal.shows("until you press Ctrl-C", SECONDS), terminal.drawn()
        folder = folder_in(terminal.drawn())
    assert until(lambda: not folder.exists(), SECONDS)
    assert until(lambda: not processes_naming(str(folder)), 5)
