"""Ports for servers that are started later, and stopped and started again."""

from __future__ import annotations

import socket

import pytest

from sat.world import free_port


def any_port(*, reuse: bool) -> int:
    """What the system gives to somebody else."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("reuse", [True, False])
def test_nobody_who_asks_for_any_port_gets_one_that_was_given(reuse: bool) -> None:
    """The system has 28,000, and half of them for this: of 100 given ones, thousands of others would hit some."""
    given = {free_port() for _ in range(100)}
    assert len(given) == 100
    assert not given & {any_port(reuse=reuse) for _ in range(5000)}


def test_a_server_can_listen_there_again_and_again() -> None:
    port = free_port()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)) as near:
            far, _ = server.accept()
            far.sendall(b"it is ours")
            far.close()
            assert near.recv(100) == b"it is ours"
