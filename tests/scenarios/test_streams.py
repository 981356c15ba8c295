"""Bytes from one program to another over a real server: directly, over its proxy, in stanzas, and what breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.streams import streams

from sat.world import Options, World

MIB = 1024 * 1024
INDIRECT = {"socks5.direct": "false"}


@pytest.fixture(scope="module")
def plain() -> Iterator[World]:
    """A world without a daemon of ours: both people are in a process of the test."""
    with World(daemon=False) as world:
        yield world


@pytest.fixture(scope="module")
def proxyless() -> Iterator[World]:
    with World(Options(proxy=False), daemon=False) as world:
        yield world


def test_directly(plain: World) -> None:
    done = streams(plain, 20 * MIB)
    assert (done.way, done.whole, done.error, done.error_there) == ("socks5", True, "", "success")


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_directly_where_only_one_can_be_reached(proxyless: World, who: str) -> None:
    done = streams(proxyless, MIB, **{who: INDIRECT})  # type: ignore[arg-type]
    assert (done.way, done.whole, done.error) == ("socks5", True, "")


def test_over_the_proxy(plain: World) -> None:
    done = streams(plain, 5 * MIB, alice=INDIRECT, bob=INDIRECT)
    assert (done.way, done.whole, done.error, done.error_there) == ("socks5", True, "", "success")


def test_in_stanzas_where_no_connection_is_possible(proxyless: World) -> None:
    done = streams(proxyless, 2 * MIB, alice=INDIRECT, bob=INDIRECT)
    assert (done.way, done.whole, done.error, done.error_there) == ("in-band", True, "", "success")


def test_in_stanzas_where_the_addresses_lead_nowhere(proxyless: World) -> None:
    """Both offer addresses, and may not connect to those of the other."""
    done = streams(proxyless, MIB, alice={"socks5.local": "false"}, bob={"socks5.local": "false"})
    assert (done.way, done.whole, done.error) == ("in-band", True, "")


def test_the_proxy_dies_in_the_middle() -> None:
    with World(daemon=False) as world:
        done = streams(world, 40 * MIB, alice=INDIRECT, bob=INDIRECT, half=4 * MIB, then=world.prosody.stop)
    assert done.way == "socks5"
    assert not done.whole
    assert done.arrived < 40 * MIB
    assert done.error.startswith("TransferBroken: The transfer with bob@localhost/")
    # It looks like an end in order to who reads, if the system says so: then there is too little.
    assert done.error_there == "too little" or done.error_there.startswith("TransferBroken: ")
