"""Messages that change after they were written (XEP-0308, XEP-0424, XEP-0444, XEP-0461)."""

import pytest
from support.storing import ALICE, BOB, NOW, heard, result, said

from sat.api import JID
from sat.api.errors import NotEditable, NotFound
from sat.api.messages import MessageKind, MessageState, Reaction, Secured, Trust, Version
from sat.storage.edit_values import EMOJIS, EditKind, NewEdit
from sat.storage.edits import WAITING

CAROL = JID("carol@example.org")
ROOM = JID("room@rooms.example.org")


def add(messages, *new):
    return list(result(messages.add(new)))


def theirs(kind, target, value="", time=NOW, id="", sender=BOB, **fields):
    sender = sender if sender.resource else sender.with_resource("phone")
    new = NewEdit(BOB, EditKind(kind), target, value, sender, False, time, id or f"{kind} {target} {value}")
    return new._replace(**fields)


def body(messages, id):
    return result(messages.get(id)).body


def test_a_correction_of_the_author_is_the_text_and_can_be_searched(messages):
    (message,) = add(messages, heard("Helo", stanza_id="1", time=NOW - 9, delayed=True))
    result(messages.search("helo"))  # so it stands in the index
    changed = result(messages.take_edit(theirs("correct", "1", "Hello there", NOW - 1)))
    assert (changed.id, changed.body, changed.edited, changed.order) == (
        message.id,
        "Hello there",
        NOW - 1,
        message.order,
    )
    assert [each.id for each in result(messages.search("there"))] == [message.id]
    assert result(messages.search("helo ")) == []
    assert result(messages.versions(message.id)) == [Version(NOW - 9, "Helo"), Version(NOW - 1, "Hello there")]


def test_nobody_changes_what_another_wrote(messages):
    (message,) = add(messages, heard("mine", stanza_id="1"))
    add(messages, said("ours", id="o"))
    for edit in (
        theirs("correct", "1", "stolen", sender=CAROL),
        theirs("retract", "1", sender=CAROL),
        theirs("correct", "o", "stolen"),
        theirs("retract", "o"),
        theirs("correct", "1", "stolen", outgoing=True, sender=ALICE),
        theirs("correct", "1", "stolen", peer=CAROL),
    ):
        assert result(messages.take_edit(edit)) is None
        with pytest.raises(NotFound):
            result(messages.take_edit(edit._replace(waits=False, stanza_id="another")))
    assert (body(messages, message.id), body(messages, "o")) == ("mine", "ours")


def test_the_later_correction_holds_whichever_comes_first(messages):
    (message,) = add(messages, heard("1", stanza_id="1"))
    result(messages.take_edit(theirs("correct", "1", "3", NOW - 1, "c")))
    result(messages.take_edit(theirs("correct", "1", "2", NOW - 2, "b")))
    assert body(messages, message.id) == "3"
    assert {each.body for each in result(messages.versions(message.id))} == {"1", "2", "3"}


def test_a_copy_of_a_change_changes_nothing(messages):
    add(messages, heard("1", stanza_id="1"))
    assert result(messages.take_edit(theirs("correct", "1", "2")))
    assert result(messages.take_edit(theirs("correct", "1", "2"))) is None


def test_what_is_taken_back_is_gone_also_from_search_versions_and_quotes(messages):
    (message,) = add(messages, heard("secret", stanza_id="1"))
    result(messages.take_edit(theirs("correct", "1", "secret word")))
    (answer,) = add(messages, heard("why?", stanza_id="2", reply_wire="1"))
    assert answer.quote == "secret word"
    gone = result(messages.take_edit(theirs("retract", "1")))
    assert (gone.retracted, gone.body, gone.reactions) == (True, "", [])
    assert result(messages.search("secret")) == []
    assert result(messages.versions(message.id)) == []
    assert result(messages.get(answer.id)).quote == ""
    assert result(messages.take_edit(theirs("correct", "1", "back")))
    assert body(messages, message.id) == ""
    connection = messages._database._database._connection
    rows = connection.execute("SELECT value FROM edit WHERE value LIKE '%secret%'").fetchall()
    assert rows == []


def test_reactions_are_one_set_for_each_person(messages):
    add(messages, said("joke", id="j"))
    result(messages.take_edit(theirs("react", "j", "😀 👍")))
    result(messages.edit("j", EditKind.REACT, "👍", "own"))
    (message,) = result(messages.history(BOB))
    assert message.reactions == [Reaction("😀", [BOB]), Reaction("👍", [BOB], own=True)]
    result(messages.take_edit(theirs("react", "j", "👍", NOW, "later")))
    result(messages.take_edit(theirs("react", "j", "😀", NOW - 9, "earlier, told late")))
    assert result(messages.get("j")).reactions == [Reaction("👍", [BOB], own=True)]
    result(messages.take_edit(theirs("react", "j", "", NOW, "none")))
    assert result(messages.get("j")).reactions == [Reaction("👍", [], own=True)]


def test_reactions_are_bounded(messages):
    add(messages, said("joke", id="j"))
    many = " ".join(f"e{number}" for number in range(99))
    result(messages.take_edit(theirs("react", "j", f"{'x' * 99} {many}")))
    assert [each.emoji for each in result(messages.get("j")).reactions] == many.split()[:EMOJIS]


def test_a_change_waits_for_its_message(messages):
    assert result(messages.take_edit(theirs("correct", "1", "better"))) is None
    assert result(messages.take_edit(theirs("correct", "1", "evil", sender=CAROL))) is None
    assert result(messages.take_edit(theirs("react", "1", "👍"))) is None
    (message,) = add(messages, heard("bad", stanza_id="1"))
    assert (message.body, message.reactions) == ("better", [Reaction("👍", [BOB])])
    assert body(messages, message.id) == "better"


def test_few_changes_wait(messages):
    for number in range(WAITING + 20):
        result(messages.take_edit(theirs("react", f"none {number}", "👍")))
    (count,) = messages._database._database._connection.execute("SELECT count(*) FROM edit").fetchone()
    assert count == WAITING


def test_in_a_room_occupants_are_told_apart_and_ids_are_the_rooms(messages):
    juliet, paris = ROOM.with_resource("juliet"), ROOM.with_resource("paris")
    fields = {"peer": ROOM, "kind": MessageKind.GROUPCHAT, "archive": ROOM}
    (message,) = add(messages, heard("hi", sender=juliet, stanza_id="x", archive_id="room-1", **fields))
    in_room = {"peer": ROOM, "room": True}
    assert result(messages.take_edit(theirs("correct", "x", "no", sender=paris, **in_room))) is None
    assert result(messages.take_edit(theirs("react", "room-1", "👍", sender=paris, **in_room)))
    assert result(messages.take_edit(theirs("correct", "x", "hey", sender=juliet, **in_room)))
    found = result(messages.get(message.id))
    assert (found.body, found.reactions) == ("hey", [Reaction("👍", [paris])])


def test_ours_is_told_at_once_and_leaves_later(messages):
    add(messages, said("1", id="a"))
    message, edit = result(messages.edit("a", EditKind.CORRECT, "2", "e"))
    assert (message.body, message.edit_state) == ("2", MessageState.PENDING)
    assert (edit.peer, edit.target, edit.value, edit.stanza_id) == (BOB, "a", "2", "e")
    assert result(messages.pending()).edits == [edit]
    (told,) = result(messages.set_edit_state(["e"], MessageState.SENT))
    assert told.edit_state is MessageState.SENT
    assert result(messages.pending()).edits == []


def test_what_was_refused_is_told_by_its_peer_only(messages):
    add(messages, said("1", id="a"))
    result(messages.edit("a", EditKind.CORRECT, "2", "e"))
    assert result(messages.set_edit_state(["e"], MessageState.FAILED, "No.", CAROL)) == []
    (told,) = result(messages.set_edit_state(["e"], MessageState.FAILED, "No.", BOB))
    assert (told.edit_state, told.error) == (MessageState.FAILED, "No.")


def test_the_archives_copy_of_ours_tells_that_it_has_arrived(messages):
    add(messages, said("1", id="a"))
    result(messages.edit("a", EditKind.CORRECT, "2", "e"))
    assert result(messages.take_edit(theirs("correct", "a", "2", id="e", outgoing=True, sender=ALICE))) is None
    assert result(messages.pending()).edits == []


def test_only_what_can_be_changed_is_changed(messages):
    (other,) = add(messages, heard("theirs", stanza_id="1"))
    add(messages, said("ours", id="a"))
    for id, error in (("nothing", NotFound), (other.id, NotEditable)):
        with pytest.raises(error):
            result(messages.edit(id, EditKind.CORRECT, "x", "e"))
    result(messages.edit("a", EditKind.RETRACT, "", "r"))
    with pytest.raises(NotEditable):
        result(messages.edit("a", EditKind.CORRECT, "x", "e"))


def test_an_answer_knows_what_it_answers(messages):
    (asked,) = add(messages, heard("What?" * 200, stanza_id="q"))
    (answer,) = add(messages, said("That.", id="a", reply=asked.id))
    assert (answer.reply, answer.reply_to, answer.quote) == (
        asked.id,
        BOB.with_resource("phone"),
        ("What?" * 200)[:300],
    )
    assert result(messages.get("a")) == answer
    assert result(messages.pending()).messages[0].reply_wire == "q"
    (unknown,) = add(messages, heard("And?", stanza_id="z", reply_wire="lost", reply_to=CAROL, quote="long ago"))
    assert (unknown.reply, unknown.reply_to, unknown.quote) == ("", CAROL, "long ago")
    with pytest.raises(NotFound):
        add(messages, said("That.", id="b", reply="lost"))


def test_what_the_contact_has_seen(messages):
    add(messages, said("1", id="a"), said("2", id="b"), said("3", id="c"))
    result(messages.set_state(["a", "c"], MessageState.SENT))
    assert [each.id for each in result(messages.mark_displayed(BOB, "b"))] == ["a"]
    assert [each.id for each in result(messages.mark_displayed(BOB, "c"))] == ["c"]
    assert result(messages.mark_displayed(BOB, "nothing")) == []


def test_a_deleted_profile_leaves_no_change_behind(storage):
    messages = storage.messages("alice")
    result(messages.take_edit(theirs("react", "1", "👍")))
    result(storage.profiles.delete("alice"))
    assert storage.database._connection.execute("SELECT count(*) FROM edit").fetchone() == (0,)


@pytest.mark.parametrize(
    ("first", "later", "replaces"),
    [
        (Secured(), Secured(), True),
        (Secured(), Secured("omemo", Trust.UNDECIDED), True),
        (Secured("omemo", Trust.BLIND), Secured(), False),
        (Secured("omemo", Trust.BLIND), Secured("omemo", Trust.UNDECIDED), False),
        (Secured("omemo", Trust.VERIFIED), Secured("omemo", Trust.DISTRUSTED), False),
        (Secured("omemo", Trust.BLIND), Secured("omemo", Trust.BLIND), True),
        (Secured("omemo", Trust.UNDECIDED), Secured("omemo", Trust.UNDECIDED), True),
    ],
)
@pytest.mark.parametrize("waits", [False, True])
def test_a_correction_that_is_believed_less_replaces_nothing(messages, first, later, replaces, waits):
    edit = NewEdit(BOB, EditKind.CORRECT, "1", "pay 1000", BOB, False, NOW, "c", encrypted=later)
    if waits:
        result(messages.take_edit(edit))
    (message,) = result(messages.add([heard("pay 10", stanza_id="1", encrypted=first)]))
    if not waits:
        try:
            result(messages.take_edit(edit._replace(waits=False)))
        except NotFound:
            assert not replaces
    assert result(messages.get(message.id)).body == ("pay 1000" if replaces else "pay 10")


OLD, WHOLE = Secured("omemo", Trust.BLIND, "ab"), Secured("omemo", Trust.BLIND, "ab", whole=True)
UNKNOWN = Secured("omemo", Trust.UNDECIDED, "cd", whole=True)


@pytest.mark.parametrize(
    ("first", "later", "gone"),
    [
        (Secured(), Secured(), True),
        (OLD, Secured(), True),  # programs that encrypt texts alone have no other way
        (WHOLE, Secured(), False),
        (WHOLE, UNKNOWN, False),
        (WHOLE, WHOLE, True),
    ],
)
@pytest.mark.parametrize("waits", [False, True])
def test_what_was_encrypted_with_all_that_goes_with_it_is_not_taken_back_in_clear(messages, first, later, gone, waits):
    edit = theirs("retract", "1", encrypted=later)
    if waits:
        result(messages.take_edit(edit))
    (message,) = add(messages, heard("read me", stanza_id="1", encrypted=first))
    if not waits and gone:
        result(messages.take_edit(edit))
    elif not waits:
        with pytest.raises(NotFound):
            result(messages.take_edit(edit))
    assert result(messages.get(message.id)).retracted is gone


def test_who_moderates_a_room_needs_no_key(messages):
    (message,) = add(messages, heard("spam", peer=ROOM, kind=MessageKind.GROUPCHAT, archive_id="1", encrypted=WHOLE))
    edit = theirs("retract", "1", peer=ROOM, sender=ROOM, room=True, by_room=True)
    assert result(messages.take_edit(edit)).id == message.id


def test_a_reaction_in_clear_is_shown_and_replaces_none_that_was_encrypted(messages):
    (message,) = add(messages, heard("cake", stanza_id="1", encrypted=WHOLE))
    result(messages.take_edit(theirs("react", "1", "👎", NOW - 9)))
    assert [each.emoji for each in result(messages.get(message.id)).reactions] == ["👎"]
    result(messages.take_edit(theirs("react", "1", "👍", NOW - 8, encrypted=WHOLE)))
    assert result(messages.take_edit(theirs("react", "1", "💩", NOW - 7))) is None
    assert [each.emoji for each in result(messages.get(message.id)).reactions] == ["👍"]


def test_the_mark_is_that_of_the_text_that_is_shown(messages):
    other = WHOLE._replace(key="ef")
    (message,) = add(messages, heard("1", stanza_id="1", encrypted=WHOLE))
    assert result(messages.take_edit(theirs("correct", "1", "2", NOW - 5, encrypted=other))).encrypted == other
    result(messages.take_edit(theirs("correct", "1", "older", NOW - 6, encrypted=WHOLE)))
    assert result(messages.get(message.id)).encrypted == other


def test_ours_keeps_how_it_leaves(messages):
    (message,) = add(messages, said("1", id="o", encrypted=Secured("omemo", Trust.VERIFIED)))
    changed, edit = result(messages.edit("o", EditKind.CORRECT, "2", "c"))
    assert (changed.encrypted, edit.method) == (message.encrypted, "omemo")


def test_a_reaction_leaves_as_what_is_written_there(messages):
    add(messages, heard("1", stanza_id="1"))
    clear = result(messages.history(BOB))[-1].id
    for seal, method in ((Secured(), ""), (Secured("omemo", Trust.VERIFIED), "omemo")):
        _, edit = result(messages.edit(clear, EditKind.REACT, "👍", f"r{method}", seal=seal))
        assert edit.method == method
    assert [each.method for each in result(messages.pending()).edits] == ["", "omemo"]
