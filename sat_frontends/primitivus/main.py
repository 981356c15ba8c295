"""``primitivus``: the console frontend."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sat_frontends.primitivus.frame import Frame

PURPOSE = "Chat over XMPP in the terminal. The daemon sat keeps you online; F1 shows the keys."
USAGE = f"""\
usage: primitivus [-p PROFILE] [--notice TEXT]

{PURPOSE}

  -p, --profile PROFILE  show this profile, else the default one
  --notice TEXT          say this first
  -h, --help             show this text
  --version              show the version
"""

# urwid imports the loops of other libraries where they are installed; Twisted alone takes longer than all the rest.
# asyncio and secrets load OpenSSL where they can; the daemon does the cryptography, so that is saved too.
UNNEEDED = ("twisted", "tornado", "trio", "zmq", "gi", "ssl", "_hashlib")


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Within it, these modules cannot be imported, unless they have been already."""
    blocked = [name for name in names if name not in sys.modules]
    for name in blocked:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to say so
    try:
        yield
    finally:
        for name in blocked:
            del sys.modules[name]


class WrongUse(Exception):
    """The command line cannot be followed; the text says why."""


class Wanted(NamedTuple):
    """What the command line asks for: a profile or the default one, and a sentence to say first."""

    profile: str = ""
    notice: str = ""


def wanted(arguments: list[str]) -> Wanted:
    """Read the command line."""
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        option, given, value = argument.partition("=")
        if argument.startswith("-p") and not argument.startswith("--"):
            option, given, value = "-p", argument[2:], argument[2:]
        name = {"-p": "profile", "--profile": "profile", "--notice": "notice"}.get(option)
        if name is None:
            raise WrongUse(f"“{argument}” is not known")
        found[name] = value if given else next(rest, "")
        if not found[name]:
            raise WrongUse(f"{option} needs {'the name of a profile' if name == 'profile' else 'a text'}")
    return Wanted(**found)


def log_to_file() -> None:
    """Write what goes wrong into a file: the screen is ours."""
    import logging

    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    try:
        path = Path(base) / "sat"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = logging.FileHandler(path / "primitivus.log", "a", "utf-8", delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)


def main(arguments: list[str] | None = None) -> int:
    """Run primitivus; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if any(each in ("-h", "--help") for each in arguments):
        print(USAGE, end="")
        return 0
    if "--version" in arguments:
        from sat import __version__

        print(f"primitivus {__version__}")
        return 0
    try:
        what = wanted(arguments)
    except WrongUse as error:
        print(f"primitivus: {error}.\n{USAGE}", file=sys.stderr)
        return 2
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("primitivus needs a terminal. In scripts, jp does the same things.", file=sys.stderr)
        return 2
    return run(what)


def run(what: Wanted) -> int:
    """Show the screen until the person leaves."""
    gc.disable()  # modules are not garbage; looking for some in them takes a tenth of the start
    log_to_file()
    with without(*UNNEEDED):
        import urwid  # noqa: F401 - the modules below find it imported
    import asyncio

    from sat_frontends.primitivus.config import read_config
    from sat_frontends.primitivus.frame import Frame
    from sat_frontends.primitivus.terminal import Screen

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        frame = Frame(Screen(), runner.get_loop(), read_config())
        frame.loop.run(fill(frame, what))
        app = frame.root.app
        if app is None:
            return 0
        app.close()  # the bus needs the loop to take its leave
    if app.exit_notice:
        print(app.exit_notice)
    if app.exit_to:
        return give_way(app.exit_to)
    error = app.exit_error
    if error is not None and app.session.live is None:
        print(f"primitivus: {error} {error.advice}".strip(), file=sys.stderr)
        return error.exit_code
    return 0


def give_way(command: list[str]) -> int:
    """Let another program take the terminal over; the exit code if that does not work."""
    try:
        os.execv(command[0], command)  # noqa: S606 - the shell is who started us
    except OSError as error:
        print(f"primitivus: {command[0]} could not be started: {error.strerror}.", file=sys.stderr)
        return 1


async def fill(frame: Frame, what: Wanted) -> None:
    """Fill the frame, once it is drawn: what this imports takes longer than the first screen."""
    from sat_frontends.primitivus.app import App
    from sat_frontends.primitivus.linking import connect

    gc.freeze()
    gc.enable()
    await App(frame, connect, what.profile).begin(what.notice)


if __name__ == "__main__":
    sys.exit(main())
