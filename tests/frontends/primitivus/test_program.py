"""The program as it is started: what it imports, and what it says where it cannot run."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

from sat_frontends.primitivus.main import main

START = [sys.executable, "-m", "sat_frontends.primitivus.main"]


def test_imports_nothing_it_must_not():
    code = (
        "import sys\n"
        "from sat_frontends.primitivus.main import UNNEEDED, without\n"
        "with without(*UNNEEDED):\n"
        "    import urwid\n"
        "import sat_frontends.primitivus.app, sat_frontends.primitivus.linking, sat_frontends.primitivus.wizard\n"
        "import sat_frontends.primitivus.settings, sat_frontends.primitivus.searching\n"
        "unwanted = ('twisted', 'sat.core', 'sat.xmpp', 'sat.storage', 'ssl')\n"
        "print([name for name in sys.modules if name.startswith(unwanted)])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    assert main(["--version"]) == 0
    assert "usage: primitivus" in capsys.readouterr().out


def test_a_wrong_option_is_told(capsys):
    assert main(["--colour"]) == 2
    assert "“--colour” is not known" in capsys.readouterr().err


def test_without_a_terminal_it_says_so():
    done = subprocess.run(START, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "primitivus needs a terminal. In scripts, jp does the same things.\n"


class Screen:
    """primitivus on a terminal of its own, with no bus to find."""

    def __init__(self, folder) -> None:
        self.ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        env = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        self.process = subprocess.Popen(START, stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True)
        os.close(theirs)
        self.drawn = b""

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + 30
        while text.encode() not in self.drawn:
            assert time.monotonic() < end, self.drawn[-500:]
            if select.select([self.ours], [], [], 0.1)[0]:
                self.drawn += os.read(self.ours, 65536)

    def close(self) -> int:
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            os.close(self.ours)


def test_without_a_bus_it_ends_with_the_sentence_and_its_code(tmp_path):
    screen = Screen(tmp_path)
    screen.wait_for("Quit")
    os.write(screen.ours, b"\r")
    screen.wait_for("primitivus: There is no D-Bus session to talk to the daemon.")
    assert b"Traceback" not in screen.drawn
    assert screen.close() == 3


def test_it_ends_in_order_when_it_is_told_to(tmp_path):
    screen = Screen(tmp_path)
    screen.wait_for("Quit")
    screen.process.send_signal(signal.SIGTERM)
    screen.wait_for("\x1b[?1049l")
    assert screen.close() == 3
    assert b"Traceback" not in screen.drawn


def test_ctrl_c_only_says_how_to_leave(tmp_path):
    screen = Screen(tmp_path)
    screen.wait_for("Quit")
    screen.process.send_signal(signal.SIGINT)
    screen.wait_for("leaves")
    assert screen.process.poll() is None
    os.write(screen.ours, b"\x18")
    assert screen.close() == 3
