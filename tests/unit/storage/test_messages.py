"""Messages: stored once, in their place, found again."""

from __future__ import annotations

import math

import pytest
from support.storing import ALICE, BOB, NOW, heard, open_storage, result, said

from sat.api.errors import NotFound
from sat.api.messages import Attachment, MessageChange, MessageKind, MessageState, Secured, Trust, may_go_on
from sat.api.profile import Account
from sat.api.values import JID
from sat.storage.messages import PREVIEW, Read
from sat.storage.rows import Missed, attachments_of

CAROL = JID("carol@example.org")
ARCHIVE = ALICE


def add(messages, *new):
    return result(messages.add(new))


def bodies(messages, peer=BOB, **fields):
    return [message.body for message in result(messages.history(peer, **fields))]


def test_what_is_added_is_there(messages):
    (message,) = add(messages, heard("Hi", subject="S", thread="T", stanza_id="1"))
    assert message.body == "Hi"
    assert (message.peer, message.sender) == (BOB, "bob@example.org/phone")
    assert result(messages.get(message.id)) == message
    assert result(messages.history(BOB)) == [message]


def test_every_field_survives(messages):
    new = heard(
        "b",
        kind=MessageKind.NORMAL,
        subject="s",
        thread="t",
        error="e",
        delayed=True,
        encrypted=Secured("omemo", Trust.BLIND, "00ff"),
    )
    (message,) = add(messages, new)
    stored = result(messages.get(message.id))
    assert stored == message
    assert [getattr(stored, name) for name in stored._fields if name in new._fields] == [
        getattr(new, name) for name in stored._fields if name in new._fields
    ]


def test_an_own_message_has_the_wire_id(messages):
    (message,) = add(messages, said(id="abc"))
    assert message.id == "abc"
    assert result(messages.get("abc")) == message
    with pytest.raises(ValueError, match="used before"):
        add(messages, said("another", id="abc", peer=CAROL))


@pytest.mark.parametrize("id", ["", "abc", "r0000000000000000", "rffffffffffffffff", "r" * 17])
def test_an_unknown_id_is_an_error(messages, id):
    with pytest.raises(NotFound):
        result(messages.get(id))


def test_an_incoming_wire_id_is_not_an_id(messages):
    add(messages, heard(stanza_id="abc"))
    with pytest.raises(NotFound):
        result(messages.get("abc"))


def test_profiles_do_not_see_each_other(storage, messages):
    result(storage.profiles.create("dave", Account(JID("dave@example.org"))))
    (message,) = add(messages, said("secret", id="abc"))
    (incoming,) = add(messages, heard("secret too", stanza_id="1"))
    others = storage.messages("dave")
    assert result(others.history(BOB)) == []
    assert result(others.search("secret")) == []
    assert result(others.pending()).messages == []
    assert result(others.unread()) == {}
    assert result(others.conversations()) == []
    assert result(others.set_state_of_outgoing("abc", BOB, MessageState.DELIVERED)) == []
    assert result(others.set_state([message.id, incoming.id], MessageState.FAILED)) == []
    assert result(others.mark_read(BOB)) == Read([], 0)
    for id in (message.id, incoming.id):
        with pytest.raises(NotFound):
            result(others.get(id))
    assert add(others, heard("secret too", stanza_id="1"))[0] is not None


class TestCopies:
    def test_the_same_stanza_again(self, messages):
        assert add(messages, heard(stanza_id="1"))[0]
        assert add(messages, heard(stanza_id="1")) == [None]

    def test_twice_in_one_batch(self, messages):
        first, second = add(messages, heard(stanza_id="1"), heard(stanza_id="1"))
        assert first
        assert second is None

    def test_without_ids_nothing_is_a_copy(self, messages):
        assert all(add(messages, heard(), heard()))

    def test_a_counted_id_with_another_text(self, messages):
        assert all(add(messages, heard("one", stanza_id="1"), heard("two", stanza_id="1")))

    def test_another_resource_counts_apart(self, messages):
        assert all(add(messages, heard(stanza_id="1"), heard(stanza_id="1", sender=BOB.with_resource("desk"))))

    def test_the_origin_id_counts_for_the_account(self, messages):
        assert add(messages, heard(origin_id="o"))[0]
        assert add(messages, heard("changed", origin_id="o", sender=BOB)) == [None]

    def test_another_sender_cannot_hide_a_message(self, messages):
        eve = JID("eve@example.org/x")
        assert add(messages, heard(stanza_id="1", origin_id="o", peer=eve.bare, sender=eve))[0]
        assert add(messages, heard(stanza_id="1", origin_id="o"))[0]

    def test_an_occupant_cannot_hide_anothers_message(self, messages):
        room = JID("room@chat.example.org")
        group = {"peer": room, "kind": MessageKind.GROUPCHAT, "origin_id": "o"}
        assert all(
            add(
                messages,
                heard(sender=room.with_resource("eve"), **group),
                heard(sender=room.with_resource("bob"), **group),
            )
        )

    def test_the_archive_knows_two_of_the_same_text(self, messages):
        first = heard("ok", stanza_id="1", archive=ARCHIVE, archive_id="a1")
        second = heard("ok", stanza_id="1", archive=ARCHIVE, archive_id="a2")
        assert all(add(messages, first, second))
        assert add(messages, first, second) == [None, None]

    def test_archive_ids_of_two_archives_are_apart(self, messages):
        assert all(
            add(
                messages,
                heard("one", archive=ARCHIVE, archive_id="1"),
                heard("two", archive=JID("room@x"), archive_id="1"),
            )
        )

    def test_the_same_archive_id_is_the_same_message(self, messages):
        assert add(messages, heard("decrypted", stanza_id="1", archive=ARCHIVE, archive_id="a"))[0]
        assert add(messages, heard("?OTR", archive=ARCHIVE, archive_id="a")) == [None]

    def test_an_archive_id_cannot_hide_anothers_message(self, messages):
        broken = {"archive": ARCHIVE, "archive_id": "1"}
        assert all(add(messages, heard("one", **broken), said("two", state=MessageState.SENT, **broken)))

    def test_a_missing_archive_id_is_filled_in(self, messages):
        add(messages, heard(stanza_id="1"))
        assert result(messages.oldest_archived(BOB))[0] == ""
        add(messages, heard(stanza_id="1", archive=ARCHIVE, archive_id="a", delayed=True))
        assert result(messages.oldest_archived(BOB))[0] == "a"
        assert add(messages, heard("other body", archive=ARCHIVE, archive_id="a")) == [None]

    def test_our_message_comes_back(self, messages):
        add(messages, said("Hi", id="abc"))
        copies = (
            said("Hi", id="abc", state=MessageState.SENT, archive=ARCHIVE, archive_id="1"),
            said("Hi, cleaned", id="abc", state=MessageState.SENT, origin_id="", sender=ALICE),
            said("Hi", id="other", state=MessageState.SENT, origin_id="abc", sender=ALICE),
        )
        added = add(messages, *copies)
        assert added == [None, None, None]
        assert added.changes == [MessageChange("abc", BOB, MessageState.SENT)]
        assert bodies(messages) == ["Hi"]
        assert result(messages.pending()).messages == []

    def test_the_same_own_message_twice(self, messages):
        assert add(messages, said(id="abc"))[0]
        assert add(messages, said(id="abc")) == [None]

    def test_a_contact_cannot_hide_or_move_our_message(self, messages):
        assert add(messages, said("Hi", id="abc"))[0]
        assert add(messages, heard("Hi", stanza_id="abc", origin_id="abc"))[0]
        assert result(messages.get("abc")).state is MessageState.PENDING

    def test_what_another_program_of_ours_wrote(self, messages):
        carbon = said("from the phone", id="77", sender=ALICE.with_resource("phone"), state=MessageState.SENT)
        (message,) = add(messages, carbon)
        assert message.id != "77"
        assert add(messages, carbon) == [None]
        (change,) = result(messages.set_state_of_outgoing("77", BOB, MessageState.DELIVERED))
        assert change == MessageChange(message.id, BOB, MessageState.DELIVERED)

    def test_a_state_does_not_go_back(self, messages):
        add(messages, said(id="abc"))
        result(messages.set_state(["abc"], MessageState.DELIVERED))
        assert add(messages, said(id="abc", state=MessageState.SENT)).changes == []
        assert result(messages.get("abc")).state is MessageState.DELIVERED


class TestOrder:
    def test_a_clock_that_jumps_back(self, messages):
        add(messages, heard("1"), heard("2", time=NOW - 10 * 365 * 86400), heard("3", time=NOW - 86400))
        assert bodies(messages) == ["1", "2", "3"]

    def test_any_number_of_conversations_may_have_the_same_stamp(self, messages):
        peers = [JID(f"n{number}@capulet.lit") for number in range(3000)]
        for delayed in (False, True):  # live, and from an archive whose stamps are whole seconds
            stamp = float(int(NOW) - 1000 * delayed)
            new = [heard("x", peer=peer, sender=peer, time=stamp, delayed=delayed) for peer in peers]
            add(messages, *new)
            orders = [result(messages.history(peer, 0, 5))[0 if delayed else -1].order for peer in peers]
            assert len(set(orders)) == len(orders)
            assert max(orders) - stamp * 1e6 <= 1.1e6

    def test_the_archive_is_placed_by_its_stamps(self, messages):
        add(messages, heard("live"))
        add(messages, heard("old", time=NOW - 100, delayed=True), heard("older", time=NOW - 50, delayed=True))
        assert bodies(messages) == ["old", "older", "live"]

    def test_the_archives_sequence_counts_for_more_than_its_stamps(self, messages):
        new = [heard(str(n), time=NOW - stamp, delayed=True) for n, stamp in enumerate((50, 50, 50, 60, 40))]
        add(messages, *new)
        assert bodies(messages) == ["0", "1", "2", "3", "4"]

    def test_what_follows_a_known_one_in_the_archive(self, messages):
        add(messages, heard("known", time=NOW, stanza_id="k"))  # our clock is ahead of the server's
        add(
            messages,
            heard("known", time=NOW - 300, stanza_id="k", delayed=True),
            heard("next", time=NOW - 290, delayed=True),
        )
        assert bodies(messages) == ["known", "next"]

    def test_a_catch_up_lies_behind_what_was_there_whatever_the_clocks_say(self, messages):
        """R15: our clock is a day ahead of the server's; what was missed comes piece by piece."""
        archived = {"archive": ARCHIVE, "delayed": True, "missed": Missed.ARCHIVED}
        add(messages, heard("before", time=NOW, archive=ARCHIVE, archive_id="1"), said("mine", id="m", time=NOW + 9))
        result(messages.begin_catch_up())
        add(messages, heard("live meanwhile", time=NOW + 20))
        late = NOW - 86_400
        add(messages, said("mine", id="m", state=MessageState.SENT, time=late, archive_id="2", **archived))
        add(messages, heard("missed", time=late + 5, archive_id="3", **archived))
        add(messages, heard("missed too", time=late + 5, archive_id="4", **archived))
        other = {"peer": CAROL, "sender": CAROL}
        add(messages, heard("elsewhere", time=late, archive_id="5", **other, **archived))
        assert bodies(messages) == ["before", "mine", "missed", "missed too", "live meanwhile"]
        assert result(messages.history(CAROL))[0].order == int(late * 1e6)

    @pytest.mark.parametrize("killed", [False, True])
    @pytest.mark.parametrize("ahead", [0, 86_400, -86_400])
    def test_what_the_server_had_queued_comes_before_the_archive_tells_what_lies_between(self, messages, ahead, killed):
        """The queue of a lost session (XEP-0198) may be gone; the archive has it. The daemon may be killed before it
        has asked."""

        def kept(number, missed):
            archived = {"archive": ARCHIVE, "archive_id": str(number), "delayed": True, "missed": missed}
            return heard(str(number), time=float(int(NOW) - 50), **archived)

        add(messages, heard("0", time=NOW - 60 + ahead, archive=ARCHIVE, archive_id="0"))
        add(messages, said("written offline", id="w", time=NOW + ahead))
        result(messages.begin_catch_up())
        for number in (3, 5, 6, 9):
            add(messages, kept(number, Missed.QUEUED))
        if killed:
            result(messages.begin_catch_up())
        add(messages, heard("11", time=NOW + 1 + ahead, archive=ARCHIVE, archive_id="11"))
        for number in range(1, 11):
            add(messages, kept(number, Missed.ARCHIVED))
        in_order = [body for body in bodies(messages) if body != "written offline"]
        assert in_order == [str(number) for number in range(12)]

    def test_what_was_written_offline_says_little_of_what_the_archive_had_before(self, messages):
        archived = {"archive": ARCHIVE, "delayed": True, "missed": Missed.ARCHIVED}
        add(messages, said("written offline", id="w", time=NOW))
        result(messages.begin_catch_up())
        for number in (1, 2):  # of the same second, so they are behind what we have written
            add(messages, heard(str(number), time=float(int(NOW)), archive_id=str(number), **archived))
        result(messages.begin_catch_up())
        sent = said("written offline", id="w", state=MessageState.SENT, time=float(int(NOW)))
        add(messages, sent._replace(archive_id="3", **archived))
        add(messages, heard("3", time=float(int(NOW)), archive_id="4", **archived))
        assert bodies(messages) == ["written offline", "1", "2", "3"]

    def test_without_a_place_in_the_archive_the_stamps_count(self, messages):
        add(messages, heard("never in the archive", time=NOW))
        result(messages.begin_catch_up())
        add(
            messages, heard("missed", time=NOW - 9, archive=ARCHIVE, archive_id="1", missed=Missed.QUEUED, delayed=True)
        )
        assert bodies(messages) == ["missed", "never in the archive"]

    def test_many_of_one_stamp(self, messages):
        for page in range(5):
            add(messages, *(heard(f"{page} {n}", time=NOW - 9, delayed=True) for n in range(300)))
        before = 0
        for page in reversed(range(5)):
            stored = result(messages.history(BOB, before=before, limit=300))
            assert [message.body for message in stored] == [f"{page} {n}" for n in range(300)]
            before = stored[0].order

    def test_conversations_never_share_an_order(self, messages):
        first, second = add(messages, heard(), heard(peer=CAROL, sender=CAROL))
        assert first.order != second.order
        assert first.time == second.time

    @pytest.mark.parametrize("stamp", [0.0, -1e30, 1e30, math.nan, math.inf, NOW + 2 * 86400, 9e8])
    @pytest.mark.parametrize("delayed", [False, True])
    def test_an_absurd_stamp_is_now(self, messages, stamp, delayed):
        (message,) = add(messages, heard(time=stamp, delayed=delayed))
        assert message.time == NOW
        assert message.order == int(NOW * 1e6)

    def test_after_2038(self, tmp_path):
        storage = open_storage(tmp_path, clock=lambda: 5e9)
        (message,) = result(storage.messages("alice").add([heard(time=5e9)]))
        assert message.order == 5_000_000_000_000_000


class TestPages:
    def test_pages_meet(self, messages):
        add(messages, *(heard(str(n)) for n in range(10)))
        page = result(messages.history(BOB, limit=4))
        assert [message.body for message in page] == ["6", "7", "8", "9"]
        assert bodies(messages, before=page[0].order, limit=4) == ["2", "3", "4", "5"]

    @pytest.mark.parametrize(("limit", "got"), [(-5, 1), (0, 1), (10**9, 500)])
    def test_a_limit_has_limits(self, messages, limit, got):
        add(messages, *(heard(str(n)) for n in range(600)))
        assert len(bodies(messages, limit=limit)) == got

    def test_nobody(self, messages):
        assert bodies(messages, JID("nobody@example.org")) == []

    def test_conversations(self, messages):
        add(messages, heard("1"), heard("2", peer=CAROL, sender=CAROL), heard("3", time=NOW + 1))
        add(messages, heard("4", peer=CAROL, sender=CAROL, time=NOW - 50, delayed=True))
        latest = result(messages.conversations())
        assert [(each.peer, each.unread, each.last.body) for each in latest] == [(BOB, 2, "3"), (CAROL, 2, "2")]
        assert len(result(messages.conversations(1))) == 1


class TestStates:
    def test_forward_only(self, messages):
        add(messages, said(id="a"))
        assert result(messages.set_state(["a"], MessageState.SENT)) == [MessageChange("a", BOB, MessageState.SENT)]
        assert result(messages.set_state(["a", "nobody"], MessageState.SENT)) == []
        assert result(messages.set_state(["a"], MessageState.DELIVERED))
        for state in (MessageState.PENDING, MessageState.SENT, MessageState.FAILED, MessageState.READ):
            assert result(messages.set_state(["a"], state)) == []

    def test_failed_and_tried_again(self, messages):
        add(messages, said(id="a"))
        assert result(messages.retry("a")) is None
        result(messages.set_state(["a"], MessageState.FAILED, "No."))
        assert result(messages.get("a")).error == "No."
        assert result(messages.set_state(["a"], MessageState.SENT)) == []
        assert result(messages.retry("a")) == MessageChange("a", BOB, MessageState.PENDING)
        assert result(messages.get("a")).error == ""

    def test_the_outbox_is_in_order(self, messages):
        add(messages, said("1", id="z"), said("2", id="b"), said("3", id="m"))
        result(messages.set_state(["b"], MessageState.SENT))
        assert [(each.message.body, each.stanza_id) for each in result(messages.pending()).messages] == [
            ("1", "z"),
            ("3", "m"),
        ]

    def test_a_receipt_counts_only_from_the_one_it_was_sent_to(self, messages):
        def delivered(id, peer):
            return [change.id for change in result(messages.set_state_of_outgoing(id, peer, MessageState.DELIVERED))]

        add(messages, said(id="a"), heard(stanza_id="theirs"))
        assert delivered("a", CAROL) == []
        assert delivered("", BOB) == []
        assert delivered("theirs", BOB) == []
        assert delivered("a", BOB.with_resource("any")) == []  # where BOB is a room, this is somebody in it
        assert delivered("a", BOB) == ["a"]
        assert delivered("a", BOB) == []

    def test_reading(self, messages):
        first, second, third = add(messages, heard("1"), heard("2"), heard("3"))
        add(messages, heard("4", peer=CAROL, sender=CAROL))
        assert result(messages.unread()) == {BOB: (3, 0), CAROL: (1, 0)}
        read = result(messages.mark_read(BOB, second.order))
        assert [change.id for change in read.changes] == [first.id, second.id]
        assert read.unread == 1
        assert result(messages.mark_read(BOB)) == Read([MessageChange(third.id, BOB, MessageState.READ)], 0)
        assert result(messages.unread()) == {CAROL: (1, 0)}
        assert result(messages.mark_read(JID("nobody@example.org"))) == Read([], 0)

    def test_a_place_in_an_archive(self, messages):
        first, second, _ = add(
            messages,
            heard("1", archive=ALICE, archive_id="a"),
            heard("2", archive=ALICE, archive_id="b"),
            heard("3"),
        )
        add(messages, heard("4", peer=CAROL, sender=CAROL, archive=ALICE, archive_id="c"))
        assert result(messages.place_in_archive(BOB, ALICE, "a")) == first.order
        for peer, archive, id in ((BOB, ALICE, "c"), (BOB, BOB, "a"), (CAROL, ALICE, "a"), (BOB, ALICE, "")):
            assert result(messages.place_in_archive(peer, archive, id)) == 0
        assert result(messages.mark_read(BOB)).archived == (second.order, "b"), "the third is in none"

    def test_unread_again(self, messages):
        first, second, ours = add(messages, heard("1"), heard("2"), said("3"))
        add(messages, heard("4", peer=CAROL, sender=CAROL))
        result(messages.mark_read(BOB))
        last = [MessageChange(second.id, BOB, MessageState.UNREAD)]
        assert result(messages.mark_unread(BOB)) == Read(last, 1)
        assert result(messages.mark_unread(BOB)) == Read([], 1)
        earlier = [MessageChange(first.id, BOB, MessageState.UNREAD)]
        assert result(messages.mark_unread(BOB, first.order)) == Read(earlier, 2)
        assert result(messages.unread()) == {BOB: (2, 0), CAROL: (1, 0)}
        assert result(messages.get(ours.id)).state is MessageState.PENDING
        result(messages.mark_read(BOB))
        assert result(messages.mark_unread(BOB, ours.order)) == Read(last, 1), "at least the last of theirs"

    def test_where_they_wrote_nothing_nothing_can_be_unread(self, messages):
        add(messages, said("hello", peer=CAROL))
        for nobody in (CAROL, JID("nobody@example.org")):
            with pytest.raises(NotFound):
                result(messages.mark_unread(nobody))


class TestArchive:
    def test_where_to_page_from(self, messages):
        add(messages, heard("live", archive=ARCHIVE, archive_id="5"))
        add(messages, heard("old", archive=ARCHIVE, archive_id="3", time=NOW - 50, delayed=True), heard("none"))
        add(messages, heard(peer=CAROL, sender=CAROL, archive=JID("room@x"), archive_id="r", time=NOW + 5))
        assert result(messages.oldest_archived(BOB)) == ("3", int((NOW - 50) * 1_000_000))
        assert result(messages.oldest_archived(JID("nobody@x"))) == ("", 0)

    def test_stamps_of_whole_seconds_keep_the_sequence_of_the_archive(self, messages):
        second = float(int(NOW))
        add(messages, heard("live"))
        for number in range(30):  # one by one: each in a work of its own
            add(messages, heard(f"{number}", stanza_id=f"s{number}", time=second, delayed=True))
            add(
                messages,
                heard(f"{number}", peer=CAROL, sender=CAROL, stanza_id=f"c{number}", time=second, delayed=True),
            )
        for peer in (BOB, CAROL):
            found = [message.body for message in result(messages.history(peer)) if message.body != "live"]
            assert found == [str(number) for number in range(30)]

    def test_a_page_that_is_older_goes_below_whatever_its_stamps_say(self, messages):
        second = float(int(NOW))
        (first,) = add(messages, heard("known", time=second, delayed=True))
        below = first.order
        for number in reversed(range(30)):
            new = heard(f"{number}", stanza_id=f"s{number}", time=second, delayed=True)
            (message,) = add(messages, new._replace(below=below))
            below = message.order
        found = [message.body for message in result(messages.history(BOB))]
        assert found == [*(str(number) for number in range(30)), "known"]


def test_text_of_any_kind(messages):
    text = "nul \0, lone \ud800 surrogate, \u202e bidi, 😀"
    (message,) = add(messages, heard(text, stanza_id="\ud800"))
    assert message.body == text.replace("\ud800", "?")
    assert result(messages.get(message.id)).body == message.body
    assert add(messages, heard(text, stanza_id="\ud800")) == [None]


def test_a_page_of_long_texts_is_short(messages):
    """All of them together could not cross D-Bus."""
    long = "long " * 300_000
    for number in range(8):
        add(messages, heard(f"{number} {long}"))
    page = result(messages.history(BOB))
    assert [message.body[0] for message in page] == ["5", "6", "7"]
    assert may_go_on(page, 50)
    assert [body[0] for body in bodies(messages, before=page[0].order)] == ["2", "3", "4"]
    assert [message.body[0] for message in result(messages.search("long"))] == ["7", "6", "5"]
    (latest,) = result(messages.conversations())
    assert latest.last.body == page[-1].body[:PREVIEW]
    assert result(messages.get(latest.last.id)) == page[-1]


def test_attachments_survive(messages):
    files = [Attachment("https://a.lit/x", "x", "image/png", 5, "d", 1, 2), Attachment("https://a.lit/é")]
    (message,) = add(messages, heard("look", attachments=files))
    assert message.attachments == files
    assert result(messages.get(message.id)) == message


@pytest.mark.parametrize("text", ["{", "[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]", "[1]", "null"])
def test_damaged_attachments_are_none(text):
    assert attachments_of(text) == []
