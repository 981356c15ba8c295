"""The command ``sat``: start, stop and look at the daemon."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from sat.api.errors import DaemonRunning, DaemonSilent, NoDaemon, SatError

if TYPE_CHECKING:
    from sat_frontends.bridge.blocking import BlockingBridge

WAIT = 30.0  # seconds for a daemon to come or go


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except SatError as error:
        return complain(error)
    except KeyboardInterrupt:
        return 130
    return code


def complain(error: SatError) -> int:
    """Say on stderr what is wrong and what can be done; returns the exit code."""
    print(f"sat: {error}", file=sys.stderr)
    if error.advice:
        print(f"hint: {error.advice}", file=sys.stderr)
    return error.exit_code


def _parser() -> argparse.ArgumentParser:
    from sat import __version__

    parser = argparse.ArgumentParser(
        prog="sat",
        description="The daemon of Salut à Toi: keeps your XMPP accounts online for jp, primitivus and libervia.",
        epilog="examples:\n  sat start\n  sat status\n  sat demo      a world of its own, no account needed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"sat {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=function)
        return command

    add("start", _start, "start the daemon in the background, and wait until it is ready")
    add("stop", _stop, "end the daemon")
    add("status", _status, "say whether the daemon runs, and how its profiles stand")
    run = add("run", _run, "run the daemon in the foreground")
    run.add_argument("--log-file", action="store_true", help="log to the state folder instead of the terminal")
    add("log", _log, "show the end of the daemon's log")
    add("install-service", _install_service, "let D-Bus and systemd start the daemon for you when it is needed")
    demo = add("demo", _demo, "a local world with a server, alice and bob; no account needed")
    demo.add_argument("--check", action="store_true", help="pass a message through every frontend, and end")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    import gc

    from sat.core.config import Config, folders
    from sat.imports import leaving_out

    gc.disable()  # until the start is over: it makes much and drops little
    with leaving_out("http.cookiejar"):
        from sat.daemon import run

    where = folders()
    run(where, Config(where.config / "sat.conf"), arguments.log_file)
    return 0


def _start(arguments: argparse.Namespace) -> int:
    import os
    import subprocess

    from sat.core.config import Config, folders

    where = folders()
    Config(where.config / "sat.conf")  # what is wrong with it is said here, not in a log
    if (bridge := _reach()) is not None:
        raise DaemonRunning(pid=_pid(bridge))
    log = where.state / "sat.log"
    daemon = subprocess.Popen(
        [sys.executable, "-m", "sat.app", "run", "--log-file"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=os.path.expanduser("~"),
    )
    assert daemon.stderr is not None
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if daemon.poll() is not None:
            sys.stderr.write(daemon.stderr.read().decode("utf-8", "replace") or f"sat: it ended; see {log}\n")
            return daemon.returncode
        if (bridge := _reach()) is not None and _is_ready(bridge):
            print(f"The daemon is ready (process {daemon.pid}).")
            return 0
        time.sleep(0.05)
    raise DaemonSilent(seconds=int(WAIT))


def _stop(arguments: argparse.Namespace) -> int:
    from sat_frontends.bridge.blocking import run

    bridge = _reach()
    if bridge is None:
        raise NoDaemon
    run(bridge.manager.shutdown())
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if _reach() is None:
            print("The daemon has ended.")
            return 0
        time.sleep(0.05)
    raise DaemonSilent(seconds=int(WAIT))


def _status(arguments: argparse.Namespace) -> int:
    from sat_frontends.jp.main import run as jp

    return jp(["status"])


def _log(arguments: argparse.Namespace) -> int:
    from collections import deque

    from sat.core.config import folders

    file = folders().state / "sat.log"
    if not file.exists():
        print(f"There is no log yet; it will be {file}.")
        return 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        sys.stdout.writelines(deque(lines, 100))
    return 0


def _install_service(arguments: argparse.Namespace) -> int:
    from sat.bridge.service import main as install

    return install([])


def _demo(arguments: argparse.Namespace) -> int:
    from sat.world.demo import run_demo

    return run_demo(arguments.check)


def _reach() -> BlockingBridge | None:
    """The running daemon, or None. Errors: NoBus, DaemonSilent."""
    from sat_frontends.bridge.blocking import connect

    try:
        return connect()
    except NoDaemon:
        return None


def _is_ready(bridge: BlockingBridge) -> bool:
    from sat.bridge.derive import load
    from sat_frontends.bridge.blocking import run

    run(load(bridge.manager))
    return bridge.manager.ready.value


def _pid(bridge: BlockingBridge) -> int:
    from sat.api.names import BUS_NAME
    from sat.bridge.link import bus_message

    answer = bridge.ask(bus_message("GetConnectionUnixProcessID", "s", BUS_NAME), 1.0)
    return int(answer.get_args_list()[0])


if __name__ == "__main__":
    sys.exit(main())
