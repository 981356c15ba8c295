from types import SimpleNamespace

import pytest
from support.fake_rooms import Rooms
from support.fakes import Presences, Profile, Roster

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import Room, RoomState
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.main import finish
from sat_frontends.jp.people import reach, resolve


def contact(jid, name=""):
    return Contact(JID(jid), name, Subscription.BOTH, [])


BALCONY = JID("balcony@rooms.example")
THERE = (
    Presence(JID("carol@a.example/phone"), Show.AWAY, priority=-1),
    Presence(JID("carol@a.example/desk"), Show.ONLINE, priority=5),
    Presence(JID("carol@a.example/gone"), Show.OFFLINE, priority=9),
)


def find(text, *contacts, how=resolve):
    found = []

    async def ask():
        profile = Profile("alice", JID("alice@localhost"))
        rooms = Rooms(Room(BALCONY, "alice", RoomState.JOINED, name="The balcony"))
        access = SimpleNamespace(roster=Roster(*contacts), presence=Presences(*THERE), profile=profile, rooms=rooms)
        found.append(await how(access, text))

    finish(ask())
    return found[0]


BOB, CAROL = contact("bob@a.example", "Bobby"), contact("carol@a.example")


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("bobby", "bob@a.example"),
        ("BOB", "bob@a.example"),
        ("carol", "carol@a.example"),
        ("Dave@B.example/phone", "dave@b.example"),
        ("irc.example", "irc.example"),
        ("balcony", BALCONY),
        ("the BALCONY", BALCONY),
        ("Balcony@rooms.example", BALCONY),
        ("balcony@rooms.example/Juliet", f"{BALCONY}/Juliet"),
        ("me", "alice@localhost"),
    ],
)
def test_finds_whom_is_meant(text, jid):
    assert find(text, BOB, CAROL) == jid


def test_a_name_is_preferred_to_what_stands_before_the_at():
    assert find("bob", BOB, contact("robert@a.example", "Bob")) == "robert@a.example"


def test_me_may_be_a_contact():
    assert find("me", contact("michael@a.example", "Me")) == "michael@a.example"


def test_several_are_listed():
    with pytest.raises(Failure) as caught:
        find("bob", BOB, contact("bob@b.example", "\x1b[31mBob"))
    assert caught.value.code == 2
    assert "bob@a.example" in caught.value.sentence
    assert "bob@b.example" in caught.value.sentence
    assert "\x1b" not in caught.value.sentence


def test_nobody_is_called_so():
    with pytest.raises(Failure) as caught:
        find("bobbi", BOB, CAROL)
    assert caught.value.code == 16
    assert "Bobby" in caught.value.hint


def test_the_beginning_of_a_name_is_not_enough_to_write_to_somebody():
    with pytest.raises(Failure):
        find("car", CAROL)


def test_an_address_is_checked():
    with pytest.raises(InvalidAddress):
        find("@example.org", BOB)


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("carol@a.example", "carol@a.example"),
        ("Carol@a.example/gone", "carol@a.example/gone"),
        ("irc.example/x", "irc.example/x"),
        ("irc.example", "irc.example"),
        ("LOCALHOST", "localhost"),
        ("Carol", "carol@a.example/desk"),
        ("bobby", "bob@a.example"),
    ],
)
def test_a_question_goes_to_a_program(text, jid):
    assert find(text, BOB, CAROL, how=reach) == jid


def test_a_contact_may_be_called_like_the_own_server():
    assert find("localhost", contact("carol@a.example", "Localhost"), how=reach) == "carol@a.example/desk"


def test_a_mere_name_is_no_server():
    with pytest.raises(Failure):
        find("dave", BOB, how=reach)


def test_what_somebody_calls_themselves_counts_last():
    jule = CAROL._replace(jid=JID("x@a.example"), nickname="Jule")
    assert find("jule", jule, BOB) == jule.jid
    assert find("jule", jule, BOB._replace(name="Jule")) == BOB.jid
    assert find("carol", CAROL, jule._replace(nickname="Carol")) == CAROL.jid
