"""An interface that has everything an interface can have, and a daemon that serves it and nothing else."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from twisted.internet.defer import Deferred

from sat.api import Api, method, prop, signal
from sat.api.errors import DaemonRunning, NotFound
from sat.api.names import ROOT, profile_path
from sat.api.values import JID, Secret

ALICE = profile_path("alice")
BOB = profile_path("bob")
NOBODY = JID("")
NO_SECRET = Secret("")


class Colour(StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Inner(NamedTuple):
    """A value within a value."""

    name: str
    size: int = 0


class Thing(NamedTuple):
    """A value with every kind of field."""

    name: str
    owner: JID
    colour: Colour
    count: int
    weight: float
    there: bool
    tags: list[str]
    inner: Inner
    data: bytes = b""
    note: str = ""
    size: int = 7
    sure: bool = True
    factor: float = 1.0
    colours: list[Colour] = []  # noqa: RUF012 - a named tuple's default, never changed
    words: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    inners: list[Inner] = []  # noqa: RUF012 - a named tuple's default, never changed
    best: Inner = Inner("best")
    keeper: JID = JID("")


THING = Thing("book", JID("alice@example.org"), Colour.RED, 3, 0.5, True, ["a", "b"], Inner("i", 2))
FULL = Thing(
    *THING[:8],
    data=b"\0\xff",
    note="n",
    size=-(2**63),
    sure=False,
    factor=-0.0,
    colours=[Colour.BLUE],
    words={"k": "v"},
    inners=[Inner("x"), Inner("y", 5)],
    best=Inner("b", 9),
    keeper=JID("bob@example.org"),
)


class EchoApi(Api):
    """Says what it hears."""

    count = prop(int, 0)
    best = prop(Inner, Inner("none"), "The best one.")
    happened = signal(Thing)
    said = signal(list[str], "What was said.")

    @method
    async def echo(self, thing: Thing) -> Thing:
        """The same thing."""

    @method
    async def join(self, words: list[str], by: str = " ", owner: JID = NOBODY, upper: bool = False) -> str:
        """One text of many."""

    @method
    async def measure(self, secret: Secret, other: Secret = NO_SECRET) -> int:
        """How long two secrets are."""

    @method
    async def fail(self, how: str) -> None:
        """Fail: ``known``, ``unknown`` or ``late``. Errors: NotFound."""

    @method
    async def wait(self, seconds: float) -> None:
        """Answer later."""

    @method
    async def say(self, text: str, times: int = 1, after: float = 0.0) -> None:
        """Say it as a signal, again and again; ``after`` some seconds, but answer at once."""

    @method
    async def get_big(self, size: int) -> str:
        """A long text."""

    @method
    async def set_count(self, count: int) -> None:
        """Change the property."""


class Echo(EchoApi):
    """Does it. ``later`` gives a Deferred that fires after some seconds."""

    def __init__(self, later: Callable[[float], Deferred[None]] | None = None) -> None:
        self.later = later
        self.heard: list[object] = []

    async def echo(self, thing: Thing) -> Thing:
        self.heard.append(thing)
        self.happened.emit(thing)
        return thing

    async def join(self, words: list[str], by: str = " ", owner: JID = NOBODY, upper: bool = False) -> str:
        self.heard.append(owner)
        text = by.join([*words, *([owner] if owner else [])])
        return text.upper() if upper else text

    async def measure(self, secret: Secret, other: Secret = NO_SECRET) -> int:
        self.heard += [secret, other]
        return len(secret) + len(other)

    async def fail(self, how: str) -> None:
        if how == "late":
            await self.wait(0.01)
        if how == "unknown":
            raise ZeroDivisionError("a secret thing")
        raise NotFound(what="thing “ü”", more="details")

    async def wait(self, seconds: float) -> None:
        assert self.later is not None
        await self.later(seconds)

    async def say(self, text: str, times: int = 1, after: float = 0.0) -> None:
        def speak(_none: None = None) -> None:
            for _ in range(times):
                self.said.emit([text])

        if after and self.later is not None:
            self.later(after).addCallback(speak)
        else:
            speak()

    async def get_big(self, size: int) -> str:
        return "x" * size

    async def set_count(self, count: int) -> None:
        self.count.set(count)


async def _serve(address: str) -> None:
    from sat.bridge.dbus import DBusBridge

    loop = asyncio.get_running_loop()

    def later(seconds: float) -> Deferred[None]:
        done: Deferred[None] = Deferred()
        loop.call_later(seconds, done.callback, None)
        return done

    bridge = DBusBridge(loop, address)
    for path in (ROOT, ALICE, BOB):
        bridge.publish(path, EchoApi, Echo(later))
    await Deferred.fromCoroutine(bridge.start()).asFuture(loop)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(_serve(sys.argv[1]))
    except DaemonRunning as error:
        sys.exit(str(error))
