"""Files between Dino and our daemon, from program to program.

Dino 0.4 does not go on with another way where no connection is possible: it ends the session, and then itself. It
sends in stanzas to programs that know nothing else. What it is sent so, it acknowledges to the last byte, and keeps
nothing of it: that way is tested in one direction only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from interop.dino import NAME, NONE, OMEMO, PORT, VERSION, Dino, dino, is_known, is_possible, missing
from interop.table import TO_THEM, TO_US, exchanged
from support.homes import House
from support.networks import Network
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.transfers import Transfer, TransferState, Way
from sat.world import PASSWORD, Options, Prosody
from sat.world.people import run

CLIENT = "dino"
DINO = JID(f"{NAME}@localhost")
SIZE = 300_000

pytestmark = [
    pytest.mark.skipif(not is_possible(), reason="Dino needs a network of its own, and files under /etc"),
    pytest.mark.skipif(not missing() and not is_known(), reason=f"only the window of Dino {VERSION}x is driven"),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with Network("dino", tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture(scope="module")
def server(shared_folder: Path, network: Network) -> Iterator[Prosody]:
    """One at the usual port, that stores no files: else Dino would send them by it."""
    folder = shared_folder / "dino-server"
    folder.mkdir()
    server = Prosody(folder, Options(uploads=0))
    server.port, server.inside = PORT, network.inside
    server.register(NAME, PASSWORD)
    server.set_roster(NAME, {"fiona@localhost": ("Fiona", ["Friends"])})
    with network.entered(), server:
        yield server


@pytest.fixture(scope="module")
def fiona(shared_folder: Path, network: Network, server: Prosody) -> Iterator[House]:
    with House(shared_folder / "dino-friend", "fiona", server, NAME, network.inside) as fiona:
        fiona.set("socks5.local", "true")
        yield fiona
        assert not faults(fiona.daemon), faults(fiona.daemon)


@pytest.fixture(scope="module")
def romy(shared_folder: Path, network: Network, server: Prosody, fiona: House) -> Iterator[Dino]:
    """Dino, online."""
    assert not missing(), f"{', '.join(missing())} is not installed: tools/setup test"
    with dino(shared_folder / "dino", network, server, fiona.jid) as romy:
        wait(lambda: any(each.jid.bare == DINO for each in run(fiona.api.presence.get_presences())), "Dino is online")
        yield romy


@pytest.fixture(params=[True, False], ids=["to-us", "over-the-proxy"])
def direct(request: pytest.FixtureRequest, fiona: House) -> Iterator[bool]:
    """Whether others can connect to us, as not to Dino, which has no address but that of its own machine."""
    fiona.set("socks5.direct", str(request.param).lower())
    yield request.param
    fiona.set("socks5.direct", "true")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plans.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def takes(fiona: House, romy: Dino, file: Path) -> Transfer:
    """What Dino sends is offered to us, and taken."""
    before = len(fiona.all())
    romy.send(file)
    wait(lambda: len(fiona.all()) > before and fiona.last().asks, "it is offered")
    offer = fiona.last()
    assert (offer.peer.bare, offer.name, offer.size) == (DINO, "plans.bin", SIZE)
    run(fiona.api.files.accept(offer.id))
    done = fiona.finish(offer.id)
    assert Path(done.path).read_bytes() == file.read_bytes()
    return done


def gives(fiona: House, romy: Dino, file: Path, encrypt: str) -> Transfer:
    """What we send, Dino takes by itself: it is small, and from a contact."""
    done = fiona.finish(run(fiona.api.files.send(str(file), DINO, encrypt=encrypt)).id)
    assert done.state is TransferState.DONE
    wait(lambda: romy.has(file.read_bytes()), "Dino has it")
    return done


@pytest.mark.usefixtures("direct")
@exchanged(TO_THEM, "Files from program to program (0234, 0260)")
def test_a_file_for_dino(fiona: House, romy: Dino, file: Path) -> None:
    done = gives(fiona, romy, file, "none")
    assert (done.way, done.encrypted) == (Way.SOCKS5, False)


@pytest.mark.usefixtures("direct")
@exchanged(TO_US, "Files from program to program (0234, 0260)")
def test_a_file_from_dino(fiona: House, romy: Dino, file: Path) -> None:
    romy.encrypt(NONE)
    done = takes(fiona, romy, file)
    assert (done.way, done.encrypted) == (Way.SOCKS5, False)


@exchanged(TO_THEM, "Files from program to program, encrypted (0391, 0396)")
def test_an_encrypted_file_for_dino(fiona: House, romy: Dino, file: Path) -> None:
    assert gives(fiona, romy, file, "omemo").encrypted


@exchanged(TO_US, "Files from program to program, encrypted (0391, 0396)")
def test_an_encrypted_file_from_dino(fiona: House, romy: Dino, file: Path) -> None:
    romy.encrypt(OMEMO)
    assert takes(fiona, romy, file).encrypted


@pytest.fixture
def only_in_stanzas(fiona: House) -> None:
    """Our daemon is one that knows no connections. Nothing is tested behind that."""
    fiona.daemon.stop()
    fiona.daemon.config_file.write_text("[sat]\nplugins_disabled = socks5\n")
    fiona.daemon.start()
    wait(lambda: is_online(fiona.api), "she is online again")


@pytest.mark.usefixtures("only_in_stanzas")
@exchanged(TO_US, "Files from program to program, in stanzas (0234, 0261)")
def test_a_file_from_dino_in_stanzas(fiona: House, romy: Dino, file: Path) -> None:
    romy.encrypt(NONE)
    assert takes(fiona, romy, file).way is Way.IN_BAND
