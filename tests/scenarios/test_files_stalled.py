"""Connections that swallow what goes over them, or end early, while both programs are online and tell each other so."""

from __future__ import annotations

import filecmp
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.homes import House, make_large, moves
from support.proxy import Proxy
from support.talk import faults, wait

from sat.api import Pipe
from sat.api.errors import TransferBroken
from sat.api.transfers import Transfer, TransferState
from sat.world import Daemon, Options, Prosody
from sat.world.people import run

QUIET = 3.0  # seconds, instead of two minutes
SIZE = 400 * 1024 * 1024
HERE = SIZE // 16
GIVES_UP = "\nnetwork_settings = { read_timeout = 8 }"
BEHIND = "127.0.0.2"  # where the server's own proxy is, behind the one that swallows


class Hasty(Daemon):
    """One that waits for bytes only so long."""

    def command(self) -> list[str]:
        words = f"from sat.plugins.jingle import quiet; quiet.QUIET = {QUIET}; from sat.app import main; main()"
        return [sys.executable, "-c", words, "run"]


class HastyHouse(House):
    kind = Hasty


@pytest.fixture
def between(tmp_path: Path) -> Iterator[tuple[House, House, Proxy]]:
    """Two who reach each other over a proxy only."""
    with ExitStack() as exits:
        (tmp_path / "server").mkdir()
        options = Options(extra=f'proxy65_interfaces = {{ "{BEHIND}" }}{GIVES_UP}', rooms=False, uploads=0)
        prosody = Prosody(tmp_path / "server", options)
        proxy = exits.enter_context(Proxy(prosody.proxy_port, port=prosody.proxy_port, target_at=BEHIND))
        exits.enter_context(prosody)
        alice = exits.enter_context(HastyHouse(tmp_path / "a", "paula", prosody, "peter"))
        bob = exits.enter_context(HastyHouse(tmp_path / "b", "peter", prosody, "paula"))
        for each in (alice, bob):
            each.set("socks5.local", "true")
            each.set("socks5.direct", "false")
        alice.sees(bob)
        bob.sees(alice)
        yield alice, bob, proxy
        for each in (alice, bob):
            assert not faults(each.daemon), faults(each.daemon)


def broken_off(house: House) -> Transfer:
    wait(lambda: house.last().is_over, "it is given up", 90)
    seen = house.last()
    assert (seen.state, seen.error) == (TransferState.FAILED, TransferBroken.__name__), seen
    return seen


def test_what_is_swallowed_on_the_way_is_not_waited_for_nor_told_as_sent_and_can_be_gone_on_with(
    between: tuple[House, House, Proxy], tmp_path: Path
) -> None:
    alice, bob, proxy = between
    large = make_large(tmp_path / "large.bin", SIZE)
    run(alice.api.files.send(str(large), bob.jid, encrypt="none"))
    run(bob.api.files.accept(bob.is_offered().id))
    id = moves(bob, alice, HERE)

    def seen() -> Transfer:
        return next(each for each in bob.all() if each.id == id)

    for _ in range(14):  # from whom nothing comes for 8 s, the server's proxy ends the connection; bob only takes
        before = seen().moved
        alice.go_on()
        wait(lambda before=before: seen().moved > before or seen().is_over, "something comes")
        os.kill(alice.daemon.pid, signal.SIGSTOP)
        time.sleep(1)
    assert seen().state is TransferState.RUNNING
    proxy.lose()
    alice.go_on()
    part = broken_off(bob)
    broken_off(alice)  # she has handed over all of it, to nobody
    assert part.partial
    run(bob.api.files.resume(part.id))
    done = bob.finish(part.id)
    assert (done.state, done.moved) == (TransferState.DONE, SIZE)
    assert filecmp.cmp(done.path, large, shallow=False)


def test_a_pipe_goes_on_over_a_proxy_that_ends_who_only_takes(between: tuple[House, House, Proxy]) -> None:
    alice, bob, _ = between
    there, into = os.pipe()
    out, here = os.pipe()
    waiting = run(bob.api.pipes.receive([alice.jid], Pipe(into)))
    sent = run(alice.api.pipes.out(bob.jid, Pipe(out)))
    os.close(into)
    os.close(out)
    for _ in range(14):
        os.write(here, bytes(8192))  # the server's proxy keeps some
        time.sleep(1)
    os.close(here)
    with open(there, "rb") as pipe:
        assert len(pipe.read()) == 14 * 8192
    for house, id in ((alice, sent.id), (bob, waiting.id)):
        assert house.finish(id).state is TransferState.DONE
