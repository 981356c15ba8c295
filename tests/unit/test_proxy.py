"""The proxy that breaks connections breaks and holds up nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from support.proxy import Proxy

PLENTY = 32 * 1024 * 1024  # more than systems keep for who takes nothing


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


@pytest.fixture
def proxy(server: socket.socket) -> Iterator[Proxy]:
    with Proxy(server.getsockname()[1]) as proxy:
        yield proxy


def pair(proxy: Proxy, server: socket.socket) -> tuple[socket.socket, socket.socket]:
    near = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
    far, _ = server.accept()
    far.settimeout(10)
    return near, far


def read(source: socket.socket, count: int) -> int:
    while count and (data := source.recv(min(count, 65536))):
        count -= len(data)
    return count


def test_who_takes_nothing_holds_up_nobody_else_and_gets_all_later(proxy: Proxy, server: socket.socket) -> None:
    near, far = pair(proxy, server)
    writer = threading.Thread(target=near.sendall, args=[bytes(PLENTY)], daemon=True)
    near.settimeout(None)
    writer.start()
    writer.join(1)
    assert writer.is_alive(), "nobody takes it"
    for one, other in (pair(proxy, server), (far, near)):  # another connection, and the other way of this one
        one.sendall(b"hears me")
        assert other.recv(100) == b"hears me"
    assert read(far, PLENTY) == 0
    writer.join(10)
    near.close()
    assert far.recv(1) == b""


def test_a_connection_is_cut_behind_a_byte(proxy: Proxy, server: socket.socket) -> None:
    near, far = pair(proxy, server)
    proxy.cut_after(up=5)
    near.sendall(b"1234567")
    assert far.recv(100) == b"12345"
    assert far.recv(100) == b""


def test_only_the_first_ones_are_cut(proxy: Proxy, server: socket.socket) -> None:
    old, far = pair(proxy, server)
    accepted = proxy.accepted
    new, there = pair(proxy, server)
    proxy.cut(accepted)
    assert (old.recv(1), far.recv(1)) == (b"", b"")
    new.sendall(b"hears me")
    assert there.recv(100) == b"hears me"


def test_what_is_lost_arrives_nowhere_and_ends_nothing(proxy: Proxy, server: socket.socket) -> None:
    near, far = pair(proxy, server)
    proxy.lose()
    near.sendall(b"hears me")
    near.close()
    far.settimeout(0.3)
    with pytest.raises(TimeoutError):
        far.recv(1)
