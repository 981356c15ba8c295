"""What must hold for any sequence of messages: each once, each in its own place, no state going back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st
from support.new_database import in_memory
from support.storing import ALICE, BOB, NOW, heard, result, said

from sat.api.messages import MessageKind, MessageState
from sat.api.values import JID
from sat.storage.messages import Messages, NewMessage
from sat.storage.search import match_of

CAROL = JID("carol@example.org")
ROOM = JID("room@chat.example.org")
FEW = settings(max_examples=60, deadline=None)

ids = st.sampled_from(["", "", "1", "2"])
times = st.one_of(
    st.sampled_from([NOW, NOW - 1, NOW - 1, NOW + 3600, 0.0]), st.floats(allow_nan=True), st.floats(NOW - 10, NOW)
)


@st.composite
def new_messages(draw: st.DrawFn) -> NewMessage:
    """Few values for each field, so that many messages are nearly the same."""
    common = {
        "body": draw(st.sampled_from(["a", "b"])),
        "time": draw(times),
        "delayed": draw(st.booleans()),
        "origin_id": draw(ids),
        "stanza_id": draw(ids),
        "archive_id": draw(ids),
        "archive": draw(st.sampled_from([ALICE, ROOM])),
    }
    if draw(st.booleans()):
        state = draw(st.sampled_from([MessageState.SENT, MessageState.DELIVERED]))
        return said(**{**common, "peer": draw(st.sampled_from([BOB, CAROL])), "state": state})
    peer = draw(st.sampled_from([BOB, CAROL, ROOM]))
    kind = MessageKind.GROUPCHAT if peer == ROOM else MessageKind.CHAT
    sender = peer.with_resource(draw(st.sampled_from(["x", "y"])))
    return heard(**{**common, "peer": peer, "sender": sender, "kind": kind})


batches = st.lists(st.lists(new_messages(), max_size=8), max_size=8)


@contextmanager
def empty() -> Iterator[Messages]:
    database = in_memory()
    yield Messages(database, 1, lambda: NOW)
    assert database._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    result(database.close())


def stored(messages: Messages, size: int = 500) -> dict[JID, list[str]]:
    """The ids of every conversation, put together from pages."""
    found = {}
    for peer in (BOB, CAROL, ROOM):
        whole: list[str] = []
        orders: list[int] = []
        while page := result(messages.history(peer, orders[0] if orders else 0, size)):
            assert all(message.peer == peer for message in page)
            whole = [message.id for message in page] + whole
            orders = [message.order for message in page] + orders
        assert orders == sorted(set(orders))
        found[peer] = whole
    return found


@FEW
@given(batches)
def test_nothing_comes_twice(given_batches):
    """Giving all of it again, as an archive does, adds nothing that has an id."""
    with empty() as messages:
        for batch in given_batches:
            result(messages.add(batch))
        for batch in given_batches:
            for new, again in zip(batch, result(messages.add(batch)), strict=True):
                if new.origin_id or (new.archive_id and not new.stanza_id):
                    assert again is None


@FEW
@given(batches, st.lists(new_messages(), max_size=5))
def test_nobody_hides_anothers_message(given_batches, last):
    """What is said to be known is there, from the same sender."""
    with empty() as messages:
        for batch in [*given_batches, last]:
            for new, added in zip(batch, result(messages.add(batch)), strict=True):
                if added is not None:
                    continue
                authors = {
                    message.sender if new.kind is MessageKind.GROUPCHAT else message.sender.bare
                    for message in result(messages.history(new.peer, limit=500))
                }
                assert (new.sender if new.kind is MessageKind.GROUPCHAT else new.sender.bare) in authors


@FEW
@given(batches)
def test_different_messages_are_all_kept(given_batches):
    """Messages without any id, or with ids that nobody else uses, are never taken for others."""
    with empty() as messages:
        number = 0
        for batch in given_batches:
            unique = []
            for new in batch:
                number += 1
                bare = {"origin_id": "", "stanza_id": "", "archive_id": ""}
                unique.append(new._replace(**{key: value and f"{value}-{number}" for key, value in bare.items()}))
            assert None not in result(messages.add(unique))
        assert sum(map(len, stored(messages).values())) == number


@FEW
@given(batches, st.integers(1, 7))
def test_pages_are_the_history(given_batches, size):
    with empty() as messages:
        added = [message for batch in given_batches for message in result(messages.add(batch)) if message]
        pages = stored(messages, size)
        assert pages == stored(messages)
        assert sorted(id for whole in pages.values() for id in whole) == sorted(message.id for message in added)
        assert len({message.order for message in added}) == len(added)
        for message in added:
            assert result(messages.get(message.id)).order == message.order


@FEW
@given(st.lists(new_messages(), max_size=20))
def test_live_messages_stay_in_their_sequence(new):
    """Whatever the clock says."""
    with empty() as messages:
        live = [each._replace(delayed=False) for each in new]
        added = [message for each in live for message in result(messages.add([each])) if message]
        assert stored(messages) == {
            peer: [message.id for message in added if message.peer == peer] for peer in (BOB, CAROL, ROOM)
        }


@FEW
@given(batches)
def test_a_batch_of_the_archive_keeps_its_sequence(given_batches):
    with empty() as messages:
        for batch in given_batches:
            added = result(messages.add([new._replace(delayed=True) for new in batch]))
            for peer in (BOB, CAROL, ROOM):
                orders = [message.order for message in added if message and message.peer == peer]
                assert orders == sorted(orders)


RANK = {
    MessageState.PENDING: 0,
    MessageState.SENT: 1,
    MessageState.FAILED: 2,
    MessageState.DELIVERED: 3,
    MessageState.DISPLAYED: 4,
}
moves = st.lists(
    st.tuples(st.sampled_from(["set", "copy"]), st.sampled_from(["m1", "m2"]), st.sampled_from(list(MessageState)))
)


@FEW
@given(moves)
def test_no_state_goes_back(given_moves):
    with empty() as messages:
        result(messages.add([said(id="m1"), said(id="m2")]))
        for kind, id, state in given_moves:
            before = result(messages.get(id)).state
            if kind == "set":
                changes = result(messages.set_state([id], state))
            else:
                changes = result(messages.add([said(id=id, state=state)])).changes
            after = result(messages.get(id)).state
            assert RANK[after] >= RANK[before]
            assert [change.state for change in changes] == ([after] if after is not before else [])
            assert (id in [each.stanza_id for each in result(messages.pending()).messages]) == (
                after is MessageState.PENDING
            )


@FEW
@given(st.text())
def test_no_text_is_a_faulty_search(text):
    with empty() as messages:
        result(messages.add([heard("a word")]))
        for message in result(messages.search(text)):
            assert message.body == "a word"
        assert match_of(text).count('"') % 2 == 0
