"""``sat demo``: alice talks with bob, and nothing is left afterwards."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from sat.api.errors import SatError
from sat.api.values import JID
from sat.world.daemon import script
from sat.world.people import run
from sat.world.program import Program, free_port
from sat.world.world import PASSWORD, PEOPLE, World

ROOM = "balcony"
GREETING = "Salut Alice! Write me something; it appears on the web page and in the shell, too."
ROOM_SETTINGS = {
    "muc#roomconfig_roomname": "The balcony",
    "muc#roomconfig_persistentroom": "1",
    "muc#roomconfig_publicroom": "1",
}
WEB_PORT = 8080  # where people expect it; another one when it is taken


def run_demo(check: bool) -> int:
    """Show the local world, or with ``check`` pass messages through every frontend; the exit code."""
    with _ends_on_signals(), ExitStack() as exits:
        try:
            world = exits.enter_context(World())
            _tick("local server")
            _tick("backend")
            populate(world)
            _tick(*PEOPLE)
            web = exits.enter_context(Libervia(world, WEB_PORT if _is_free(WEB_PORT) else 0))
            _tick("libervia")
        except SatError as error:
            print()
            _complain(error)
            return 1
        print()
        if check:
            from sat.world.check import check_frontends

            return check_frontends(world, web.url)
        _show(world, web.url)
    return 0


def populate(world: World) -> None:
    """Alice and bob as profiles of one daemon, bob's first words, and a room where both are. Carol has an account
    only."""
    world.enter_profile("alice")
    world.enter_profile("bob")
    bridge = world.bridge()
    bob, room = bridge.profile("bob"), JID(f"{ROOM}@{world.prosody.rooms}")
    run(bob.rooms.create(room, "bob", ROOM_SETTINGS))
    run(bob.rooms.set_subject(room, "What can be seen from the balcony"))
    run(bob.messages.send(room, "This is a room: all who are in it read this."))
    run(bridge.profile("alice").rooms.join(room))  # what was said before is read: the greeting is what is new
    run(bob.messages.send(JID(world.jid("alice")), GREETING))


class Libervia(Program):
    """The web server of a world, on any free port if none is given."""

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__("libervia", world.folder)
        self._world = world
        self.port = port or free_port()
        self._said_before = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        self._said_before = self.log.stat().st_size
        return [script("libervia"), "--port", str(self.port)]

    def environment(self) -> dict[str, str]:
        return self._world.environment()

    def is_ready(self) -> bool:
        # It says so itself: at the port, somebody else's could answer.
        return self.url.encode() in self.log.read_bytes()[self._said_before :]


def _show(world: World, url: str) -> None:
    somebody = sys.stdin.isatty() and sys.stdout.isatty()
    if somebody:
        print("Opening primitivus as alice; bob is writing to you. F1 helps, Ctrl-x leaves.")
    _print_ways_in(world, url, world.write_env_file())
    if somebody:
        ways = f"Web page: {url} (log in as {world.jid('alice')} / {PASSWORD}). Alt-a shows what bob wrote."
        _in_foreground([script("primitivus"), "-p", "alice", "--notice", ways], world.environment())
        _print_ways_in(world, url, world.folder / "env")
    print("The world goes on until you press Ctrl-C.", flush=True)
    signal.pause()


def _in_foreground(command: list[str], env: dict[str, str]) -> None:
    with subprocess.Popen(command, env=env) as program:
        try:
            program.wait()
        finally:
            program.terminate()  # not killed: it has to put the terminal right


def _print_ways_in(world: World, url: str, env: Path) -> None:
    alice = world.jid("alice")
    print(f"Web:    {url}  ({alice} / {PASSWORD})")
    print(f"Shell:  . {env}")
    print(f'        jp -p alice message send {world.jid("bob")} "salut"')
    print(f'        jp -p bob message send {ROOM}@{world.prosody.rooms} "salut all"')
    print(f"        jp -p bob message watch{'':12}primitivus -p bob", flush=True)


def _tick(*what: str) -> None:
    print(f"✓ {', '.join(what)}", end="  ", flush=True)


def _complain(error: SatError) -> None:
    print(f"sat: {error}", file=sys.stderr)
    if error.advice:
        print(f"hint: {error.advice}", file=sys.stderr)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As a server binds: a connection of a server that has just ended does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _ends_on_signals() -> Iterator[None]:
    """Ctrl-C, a closed terminal and SIGTERM all end the block in order; Ctrl-C is no error."""

    def end(number: int, _: FrameType | None) -> None:
        for each in numbers:  # while we tidy up, a second one does not disturb
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(0 if number == signal.SIGINT else 128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
