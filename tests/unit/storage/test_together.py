"""Many messages at once: stored as if they had been added one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from support.storing import ALICE, BOB, NOW, heard, open_storage, result, said
from twisted.internet.defer import Deferred

from sat.api.errors import StorageError
from sat.api.messages import MessageState
from sat.api.values import JID
from sat.storage.rows import Missed, NewMessage

PEOPLE = [JID(f"friend{number}@example.org") for number in range(3)]


def missed(number: int, peer: JID = BOB, body: str = "", **fields: object) -> NewMessage:
    """One out of the archive."""
    given = {
        "peer": peer,
        "sender": JID(f"{peer}/phone"),
        "stanza_id": f"w{number}",
        "archive": ALICE,
        "archive_id": f"a{number}",
        "delayed": True,
        "missed": Missed.ARCHIVED,
        "time": NOW - 1000 + number,
    }
    return heard(body or f"text {number}", **{**given, **fields})


def told(work):
    """How a work has ended."""
    seen: list[object] = []
    work.addBoth(seen.append)
    return seen


def everything(messages):
    """What is stored of each conversation, in its order."""
    return {peer: [message.body for message in result(messages.history(peer, limit=500))] for peer in (BOB, *PEOPLE)}


def test_what_is_added_together_is_one_work_and_each_is_told_of_its_own(messages, monkeypatch):
    written: list[int] = []
    add = messages._add
    monkeypatch.setattr(messages._database, "_add", lambda new: written.append(len(new)) or add(new))
    with messages.together():
        works = [messages.add([missed(number)]) for number in range(120)]
        assert not any(work.called for work in works)
    assert written == [120]
    assert [result(work)[0].body for work in works] == [f"text {number}" for number in range(120)]
    assert everything(messages)[BOB] == [f"text {number}" for number in range(120)]
    result(messages.search("text", limit=500))


def test_what_is_asked_for_in_between_sees_what_was_added_before_it(messages):
    with messages.together():
        first = messages.add([missed(1)])
        seen = result(messages.history(BOB))
        second = messages.add([missed(2)])
    assert [message.body for message in seen] == ["text 1"]
    assert [result(work)[0].body for work in (first, second)] == ["text 1", "text 2"]


def test_one_that_cannot_be_stored_takes_none_of_the_others_with_it(messages):
    result(messages.add([said("mine", id="used")]))
    with messages.together():
        works = [messages.add([missed(number)]) for number in range(30)]
        bad = told(messages.add([said("not mine", id="used", peer=PEOPLE[0])]))
        works += [messages.add([missed(number)]) for number in range(30, 60)]
    assert [failure.check(ValueError) for failure in bad] == [ValueError]
    assert all(result(work)[0] is not None for work in works)
    assert set(everything(messages)[BOB]) == {"mine", *(f"text {number}" for number in range(60))}


def test_many_that_nobody_has_heard_of_need_few_statements(messages, storage):
    statements: list[str] = []
    result(messages.add([missed(0)]))
    storage.database._connection.set_trace_callback(statements.append)
    result(messages.add([missed(number) for number in range(1, 101)]))
    storage.database._connection.set_trace_callback(None)
    assert len(statements) < 20
    assert len(everything(messages)[BOB]) == 101


def test_a_disk_that_refuses_is_told_to_each(messages, storage):
    connection = storage.database._connection
    connection.execute("PRAGMA query_only = ON")
    with messages.together():
        works = [told(messages.add([missed(number)])) for number in range(3)]
    connection.execute("PRAGMA query_only = OFF")
    assert [failure.check(StorageError) for (failure,) in works] == [StorageError] * 3
    assert everything(messages)[BOB] == []


@pytest.mark.parametrize("seed", range(20))
def test_it_is_as_if_each_had_been_added_alone(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    known = [missed(number, chance.choice(PEOPLE)) for number in chance.sample(range(150), chance.choice([0, 1, 10]))]
    batch = []
    for number in range(150):
        before = next((each for each in known if each.stanza_id == f"w{number}"), None)
        stamp = NOW - 1000 + number // chance.choice([1, 1, 5])
        outgoing = chance.random() < 0.3
        one = missed(number, chance.choice(PEOPLE), time=stamp)
        if outgoing:
            one = one._replace(outgoing=True, sender=JID(f"{ALICE}/laptop"), state=MessageState.SENT)
        batch.append(before or one)
    mine = said("mine", id="w77", peer=batch[77].peer)
    answers = batch[3]._replace(reply_wire="w2", reply_to=batch[2].sender)
    batch[3] = answers

    found = []
    for folder, size in (("alone", 1), ("many", 150)):
        storage = open_storage(tmp_path / folder)
        messages = storage.messages("alice")
        result(messages.add([mine._replace(time=NOW - 2000)]))
        for each in known:
            result(messages.add([each._replace(missed=Missed.NOT, delayed=False, archive_id="")]))
        result(messages.begin_catch_up())
        stored = []
        for begin in range(0, 150, size):
            works: list[Deferred[object]] = []
            with messages.together():
                works += [messages.add([each]) for each in batch[begin : begin + size]]
            stored += [result(work)[0] for work in works]
        shown = [(message and (message.peer, message.body, message.outgoing, message.quote)) for message in stored]
        found.append((shown, everything(messages), result(messages.search("text", limit=500)) != []))
        result(storage.close())
    assert found[0] == found[1]
