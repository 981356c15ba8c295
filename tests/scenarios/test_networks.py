"""Files, shares and pipes between two networks that cannot reach each other, and what breaks on the way there.

Both daemons reach a Prosody with a proxy; in front of the proxy stands one of ours that can break. Where the machine
lets us have networks, each daemon is in one, with the settings that everybody has. Where it does not, all is on
loopback, and direct connections are switched off. The names of the tests say which it was.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from support.homes import House, is_same, make_large, moves, tidy
from support.networks import SERVER, Networks, Place, are_possible
from support.proxy import Proxy
from support.talk import faults, wait

from sat.api import JID
from sat.api.errors import SatError, TransferBroken
from sat.api.transfers import Transfer, TransferState, Way
from sat.world import Options, Prosody
from sat.world.daemon import script
from sat.world.people import run

SIZE = 96 * 1024 * 1024  # bytes of what breaks off
HERE = SIZE // 4  # bytes that have come by then; what is between the programs holds as many again
# Seconds in which nothing comes over a connection until the server gives it up, its proxy too.
GIVES_UP = "\nnetwork_settings = { read_timeout = 8 }"
BEHIND = "127.0.0.2"  # where the server's own proxy is, behind the one that can break


class Apart(NamedTuple):
    """Two who are apart. ``proxy`` carries what goes between them."""

    alice: House
    bob: House
    prosody: Prosody
    proxy: Proxy
    networks: Networks | None

    def see_each_other(self) -> None:
        self.alice.sees(self.bob)
        self.bob.sees(self.alice)


@pytest.fixture(scope="module", params=["two-networks" if are_possible() else "loopback"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    folder = tmp_path_factory.mktemp("apart")
    with ExitStack() as exits:
        networks = exits.enter_context(Networks()) if request.param == "two-networks" else None
        middle, one, other = (networks.server, networks.one, networks.other) if networks else [Place()] * 3
        (folder / "server").mkdir()
        address = SERVER if networks else "127.0.0.1"
        options = Options(
            address=address, extra=f'proxy65_interfaces = {{ "{BEHIND}" }}{GIVES_UP}', rooms=False, uploads=0
        )
        prosody = Prosody(folder / "server", options)
        prosody.inside = middle.inside
        with middle.entered():
            proxy = exits.enter_context(Proxy(prosody.proxy_port, address, prosody.proxy_port, BEHIND))
            exits.enter_context(prosody)
        alice = exits.enter_context(House(folder / "a", "paula", prosody, "peter", one.inside))
        bob = exits.enter_context(House(folder / "b", "peter", prosody, "paula", other.inside))
        for each in (alice, bob):
            each.set("socks5.local", "false" if networks else "true")
            each.set("socks5.direct", "true" if networks else "false")
        yield Apart(alice, bob, prosody, proxy, networks)
        for each in (alice, bob):
            assert not faults(each.daemon), faults(each.daemon)


@pytest.fixture
def apart(both: Apart) -> Iterator[Apart]:
    both.see_each_other()
    both.proxy.passed = 0
    yield both
    both.proxy.away = False
    tidy(both.alice, both.bob)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plans.bin"
    path.write_bytes(os.urandom(1_000_000))
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return make_large(tmp_path / "large.bin", SIZE)


def send(file: Path, sender: House, receiver: House) -> Transfer:
    """Send it, and take it there; as the receiver sees it. In clear: what broke off encrypted begins anew."""
    run(sender.api.files.send(str(file), receiver.jid, encrypt="none"))
    return run(receiver.api.files.accept(receiver.is_offered().id))


def has_broken_off(house: House) -> Transfer:
    """Wait for that; it must be said why. TCP may take a while until it tries again."""
    wait(lambda: house.last().is_over, "it has broken off", 60)
    seen = house.last()
    assert (seen.state, seen.error) == (TransferState.FAILED, TransferBroken.__name__), seen
    return seen


def is_heard(house: House) -> bool:
    """Whether its server answers."""
    with suppress(SatError):
        run(house.api.ping.ping(JID(house.jid.domain)))
        return True
    return False


def is_gone_on_with(apart: Apart, part: Transfer, file: Path) -> None:
    """There is only a part, which is called so; the rest comes."""
    assert part.partial
    path = Path(part.path)
    assert path.name == f"{file.name}.part"
    assert 0 < path.stat().st_size < SIZE
    assert not (apart.bob.got / file.name).exists()
    apart.see_each_other()
    run(apart.bob.api.files.resume(part.id))
    done = Path(apart.bob.finish(part.id).path)
    assert is_same(done, file)
    assert not path.exists()
    done.unlink()


# -- what gets there -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [False, True])
def test_a_file_goes_over_the_proxy(apart: Apart, file: Path, back: bool) -> None:
    sender, receiver = (apart.bob, apart.alice) if back else (apart.alice, apart.bob)
    done = receiver.finish(send(file, sender, receiver).id)
    assert done.way is Way.SOCKS5
    assert apart.proxy.passed > 1_000_000
    assert is_same(Path(done.path), file)
    assert sender.finish(sender.last().id).way is Way.SOCKS5


def test_a_share_is_fetched_over_the_proxy(apart: Apart, file: Path) -> None:
    share = run(apart.alice.api.shares.share(str(file.parent), [apart.bob.jid], [], "papers"))
    fetched = apart.bob.finish(run(apart.bob.api.shares.fetch(apart.alice.jid, "papers/plans.bin")).id)
    assert is_same(Path(fetched.path), file)
    assert apart.proxy.passed > 1_000_000
    run(apart.alice.api.shares.unshare(share.id))


def test_a_pipe_goes_over_the_proxy(apart: Apart, file: Path) -> None:
    here, there = [script("jp"), "-p", "paula", "pipe"], [script("jp"), "-p", "peter", "pipe"]
    env = apart.bob.daemon.environment()
    with subprocess.Popen([*there, "in", apart.alice.jid], env=env, stdout=subprocess.PIPE) as reader:
        wait(lambda: [each for each in apart.bob.all() if each.pipe], "it waits for the pipe")
        env = apart.alice.daemon.environment()
        with file.open("rb") as data, subprocess.Popen([*here, "out", apart.bob.jid], env=env, stdin=data) as writer:
            came, _ = reader.communicate(timeout=60)
    assert came == file.read_bytes()
    assert (writer.returncode, reader.returncode) == (0, 0)
    assert apart.proxy.passed > 1_000_000


def test_without_a_proxy_it_goes_in_stanzas(apart: Apart, file: Path) -> None:
    apart.proxy.away = True
    done = apart.bob.finish(send(file, apart.alice, apart.bob).id)
    assert done.way is Way.IN_BAND
    assert is_same(Path(done.path), file)


# -- what breaks -----------------------------------------------------------------------------------------------------


def test_only_the_connection_over_the_proxy_breaks(apart: Apart, large: Path) -> None:
    send(large, apart.alice, apart.bob)
    moves(apart.bob, apart.alice, HERE)
    apart.proxy.cut()
    apart.alice.go_on()
    has_broken_off(apart.alice)
    is_gone_on_with(apart, has_broken_off(apart.bob), large)


def test_the_server_is_killed_while_its_proxy_carries(apart: Apart, large: Path) -> None:
    send(large, apart.alice, apart.bob)
    moves(apart.bob, apart.alice, HERE)
    apart.prosody.kill()
    apart.alice.go_on()
    part = has_broken_off(apart.bob)
    with (apart.networks.server if apart.networks else Place()).entered():
        apart.prosody.start()
    has_broken_off(apart.alice)  # which has handed over all, and hears from nobody that it has come
    is_gone_on_with(apart, part, large)


@pytest.mark.parametrize("away", ["for a moment", "for long"])
@pytest.mark.skipif(not are_possible(), reason="there is no cable to pull out")
def test_the_cable_of_the_sender_is_pulled_out(apart: Apart, large: Path, away: str) -> None:
    """The connections there are outlive a moment. Later the proxy gives up, and he is told; she is when she is back."""
    assert apart.networks is not None
    id = send(large, apart.alice, apart.bob).id
    moves(apart.bob, apart.alice, HERE)
    apart.networks.disconnect(1)
    apart.alice.go_on()
    if away == "for a moment":
        apart.networks.connect(1)
        done = Path(apart.bob.finish(id).path)
        assert is_same(done, large)
        done.unlink()
        return
    part = has_broken_off(apart.bob)
    apart.networks.connect(1)
    has_broken_off(apart.alice)
    wait(lambda: is_heard(apart.alice), "she has noticed that she was away", 60)
    is_gone_on_with(apart, part, large)
