"""Disks that do not answer while files come, and what is given up while they do not."""

from __future__ import annotations

import os

import pytest
from support.files import DATA, about_data, offered, only, pour, taken
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api.errors import NotFound
from sat.api.transfers import TransferState
from sat.plugins.files import plugin as files_plugin
from sat.xmpp.jingle import Condition


@pytest.fixture
def disk(monkeypatch):
    """What is asked of it, to be answered by ``answer``."""
    waiting = []

    class Disk:
        def hang(self, module, name="in_thread"):
            async def later(work, unwanted=None):
                waiting.append((Deferred(), work, unwanted))
                return await waiting[-1][0]

            monkeypatch.setattr(module, name, later)

        def answer(self):
            deferred, work, unwanted = waiting.pop(0)
            given_up, result = deferred.called, work()
            if not given_up:
                deferred.callback(result)
            elif unwanted is not None:
                unwanted(result)

    return Disk()


def test_what_has_come_is_received_whoever_gives_it_up_then(romeo, files, here):
    session, _, there = taken(romeo, files, about_data())
    thanked = Deferred()

    async def tell(payload):
        await thanked

    session.tell = tell
    pour(there, DATA)
    now(there.close())
    now(files.transfers.cancel(only(files).id))
    assert (only(files).state, os.listdir(here)) == (TransferState.DONE, ["plans.bin"])
    assert only(files).path == str(here / "plans.bin")


def test_an_offer_that_is_taken_back_meanwhile_is_not_taken(romeo, files, here, disk):
    session = offered(romeo, files, about_data())
    disk.hang(files_plugin)
    taking = Deferred.fromCoroutine(files.accept(only(files).id))
    assert not taking.called, "the folder is looked for"
    now(files.decline(only(files).id))
    disk.answer()
    with pytest.raises(NotFound):
        now(taking)
    assert session.ended is Condition.DECLINE


def test_who_takes_it_twice_takes_it_once(romeo, files, here, disk):
    offered(romeo, files, about_data())
    disk.hang(files_plugin)
    one, two = (Deferred.fromCoroutine(files.accept(only(files).id)) for _ in range(2))
    disk.answer()
    disk.answer()
    assert now(one).state is TransferState.CONNECTING
    with pytest.raises(NotFound):
        now(two)
    now(files.transfers.cancel(only(files).id))
    disk.answer()  # its part is made, and is not wanted any more


def test_a_part_that_is_made_too_late_goes(romeo, files, here, disk):
    session = offered(romeo, files, about_data())
    disk.hang(files_plugin)
    taking = Deferred.fromCoroutine(files.accept(only(files).id))
    disk.answer()
    now(taking)
    now(files.transfers.cancel(only(files).id))
    assert (only(files).state, session.ended) == (TransferState.CANCELLED, Condition.DECLINE)
    disk.answer()
    assert os.listdir(here) == []
