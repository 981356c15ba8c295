"""The local world is real: a server that people log in to, and nothing left of it afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import dbus.bus
import pytest
from support.peer import Peer, Stream
from support.processes import alive, processes_naming

from sat.world import PASSWORD, Authority, Bus, Options, ProgramFailed, Prosody, Registration, World, self_signed, until

ROSTER = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"


@pytest.fixture
def small_world():
    with World(daemon=False) as world:
        yield world


def enter(prosody: Prosody, user: str, password: str = PASSWORD) -> Peer:
    return Peer(f"{user}@{prosody.domain}", password, prosody.port, prosody.ca_file)


def test_people_log_in_and_talk(small_world):
    with enter(small_world.prosody, "alice") as alice, enter(small_world.prosody, "bob") as bob:
        alice.say(bob.jid, "salut")
        assert bob.expect_body("salut").get("from") == alice.jid


def test_people_know_each_other(small_world):
    with enter(small_world.prosody, "alice") as alice:
        alice.send(ROSTER)
        items = alice.expect(lambda stanza: stanza.get("id") == "roster")[0]
    groups = {item.get("jid"): [group.text for group in item] for item in items}
    assert groups == {"bob@localhost": ["Friends"], "carol@localhost": ["Work"]}
    assert {item.get("subscription") for item in items} == {"both"}


def test_wrong_password_is_refused(small_world):
    with pytest.raises(ConnectionError, match="not-authorized"):
        enter(small_world.prosody, "alice", "wrong")


def test_account_can_be_added_while_the_server_runs(prosody):
    prosody.register("zoé", "pässword")
    with enter(prosody, "zoé", "pässword") as peer:
        assert peer.jid == "zoé@localhost/peer"


@pytest.mark.parametrize("password_hash", ["SHA-256", ""])
def test_passwords_are_kept_in_other_ways(folder, password_hash):
    with Prosody(folder, Options(password_hash=password_hash)) as prosody:
        prosody.register("alice", PASSWORD)
        with enter(prosody, "alice") as alice:
            assert alice.jid == "alice@localhost/peer"


def test_other_domains(folder):
    with Prosody(folder, Options(domain="sat.test", hosts=("other.test",))) as prosody:
        prosody.register("alice", PASSWORD)
        bob = prosody.register("bob", PASSWORD, "other.test")
        with enter(prosody, "alice") as alice, Peer(bob, PASSWORD, prosody.port, prosody.ca_file) as bob_there:
            alice.say(bob_there.jid, "hello over there")
            assert bob_there.expect_body("hello over there").get("from") == "alice@sat.test/peer"


def test_server_killed_keeps_accounts_and_address(folder):
    prosody = Prosody(folder)
    with prosody:
        prosody.register("alice", PASSWORD)
        port = prosody.port
        prosody.kill()
        assert not prosody.running
        prosody.start()
        assert prosody.port == port
        enter(prosody, "alice").close()


def test_direct_tls_shows_the_certificate(prosody):
    context = ssl.create_default_context(cafile=str(prosody.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do
    with context.wrap_socket(_connect(prosody.tls_port), server_hostname="localhost") as stream:
        names = stream.getpeercert()["subjectAltName"]
    assert names == (("DNS", "localhost"),)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda authority: authority.issue("localhost", expired=True), "expired"),
        (lambda authority: authority.issue("elsewhere.test"), "Hostname mismatch"),
        (lambda _: self_signed("localhost"), "self-signed certificate"),
        (lambda _: Authority("Stranger").issue("localhost"), "unable to get local issuer"),
    ],
    ids=["expired", "wrong name", "self-signed", "stranger's"],
)
def test_bad_certificates_are_bad(folder, make, complaint):
    prosody = Prosody(folder)
    prosody.use_certificate(make(prosody.authority))
    context = ssl.create_default_context(cafile=str(prosody.ca_file))
    with prosody, _connect(prosody.tls_port) as plain, pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        context.wrap_socket(plain, server_hostname="localhost")


def test_server_without_tls_offers_passwords_in_the_clear(folder):
    options = Options(tls=False, mechanisms_off=("SCRAM-SHA-1", "OAUTHBEARER"))
    with Prosody(folder, options) as prosody, _connect(prosody.port) as stream:
        stream.sendall(b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client'"
                       b" xmlns:stream='http://etherx.jabber.org/streams'>")  # fmt: skip
        features = _read_until(stream, b"</stream:features>")
    assert b"starttls" not in features
    assert features.count(b"<mechanism>") == 1
    assert b"<mechanism>PLAIN</mechanism>" in features


def test_an_invitation_opens_the_server_once(folder):
    with Prosody(folder, Options(registration=Registration.INVITED)) as prosody:
        first, second = prosody.invite(), prosody.invite()
        with pytest.raises(ConnectionError, match="invalid or expired"):
            register(prosody, "made-up", "mallory")
        register(prosody, first, "dave")
        with pytest.raises(ConnectionError, match="invalid or expired"):
            register(prosody, first, "mallory")
        third = prosody.invite()
        register(prosody, second, "erin")
        register(prosody, third, "frank")
        enter(prosody, "frank").close()


def register(prosody: Prosody, invitation: str, user: str) -> None:
    """XEP-0445 §3, then XEP-0077."""
    with Stream(prosody.domain, prosody.port, prosody.ca_file) as stream:
        preauth = f"<preauth xmlns='urn:xmpp:pars:0' token='{invitation}'/>"
        stream.ask(f"<iq type='set' id='1' to='{prosody.domain}'>{preauth}</iq>", "iq")
        account = f"<username>{user}</username><password>{PASSWORD}</password>"
        stream.ask(f"<iq type='set' id='2'><query xmlns='jabber:iq:register'>{account}</query></iq>", "iq")


def test_server_that_cannot_start_says_why(folder):
    with pytest.raises(ProgramFailed, match=r"prosody did not start: it ended with 1\.(?s:.*)near '='"):
        Prosody(folder, Options(extra="extra_nonsense = = 1")).start()


def test_bus_works_again_after_a_restart(folder):
    with Bus(folder) as bus:
        for _ in range(2):
            connection = dbus.bus.BusConnection(bus.address)
            connection.set_exit_on_disconnect(False)
            assert connection.name_has_owner("org.freedesktop.DBus")
            connection.close()
            bus.kill()
            bus.start()


def test_nothing_is_left(small_world):
    programs = small_world.prosody, small_world.bus
    pids = [program.pid for program in programs]
    folder = small_world.folder
    assert all(alive(pid) for pid in pids)
    small_world.__exit__()
    assert not any(alive(pid) for pid in pids)
    assert not processes_naming(str(folder))
    assert not folder.exists()


def test_nothing_is_left_when_one_part_does_not_start():
    world = World(Options(extra="extra_nonsense = = 1"), daemon=False)
    with pytest.raises(ProgramFailed):
        world.__enter__()
    assert not world.folder.exists()
    assert not processes_naming(str(world.folder))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_process_survives_its_world(end):
    """Even when the world's owner is killed without a chance to tidy up."""
    code = (
        "import time; from sat.world import World\n"
        "with World(daemon=False) as world: print(world.folder, flush=True); time.sleep(99)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    folder = Path(owner.stdout.readline().strip())
    assert len(processes_naming(str(folder))) == 2
    os.kill(owner.pid, end)
    owner.wait(10)
    owner.stdout.close()
    assert until(lambda: not processes_naming(str(folder)), 10)
    if end is signal.SIGINT:
        assert not folder.exists()
    else:
        shutil.rmtree(folder)


def _connect(port: int):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _read_until(stream, end: bytes) -> bytes:
    data = b""
    while end not in data:
        data += stream.recv(65536)
    return data
