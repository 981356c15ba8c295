"""Bookmarks of rooms as this machine has them: what is remembered, what is entered, what is sealed."""

import pytest
from support.muc import ROOM, RoomHost, failure
from support.romeo import now

from sat.api import JID, Secret
from sat.api.errors import InvalidArgument, RoomPasswordWrong
from sat.api.values import NO_SECRET
from sat.plugins.nickname.plugin import Nickname
from sat.plugins.rooms.api import RoomState
from sat.plugins.rooms.bookmarks import Bookmark
from sat.plugins.rooms.plugin import Rooms

SESAME = Secret("open sesame")


@pytest.fixture
def again(romeo, rooms):
    """The plugin, as it is after a new start of the daemon."""
    made = []

    def start():
        romeo._plugins.pop(Rooms).stop()
        made.append(romeo.plug(Rooms))
        return made[-1]

    return start


def enter(host, nick="r", password=NO_SECRET):
    work = host.asked_in(nick, password=password)
    host.there(nick, codes=(110,))
    return now(work)


def test_entering_makes_a_bookmark_and_leaving_takes_it_away(rooms, host):
    enter(host)
    assert rooms.bookmarks.all() == [Bookmark(ROOM, "r", autojoin=True)]
    now(rooms.leave(ROOM))
    assert rooms.bookmarks.all() == []
    assert rooms.bookmarks.gone == {ROOM}


@pytest.mark.parametrize("source", ["us", "the server"])
def test_one_that_was_made_otherwise_stays_and_has_us_enter_no_longer(rooms, host, source):
    enter(host)
    named = rooms.bookmarks.all()[0]._replace(name="The balcony")
    now(rooms.bookmarks.keep(named) if source == "us" else rooms.bookmarks.learn(named))
    now(rooms.leave(ROOM))
    assert rooms.bookmarks.all() == [named._replace(autojoin=False)]
    assert "autojoin" in rooms.bookmarks.unsent(ROOM)


def test_entering_keeps_what_is_in_the_bookmark(romeo, rooms, host):
    now(rooms.bookmarks.keep(Bookmark(ROOM, "Romeo", "Her window", password=SESAME)))
    work = host.asked_in("")
    host.there("Romeo", codes=(110,))
    room = now(work)
    assert (room.nick, room.name) == ("Romeo", "Her window")
    assert "<password>open sesame</password>" in romeo.sent()[-1]
    assert rooms.bookmarks.all() == [Bookmark(ROOM, "Romeo", "Her window", True, SESAME)]


def test_a_password_is_remembered_and_sealed(romeo, rooms, host, again, tmp_path, caplog):
    caplog.set_level("DEBUG")
    enter(host, password=SESAME)
    assert "sesame" not in repr(rooms.bookmarks.all())
    rooms = again()
    romeo.goes_offline()
    romeo.goes_online()
    host.tells_info()
    assert "<password>open sesame</password>" in romeo.sent()[-1]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"sesame" in path.read_bytes()]
    assert "sesame" not in caplog.text
    now(rooms.leave(ROOM))
    assert now(rooms.secrets.get("passwords")) is None


def test_a_password_that_was_refused_is_not_remembered(rooms, host):
    work = host.asked_in("r", password=SESAME)
    host.refuses("not-authorized")
    assert failure(work) == RoomPasswordWrong(room=ROOM)
    assert rooms.bookmarks.all() == []


def test_passwords_that_cannot_be_read_hide_no_room(romeo, rooms, host, again, caplog):
    enter(host, password=SESAME)
    for damaged in ("[1]", "nonsense"):
        now(rooms.secrets.set("passwords", damaged))
        assert again().bookmarks.all() == [Bookmark(ROOM, "r", autojoin=True)]
    assert "cannot be read" in caplog.text


def test_those_of_the_first_version_are_read(romeo, rooms, again):
    now(rooms.store.set("bookmarks", [[ROOM, "r"], [1], ["x@@y", "r"], [f"{ROOM}x", "r", "", 0, 5, 0]]))
    rooms = again()
    assert rooms.bookmarks.all() == [Bookmark(ROOM, "r", autojoin=True)]
    assert rooms.bookmarks.all_unsent() == [ROOM], "so far they were kept here only"
    assert [(each.jid, each.state) for each in now(rooms.get_rooms())] == [(ROOM, RoomState.JOINING)]


def test_one_without_autojoin_is_not_entered(romeo, rooms, again):
    now(rooms.bookmarks.keep(Bookmark(ROOM, "r", "The balcony")))
    assert now(again().get_rooms()) == []


def test_what_the_server_does_not_know_is_known_field_by_field(rooms):
    kept = rooms.bookmarks
    now(kept.learn(Bookmark(ROOM, "r", "The balcony", True)))
    assert kept.all_unsent() == []
    now(kept.keep(Bookmark(ROOM, "Romeo", "The balcony", True)))
    assert kept.unsent(ROOM) == {"nick"}
    now(kept.keep(Bookmark(ROOM, "Romeo", "The balcony", False)))
    now(kept.sent(Bookmark(ROOM, "Romeo", "Her window", True)))
    assert kept.find(ROOM) == Bookmark(ROOM, "Romeo", "Her window", False), "what somebody else has changed is taken"
    assert kept.unsent(ROOM) == {"autojoin"}, "and what we have changed meanwhile is not lost"


def test_without_a_nick_it_is_the_one_that_we_publish(romeo):
    now(romeo.plug(Nickname).store.set("own", "Romeo M."))
    now(romeo.plugin(Nickname).load())
    rooms = romeo.plug(Rooms)
    romeo.goes_online()
    RoomHost(romeo).wants_in("")
    assert f"to='{ROOM}/Romeo M.'" in romeo.sent()[-1]
    now(rooms.leave(ROOM))
    now(romeo.settings.set_setting("rooms.nick", "R"))
    RoomHost(romeo).wants_in("")
    assert f"to='{ROOM}/R'" in romeo.sent()[-1]


@pytest.mark.parametrize("code", [301, 332])
def test_who_is_put_out_keeps_what_they_have_written_into_the_bookmark(rooms, host, code):
    enter(host)
    now(rooms.bookmarks.keep(Bookmark(ROOM, "r", "The balcony", True)))
    host.gone("r", codes=(110, code))
    assert rooms.bookmarks.all() == [Bookmark(ROOM, "r", "The balcony", code == 332)]


def test_a_nick_that_cannot_be_leaves_nothing_behind(rooms):
    with pytest.raises(InvalidArgument):
        now(rooms.join(ROOM, "a\x00b"))
    assert now(rooms.get_rooms()) == []


@pytest.mark.parametrize("to", [True, False])
def test_following_a_bookmark(romeo, rooms, host, to):
    other = JID("garden@rooms.capulet.lit")
    enter(host)
    now(rooms.bookmarks.learn(Bookmark(ROOM, "r", "Here", to)))
    now(rooms.entering.follow(ROOM))
    now(rooms.entering.follow(other))  # none is kept of it
    assert [each.name for each in now(rooms.get_rooms())] == (["Here"] if to else [])
