"""What is on its way: how it is told, how it ends, what is forgotten."""

import errno
import os
import resource

import pytest
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    InternalError,
    NotFound,
    SatError,
    StorageError,
    StorageFull,
    TooManyOpen,
    WebRefused,
)
from sat.api.transfers import Direction, Transfer, TransferState
from sat.core.plugin import Plugin
from sat.plugins.transfers.plugin import REMEMBERED, SPARE, TOLD_EVERY, Transfers

JULIET = JID("juliet@capulet.lit")


class Carrier(Plugin):
    """Who carries something."""


@pytest.fixture
def transfers(romeo):
    return romeo.plug(Transfers)


@pytest.fixture
def carrier(romeo, transfers):
    return romeo.plug(Carrier)


class Carrying:
    """A work that ends when a test says so."""

    def __init__(self, transfers, owner, id="", **fields):
        self.done = Deferred()

        async def work(_):
            return await self.done

        new = Transfer(id or transfers.new_id(), Direction.SEND, "a.txt", 100, **fields)
        self.id = transfers.begin(owner, new, work).id


def begun(work):
    return work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)


def test_what_begins_is_told_and_runs_to_its_end(romeo, transfers, carrier, record):
    told = record(transfers.changed)
    one = Carrying(transfers, carrier, peer=JULIET)
    assert (told[0].state, told[0].peer, told[0].begun) == (TransferState.RUNNING, JULIET, romeo.now())
    assert transfers.running(carrier) == [told[0]]
    finished = begun(transfers.finish(one.id))
    romeo.clock.advance(5)
    one.done.callback({"path": "/srv/romeo/a.txt"})
    done = now(finished)
    assert (done.state, done.moved, done.path, done.ended - done.begun) == (
        TransferState.DONE,
        100,
        "/srv/romeo/a.txt",
        5,
    )
    assert told[-1] == done
    assert now(transfers.finish(one.id)) == done
    assert transfers.running(carrier) == []


def test_how_far_it_is_is_told_a_few_times_a_second_all_else_at_once(romeo, transfers, carrier, record):
    one = Carrying(transfers, carrier)
    told = record(transfers.changed)
    for moved in range(1, 50):
        transfers.update(one.id, moved=moved)
    assert told == []
    romeo.clock.advance(TOLD_EVERY)
    assert [each.moved for each in told] == [49]
    transfers.update(one.id, moved=50)
    transfers.update(one.id, state=TransferState.CHECKING)
    assert (told[-1].state, told[-1].moved) == (TransferState.CHECKING, 50)
    romeo.clock.advance(TOLD_EVERY)
    assert len(told) == 2


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (WebRefused(host="a", reason="413"), WebRefused(host="a", reason="413")),
        (OSError(errno.ENOSPC, "No space left"), StorageFull()),
        (OSError(errno.EIO, "Input/output error"), StorageError(reason="input/output error")),
        (ZeroDivisionError(), None),
    ],
)
def test_a_failure_keeps_its_sentence(transfers, carrier, raised, error):
    one = Carrying(transfers, carrier)
    one.done.errback(raised)
    failed = transfers.find(one.id)
    assert failed.state is TransferState.FAILED
    with pytest.raises(SatError) as caught:
        now(transfers.finish(one.id))
    assert caught.value == (error or InternalError(reference=one.id))


def test_anybody_can_give_it_up(transfers, carrier, record):
    one = Carrying(transfers, carrier)
    finished = begun(transfers.finish(one.id))
    now(transfers.cancel(one.id))
    with pytest.raises(Cancelled):
        now(finished)
    assert transfers.find(one.id).state is TransferState.CANCELLED
    now(transfers.cancel(one.id))  # it stays as it is
    assert transfers.find(one.id).state is TransferState.CANCELLED


def test_who_stops_takes_along_what_it_carries(romeo, transfers, carrier):
    one, other = Carrying(transfers, carrier), Carrying(transfers, transfers)
    carrier.stop()
    assert transfers.find(one.id).state is TransferState.CANCELLED
    assert transfers.find(other.id).state is TransferState.RUNNING


def test_what_has_ended_is_kept_for_a_while(transfers, carrier, record):
    gone = record(transfers.forgotten)
    running = Carrying(transfers, carrier)
    ended = [Carrying(transfers, carrier) for _ in range(REMEMBERED + 3)]
    for each in ended:
        each.done.callback({})
    assert gone == [[each.id] for each in ended[:3]]
    known = [each.id for each in now(transfers.get_all())]
    assert known == [running.id, *(each.id for each in ended[3:])]


def test_what_is_forgotten_is_cleared_away(transfers, carrier, record):
    gone, cleared = record(transfers.forgotten), []
    running, first, second = (Carrying(transfers, carrier) for _ in range(3))
    transfers.on_forgotten(first.id, lambda: cleared.append("first"))
    first.done.callback({})
    second.done.callback({})
    now(transfers.forget([first.id, running.id]))
    assert (gone, cleared) == ([[first.id]], ["first"])
    now(transfers.forget([]))
    assert gone == [[first.id], [second.id]]
    assert [each.id for each in now(transfers.get_all())] == [running.id]
    for work in (transfers.forget([first.id]), transfers.cancel(first.id), transfers.finish(first.id)):
        with pytest.raises(NotFound):
            now(work)


def test_one_that_is_gone_on_with_keeps_its_place(romeo, transfers, carrier):
    one = Carrying(transfers, carrier)
    one.done.errback(WebRefused(host="a", reason="413"))
    failed = transfers.find(one.id)
    romeo.clock.advance(60)
    again = failed._replace(state=TransferState.CONNECTING, error="", details={}, ended=0.0)
    transfers.begin(carrier, again, lambda _: Deferred())
    now_is = transfers.find(one.id)
    assert (now_is.begun, now_is.state) == (failed.begun, TransferState.CONNECTING)
    assert not now_is.is_over


def test_an_id_is_typed_as_it_is(transfers):
    """No shell, and no command line, takes it for something else."""
    ids = {transfers.new_id() for _ in range(300)}
    assert len(ids) == 300
    assert all(each.isalnum() for each in ids)


def test_some_descriptors_are_left_to_others(transfers, monkeypatch):
    transfers.check_descriptors()
    used = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(resource, "getrlimit", lambda what: (used + SPARE - 1, resource.RLIM_INFINITY))
    with pytest.raises(TooManyOpen):
        transfers.check_descriptors()
    monkeypatch.setattr(resource, "getrlimit", lambda what: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    transfers.check_descriptors()
