"""Rooms in the terminal: who is there, what is done with them, invitations, who comes and goes."""

from __future__ import annotations

import pytest
from support.fake_rooms import Rooms
from world import BOB, NOON, Console

from sat.api import JID
from sat.api.errors import NotFound
from sat.api.messages import MessageKind
from sat.plugins.chat_states.api import ChatState
from sat.plugins.notify_settings.api import Choice, Notify
from sat.plugins.rooms.api import Affiliation, Invitation, Occupant, PublicRoom, Role, Room, RoomState
from sat_frontends.primitivus.contact_pane import RowWidget

BALCONY = JID("balcony@rooms.localhost")
ORCHARD = JID("orchard@rooms.localhost")
OWNED = Room(
    BALCONY,
    "alice",
    RoomState.JOINED,
    role=Role.MODERATOR,
    affiliation=Affiliation.OWNER,
    subject="Roses",
    takes_back=True,
)


def somebody(nick: str, role: Role = Role.PARTICIPANT, **fields) -> Occupant:
    return Occupant(nick, role, fields.pop("affiliation", Affiliation.NONE), **fields)


JULIET = somebody("Juliet", affiliation=Affiliation.MEMBER, hats=["Capulet"], jid=JID("juliet@localhost"))
NURSE = somebody("Nurse", Role.VISITOR)


@pytest.fixture
def rooms(daemon) -> Rooms:
    rooms = daemon.clients["alice"].rooms = Rooms()
    rooms.put(OWNED, JULIET, NURSE)
    rooms.public.append(PublicRoom(ORCHARD, "The orchard"))
    return rooms


@pytest.fixture
def enter(rooms, open_console, messages):
    """The balcony is shown; one message is in it."""
    messages.put(BALCONY, "what light", kind=MessageKind.GROUPCHAT, time=NOON)

    def make(size: tuple[int, int] = (80, 24)) -> Console:
        return open_console(size=size).press("meta g").type("balcony").press("enter")

    return make


def column(console: Console) -> list[str]:
    """What stands on the right."""
    return [line.rpartition("│")[2].strip() for line in console.lines]


def menu(console: Console) -> list[str]:
    return [each.label for each in console.app.root.levels[-1].shown]


# -- who is there ------------------------------------------------------------------------------------------------


def test_from_120_columns_who_is_there_stands_beside_the_conversation(enter, rooms):
    console = enter((120, 30))
    shown = column(console)
    for line in ("Roses", "Moderators (1)", "● alice you, owner", "● Juliet member, Capulet", "● Nurse"):
        assert line in shown
    assert "Visitors, who may onl… (1)" in shown
    assert "what light" in console.text
    rooms.goes(BALCONY, "Nurse")
    rooms.comes(BALCONY, somebody("ev\u202eil\x1b"))
    console.settle()
    assert "● ev\ufffdil␛" in column(console)
    assert "● Nurse" not in console.text


def test_below_it_lies_over_the_conversation(enter):
    console = enter()
    assert "Nurse" not in console.text
    console.press("f3")
    assert "● Juliet member, Capulet" in console.text
    assert "Friends" in console.text, "the contacts stay beside it"
    assert "what light" not in console.text
    assert "what light" in console.press("f3").text


@pytest.mark.parametrize(("size", "unread"), [((80, 24), 1), ((120, 30), 0)])
def test_what_comes_below_it_is_not_read(enter, messages, size: tuple[int, int], unread: int):
    console = enter(size).press("f3")
    messages.arrive(BALCONY, "soft", kind=MessageKind.GROUPCHAT)
    console.settle()
    assert messages.counts[BALCONY] == unread
    console.press("esc")
    assert messages.counts[BALCONY] == 0


@pytest.mark.parametrize("size", [(40, 10), (79, 24), (80, 24), (120, 30)])
def test_it_fits_and_letters_filter(enter, size: tuple[int, int]):
    console = enter(size).press("f3").type("jul")
    assert len(console.screen.last_text) == size[1]
    assert "/jul" in console.text
    assert "● Juliet" in console.text
    assert "● Nurse" not in console.text
    console.type("x")
    assert "Nobody fits." in console.text
    console.press("f3")
    assert "● Nurse" in console.press("f3").text
    console.type("jul").press("esc")
    assert "● Nurse" in console.text


def test_500_are_drawn_where_they_are_looked_at(enter, rooms):
    console = enter((120, 30))
    rooms.put(OWNED, *(somebody(f"guest {number:03}") for number in range(500)))
    console.settle()
    pane = console.app.conversations.occupants
    assert "Participants (500)" in column(console)
    assert len(pane.walker._cache) < 60
    console.press("f3", "end")
    assert "● guest 499" in column(console)


def test_selection_stays_on_the_same_person(enter, rooms):
    console = enter().press("f3").type("nur").press("esc")
    pane = console.app.conversations.occupants
    assert pane.selected.nick == "Nurse"
    rooms.comes(BALCONY, somebody("Anna"), somebody("Bert"))
    console.settle()
    assert pane.selected.nick == "Nurse"
    rooms.goes(BALCONY, "Nurse", "Juliet", "Anna", "Bert")
    console.settle()
    assert pane.selected.nick == "alice"


def test_a_room_that_put_us_out_says_why(enter, rooms):
    console = enter((120, 30))
    rooms.put(OWNED._replace(state=RoomState.LEFT, error="Tybalt put you out."))
    console.settle()
    assert "Tybalt put you out." in column(console)


def test_details_of_a_contact_come_back(enter):
    console = enter((120, 30)).press("meta g").type("bob").press("enter")
    assert str(BOB) in "".join(column(console))
    assert "Nurse" not in console.text


# -- with one of them --------------------------------------------------------------------------------------------


def test_enter_writes_to_them_alone(enter, messages):
    console = enter().press("f3").type("jul").press("enter")
    assert console.lines[0].startswith(" Juliet (balcony)")
    console.type("psst").press("enter")
    private = BALCONY.with_resource("Juliet")
    assert [each.body for each in messages.stored[private]] == ["psst"]
    assert "2 Juliet (balc" in console.text
    console.press("f3")
    assert "juliet@localhost" in console.text


def test_what_can_be_done_with_them(enter, rooms):
    console = enter().press("f3").type("jul").press(" ")
    assert menu(console)[2:] == ["Put out", "Let only read", "Make moderator", "Ban"]
    console.type("details").press("enter")
    assert "juliet@localhost" in console.text
    console.press("esc", " ").type("put").press("enter").type("too late").press("enter")
    assert rooms.calls[-1] == ("kick", BALCONY, "Juliet", "too late")
    assert "Juliet was put out, and can come back." in console.text
    assert console.app.root.depth == 0


def test_a_refusal_stays_in_the_dialog(enter, rooms):
    rooms.fails["ban"] = NotFound(what="power to ban her")
    console = enter().press("f3").type("jul").press(" ").type("ban").press("enter").type("why").press("enter")
    assert "There is no power to ban her" in console.text
    assert "Reason: why" in console.text


def test_who_is_no_moderator_is_offered_nothing(enter, rooms):
    rooms.put(Room(BALCONY, "alice", RoomState.JOINED, role=Role.PARTICIPANT), JULIET)
    console = enter().press("f3").type("jul").press(" ")
    assert menu(console) == ["Write to them alone", "Details"]


def test_a_moderator_takes_back_what_another_wrote(enter, rooms, messages):
    console = enter().press("esc", "x")
    assert "Take back what" in console.text
    console.type("no roses").press("enter")
    assert rooms.calls[-1] == ("moderate", messages.stored[BALCONY][-1].id, "no roses")
    assert "The message was taken back." in console.text


def test_who_is_no_moderator_takes_nothing_back(enter, rooms):
    rooms.put(Room(BALCONY, "alice", RoomState.JOINED, role=Role.PARTICIPANT), JULIET)
    assert "or any in a room that you moderate" in enter().press("esc", "x").text


def test_where_the_room_cannot_do_it_no_moderator_takes_anything_back(enter, rooms):
    rooms.put(OWNED._replace(takes_back=False), JULIET)
    console = enter().press("esc", "x")
    assert "Take back what" not in console.text
    assert "if it can do that" in " ".join(console.text.split())


def test_the_mouse_works_too(enter):
    console = enter((120, 30))
    place = console.find("● Nurse")
    console.click(*place, button=3)
    assert menu(console)[0] == "Write to them alone"
    console.press("esc").click(*place)
    assert console.lines[0].startswith(" Nurse (balcony)")


def test_one_does_not_write_to_oneself(enter):
    console = enter().press("f3").type("alice").press("enter")
    assert "That is you." in console.text
    assert "Select somebody first." in console.type("zzz").press("enter").text


def test_leaving_asks(enter, rooms):
    console = enter()
    console.press("f2").type("balcony").press("delete")
    assert "Leave balcony?" in console.text
    console.press("right", "enter")
    assert rooms.calls[-1] == ("leave", BALCONY, "")
    assert "You have left" in console.text


# -- invitations -------------------------------------------------------------------------------------------------


def test_invitations_are_told_and_answered(enter, rooms):
    console = enter()
    rooms.invites(Invitation(ORCHARD, BOB, "come\x1b", direct=True))
    rooms.invites(Invitation(JID("tomb@rooms.localhost"), JID("")))
    console.settle()
    assert f"{BOB} invites you to {ORCHARD}: come␛. Alt-q answers." in " ".join(console.text.split())
    assert "2 invitations (Alt-q)" in console.text
    console.press("meta q")
    assert "Invitation" in console.text
    console.press("enter")
    assert rooms.rooms[ORCHARD].state is RoomState.JOINED
    assert "You are invited to tomb@rooms.localhost" in console.text
    console.press("right", "enter")
    assert rooms.calls[-1] == ("decline", JID("tomb@rooms.localhost"), "")
    assert "invitation" not in console.lines[-2]
    assert "nobody invites you" in console.press("meta q").text


def test_an_invitation_that_leads_nowhere_says_so(enter, rooms):
    console = enter()
    rooms.invites(Invitation(JID("tomb@rooms.localhost"), BOB, direct=True))
    console.press("meta q", "enter")
    assert "There is no room tomb@rooms.localhost" in " ".join(console.text.replace("│", " ").split())
    assert "nobody" not in console.press("right", "right", "enter", "meta q").text


# -- coming and going --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 30)])
def test_who_comes_and_goes_is_one_line_and_the_end_stays_in_view(enter, rooms, messages, size: tuple[int, int]):
    for number in range(60):
        messages.put(BALCONY, f"line {number}", kind=MessageKind.GROUPCHAT, time=NOON + number)
    console = enter(size)
    rooms.comes(BALCONY, somebody("Anna"), somebody("Bert"), somebody("Carl"), somebody("Dora"))
    rooms.goes(BALCONY, "Nurse", "Juliet")
    console.settle()
    assert "Anna and 3 others came, 2 left" in console.text
    messages.arrive(BALCONY, "soft", kind=MessageKind.GROUPCHAT, time=NOON + 100)
    rooms.goes(BALCONY, "Anna")
    console.settle()
    assert "Anna and 3 others came, 2 left" in console.text
    assert "Anna left" in console.text


# -- owning ------------------------------------------------------------------------------------------------------


def test_settings_of_a_room_are_changed_by_its_form(enter, rooms):
    console = enter().type("/configure").press("enter")
    assert "Settings of balcony@rooms.localhost" in console.text
    assert "Its name: The balcony" in console.text
    assert "sesame" not in console.text
    assert "Who sees addresses: < moderators >" in console.text
    console.type(" again").press("enter").press("enter")
    (call,) = [call for call in rooms.calls if call[0] == "set_configuration"]
    assert call == ("set_configuration", BALCONY, {"name": "The balcony again"})
    assert "The settings of the room were changed." in console.text


def test_settings_that_are_refused_stay_to_be_mended(enter, rooms):
    console = enter().type("/configure").press("enter").type("x")
    rooms.fails["set_configuration"] = NotFound(what="setting")
    console.press("enter").press("enter")
    assert "There is no setting." in console.text
    assert "The balconyx" in console.text
    console.press("esc")
    assert "Settings of" not in console.text


def test_room_is_made_and_shown(enter, rooms):
    console = enter().type("/create -p attic").press("enter")
    assert "You have made attic@rooms.localhost, private: only members can come in" in " ".join(console.text.split())
    assert console.app.peer == JID("attic@rooms.localhost")


def test_those_who_type_in_a_room_are_named(enter, rooms, daemon):
    console, states = enter(), daemon.clients["alice"].chat_states
    console.type("g")
    assert (BALCONY, True) in states.told
    for nick in ("Juliet", "Nurse\x1b[31m"):
        states.hear(BALCONY, ChatState.COMPOSING, nick)
    console.settle()
    assert "Juliet, Nurse" in console.text
    assert "are typing…" in console.text
    states.hear(BALCONY, ChatState.GONE, "Juliet")
    console.settle()
    assert "is typing…" in console.text


def test_rooms_are_found_by_words(enter, rooms):
    rooms.public += [PublicRoom(JID("globe@far.example"), "The globe\x1b[31m", 7, "a stage")]
    console = enter()
    console.type("/find-rooms The").press("enter")
    assert "Rooms found at search.localhost" in console.text
    assert "The orchard" in console.text
    assert "globe" not in console.text
    console.press("down", "enter")
    assert "The globe" in console.text
    assert "7 there · a stage" in console.text
    console.press("enter")
    assert ("join", JID("globe@far.example"), "") in rooms.calls
    console.type("/find-rooms nowhere").press("enter")
    assert "No room was found." in console.text


def test_rooms_of_the_own_server_are_found_where_nobody_searches(enter, rooms):
    rooms.searches = False
    rooms.public += [PublicRoom(JID("globe@rooms.localhost"), "The globe")]
    console = enter().type("/find-rooms globe").press("enter")
    assert "Rooms of your own server, rooms.localhost" in console.text
    assert "The globe" in console.text
    console.press("esc").type("/find-rooms nowhere").press("enter")
    assert "your server has no search for those of others" in " ".join(console.text.replace("│", " ").split())


def test_what_the_person_does_not_want_to_be_told_of_is_in_no_total(rooms, open_console, messages):
    console = open_console(size=(120, 30))
    console.press("meta g").type("bob").press("enter")
    messages.arrive(BALCONY, "what light", kind=MessageKind.GROUPCHAT)
    console.settle()
    assert not console.app.status.terminal_title().startswith("("), "nothing names us"
    console.app.live.apis.notify_settings.chosen.emit([Choice(BALCONY, Notify.ALWAYS)])
    console.settle()
    assert console.app.status.terminal_title().startswith("(1) ")
    console.app.live.apis.notify_settings.chosen.emit([Choice(BALCONY, Notify.NEVER)])
    console.settle()
    assert not console.app.status.terminal_title().startswith("(")
    (row,) = [each for each in console.app.live.contacts.rows if getattr(each, "jid", "") == BALCONY]
    (line,) = RowWidget(row, console.app.symbols, False, print, print).render((30,)).content()
    assert [attribute for attribute, _, shown in line if b"1" in shown] == ["hint"]


def test_a_room_is_given_a_picture_and_none_any_more(enter, daemon, tmp_path):
    console, given = enter(), daemon.clients["alice"].room_avatars
    file = tmp_path / "view.png"
    file.write_bytes(b"a view")
    console.type(f"/room-picture {file}").press("enter")
    console.settle()
    assert "balcony@rooms.localhost shows this picture now." in console.text
    console.type("/room-picture none").press("enter")
    assert given.calls == [("set_room_picture", BALCONY, b"a view"), ("set_room_picture", BALCONY, b"")]
    console.type("/room-picture /nowhere").press("enter")
    console.settle()
    assert "/nowhere cannot be read" in console.text
    assert len(given.calls) == 2


def test_a_visitor_who_asks_to_write_is_answered(enter, rooms):
    console = enter()
    rooms.asks("1", BALCONY, "Nurse\x1b[31m", "nurse@localhost")
    console.settle()
    assert "(nurse@localhost) asks to write in balcony@rooms.localhost" in " ".join(console.text.split())
    assert "1 request" in console.text
    console.press("meta q")
    assert "Let them write" in console.text
    console.press("enter")
    console.settle()
    assert ("answer_voice", "1", True) in rooms.calls
    assert "They may write there now." in console.text
    rooms.asks("2", BALCONY, "Nurse")
    console.press("meta q").press("right", "enter")
    assert ("answer_voice", "2", False) in rooms.calls
