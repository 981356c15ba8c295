"""``primitivus``: from a key to the next screen."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from statistics import quantiles
from typing import Any, get_type_hints

from benchmarks.registry import Row, Scene, at_most, benchmark
from sat.api import JID, Api, Signal
from sat.api.manager import ManagerApi, ProfileInfo
from sat.api.messages import Message, MessageState
from sat.api.profile import Connection, ConnectionState, ProfileApi
from sat.api.settings import SettingsApi
from sat.plugins.messages.api import MessagesApi
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.roster.api import Contact, RosterApi, Subscription
from sat_frontends.quick_frontend.amending import Amenders
from sat_frontends.quick_frontend.apis import ProfileApis

ME, PEER = JID("alice@example.org"), JID("bob@example.org")
MESSAGES = 20_000
SIZE = (24, 80)
KEYS = [*"hello there", "page up", *["up"] * 6, "page down", "esc", *"kkkkjj", "enter", *["backspace"] * 11]


@benchmark("primitivus")
def primitivus(scene: Scene) -> Iterator[Row]:
    """A key in a long conversation."""
    taken = sorted(_keys(scene.rounds))
    p95 = quantiles(taken, n=20)[-1]
    yield at_most(f"primitivus, a key at {MESSAGES} messages, p95 CPU", round(p95 * 1000, 2), "ms", 5)


async def _nothing(*_arguments: object, **_named: object) -> list[Any]:
    return []


def still(api: type[Any], **methods: Any) -> Any:
    """An object of an interface where nothing happens."""
    return type(f"Still{api.__name__}", (api,), {**dict.fromkeys(api.__abstractmethods__, _nothing), **methods})()


def _body(number: int) -> str:
    return f"message {number} " + "of the usual length, and sometimes longer " * (number % 5)


class StillDaemon:
    """A daemon in memory with one contact and a long conversation."""

    def __init__(self) -> None:
        history = [
            Message(f"m{n}", n, PEER, PEER, n % 3 == 0, _body(n), 1.7e9 + 60.0 * n, MessageState.READ)
            for n in range(1, MESSAGES + 1)
        ]

        async def get_history(_self: Api, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
            return history[: before - 1 if before else MESSAGES][-limit:]

        async def get_contacts(_self: Api) -> list[Contact]:
            return [Contact(PEER, "Bob", Subscription.BOTH, ["Friends"])]

        async def list_profiles(_self: Api) -> list[ProfileInfo]:
            return [ProfileInfo("alice", ME)]

        self.daemon_gone: Signal[None] = Signal()
        self.resync: Signal[None] = Signal()
        self.bus_changed: Signal[bool] = Signal()
        self.on_bus = True
        self.manager = still(ManagerApi, list_profiles=list_profiles)
        self.settings = still(SettingsApi)
        self.registration = still(RegistrationApi)
        account = still(ProfileApi)
        account.jid.set(ME)
        account.connection.set(Connection(ConnectionState.ONLINE, ME))
        roster = still(RosterApi, get_contacts=get_contacts)
        messages = still(MessagesApi, get_history=get_history)
        self._profile = _Profile(profile=account, roster=roster, messages=messages)

    def profile(self, name: str) -> _Profile:
        """The apis of the one profile."""
        return self._profile

    def close(self) -> None:
        """Nothing to let go."""


class _Profile:
    """The clients of a profile, all that a frontend may ask for. ``given`` are those where something happens."""

    def __init__(self, **given: Api) -> None:
        members = {**vars(Amenders), **vars(ProfileApis)}
        for name, member in members.items():
            if isinstance(member, property):
                api = get_type_hints(member.fget)["return"]
                setattr(self, name, given[name] if name in given else still(api))


def _keys(rounds: int) -> list[float]:
    """Seconds of CPU from each key to the bytes of the new screen, with all messages scrolled into memory."""
    import urwid

    from sat_frontends.primitivus.app import App
    from sat_frontends.primitivus.config import Config
    from sat_frontends.primitivus.frame import Frame

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, SIZE)
    os.set_blocking(ours, False)
    loop = asyncio.new_event_loop()
    with open(os.dup(theirs)) as keyboard, open(theirs, "w") as output:
        screen = urwid.display.raw.Screen(keyboard, output)
        app = App(Frame(screen, loop, Config()), _connecting(StillDaemon()))
        with app.loop.urwid.start():
            app.loop.spawn(app.session.open())
            _settle(app, loop, ours)
            app.open_chat(PEER)
            _settle(app, loop, ours)
            _load_all(app, loop)
            taken = []
            for key in KEYS * rounds * 4:
                before = time.process_time()
                app.loop.urwid.process_input([key])
                app.loop.urwid.draw_screen()
                taken.append(time.process_time() - before)
                _settle(app, loop, ours)
        app.session.close()
    loop.close()
    os.close(ours)
    return taken


def _connecting(daemon: StillDaemon) -> Any:
    async def connect() -> StillDaemon:
        return daemon

    return connect


def _load_all(app: Any, loop: asyncio.AbstractEventLoop) -> None:
    chat = app.conversation.chat
    while chat.has_older and not chat.has_newer:
        loop.run_until_complete(chat.load_older())
    loop.run_until_complete(chat.show_newest())


def _settle(app: Any, loop: asyncio.AbstractEventLoop, terminal: int) -> None:
    async def wait() -> None:
        while app.loop.tasks:
            await asyncio.wait(app.loop.tasks)
        await asyncio.sleep(0)

    loop.run_until_complete(wait())
    app.loop.urwid.draw_screen()
    with suppress(BlockingIOError):  # nothing more was drawn
        while os.read(terminal, 65536):
            pass
