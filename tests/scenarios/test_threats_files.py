"""What who offers files can do, over the real daemon: names, sizes, hashes, places to connect to, numbers. See
test_threats.py."""

from __future__ import annotations

import hashlib
import resource
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from scenarios.siege import Canary, Meet
from scenarios.target import FRIEND, STRANGER, Target, answers, result

from sat.api.errors import NoSpace, TooManyOpen
from sat.api.transfers import Transfer, TransferState
from sat.world import Daemon
from sat.world.people import run
from sat.xmpp import xml
from sat.xmpp.xml import Element

pytestmark = pytest.mark.usefixtures("unharmed")

DATA = b"what is in it"
IBB, S5B = "urn:xmpp:jingle:transports:ibb:1", "urn:xmpp:jingle:transports:s5b:1"
SMALL = 64 * 1024 * 1024  # bytes that a file may have while a disk is to be small


@pytest.fixture(scope="module")
def target(meet_all: Meet, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A profile whose contact says yes to all that it says."""
    usual = answers()

    def answer(iq: Element) -> str | None:
        peer = str(iq.attributes.get("to", ""))
        said = xml.elements(iq)
        return result(iq, "", peer) if peer.startswith(FRIEND) and said[0].name != "query" else usual(iq)

    made = meet_all(answers=answer)
    made.folder = tmp_path_factory.mktemp("got") / "here"  # type: ignore[attr-defined]
    change(made, "files.folder", str(made.folder))  # type: ignore[attr-defined]
    return made


@pytest.fixture(autouse=True)
def nothing_before(target: Target) -> Iterator[None]:
    yield
    change(target, "files.accept", "nobody")
    change(target, "socks5.local", "false")
    for each in transfers(target):
        run(target.access.transfers.cancel(each.id))
    run(target.access.transfers.forget([]))
    for path in files(target):
        path.unlink()


def change(target: Target, key: str, value: str) -> None:
    run(target.access.settings.set_setting(key, value))


def transfers(target: Target) -> list[Transfer]:
    return run(target.access.transfers.get_all())


def files(target: Target) -> list[Path]:
    """What is in the folder for received files."""
    return [each for each in target.folder.rglob("*") if each.is_file()]  # type: ignore[attr-defined]


def in_band(sid: str) -> str:
    return f"<transport xmlns='{IBB}' sid='{sid}' block-size='8192'/>"


def places(sid: str, *hosts: tuple[str, int]) -> str:
    """Somebody's offer of places to connect to."""
    told = "".join(
        f"<candidate cid='c{number}' host='{host}' port='{port}' jid='{FRIEND}/x' priority='{9000 - number}'/>"
        for number, (host, port) in enumerate(hosts)
    )
    return f"<transport xmlns='{S5B}' sid='{sid}'>{told}</transport>"


def offer(sid: str, transport: str, name: str = "a", size: int | None = len(DATA), data: bytes = DATA) -> str:
    """A file is offered, with the hash of ``data``."""
    told = f"<name>{xml.escape(name)}</name>" + ("" if size is None else f"<size>{size}</size>")
    told += f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{b64encode(hashlib.sha256(data).digest()).decode()}</hash>"
    description = f"<description xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file>{told}</file></description>"
    content = f"<content creator='initiator' name='f' senders='initiator'>{description}{transport}</content>"
    return f"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='{sid}'>{content}</jingle>"


def ask(target: Target, payload: str, sender: str = f"{FRIEND}/x") -> None:
    target.send(f"<iq type='set' id='$id' from='{sender}' to='$full'>{payload}</iq>")


def comes(target: Target, sid: str, name: str = "a", told: bytes = DATA, sent: bytes = DATA) -> Transfer:
    """A file comes in stanzas, that is taken by itself: so many bytes are told, and these are sent; how it ends."""
    change(target, "files.accept", "contacts")
    ask(target, offer(sid, in_band(sid), name, len(told), told))
    target.expect("session-accept", f"sid='{sid}'")
    ibb = f"xmlns='http://jabber.org/protocol/ibb' sid='{sid}'"
    ask(target, f"<open {ibb} block-size='8192' stanza='iq'/>")
    for number in range(0, len(sent), 8192):
        data = b64encode(sent[number : number + 8192]).decode()
        ask(target, f"<data {ibb} seq='{number // 8192}'>{data}</data>")
    ask(target, f"<close {ibb}/>")
    target.wait(lambda: transfers(target)[-1].is_over, "it is over")
    return transfers(target)[-1]


# -- names, sizes, hashes --------------------------------------------------------------------------------------------

NAMES = [
    "../../.bashrc", "/etc/passwd", "..\\..\\autoexec.bat", ".profile", "..", "CON", "nul.txt", "a/../../b", "x" * 900,
    "\U0001f4a9" * 300, "holiday\u202egnp.exe", "line\u2028break", " ", "", "-rf", "a.part",
]  # fmt: skip


def test_no_name_leads_out_of_the_folder_or_hides(target: Target) -> None:
    folder: Path = target.folder  # type: ignore[attr-defined]
    around = {each for each in folder.parent.rglob("*") if folder not in each.parents} | {folder}
    for number, name in enumerate(NAMES):
        done = comes(target, f"name{number}", name)
        path = Path(done.path)
        assert done.state is TransferState.DONE, (name, done)
        assert path.parent in (folder, folder / "quarantine"), (name, path)
        assert path.read_bytes() == DATA
        assert path.name[0] != ".", (name, path)
        assert path.name.isprintable(), (name, path)
        assert len(path.name.encode()) < 256, (name, path)
        assert path.stem.upper() not in ("CON", "NUL")
    assert len(files(target)) == len(NAMES)  # none has replaced another
    assert {each for each in folder.parent.rglob("*") if folder not in each.parents} == around


def test_a_wrong_hash_leaves_nothing(target: Target) -> None:
    done = comes(target, "wrong", "wrong", DATA, DATA.upper())
    assert (done.state, done.error, done.partial) == (TransferState.FAILED, "FileBroken", False)
    assert "media-error" in target.expect("session-terminate", "sid='wrong'")
    assert not files(target)


def test_what_follows_the_announced_size_is_not_taken(target: Target) -> None:
    done = comes(target, "more", "more", DATA, DATA + bytes(60_000))
    assert Path(done.path).read_bytes() == DATA


def test_what_ends_before_the_announced_size_is_a_part(target: Target) -> None:
    done = comes(target, "less", "less", DATA, DATA[:5])
    assert (done.state, done.partial, Path(done.path).name) == (TransferState.FAILED, True, "less.part")


def test_a_terabyte_has_no_room(target: Target) -> None:
    change(target, "files.accept", "contacts")
    change(target, "files.accept_up_to", "1000000")
    ask(target, offer("tera", in_band("tera"), size=10**12))
    target.wait(lambda: transfers(target), "it is offered")
    (offered,) = transfers(target)
    assert offered.asks
    with pytest.raises(NoSpace):
        run(target.access.files.accept(offered.id))
    assert not files(target)


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_ten_thousand_files(target: Target) -> None:
    """Half of them of strangers. The other half of one contact, with one program and then with many: five wait for a
    person."""
    target.flood(
        f"<iq type='set' id='file{n}' from='{FRIEND if n % 2 else STRANGER}/{max(n - 5_000, 0)}'>"
        f"{offer(f's{n}', in_band(f'i{n}'))}</iq>"
        for n in range(10_000)
    )
    answered = target.received("id='file")
    assert len(answered) == 10_000
    assert sum("service-unavailable" in each for each in answered) == 5_000
    assert sum("resource-constraint" in each for each in answered) == 4_995
    assert len(transfers(target)) == 5
    assert target.undisturbed


# -- places to connect to --------------------------------------------------------------------------------------------

NOWHERE = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost", "127.1", "0.0.0.0", "::", "::ffff:0:0"]
NOWHERE += ["169.254.169.254", "::ffff:169.254.169.254", "10.255.255.1", "224.0.0.1", "ff02::1", "fe80::1"]


@pytest.mark.parametrize("local", [False, True])
def test_no_place_leads_to_this_machine_or_the_network(target: Target, canary: Canary, local: bool) -> None:
    """Even where the local network is allowed, what is for the network itself is not."""
    hosts = NOWHERE[8:10] + NOWHERE[11:] if local else NOWHERE
    change(target, "socks5.local", str(local).lower())
    change(target, "socks5.direct", "false")
    change(target, "files.accept", "contacts")
    sid = f"places{local}"
    ask(target, offer(sid, places(sid, *((host, canary.port) for host in hosts))))
    started = time.monotonic()
    target.expect("candidate-error", f"sid='{sid}'")
    assert time.monotonic() - started < 4, "somewhere nobody answered, so it was tried"
    assert not canary.visited
    change(target, "socks5.direct", "true")


@contextmanager
def host(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A place whose connections are served so, until the event is set; its port."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def work() -> None:
            while not ended.is_set():
                with suppress(OSError), listener.accept()[0] as connection:
                    serve(connection, ended)

        thread = threading.Thread(target=work)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join()


def silent(connection: socket.socket, ended: threading.Event) -> None:
    ended.wait(30)


def drips(connection: socket.socket, ended: threading.Event) -> None:
    for byte in b"\5\0\5\0\0\3" + bytes([40]) + b"a" * 42:
        connection.sendall(bytes([byte]))
        if ended.wait(1):
            return


def garbage(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" * 1000)
    connection.recv(1000)


def shakes_hands(connection: socket.socket) -> None:
    connection.recv(3)
    connection.sendall(b"\5\0")
    asked = connection.recv(100)
    connection.sendall(b"\5\0\0" + asked[3:])


def endless(connection: socket.socket, ended: threading.Event) -> None:
    shakes_hands(connection)
    while not ended.is_set():
        connection.sendall(bytes(100_000))


def test_places_that_lead_nowhere_are_given_up(target: Target) -> None:
    change(target, "socks5.local", "true")
    change(target, "files.accept", "contacts")
    with host(silent) as one, host(drips) as two, host(garbage) as three:
        ask(target, offer("evil", places("evil", *(("127.0.0.1", port) for port in (one, two, three)))))
        target.expect("candidate-error", "sid='evil'")
    assert transfers(target)[-1].state is TransferState.CONNECTING
    assert target.undisturbed


def test_a_stream_without_end_ends_with_the_disk(target: Target, besieged: Daemon) -> None:
    """Where no size was told."""
    change(target, "socks5.local", "true")
    before = resource.prlimit(besieged.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(besieged.pid, resource.RLIMIT_FSIZE, (SMALL, before[1]))
    try:
        with host(endless) as port:
            ask(target, offer("endless", places("endless", ("127.0.0.1", port)), size=None))
            target.wait(lambda: transfers(target), "it is offered")
            run(target.access.files.accept(transfers(target)[-1].id))
            used = target.expect("candidate-used", "sid='endless'")
            assert "cid='c0'" in used
            said = f"<transport xmlns='{S5B}' sid='endless'><candidate-error/></transport>"
            content = f"<content creator='initiator' name='f'>{said}</content>"
            ask(target, f"<jingle xmlns='urn:xmpp:jingle:1' action='transport-info' sid='endless'>{content}</jingle>")
            target.wait(lambda: transfers(target)[-1].is_over, "it is over")
    finally:
        resource.prlimit(besieged.pid, resource.RLIMIT_FSIZE, before)
    done = transfers(target)[-1]
    assert (done.state, done.error, done.partial) == (TransferState.FAILED, "StorageError", False)
    target.expect("session-terminate", "sid='endless'")
    assert not files(target)


# -- descriptors -----------------------------------------------------------------------------------------------------


def test_without_descriptors_new_files_are_refused_and_all_else_goes_on(
    target: Target, besieged: Daemon, tmp_path: Path
) -> None:
    ask(target, offer("before", in_band("before")))
    target.wait(lambda: transfers(target), "it is offered")
    (offered,) = transfers(target)
    (tmp_path / "ours").write_bytes(DATA)
    before = resource.prlimit(besieged.pid, resource.RLIMIT_NOFILE)
    used = len(list(Path(f"/proc/{besieged.pid}/fd").iterdir()))
    resource.prlimit(besieged.pid, resource.RLIMIT_NOFILE, (used + 8, before[1]))
    try:
        with pytest.raises(TooManyOpen):
            run(target.access.files.accept(offered.id))
        with pytest.raises(TooManyOpen):
            run(target.access.files.send(str(tmp_path / "ours"), FRIEND))
        ask(target, offer("meanwhile", in_band("meanwhile")))
        target.expect("resource-constraint")
        target.say("Are you there?")
        target.settle()
        assert target.bodies()[-1] == "Are you there?"
        run(target.access.messages.send(FRIEND, "Yes."))
        target.expect("Yes.")
    finally:
        resource.prlimit(besieged.pid, resource.RLIMIT_NOFILE, before)
    run(target.access.files.accept(offered.id))
    target.expect("session-accept", "sid='before'")
