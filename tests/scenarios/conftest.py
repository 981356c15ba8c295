"""What scenarios share: the reactor, and a daemon among hostile servers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from scenarios.hostile import DOMAIN, Authority, HostileServer, ReactorThread
from scenarios.siege import (
    GROWTH,
    LAG,
    Canary,
    CarelessDaemon,
    Meet,
    Told,
    Watch,
    assert_files_are_private,
    assert_nothing_is_told,
    memory_now,
    memory_peak,
)  # fmt: skip
from scenarios.target import Target
from support.peer import Peer
from support.scripted import Behaviour
from support.talk import BOB, is_online, wait

from sat.api import JID
from sat.api.profile import ConnectionState
from sat.bridge.derive import load
from sat.world import PASSWORD, Bus, Daemon, Prosody, World
from sat.world.daemon import environment
from sat.world.people import bridge_to, enter, run
from sat.xmpp import tls


@pytest.fixture
def bob(world: World) -> Iterator[Peer]:
    """bob, with a foreign client, in the world of the module."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        yield bob


@pytest.fixture
def both(world: World) -> tuple[Any, Any]:
    """alice and bob, two profiles of the module's daemon, online."""
    for person in ("alice", "bob"):
        if person not in [info.name for info in run(world.bridge().manager.list_profiles())]:
            world.enter_profile(person)
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    wait(lambda: is_online(alice) and is_online(bob), "both are online")
    return alice, bob


@pytest.fixture(scope="module")
def pair(world: World) -> tuple[Any, Any]:
    """alice and bob with keys, encrypting what they write to each other."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    bridge = world.bridge()
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.get_keys(JID(BOB)))  # makes bob's
    run(alice.encryption.begin(JID(BOB)))
    return alice, bob


@pytest.fixture
def onlooker(world: World) -> Iterator[Peer]:
    """Another program of bob, which has no keys."""
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as peer:
        peer.available()
        peer.send("<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        yield peer


@pytest.fixture(scope="session")  # Twisted's reactor cannot be started a second time
def reactor() -> Iterator[ReactorThread]:
    """Twisted's reactor in a thread, for hostile servers and the links that meet them."""
    thread = ReactorThread()
    yield thread
    thread.stop()


# -- links of this process and hostile servers -----------------------------------------------------------------------

Serve = Callable[..., HostileServer]


@pytest.fixture(scope="module")
def trusting(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """This process believes the authority, and no other."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.store(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        tls.context.cache_clear()
        yield
    tls.context.cache_clear()


@pytest.fixture
def serve(reactor: ReactorThread) -> Iterator[Serve]:
    """Starts a hostile server: ``serve(behaviour, certificate)``."""
    servers: list[HostileServer] = []

    def start(behaviour: Behaviour, certificate: Any, **options: Any) -> HostileServer:
        behaviour.domain = DOMAIN
        servers.append(HostileServer(behaviour, certificate, **options))
        reactor.call(lambda: servers[-1].start(reactor.reactor))
        return servers[-1]

    yield start
    for server in servers:
        reactor.call(server.stop)


# -- a daemon among hostile servers ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("trusted")


@pytest.fixture(scope="module")
def besieged(prosody: Prosody, authority: Authority, told: Told) -> Iterator[Daemon]:
    """A daemon that logs all it can, with the profile ``good`` at a good server. In the end that still works, and
    nothing has become known."""
    with TemporaryDirectory(prefix="sat-test-", ignore_cleanup_errors=True) as name, Bus(Path(name)) as bus:
        folder = Path(name)
        trusted = folder / "ca.pem"
        authority.store(trusted)
        trusted.write_bytes(trusted.read_bytes() + prosody.ca_file.read_bytes())
        daemon = CarelessDaemon(folder, bus, environment(folder, bus, trusted))
        daemon.config_file.write_text("[log]\nlevel = debug\ntraffic = true\n")
        with daemon:
            prosody.register("good", PASSWORD)
            bridge = bridge_to(bus.address)
            enter(bridge, "good", f"good@{prosody.domain}", PASSWORD, prosody.port)
            yield daemon
            good = bridge.profile("good").profile
            run(load(good, follow=False))
            assert good.connection.value.state is ConnectionState.ONLINE
            assert_nothing_is_told(daemon, told)
            assert_files_are_private(daemon)


@pytest.fixture(scope="module")
def watch(besieged: Daemon, prosody: Prosody) -> Iterator[Watch]:
    watch = Watch(besieged, "good", prosody.domain)
    watch.start()
    yield watch
    watch.close()


@pytest.fixture
def unharmed(besieged: Daemon, watch: Watch) -> Iterator[None]:
    """After the test: the daemon never took long to answer, did not grow, and was not surprised."""
    watch.answers.clear()
    before, logged = memory_now(besieged.pid), besieged.log.stat().st_size
    yield
    assert besieged.running
    assert watch.failure is None
    assert max((each.work for each in watch.answers), default=0) < LAG
    assert memory_peak(besieged.pid) - before < GROWTH
    with besieged.log.open("rb") as log:
        log.seek(logged)
        assert b"Traceback" not in log.read(), besieged.last_words()


def meeting(besieged: Daemon, reactor: ReactorThread, authority: Authority, told: Told) -> Iterator[Meet]:
    targets: list[Target] = []

    def meet(online: bool = True, **behaviour: Any) -> Target:
        number = len(told.passwords)
        told.passwords.append(f"open sesame {number}")
        behaviour = {"user": f"u{number}", "password": told.passwords[-1], **behaviour}
        targets.append(Target(besieged, reactor, authority.issue([DOMAIN]), Behaviour(**behaviour)))
        if online:
            targets[-1].connect()
        return targets[-1]

    yield meet
    for target in targets:
        told.proofs += target.memory.authorised
        target.close()


@pytest.fixture
def meet(besieged: Daemon, reactor: ReactorThread, authority: Authority, told: Told) -> Iterator[Meet]:
    """Make a target of the test's own: ``meet(resume="no")``; with ``online=False`` it is still to be connected."""
    yield from meeting(besieged, reactor, authority, told)


@pytest.fixture(scope="module")
def meet_all(besieged: Daemon, reactor: ReactorThread, authority: Authority, told: Told) -> Iterator[Meet]:
    yield from meeting(besieged, reactor, authority, told)


@pytest.fixture(scope="module")
def steady(meet_all: Meet) -> Target:
    """A target whose connection nothing may break, and whose contact list is here: it comes after being online."""
    target = meet_all()
    target.wait(lambda: run(target.access.roster.get_contacts()), "the contact list is here")
    return target


@pytest.fixture(scope="module")
def shaken(meet_all: Meet) -> Target:
    """A target whose connection is broken again and again. Its server says nothing by itself: that would come in
    the middle of what a test writes."""
    return meet_all(answer_acks=False)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    """Where nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Canary(listener)
