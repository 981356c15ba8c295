"""Streams from which nothing comes any more though both programs are there, and those that only wait."""

from __future__ import annotations

import math
import os
from ipaddress import ip_interface

import pytest
from support.pair import JULIET, ROMEO, Pipe, connection, joined
from twisted.internet.defer import Deferred

from sat.api.errors import TransferBroken
from sat.api.transfers import TransferState
from sat.core.disk import Disk, Writer
from sat.plugins.files.plugin import Files
from sat.plugins.jingle.quiet import QUIET
from sat.plugins.socks5 import addresses
from sat.plugins.socks5.plugin import Socks5Bytestreams

DATA = os.urandom(4 * 1024 * 1024)  # more than waits in all the places between their disks
OURS = [ip_interface("192.168.7.2/24")]
ASKED = "action='session-info' sid"  # whether the other one is there: the only such word before the end


@pytest.fixture
def pair(folder, monkeypatch, threadless):
    """romeo has something to send, juliet puts it into ``got``."""
    monkeypatch.setattr(addresses, "own_interfaces", lambda: OURS)
    with joined(folder) as pair:
        for profile in (pair.romeo, pair.juliet):
            profile.plug(Files)
            profile.plug(Socks5Bytestreams).options.address = "192.168.7.9"
        pair.ours, pair.theirs = pair.romeo.plugin(Files), pair.juliet.plugin(Files)
        pair.plans, pair.got = folder / "plans.bin", folder / "got"
        pair.plans.write_bytes(DATA)
        pair.got.mkdir()
        pair.juliet.wire.inject(f"<presence from='{ROMEO}'/>")
        yield pair


def last(pair, files):
    return pair.wait(files.transfers.get_all())[-1]


def sends(pair, least=300_000, arrives=True):
    """romeo sends it, juliet takes it; so much of it comes, and then nothing does any more."""
    pair.wait(pair.ours.send(str(pair.plans), JULIET, encrypt="none"), 5)
    pair.turn()
    pair.net.carry(least)
    pair.wait(pair.theirs.accept(last(pair, pair.theirs).id, str(pair.got)))
    passes(pair, 5)
    assert (0 < last(pair, pair.theirs).moved < len(DATA)) is arrives


def passes(pair, seconds):
    for _ in range(int(seconds) // 5):
        pair.net.advance(5)
        pair.turn(10)


def asked(pair):
    """How often juliet has asked whether he is there."""
    return sum("action='session-info'" in each for each in pair.juliet.wire.said)


def states(pair):
    return last(pair, pair.ours).state, last(pair, pair.theirs).state


RUNNING = (TransferState.RUNNING, TransferState.RUNNING)
DONE = (TransferState.DONE, TransferState.DONE)
FAILED = (TransferState.FAILED, TransferState.FAILED)


def test_a_path_that_drops_what_goes_over_it_is_given_up(pair):
    sends(pair)
    passes(pair, QUIET - 20)
    assert (states(pair), asked(pair)) == (RUNNING, 0)
    passes(pair, 30)
    assert (states(pair), asked(pair)) == (RUNNING, 1)
    passes(pair, QUIET)
    assert (states(pair), asked(pair)) == (FAILED, 1)
    for files in (pair.ours, pair.theirs):
        assert last(pair, files).error == TransferBroken.__name__
    pair.net.carry()
    part = last(pair, pair.theirs)
    assert part.partial
    pair.wait(pair.theirs.resume(part.id), 5)
    pair.wait(pair.theirs.transfers.finish(part.id), 20)
    assert (pair.got / "plans.bin").read_bytes() == DATA


def test_what_comes_now_and_then_goes_on(pair):
    sends(pair, 100_000)
    for _ in range(6):
        passes(pair, 2 * QUIET - 20)
        pair.net.carry(100_000)
    assert states(pair) == RUNNING
    pair.net.carry()
    passes(pair, 5)
    assert states(pair) == DONE


def test_who_is_not_there_when_asked_is_not_waited_for(pair):
    sends(pair)
    pair.juliet.wire.lose.append("session-info")
    passes(pair, QUIET + 10)
    assert states(pair) == RUNNING
    passes(pair, 30)
    assert states(pair)[1] is TransferState.FAILED
    assert "asked" in last(pair, pair.theirs).details["reason"]


def test_who_is_offline_for_a_while_gives_nothing_up(pair):
    sends(pair)
    pair.juliet.goes_offline(resumable=True)
    passes(pair, 4 * QUIET)
    assert (states(pair)[1], asked(pair)) == (TransferState.RUNNING, 0)
    connection(pair.juliet, resumed=True)
    pair.net.carry()
    passes(pair, 5)
    assert states(pair) == DONE


@pytest.mark.parametrize("size", [len(DATA), 500_000])
def test_who_does_not_read_is_waited_for(pair, monkeypatch, size):
    """Her disk takes nothing for an hour; of a small file, he has handed over all long before."""
    pair.plans.write_bytes(DATA[:size])
    held, write = Deferred(), Writer.write

    async def waits(self, data):
        await held
        await write(self, data)

    monkeypatch.setattr(Writer, "write", waits)
    sends(pair, math.inf, arrives=False)
    passes(pair, 3600)
    assert asked(pair) == 0
    assert states(pair) == (RUNNING[0] if size == len(DATA) else TransferState.CHECKING, RUNNING[1])
    held.callback(None)
    passes(pair, 5)
    assert states(pair) == DONE


def test_who_has_to_hash_first_what_has_gone_before_has_the_time_for_it(pair, monkeypatch):
    sends(pair)
    passes(pair, 3 * QUIET)
    part, before = last(pair, pair.theirs), asked(pair)
    monkeypatch.setattr("sat.plugins.files.carrying.HASHED", part.moved / 3600)
    pair.net.carry()
    hashed, hash_to = Deferred(), Disk.hash_to

    async def waits(self, length):
        if os.readlink(f"/proc/self/fd/{self._descriptor}") == str(pair.plans):
            await hashed
        return await hash_to(self, length)

    monkeypatch.setattr(Disk, "hash_to", waits)
    pair.wait(pair.theirs.resume(part.id), 5)
    passes(pair, 3600)
    assert (states(pair), asked(pair)) == (RUNNING, before)
    hashed.callback(None)
    passes(pair, 5)
    assert states(pair) == DONE


def test_what_was_only_handed_over_is_not_told_as_sent(pair, monkeypatch):
    """Its end is somewhere on the way: he has given all away, and she answers when she is asked."""
    monkeypatch.setattr(Pipe, "FULL", len(DATA))
    pair.plans.write_bytes(DATA[:500_000])
    sends(pair, 100_000)
    passes(pair, QUIET)
    assert states(pair) == (TransferState.CHECKING, TransferState.RUNNING)
    passes(pair, QUIET + 20)
    assert states(pair) == FAILED
    pair.net.carry()
    part = last(pair, pair.theirs)
    pair.wait(pair.theirs.resume(part.id), 5)
    pair.wait(pair.theirs.transfers.finish(part.id), 20)
    assert (pair.got / "plans.bin").read_bytes() == DATA[:500_000]
