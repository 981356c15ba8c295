"""Dino in a network of its own, on a screen that nobody sees, driven by keys as its user would.

It looks for its server by the name of the domain at port 5222, and trusts whom the system trusts: so it lives where our
server has that port, and sees other files under /etc than the rest of the system. That takes the rights of root.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from support.networks import Network
from support.talk import wait

from sat.world import PASSWORD, Bus, Program, Prosody

NAME, PORT = "romy", 5222
NEEDED = ("dino-im", "Xvfb", "xdotool")
NONE, OMEMO = 0, 2  # how Dino writes down by what a conversation is encrypted
_AS_THE_SYSTEM = """
mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"
"""
_ACCOUNT = """
INSERT INTO account (bare_jid, resourcepart, password, alias, enabled) VALUES (:jid, 'dino', :password, '', 1);
INSERT INTO jid (bare_jid) VALUES (:friend);
INSERT INTO conversation (account_id, jid_id, active, active_last_changed, last_active, type, encryption, notification,
                          send_typing, send_marker)
    SELECT account.id, jid.id, 1, 1, 1, 0, 0, 0, 0, 0 FROM account, jid;
"""


def missing() -> list[str]:
    """What is not installed of what this takes."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Screen(Program):
    """An X server without a screen."""

    def __init__(self, folder: Path, inside: Sequence[str]) -> None:
        super().__init__("xvfb", folder)
        self.inside = inside

    def command(self) -> list[str]:
        return ["Xvfb", "-displayfd", "1", "-screen", "0", "1200x800x24", "-nolisten", "tcp"]

    def is_ready(self) -> bool:
        return self.display != ":"

    @property
    def display(self) -> str:
        """Its name, which it tells when it is ready."""
        return ":" + next((line for line in self.log.read_text().split() if line.isdigit()), "")


class Dino(Program):
    """The program, with an account and a conversation with one contact."""

    def __init__(self, folder: Path, server: Prosody, screen: Screen, friend: str, inside: Sequence[str]) -> None:
        super().__init__("dino", folder)
        self.inside, self._server, self._screen, self._friend = inside, server, screen, friend
        self._bus = Bus(folder)
        self._database = folder / "share" / "dino" / "dino.db"
        self.files = folder / "share" / "dino" / "files"

    def command(self) -> list[str]:
        nowhere = self.folder / "resolv.conf"
        nowhere.write_text("nameserver 127.0.0.1\n")  # where nobody is: it is told so at once
        return ["unshare", "--mount", "sh", "-c", _AS_THE_SYSTEM, "sh", str(self._server.ca_file), str(nowhere), "dino-im"]

    def environment(self) -> dict[str, str]:
        names = {"CONFIG": "config", "DATA": "share", "STATE": "state", "CACHE": "cache"}
        own = {f"XDG_{name}_HOME": str(self.folder / part) for name, part in names.items()}
        own |= {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "LANG": "C.UTF-8", "LANGUAGE": "en"}
        own |= {"DBUS_SESSION_BUS_ADDRESS": self._bus.address, "DISPLAY": self._screen.display, "GTK_A11Y": "none"}
        own |= {"GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "LIBGL_ALWAYS_SOFTWARE": "1"}
        return {**os.environ, **own}

    def is_ready(self) -> bool:
        """Whether its database has been made."""
        with suppress(sqlite3.Error), closing(self._open()) as database:
            return bool(database.execute("SELECT 1 FROM _meta WHERE name = 'version'").fetchone())
        return False

    def __enter__(self) -> Dino:
        self._bus.start()
        self.start()
        self.stop()
        with closing(self._open()) as database, database:
            about = {"jid": f"{NAME}@{self._server.domain}", "password": PASSWORD, "friend": self._friend}
            for statement in filter(str.strip, _ACCOUNT.split(";")):
                database.execute(statement, about)
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._bus.stop()

    def encrypt(self, how: int) -> None:
        """Start it anew, with a conversation that is encrypted so."""
        self.stop()
        with closing(self._open()) as database, database:
            database.execute("UPDATE conversation SET encryption = ?", [how])
        self.start()

    def has(self, data: bytes) -> bool:
        """Whether it has taken such a file."""
        return any(path.read_bytes() == data for path in self.files.iterdir())

    def send(self, path: Path) -> None:
        """Send a file to its contact, as soon as it knows that they can take it: until then its key opens nothing."""
        end = time.monotonic() + 20
        while not self._window("Select file"):
            assert time.monotonic() < end, "Dino lets nobody choose a file"
            self._press("Dino", "key", "ctrl+u")
            with suppress(AssertionError):
                wait(lambda: self._window("Select file"), "its window is there", 2)
        self._press("Select file", "type", str(path))
        time.sleep(0.3)  # it looks into the folder meanwhile; Enter before that is lost
        self._press("Select file", "key", "Return")
        wait(lambda: not self._window("Select file"), "it is chosen")
        time.sleep(0.5)  # it is drawn: a box in the window, whose button has the focus
        self._press("Dino", "key", "Return")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._database}?mode=rw", uri=True, timeout=10)

    def _window(self, title: str) -> str:
        found = self._xdotool("search", "--onlyvisible", "--name", f"^{title}$").split()
        return found[0] if found else ""

    def _press(self, title: str, *keys: str) -> None:
        wait(lambda: self._window(title), f"{title} has a window")
        self._xdotool("windowfocus", "--sync", self._window(title))
        self._xdotool(*keys)

    def _xdotool(self, *words: str) -> str:
        variables = {**os.environ, "DISPLAY": self._screen.display}
        command = [*self.inside, "xdotool", *words]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=20).stdout


@contextmanager
def dino(folder: Path, network: Network, server: Prosody, friend: str) -> Iterator[Dino]:
    """Dino, with the account NAME at a server in that network."""
    network.ip("route", "add", "default", "dev", "lo")  # else Dino says that there is no network
    folder.mkdir()
    with Screen(folder, network.inside) as screen, Dino(folder, server, screen, friend, network.inside) as program:
        yield program
