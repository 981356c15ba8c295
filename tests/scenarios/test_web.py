"""Fetching from web servers that want to do harm, and putting files there: the client alone, in this process."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import pytest
from scenarios.hostile import ReactorThread
from scenarios.web_host import WebHost, broken, endless, page
from twisted.internet.defer import CancelledError, Deferred

from sat.api.errors import FileTooLarge, LocalAddress, WebError, WebRefused, WebSilent
from sat.core.disk import PIECE, Disk, Writer
from sat.core.hashes import Hashes
from sat.world.certificates import Authority
from sat.world.program import until
from sat.xmpp import tls, web
from sat.xmpp.web import Web

LIMIT = 200_000


@pytest.fixture
def host() -> Iterator[WebHost]:
    with WebHost() as host:
        yield host


def get(reactor: ReactorThread, url: str, local: bool = True) -> bytes:
    client = Web(reactor.reactor, local)

    def too_large(size: int) -> FileTooLarge:
        return FileTooLarge(name="x", size=size, who="me", limit=LIMIT)

    async def work(disk: Disk) -> None:
        writer = Writer(disk)
        try:
            await client.get(url, writer, LIMIT, too_large)
        finally:
            writer.stop()
            disk.close()

    with TemporaryFile() as file:
        reactor.call(lambda: Deferred.fromCoroutine(work(disk_of(file))))
        file.seek(0)
        return file.read()


def put(reactor: ReactorThread, url: str, *headers: tuple[str, str], local: bool = True, data: bytes = b"hello") -> int:
    sent: list[int] = []
    client = Web(reactor.reactor, local)

    async def work(disk: Disk) -> None:
        try:
            await client.put(url, headers, disk.pieces(len(data)), len(data), "text/plain", sent.append)
        finally:
            disk.close()

    with TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        reactor.call(lambda: Deferred.fromCoroutine(work(disk_of(file))))
    return sent[-1]


def disk_of(file: BinaryIO) -> Disk:
    return Disk(os.dup(file.fileno()), Hashes(()))


def test_a_file_is_fetched_through_redirects(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"", 302, Location="/b"), "/b": page(b"the file")}
    assert get(reactor, host.url("/a")) == b"the file"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0"])
def test_nothing_of_this_machine_is_asked(reactor: ReactorThread, host: WebHost, name: str) -> None:
    with pytest.raises(LocalAddress):
        get(reactor, host.url("/secret", name), local=False)
    assert host.asked == []


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fe80::1]/"]
)
def test_nothing_of_the_network_around_is_asked(reactor: ReactorThread, target: str) -> None:
    with pytest.raises(LocalAddress):
        get(reactor, target, local=False)


def test_each_redirect_is_looked_at_as_the_first_address(
    reactor: ReactorThread, host: WebHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = host.url("/").rpartition(":")[2].strip("/")
    host.pages = {"/a": page(b"", 302, Location=f"http://localhost:{port}/secret"), "/secret": page(b"secret")}
    # The first host counts as one of the internet, what the name localhost means does not.
    seen: list[str] = []

    def public_once(address: object) -> bool:
        seen.append(str(address))
        return len(seen) == 1

    monkeypatch.setattr(web, "is_public", public_once)
    with pytest.raises(LocalAddress):
        get(reactor, host.url("/a"), local=False)
    assert [path for _, path, *_ in host.asked] == ["/a"]


def test_a_name_is_resolved_once_for_each_connection(
    reactor: ReactorThread, host: WebHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was looked at is the one that is connected to."""
    host.pages = {"/a": page(b"fine")}
    asked: list[str] = []

    async def addresses(_: object, host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    monkeypatch.setattr(web, "addresses_of", addresses)
    assert get(reactor, host.url("/a", "rebinding.example")) == b"fine"
    assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "javascript:alert(1)", "http://a:b@127.0.0.1/", "http:///a b"]
)
def test_a_redirect_to_what_is_no_web_address(reactor: ReactorThread, host: WebHost, location: str) -> None:
    host.pages = {"/a": page(b"", 302, Location=location)}
    with pytest.raises(WebError):
        get(reactor, host.url("/a"))
    assert len(host.asked) == 1


def test_redirects_have_an_end(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"", 302, Location="/a")}
    with pytest.raises(WebError, match="from one place to the next"):
        get(reactor, host.url("/a"))
    assert len(host.asked) == web.REDIRECTS + 1


def test_an_answer_without_end_is_cut_off(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": endless}
    with pytest.raises(FileTooLarge):
        get(reactor, host.url("/a"))
    assert host.hung_up.wait(10)


def test_what_is_announced_too_large_is_not_read(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"x" * (LIMIT + 1))}
    with pytest.raises(FileTooLarge) as seen:
        get(reactor, host.url("/a"))
    assert seen.value.details["size"] == str(LIMIT + 1)


def test_half_an_answer_is_none(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": broken}
    with pytest.raises(WebError, match="broke off"):
        get(reactor, host.url("/a"))


def test_a_server_that_says_nothing_more_is_given_up(
    reactor: ReactorThread, host: WebHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    going_on = threading.Event()

    def stuck(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "1000")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        going_on.wait(30)

    monkeypatch.setattr(web, "STALLED", 0.2)
    host.pages = {"/a": stuck}
    try:
        with pytest.raises(WebSilent):
            get(reactor, host.url("/a"))
    finally:
        going_on.set()


def test_a_refusal_is_told_as_the_server_says_it(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"Gone\x1b fishing", 410), "/b": page(b"<b>", 403, "text/html")}
    with pytest.raises(WebRefused, match="410 Gone"):
        get(reactor, host.url("/a"))
    with pytest.raises(WebRefused, match="403 Forbidden"):
        get(reactor, host.url("/b"))


# -- putting ---------------------------------------------------------------------------------------------------------


def test_a_file_is_put_with_the_headers_that_are_allowed(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"", 201)}
    headers = [
        ("Authorization", "Basic x\r\nX-Evil: 1"),
        ("X-Evil", "1"),
        ("Host", "other.example"),
        ("Content-Length", "1"),
        ("COOKIE", "a=1"),
        ("Cookie\n", "b=2"),
        ("expires", "never\n"),
    ]
    assert put(reactor, host.url("/a"), *headers) == 5
    ((method, _, came, body),) = host.asked
    assert (method, body) == ("PUT", b"hello")
    names = [name.lower() for name, _ in came]
    assert "x-evil" not in names
    assert [value for name, value in came if name.lower() == "authorization"] == ["Basic xX-Evil: 1"]
    assert [value for name, value in came if name.lower() == "cookie"] == ["a=1", "b=2"]
    assert [value for name, value in came if name.lower() == "content-length"] == ["5"]
    assert [value for name, value in came if name.lower() == "expires"] == ["never"]
    assert not any("other.example" in value for _, value in came)


def test_nothing_is_put_unencrypted_but_to_this_machine_where_that_is_allowed(
    reactor: ReactorThread, host: WebHost
) -> None:
    with pytest.raises(LocalAddress):
        put(reactor, host.url("/a"), local=False)
    with pytest.raises(LocalAddress):
        put(reactor, "http://192.0.2.1/a")
    assert host.asked == []


def test_a_large_file_comes_whole(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"", 201)}
    data = os.urandom(10 * PIECE + 1)
    assert put(reactor, host.url("/a"), data=data) == len(data)
    assert host.asked[0][3] == data


def test_a_file_that_becomes_shorter_meanwhile_is_not_waited_for(reactor: ReactorThread, host: WebHost) -> None:
    async def shorter() -> AsyncGenerator[bytes, None]:
        yield bytes(PIECE)

    client = Web(reactor.reactor, True)
    work = client.put(host.url("/a"), [], shorter(), 3 * PIECE, "text/plain", lambda _: None)
    with pytest.raises(WebError, match="too few bytes"):
        reactor.call(lambda: Deferred.fromCoroutine(work))


def test_a_file_that_cannot_be_read_on_is_not_the_fault_of_the_server(reactor: ReactorThread, host: WebHost) -> None:
    """Of a folder nothing can be read, as of a disk that breaks."""
    host.pages = {"/a": page(b"", 201)}
    client = Web(reactor.reactor, True)

    async def work(disk: Disk) -> None:
        try:
            await client.put(host.url("/a"), [], disk.pieces(5), 5, "text/plain", lambda _: None)
        finally:
            disk.close()

    with pytest.raises(IsADirectoryError):
        reactor.call(lambda: Deferred.fromCoroutine(work(Disk(os.open("/", os.O_RDONLY), Hashes(())))))


def noting(function: Callable[..., object], seen: set[int]) -> Callable[..., object]:
    """The same function; which threads call it is noted."""

    def call(*args: object) -> object:
        seen.add(threading.get_ident())
        return function(*args)

    return call


def test_disks_are_waited_for_in_threads(
    reactor: ReactorThread, host: WebHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is put is read there, what is fetched is written there."""
    threads: dict[str, set[int]] = {"read": set(), "write": set()}
    for name, seen in threads.items():
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, real=real, seen=seen: (seen.add(threading.get_ident()), real(*args))[1]
        )
    data = os.urandom(LIMIT - 1)
    host.pages = {"/a": page(b"", 201), "/b": page(data)}
    assert put(reactor, host.url("/a"), data=data) == len(data)
    assert get(reactor, host.url("/b")) == data
    loop = reactor.call(threading.get_ident)
    assert all(seen - {threading.get_ident()} and loop not in seen for seen in threads.values()), (loop, threads)


def test_what_comes_faster_than_it_is_taken_waits_at_the_server(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": endless}
    taken: list[int] = []
    full: Deferred[None] = Deferred()

    class Slow:
        async def write(self, data: bytes) -> None:
            taken.append(len(data))
            await full

        async def flush(self) -> None: ...

    came: list[int] = []
    client = Web(reactor.reactor, True)
    work: list[Deferred[None]] = []

    def begin() -> None:
        get = client.get(host.url("/a"), Slow(), 1 << 60, lambda _: WebError(), lambda count, _: came.append(count))
        work.append(Deferred.fromCoroutine(get))

    reactor.call(begin)
    assert until(lambda: bool(came), 10)
    assert not until(lambda: came[-1] > 1 << 20, 1)
    assert len(taken) == 1
    reactor.call(lambda: full.callback(None))
    assert until(lambda: came[-1] > 1 << 20, 10)
    reactor.call(work[0].cancel)
    with pytest.raises(CancelledError):
        reactor.call(lambda: work[0])


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[tuple[socket.socket, str, BinaryIO]]:
    """A server that takes nothing, its address, and a large file."""
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "large").open("w+b") as file:
        file.truncate(1 << 30)
        yield server, f"http://127.0.0.1:{server.getsockname()[1]}/a", file


def test_what_is_not_taken_is_not_read_and_given_up_in_the_end(
    reactor: ReactorThread, deaf: tuple[socket.socket, str, BinaryIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "STALLED", 1.0)
    sent: list[int] = []
    client = Web(reactor.reactor, True)
    server, url, file = deaf
    with pytest.raises(WebSilent):
        reactor.call(lambda: Deferred.fromCoroutine(put_large(client, url, file, sent)))
    assert 0 < sent[-1] < 100 << 20  # what the system keeps
    taken, _ = server.accept()
    with taken, pytest.raises(ConnectionResetError):
        _drain(taken)


def test_who_stops_a_file_on_its_way_has_stopped_it(
    reactor: ReactorThread, deaf: tuple[socket.socket, str, BinaryIO]
) -> None:
    sent: list[int] = []
    work: list[Deferred[None]] = []
    client = Web(reactor.reactor, True)
    server, url, file = deaf
    reactor.call(lambda: work.append(Deferred.fromCoroutine(put_large(client, url, file, sent))))
    assert until(lambda: bool(sent), 10)
    reactor.call(work[0].cancel)
    with pytest.raises(CancelledError):
        reactor.call(lambda: work[0])
    taken, _ = server.accept()
    with taken, pytest.raises(ConnectionResetError):
        _drain(taken)


async def put_large(client: Web, url: str, file: BinaryIO, sent: list[int]) -> None:
    disk = disk_of(file)
    try:
        await client.put(url, [], disk.pieces(1 << 30), 1 << 30, "text/plain", sent.append)
    finally:
        disk.close()


def _drain(connection: socket.socket) -> None:
    while connection.recv(1 << 20):
        pass


def test_a_refused_file_is_told(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": page(b"Quota reached", 413)}
    with pytest.raises(WebRefused, match="413 Quota reached"):
        put(reactor, host.url("/a"))


def test_a_server_that_is_not_there(reactor: ReactorThread) -> None:
    with WebHost() as gone:
        url = gone.url("/a")
    with pytest.raises(WebError, match="does not accept connections"):
        put(reactor, url)


def test_what_is_given_up_hangs_up(reactor: ReactorThread, host: WebHost) -> None:
    host.pages = {"/a": endless}
    work: list[Deferred[None]] = []
    client = Web(reactor.reactor, True)

    class Nowhere:
        async def write(self, data: bytes) -> None: ...

        async def flush(self) -> None: ...

    def begin() -> None:
        work.append(Deferred.fromCoroutine(client.get(host.url("/a"), Nowhere(), 1 << 60, lambda _: WebError())))

    reactor.call(begin)
    assert until(lambda: bool(host.asked), 10)
    reactor.call(work[0].cancel)
    with pytest.raises(CancelledError):
        reactor.call(lambda: work[0])
    assert host.hung_up.wait(10)


# -- encrypted -------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebHost]:
    """A host called localhost, whose authority is trusted here."""
    authority = Authority()
    authority.issue("localhost").write(tmp_path, "host")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))
    tls.context.cache_clear()
    with WebHost((tmp_path / "host.crt", tmp_path / "host.key")) as host:
        yield host
    tls.context.cache_clear()


def test_an_encrypted_answer_without_end_is_cut_off(reactor: ReactorThread, secure: WebHost) -> None:
    secure.pages = {"/a": page(b"fine"), "/b": endless}
    assert get(reactor, secure.url("/a", "localhost")) == b"fine"
    with pytest.raises(FileTooLarge):
        get(reactor, secure.url("/b", "localhost"))
    assert secure.hung_up.wait(10)


def test_a_certificate_for_another_name_is_not_trusted(reactor: ReactorThread, secure: WebHost) -> None:
    with pytest.raises(WebError, match="is for localhost"):
        get(reactor, secure.url("/a"))
    with pytest.raises(WebError, match="is for localhost"):
        put(reactor, secure.url("/a"))
    assert secure.asked == []


def test_a_large_file_comes_whole_encrypted(reactor: ReactorThread, secure: WebHost) -> None:
    secure.pages = {"/a": page(b"", 201)}
    data = os.urandom(10 * PIECE + 1)
    assert put(reactor, secure.url("/a", "localhost"), data=data) == len(data)
    assert secure.asked[0][3] == data


def test_no_redirect_leads_to_where_nothing_is_encrypted(
    reactor: ReactorThread, secure: WebHost, host: WebHost
) -> None:
    secure.pages = {"/a": page(b"", 302, Location=host.url("/b"))}
    with pytest.raises(WebError, match="nothing is encrypted"):
        get(reactor, secure.url("/a", "localhost"))
    assert host.asked == []
