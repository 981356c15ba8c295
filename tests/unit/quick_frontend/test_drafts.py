"""What is begun in one frontend is in the others, and pushes nothing away that somebody types."""

import pytest
from support.fakes import JULIET, NURSE, Apis, Loop, message

from sat.api.errors import NotConnected
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.chat import What
from sat_frontends.quick_frontend.contact_rows import ContactRow
from sat_frontends.quick_frontend.drafts import PAUSE
from sat_frontends.quick_frontend.live import LiveProfile


@pytest.fixture
def apis():
    return Apis(Contact(JULIET, "Juliet", Subscription.BOTH, []))


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def live(apis, loop):
    live = LiveProfile("romeo", apis, spawn=loop.spawn, later=loop.later)
    loop.now(live.start())
    return live


def marked(live):
    return [row.jid for row in live.contacts.rows if isinstance(row, ContactRow) and row.draft]


def told(apis):
    return [call[1:] for call in apis.drafts.calls if call[0] == "set_draft"]


def test_what_was_begun_elsewhere_stands_in_the_input_line(live, apis, loop):
    apis.drafts.sets(JULIET, "But soft")
    assert marked(live) == [JULIET]
    assert live.chat(JULIET).draft == "But soft"
    apis.drafts.texts[JULIET] = "missed while the daemon was away"
    loop.now(live.resync())
    assert live.chat(JULIET).draft == "missed while the daemon was away"
    apis.drafts.texts.clear()
    loop.now(live.resync())
    assert (live.chat(JULIET).draft, marked(live)) == ("", [])


def test_the_daemon_is_told_when_one_pauses_and_not_of_each_key(live, apis, loop):
    chat = live.chat(JULIET)
    for text in ("B", "Bu", "But"):
        chat.write(text)
    assert told(apis) == []
    assert marked(live) == [JULIET]
    loop.advance(PAUSE)
    assert told(apis) == [(JULIET, "But")]
    loop.advance(PAUSE)
    assert len(told(apis)) == 1


def test_a_draft_goes_when_it_is_sent(live, apis, loop):
    chat = live.chat(JULIET)
    chat.write("But soft")
    loop.advance(PAUSE)
    chat.entered()
    loop.now(chat.send("But soft"))
    assert told(apis)[-1] == (JULIET, "")
    assert marked(live) == []


def test_what_could_not_be_sent_is_a_draft_again(live, apis, loop):
    apis.messages.fails["send"] = NotConnected(profile="romeo")
    chat = live.chat(JULIET)
    chat.write("But soft")
    chat.entered()
    loop.now(chat.send("But soft"))
    loop.advance(PAUSE)
    assert told(apis)[-1] == (JULIET, "But soft")


def test_it_is_told_at_once_when_the_conversation_is_closed(live, apis):
    live.chat(JULIET).write("But soft")
    live.close_chat(JULIET)
    assert told(apis) == [(JULIET, "But soft")]
    assert live.chat(JULIET).draft == "But soft"


def test_nothing_takes_the_place_of_what_is_being_typed(live, apis, loop):
    chat = live.chat(JULIET)
    chat.write("mine")
    apis.drafts.sets(JULIET, "theirs")
    assert chat.draft == "mine"
    loop.advance(PAUSE)
    assert apis.drafts.texts == {JULIET: "mine"}, "who typed last wins"
    chat.look(True)
    apis.drafts.sets(JULIET, "theirs")
    assert chat.draft == "mine", "somebody looks at it"
    apis.drafts.sets(JULIET, "")
    assert chat.draft == "", "it was sent"
    chat.look(False)
    changes = []
    chat.changed.connect(changes.append)
    apis.drafts.sets(JULIET, "theirs again")
    assert (chat.draft, changes[0].what) == ("theirs again", What.DRAFT)


def test_what_is_heard_late_of_an_own_draft_does_not_bring_it_back(live, apis, loop):
    """It was told in a pause, and sent before the daemon had answered."""
    chat = live.chat(JULIET)
    chat.write("But soft")
    apis.drafts.gate.closed = True
    loop.advance(PAUSE)
    chat.entered()
    apis.drafts.sets(JULIET, "But soft")
    assert (chat.draft, marked(live)) == ("", [])
    apis.drafts.gate.open(loop)
    apis.drafts.sets(JULIET, "theirs")
    assert chat.draft == "theirs"


def test_a_correction_and_a_command_are_no_drafts(live, apis, loop):
    apis.messages.arrives(message(1, "Helo", outgoing=True))
    chat = live.chat(JULIET)
    chat.write("begun")
    chat.correct()
    chat.write("Hello")
    apis.drafts.sets(JULIET, "theirs")
    assert chat.draft == "Hello"
    loop.advance(PAUSE)
    assert told(apis) == [(JULIET, "begun")]
    live.chat(NURSE).write("/away lunch")
    loop.advance(PAUSE)
    assert len(told(apis)) == 1


def test_a_daemon_without_drafts_leaves_each_frontend_its_own(live, apis, loop):
    apis.drafts.fails["set_draft"] = NotConnected(profile="romeo")
    live.chat(JULIET).write("But soft")
    loop.advance(PAUSE)
    live.close_chat(JULIET)
    assert live.chat(JULIET).draft == "But soft"


def test_what_could_not_be_told_stays_and_is_told_when_the_daemon_is_back(live, apis, loop):
    chat = live.chat(JULIET)
    apis.drafts.fails["set_draft"] = NotConnected(profile="romeo")
    chat.write("kept here")
    loop.advance(PAUSE)
    loop.now(live.resync())
    assert chat.draft == "kept here", "the daemon knows of no draft, but it is this one that nobody could tell it"
    del apis.drafts.fails["set_draft"]
    loop.now(live.resync())
    assert told(apis)[-1] == (JULIET, "kept here")
    apis.drafts.sets(JULIET, "written elsewhere since")
    assert chat.draft == "written elsewhere since"
