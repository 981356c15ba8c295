"""People with a daemon of their own each, who send each other files, and how a transfer is held where it is."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sat.api.transfers import Transfer, TransferState
from sat.world.home import Home
from sat.world.people import run
from sat.world.server import Server
from support.talk import faults, is_online, wait

LARGE = 400 * 1024 * 1024  # bytes, of a file with holes; some time to be killed in
TURN = 0.01  # seconds that a sender goes on before it is held again


class House(Home):
    """A home, with what the tests ask it."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.got = self.folder / "got"
        self.set("files.folder", str(self.got))
        return self

    def set(self, key: str, value: str) -> None:
        run(self.api.settings.set_setting(key, value))

    def sees(self, other: House) -> None:
        """Wait until the other one can be offered something."""

        def there() -> bool:
            return any(each.jid.bare == other.jid for each in run(self.api.presence.get_presences()))

        wait(lambda: is_online(self.api) and there(), f"{other.jid} is there")

    def all(self) -> list[Transfer]:
        return run(self.api.transfers.get_all())

    def last(self) -> Transfer:
        return self.all()[-1]

    def is_offered(self) -> Transfer:
        wait(lambda: self.all() and self.last().asks, "it is offered")
        return self.last()

    def finish(self, id: str) -> Transfer:
        return run(self.api.transfers.finish(id))

    def go_on(self) -> None:
        """Its daemon is held no longer."""
        os.kill(self.daemon.pid, signal.SIGCONT)

    def clear(self) -> None:
        """No transfers are left."""
        for transfer in self.all():
            run(self.api.transfers.cancel(transfer.id))
        run(self.api.transfers.forget([]))


def tidy(*houses: House) -> None:
    """No daemon is held, and no transfer is left, whatever a test that failed has left."""
    for each in houses:
        each.go_on()
    for each in houses:  # now they can tell each other
        each.clear()


@contextmanager
def two(folder: Path, server: Server) -> Iterator[tuple[House, House]]:
    """fiona and felix, who see each other, and in the end have met no fault."""
    with House(folder / "a", "fiona", server, "felix") as alice, House(folder / "b", "felix", server, "fiona") as bob:
        for each in (alice, bob):
            each.set("socks5.local", "true")
        alice.sees(bob)
        bob.sees(alice)
        yield alice, bob
        for each in (alice, bob):
            assert not faults(each.daemon), faults(each.daemon)


def make_large(path: Path, size: int = LARGE) -> Path:
    """A file of which nothing is on the disk."""
    with path.open("wb") as file:
        file.truncate(size)
        file.write(b"the beginning")
    return path


def is_same(one: Path, other: Path) -> bool:
    return digest(one) == digest(other)


def digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def moves(house: House, sender: House, least: int = 4_000_000) -> str:
    """Wait until so many bytes have come of what is on its way; its id. The sender is held there, to go on later."""
    wait(lambda: house.last().state is TransferState.RUNNING, "it is on its way")
    os.kill(sender.daemon.pid, signal.SIGSTOP)
    while house.last().moved < least:  # what came last is not on the disk yet
        os.kill(sender.daemon.pid, signal.SIGCONT)
        time.sleep(TURN)
        os.kill(sender.daemon.pid, signal.SIGSTOP)
    seen = house.last()
    assert seen.state is TransferState.RUNNING, seen
    assert seen.moved < seen.size, "the sender was held too late"
    return seen.id


def write_all(descriptor: int, data: bytes) -> None:
    """Write into a pipe until all is written, or nobody reads any more."""
    with open(descriptor, "wb", buffering=0) as pipe:
        try:
            view = memoryview(data)
            while view:
                view = view[pipe.write(view) or 0 :]
        except BrokenPipeError:
            return
