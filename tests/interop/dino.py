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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from support.networks import Network, are_possible
from support.talk import wait

from sat.world import PASSWORD, Bus, Program, Prosody, until

NAME, PORT = "romy", 5222
NEEDED = ("dino-im", "Xvfb", "xdotool")
VERSION = "0.4."
NONE, OMEMO = 0, 2  # how Dino writes down by what a conversation is encrypted
PATIENCE, AGAIN = 30, 5  # seconds, for a key in all, and until it is pressed again
LINES = 400  # of what it has sent and received, in an error
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

_SENT = "SELECT count(*) FROM file_transfer WHERE direction = 1"
_THERE = "SELECT 1 FROM entity JOIN jid ON jid.id = entity.jid_id WHERE bare_jid = :friend AND last_seen"


def missing() -> list[str]:
    """What is not installed of what this takes."""
    return [name for name in NEEDED if shutil.which(name) is None]


def is_known() -> bool:
    """Whether it is a version whose window is driven here: 0.4 of Debian 12 and Ubuntu 24.04."""
    asked = ["dpkg-query", "--show", "--showformat", "${Version}", "dino-im"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith(VERSION)


def is_possible() -> bool:
    """Whether this machine lets us have such a place."""
    tried = ["unshare", "--mount", "mount", "--bind", "/dev/null", "/etc/resolv.conf"]
    return are_possible() and subprocess.run(tried, capture_output=True, check=False).returncode == 0


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
        self._encryption = NONE
        self._database = folder / "share" / "dino" / "dino.db"
        self.files = folder / "share" / "dino" / "files"

    def command(self) -> list[str]:
        nowhere = self.folder / "resolv.conf"
        nowhere.write_text("nameserver 127.0.0.1\n")  # where nobody is: it is told so at once
        arguments = [str(self._server.ca_file), str(nowhere), "dino-im", "--print-xmpp=all"]
        return ["unshare", "--mount", "sh", "-c", _AS_THE_SYSTEM, "sh", *arguments]

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
        """Have the conversation encrypted so; for another way than before it is started anew."""
        if how == self._encryption:
            return
        self.stop()
        with closing(self._open()) as database, database:
            database.execute("UPDATE conversation SET encryption = ?", [how])
            database.execute("UPDATE entity SET last_seen = 0")  # by the next one
        self._encryption = how
        self.start()

    def has(self, data: bytes) -> bool:
        """Whether it has taken such a file."""
        return any(path.read_bytes() == data for path in self.files.iterdir())

    def send(self, path: Path) -> None:
        """Send a file to its contact. Before it has seen them, its key for that does nothing."""
        wait(lambda: self._ask(_THERE, friend=self._friend), "Dino sees its contact")
        self._press_until("Dino", "ctrl+u", lambda: self._window("Select file"))
        self._xdotool("windowfocus", "--sync", self._window("Select file"))
        self._xdotool("type", "--delay", "2", str(path))
        self._press_until("Select file", "Return", lambda: not self._window("Select file"))
        sent = self._ask(_SENT)
        # A box in the window has the focus then. Where one presses before it is there, an empty text is not sent.
        self._press_until("Dino", "Return", lambda: self._ask(_SENT) != sent)

    def _ask(self, question: str, **about: object) -> list[tuple[object]]:
        with closing(self._open()) as database:
            return database.execute(question, about).fetchall()

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._database}?mode=rw", uri=True, timeout=10)

    def _window(self, title: str) -> str:
        found = self._xdotool("search", "--onlyvisible", "--name", f"^{title}$").split()
        return found[0] if found else ""

    def _press_until(self, title: str, key: str, happened: Callable[[], object]) -> None:
        """Press a key in a window until it is seen to have done something: a window takes none while it is drawn."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < end, f"{key} does nothing in {title}; {self._state()}"
            if window := self._window(title):
                self._xdotool("windowfocus", "--sync", window, "key", key)
                until(lambda: bool(happened()), AGAIN)

    def _state(self) -> str:
        """What it shows and knows, for who looks why it does nothing."""
        windows = self._xdotool("search", "--onlyvisible", "--name", "").split()
        names = [self._xdotool("getwindowname", each).strip() for each in windows]
        focus = self._xdotool("getwindowfocus", "getwindowname").strip()
        programs = self._ask("SELECT bare_jid, resource, last_seen, caps_hash FROM entity JOIN jid ON jid.id = jid_id")
        features = self._ask("SELECT entity, group_concat(feature, ' ') FROM entity_feature GROUP BY entity")
        lines = "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-LINES:])
        return (
            f"{'running' if self.running else 'ended'}, windows {names}, focus in {focus!r},"
            f" programs {programs}, features {features}, it wrote\n{lines}"
        )

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
