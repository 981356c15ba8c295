"""Two of our daemons exchange files, a pipe and a share over ejabberd; tests/scenarios/test_files.py has it at length
over Prosody."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.homes import House, is_same, two, write_all

from sat.api import Pipe
from sat.api.transfers import TransferState, Way
from sat.world import Ejabberd
from sat.world.people import run

CLIENT = ""
Houses = tuple[House, House]


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("ejabberd")
    with Ejabberd(folder) as server, two(folder, server) as houses:
        yield houses


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plans.bin"
    path.write_bytes(os.urandom(300_000))
    return path


def goes(houses: Houses, file: Path) -> Way:
    """Send a file; how it has gone."""
    alice, bob = houses
    sent = run(alice.api.files.send(str(file), bob.jid))
    offer = bob.is_offered()
    run(bob.api.files.accept(offer.id))
    done = bob.finish(offer.id)
    assert is_same(Path(done.path), file)
    assert alice.finish(sent.id).state is TransferState.DONE
    return done.way


def test_a_file_goes_directly(houses: Houses, file: Path) -> None:
    assert goes(houses, file) is Way.SOCKS5


@pytest.fixture
def indirect(houses: Houses) -> Iterator[None]:
    """Nobody connects to the other one."""
    for each in houses:
        each.set("socks5.direct", "false")
    yield
    for each in houses:
        each.set("socks5.direct", "true")
        each.set("socks5.local", "true")


@pytest.mark.usefixtures("indirect")
def test_a_file_goes_over_the_proxy_of_the_server(houses: Houses, file: Path) -> None:
    assert goes(houses, file) is Way.SOCKS5


@pytest.mark.usefixtures("indirect")
def test_a_file_goes_in_stanzas_where_the_proxy_is_not_to_be_used(houses: Houses, file: Path) -> None:
    for each in houses:
        each.set("socks5.local", "false")
    assert goes(houses, file) is Way.IN_BAND


def test_a_pipe_and_a_share(houses: Houses, file: Path) -> None:
    alice, bob = houses
    data = os.urandom(500_000)
    there, into = os.pipe()
    out, here = os.pipe()
    waiting = run(bob.api.pipes.receive([alice.jid], Pipe(into)))
    os.close(into)
    sent = run(alice.api.pipes.out(bob.jid, Pipe(out)))
    os.close(out)
    writer = threading.Thread(target=write_all, args=(here, data))
    writer.start()
    with open(there, "rb") as read:
        assert read.read() == data
    writer.join(20)
    assert (alice.finish(sent.id).moved, bob.finish(waiting.id).moved) == (len(data), len(data))
    share = run(alice.api.shares.share(str(file.parent), [bob.jid], [], "papers"))
    fetched = bob.finish(run(bob.api.shares.fetch(alice.jid, "papers/plans.bin")).id)
    assert is_same(Path(fetched.path), file)
    run(alice.api.shares.unshare(share.id))
