"""The command line of ``sat``."""

from __future__ import annotations

import argparse
from pathlib import Path

PURPOSE = "The daemon of Salut à Toi: keeps your XMPP accounts online for jp, primitivus and libervia."


def parser() -> argparse.ArgumentParser:
    """Reads it; ``command`` is which of the commands was given."""
    from sat import __version__

    whole = argparse.ArgumentParser(
        prog="sat",
        description=PURPOSE,
        epilog="examples:\n  sat start\n  sat status\n  sat demo      a world of its own, no account needed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"sat {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    add("start", "start the daemon in the background, and wait until it is ready")
    add("stop", "end the daemon")
    add("status", "say whether the daemon runs, and how its profiles stand")
    run = add("run", "run the daemon in the foreground")
    run.add_argument("--log-file", action="store_true", help="log to the state folder instead of the terminal")
    add("log", "show the end of the daemon's log")
    service = add("install-service", "let D-Bus and systemd start the daemon for you when it is needed")
    service.add_argument("--data", type=Path, metavar="FOLDER", help="write below this, as /usr/share, for everybody")
    service.add_argument("--program", metavar="PATH", help="the full path of sat, if it is not this one")
    demo = add("demo", "a local world with a server, alice and bob; no account needed")
    demo.add_argument("--check", action="store_true", help="pass a message through every frontend, and end")
    return whole
