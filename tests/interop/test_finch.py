"""Files from Finch (libpurple, as Pidgin) to our daemon. It knows no Jingle for files: what it takes is not what we
send, and who tries reads so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interop.finch import Finch, finch
from interop.table import TO_US, exchanged
from support.talk import wait

from sat.api import JID
from sat.api.errors import CannotReceive, NoWayToPeer
from sat.api.transfers import Transfer, Way
from sat.world import World
from sat.world.people import run

CLIENT = "finch"
ALICE, BOB = "alice@localhost", JID("bob@localhost")
SIZE = 300_000


@pytest.fixture(scope="module")
def alice(alice_at_prosody: Any) -> Any:
    return alice_at_prosody


@pytest.fixture(scope="module")
def bob(world: World, alice: Any) -> Iterator[Finch]:
    with finch(world, "bob") as bob:
        wait(lambda: bob.sees(ALICE), "both are there")
        yield bob


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plän <1>.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def offered(alice: Any, bob: Finch, file: Path) -> Transfer:
    """What Finch sends is offered to us."""
    before = len(run(alice.transfers.get_all()))
    bob.send(file, ALICE)
    wait(lambda: len(run(alice.transfers.get_all())) > before, "it is offered")
    offer: Transfer = run(alice.transfers.get_all())[-1]
    assert (offer.peer, offer.name, offer.size) == (JID(f"{BOB}/finch"), file.name, SIZE)
    return offer


@exchanged(TO_US, "Files from program to program, as before Jingle (0095, 0096)")
def test_a_file_for_us(alice: Any, bob: Finch, file: Path, tmp_path: Path) -> None:
    offer = offered(alice, bob, file)
    run(alice.files.accept(offer.id, str(tmp_path / "got")))
    done = run(alice.transfers.finish(offer.id))
    assert Path(done.path).read_bytes() == file.read_bytes()
    assert done.way is Way.SOCKS5


def test_one_that_finds_no_way(alice: Any, bob: Finch, file: Path, tmp_path: Path) -> None:
    """As where we connect to nothing on this machine: Finch tries nothing else."""
    run(alice.settings.set_setting("socks5.local", "false"))
    offer = offered(alice, bob, file)
    run(alice.files.accept(offer.id, str(tmp_path / "got")))
    with pytest.raises(NoWayToPeer, match=f"{BOB}/finch"):
        run(alice.transfers.finish(offer.id))
    run(alice.settings.set_setting("socks5.local", "true"))


@pytest.mark.usefixtures("bob")
def test_one_that_it_could_not_take_is_not_sent(alice: Any, file: Path) -> None:
    with pytest.raises(CannotReceive):
        run(alice.files.send(str(file), BOB, encrypt="none"))
