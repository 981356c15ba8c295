"""The programs of others that ours are compared with: where they are, and how they are set up for a world.

``tools/setup bench`` installs them. Each is started as its user would: from its configuration, with an account that
goes online by itself.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.registry import Row
from sat.world import PASSWORD, World

ROOT = Path(__file__).parent.parent
NOBODY = "65534"


def find(name: str) -> str:
    """The path of a program, or nothing."""
    return shutil.which(name) or shutil.which(name, path="/usr/games") or ""


def slixmpp_python() -> str:
    """A Python that has slixmpp, or nothing."""
    folder = ROOT / ".venv-peers"
    return str(folder / "bin/python") if (folder / ".installed").exists() else ""


def missing(name: str, program: str) -> Row:
    """The row of what could not be compared."""
    return Row(f"{name}: compared with {program}", 0, "", 0, f"{program} is missing: tools/setup bench", False)


class Profanity:
    """profanity with an account of the world."""

    def __init__(self, world: World, person: str) -> None:
        self.jid = world.jid(person)
        self.command = [find("profanity"), "--account", self.jid]
        self.env = _own_folders(world, "profanity")
        folder = Path(self.env["XDG_DATA_HOME"]) / "profanity"
        folder.mkdir(parents=True, exist_ok=True)
        account = {
            "enabled": "true",
            "jid": self.jid,
            "server": "127.0.0.1",
            "port": world.prosody.port,
            "password": PASSWORD,
            "resource": "profanity",
            "tls.policy": "trust",  # so it does not ask; it checks nothing either
        }
        lines = [f"[{self.jid}]", *(f"{key}={value}" for key, value in account.items())]
        (folder / "accounts").write_text("\n".join(lines) + "\n")


class Poezio:
    """poezio with an account of the world. It refuses to run as root, so there it runs as nobody."""

    def __init__(self, world: World, person: str) -> None:
        self.command = [find("poezio")]
        self.env = _own_folders(world, "poezio")
        config = Path(self.env["XDG_CONFIG_HOME"]) / "poezio/poezio.cfg"
        config.parent.mkdir(parents=True, exist_ok=True)
        options = {
            "jid": world.jid(person),
            "password": PASSWORD,
            "custom_host": "127.0.0.1",
            "custom_port": world.prosody.port,
            "ca_cert_path": world.prosody.ca_file,
        }
        config.write_text("\n".join(["[Poezio]", *(f"{key} = {value}" for key, value in options.items()), ""]))
        if os.getuid() == 0:
            self.command = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", *self.command]
            world.folder.chmod(0o711)
            home = Path(self.env["HOME"])
            for path in [home, *home.rglob("*")]:
                os.chown(path, int(NOBODY), int(NOBODY))


def _own_folders(world: World, name: str) -> dict[str, str]:
    home = world.folder / name
    names = {"CONFIG": "config", "DATA": "share", "STATE": "state", "CACHE": "cache"}
    own = {f"XDG_{variable}_HOME": str(home / folder) for variable, folder in names.items()}
    home.mkdir(exist_ok=True)
    return {**world.environment(), **own, "HOME": str(home)}
