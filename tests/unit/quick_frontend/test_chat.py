from __future__ import annotations

import pytest
from support.conversation import Scene, many
from support.fakes import JULIET, message

from sat.api.errors import NotConnected, StorageFull
from sat.api.messages import MessageState
from sat_frontends.quick_frontend.chat import ChatChange, What

UNREAD = MessageState.UNREAD


# -- live --------------------------------------------------------------------------------------------------------


def test_a_new_message_is_one_row():
    scene = Scene(*many(1, 3)).loads()
    scene.messages.arrives(message(4))
    position = scene.chat.find("m4")
    assert scene.told == [ChatChange(What.ADDED, position, position + 1)]


def test_a_message_that_comes_late_stands_where_it_belongs():
    scene = Scene(message(1), message(3)).loads()
    scene.messages.arrives(message(2, delayed=True))
    assert scene.orders() == [1, 2, 3]
    position = scene.chat.find("m2")
    assert ChatChange(What.UPDATED, position + 1, position + 2) in scene.told


def test_a_receipt_changes_one_row():
    scene = Scene(message(1, outgoing=True)).loads()
    scene.messages.changes("m1", MessageState.DELIVERED)
    position = scene.chat.find("m1")
    assert scene.told == [ChatChange(What.UPDATED, position, position + 1)]
    assert scene.chat.row(position).message.state is MessageState.DELIVERED


def test_a_change_heard_while_loading_is_newer_than_the_page():
    scene = Scene(message(1, outgoing=True))
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.load())
    scene.messages.changes("m1", MessageState.DELIVERED)
    scene.messages.gate.open(scene.loop)
    assert scene.chat.row(scene.chat.first).message.state is MessageState.DELIVERED


def test_a_message_heard_while_loading_is_there_once():
    scene = Scene(*many(1, 3))
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.load())
    scene.messages.arrives(message(4))
    scene.messages.gate.open(scene.loop)
    assert scene.orders() == [1, 2, 3, 4]


def test_rows_say_what_stands_above():
    day = 86400.0
    scene = Scene(message(1, time=1.0), message(2, time=2.0), message(3, time=day, outgoing=True)).loads()
    assert [(row.day, row.heading) for row in scene.chat.rows()] == [(True, True), (False, False), (True, True)]


def test_memory_stays_bounded_while_messages_pour_in():
    scene = Scene(*many(1, 50), keep=100).loads()
    scene.chat.look(True)
    for order in range(51, 400):
        scene.messages.arrives(message(order))
    assert scene.orders() == list(range(300, 400))
    assert scene.chat.has_older


# -- unread ------------------------------------------------------------------------------------------------------


def lines(scene):
    return {row.message.order: row.unread for row in scene.chat.rows() if row.unread}


def test_a_line_stands_above_what_was_not_read():
    scene = Scene(*many(1, 3), *many(4, 5, state=UNREAD))
    scene.chat.hear_unread(2)
    scene.chat.look(True)  # the person opens the conversation, then it is loaded
    scene.loop.now(scene.chat.load())
    assert lines(scene) == {4: 2}
    assert scene.chat.row(scene.chat.find("m4")).heading
    assert scene.chat.unread == 0
    assert lines(scene) == {4: 2}, "it stays while they read"
    scene.chat.look(False, shown=True)
    assert lines(scene) == {4: 2}, "and while they look at something that lies over it"
    scene.chat.look(False)
    assert lines(scene) == {}


def test_all_that_is_unread_is_loaded():
    scene = Scene(*many(1, 10), *many(11, 200, state=UNREAD))
    scene.chat.hear_unread(190)
    scene.loop.now(scene.chat.load())
    assert lines(scene) == {11: 190}


def test_what_comes_while_looking_is_read():
    scene = Scene(*many(1, 3)).loads()
    scene.chat.look(True)
    scene.messages.arrives(message(4, state=UNREAD))
    assert scene.messages.calls[-1] == ("mark_read", JULIET, 4)
    assert lines(scene) == {}
    assert scene.chat.unread == 0


def test_what_comes_while_looking_elsewhere_is_counted():
    scene = Scene(*many(1, 3)).loads()
    scene.messages.arrives(message(4, state=UNREAD))
    scene.messages.arrives(message(5, state=UNREAD))
    assert lines(scene) == {4: 2}
    assert scene.messages.count("mark_read") == 0
    assert scene.chat.unread == 2


def marked_unread(*, elsewhere=False):
    """Somebody looks at a conversation in which the last two messages are made unread."""
    scene = Scene(*many(1, 4)).loads()
    scene.chat.look(True)
    scene.loop.now((scene.messages if elsewhere else scene.chat).mark_unread(*([JULIET] if elsewhere else []), 3))
    return scene


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_is_marked_unread_stays_so_until_the_person_comes_back(elsewhere):
    scene = marked_unread(elsewhere=elsewhere)
    assert (scene.chat.unread, lines(scene)) == (2, {3: 2})
    scene.chat.look(False, shown=True)
    scene.chat.look(True)
    scene.messages.arrives(message(5, state=UNREAD))
    assert scene.messages.count("mark_read") == 0
    scene.chat.look(False)
    assert scene.chat.unread == 3
    scene.chat.look(True)
    assert scene.chat.unread == 0


def test_who_answers_has_read():
    scene = marked_unread()
    scene.loop.now(scene.chat.send("I come"))
    assert (scene.chat.unread, lines(scene)) == (0, {})


def test_what_could_not_be_marked_unread_changes_nothing():
    scene = Scene(*many(1, 3)).loads()
    scene.chat.look(True)
    scene.messages.fails["mark_unread"] = StorageFull()
    with pytest.raises(StorageFull):
        scene.loop.now(scene.chat.mark_unread(3))
    scene.messages.arrives(message(4, state=UNREAD))
    assert scene.chat.unread == 0


def test_answering_removes_the_line():
    scene = Scene(*many(1, 3)).loads()
    scene.messages.arrives(message(4, state=UNREAD))
    scene.loop.now(scene.chat.send("I come"))
    assert lines(scene) == {}


def test_reading_is_told_once_for_many():
    scene = Scene(*many(1, 3)).loads()
    scene.chat.look(True)
    scene.messages.gate.closed = True
    for order in range(4, 40):
        scene.messages.arrives(message(order, state=UNREAD))
    scene.messages.gate.open(scene.loop)
    assert scene.messages.count("mark_read") == 2
    assert scene.chat.unread == 0


def test_reading_that_fails_is_not_tried_for_ever():
    scene = Scene(*many(1, 3)).loads()
    scene.messages.fails["mark_read"] = StorageFull()
    scene.chat.look(True)
    scene.messages.arrives(message(4, state=UNREAD))
    assert scene.messages.count("mark_read") == 1
    assert scene.chat.error == StorageFull()


# -- writing -----------------------------------------------------------------------------------------------------


def test_a_message_is_shown_when_it_is_stored():
    scene = Scene(*many(1, 3)).loads()
    scene.chat.write("O Juliet")
    scene.messages.gate.closed = True
    scene.chat.entered()
    scene.loop.spawn(scene.chat.send("O Juliet"))
    assert (scene.chat.draft, len(scene.orders())) == ("", 3)
    scene.messages.gate.open(scene.loop)
    assert scene.chat.row(scene.chat.end - 1).message.body == "O Juliet"


def test_a_text_that_could_not_be_sent_is_kept():
    scene = Scene().loads()
    scene.messages.fails["send"] = StorageFull()
    assert scene.loop.now(scene.chat.send("O Juliet")) == ""
    assert scene.chat.draft == "O Juliet"
    assert scene.chat.error == StorageFull()
    assert scene.what() == [What.SENDING, What.DRAFT, What.ERROR]


def test_neither_is_what_was_begun_meanwhile_lost():
    scene = Scene().loads()
    scene.messages.fails["send"] = StorageFull()
    scene.messages.gate.closed = True
    scene.loop.spawn(scene.chat.send("O Juliet"))
    scene.chat.write("wherefore")
    scene.messages.gate.open(scene.loop)
    assert scene.chat.draft == "O Juliet\nwherefore"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_is_not_sent(text):
    scene = Scene().loads()
    assert scene.loop.now(scene.chat.send(text)) == ""
    assert scene.messages.count("send") == 0


def test_a_failed_message_is_sent_again():
    scene = Scene(message(1, outgoing=True, state=MessageState.FAILED)).loads()
    scene.loop.now(scene.chat.retry("m1"))
    assert scene.chat.row(scene.chat.first).message.state is MessageState.PENDING


def test_typing_is_told_seldom():
    scene = Scene().loads()
    for length in range(1, 10):
        scene.chat.write("wherefore"[:length])
    assert scene.states.calls == [("set_typing", JULIET, True)]
    scene.loop.advance(3)
    scene.chat.write("wherefore art")
    assert scene.states.count("set_typing") == 2
    scene.chat.write("")
    assert scene.states.calls[-1] == ("set_typing", JULIET, False)


def test_a_sent_message_ends_the_typing_by_itself():
    scene = Scene().loads()
    scene.chat.write("salut")
    scene.chat.entered()
    scene.chat.write("")
    scene.loop.now(scene.chat.send("salut"))
    assert scene.states.calls == [("set_typing", JULIET, True)]


def test_a_command_is_no_typing():
    scene = Scene().loads()
    scene.chat.write("/away lunch")
    assert scene.states.calls == []
    scene.chat.write("//etc")
    assert scene.states.count("set_typing") == 1


def test_typing_that_cannot_be_told_disturbs_nobody():
    scene = Scene().loads()
    scene.states.fails["set_typing"] = NotConnected(profile="romeo")
    scene.chat.write("salut")
    assert scene.chat.error is None


# -- the contact types -------------------------------------------------------------------------------------------


def test_the_contact_types():
    scene = Scene().loads()
    scene.chat.hear_typists(("",))
    assert (scene.chat.typing, scene.what()) == (True, [What.TYPING])
    scene.chat.hear_typists(())
    assert (scene.chat.typing, scene.what()) == (False, [What.TYPING])
    scene.chat.hear_typists(())
    assert scene.what() == []
