"""The command ``sat``: start, stop and look at the daemon."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sat.api.errors import DaemonRunning, DaemonSilent, InvalidArgument, NoDaemon, SatError

if TYPE_CHECKING:
    import argparse

    from sat_frontends.bridge.blocking import BlockingBridge

WAIT = 60.0  # seconds for a daemon to come or go; a plugin that never loads takes 30


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        if words[:1] == ["run"] and words[1:] in ([], ["--log-file"]):
            return _run_daemon(log_file=bool(words[1:]))  # for years, maybe, and without argparse
        from sat.command_line import parser

        arguments = parser().parse_args(words)
        code = _COMMANDS[arguments.command](arguments)
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


def _run(arguments: argparse.Namespace) -> int:
    return _run_daemon(arguments.log_file)


def _run_daemon(log_file: bool) -> int:
    import gc

    from sat.core.config import Config, folders
    from sat.imports import START, leaving_out

    gc.disable()  # until the start is over: it makes much and drops little
    with leaving_out(*START):
        import shutil  # noqa: F401 - it asks what is there to compress with, and takes it along

        from sat.daemon import run

    where = folders()
    run(where, Config(where.config / "sat.conf"), log_file)
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
            for notice in bridge.manager.notices.value:
                complain(notice.meaning)
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
        with suppress(DaemonSilent):  # it has left in the middle of our question
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
    pid = _running()
    place = _log_of(pid, file) if pid else file
    if place.is_file():
        with place.open(encoding="utf-8", errors="replace") as lines:
            sys.stdout.writelines(deque(lines, 100))
    elif pid:
        print(f"The daemon (process {pid}) logs to {place}; started by sat start, it would log to {file}.")
    else:
        print(f"There is no log yet; it will be {file}.")
    return 0


def _log_of(pid: int, usual: Path) -> Path:
    """Where a running daemon logs to: the usual file, or what its stderr is (``sat run``)."""
    opened = Path(f"/proc/{pid}/fd")
    try:
        places = {each.name: each.readlink() for each in opened.iterdir()}
    except OSError:  # it has just ended, or is somebody else's
        return usual
    return usual if usual.resolve() in places.values() else places.get("2", usual)


def _install_service(arguments: argparse.Namespace) -> int:
    from shutil import which

    from sat.shipped import UNIT, data_home, install

    beside = Path(sys.executable).with_name("sat")
    program = arguments.program or (str(beside) if beside.exists() else which("sat") or "")
    if not program.startswith("/"):
        raise InvalidArgument(reason="where is sat? Give its full path: --program PATH")
    for path in install(arguments.data or data_home(), program):
        print(path)
    if arguments.data is None:
        _tell_the_bus()
        print(
            "jp, primitivus and libervia start the daemon from now on. Where systemd runs, let it know:\n"
            "    systemctl --user daemon-reload\n"
            "and to have the daemon from each log-in on:\n"
            f"    systemctl --user enable {UNIT}"
        )
    return 0


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


def _running() -> int:
    """The process of the running daemon; 0 where there is none, or none that answers."""
    try:
        bridge = _reach()
        return 0 if bridge is None else _pid(bridge)
    except SatError:
        return 0


def _tell_the_bus() -> None:
    """Let the bus look at its files anew: it may have started before there was a folder to look into."""
    from contextlib import suppress

    from sat.bridge.link import bus_message, open_connection

    with suppress(Exception):  # no bus now, so the next one will find them
        connection = open_connection("")
        for message in (bus_message("Hello"), bus_message("ReloadConfig")):
            connection.send_message_with_reply_and_block(message, 5.0)
        connection.close()


def _pid(bridge: BlockingBridge) -> int:
    from sat.api.names import BUS_NAME
    from sat.bridge.link import bus_message

    answer = bridge.ask(bus_message("GetConnectionUnixProcessID", "s", BUS_NAME), 1.0)
    return int(answer.get_args_list()[0])


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "run": _run,
    "log": _log,
    "install-service": _install_service,
    "demo": _demo,
}

if __name__ == "__main__":
    sys.exit(main())
