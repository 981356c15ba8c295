import pytest
from support.fake_rooms import Rooms
from support.fakes import Loop

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Affiliation, Occupant, Role
from sat_frontends.quick_frontend.moderating import LABELS, Deed, carry_out, meant, possible

ROOM = JID("balcony@rooms.localhost")
OWNER, ADMIN, MEMBER, NONE = Affiliation.OWNER, Affiliation.ADMIN, Affiliation.MEMBER, Affiliation.NONE
MODERATOR, PARTICIPANT, VISITOR = Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR
KNOWN = JID("tybalt@capulet.lit")


def own(role, affiliation=NONE):
    return Occupant("romeo", role, affiliation, own=True)


def other(role, affiliation=NONE, jid=KNOWN):
    return Occupant("tybalt", role, affiliation, jid=jid)


@pytest.mark.parametrize(
    ("we", "they", "deeds"),
    [
        (None, other(PARTICIPANT), ""),
        (own(PARTICIPANT, MEMBER), other(PARTICIPANT), ""),
        (own(MODERATOR), own(MODERATOR), ""),
        (own(MODERATOR), other(PARTICIPANT), "kick mute"),
        (own(MODERATOR), other(VISITOR), "kick voice"),
        (own(MODERATOR), other(PARTICIPANT, MEMBER), ""),
        (own(MODERATOR, ADMIN), other(PARTICIPANT), "kick mute moderator ban"),
        (own(MODERATOR, ADMIN), other(PARTICIPANT, jid=JID("")), "kick mute moderator"),
        (own(MODERATOR, ADMIN), other(MODERATOR, ADMIN), "kick"),
        (own(MODERATOR, OWNER), other(MODERATOR, MEMBER), "kick demote ban"),
        (own(MODERATOR, OWNER), other(MODERATOR, ADMIN), "kick ban"),
        (own(MODERATOR, ADMIN), other(MODERATOR, OWNER), ""),
    ],
)
def test_what_is_offered(we, they, deeds):
    assert " ".join(possible(we, they)) == deeds


@pytest.mark.parametrize(
    ("deed", "call"),
    [
        (Deed.KICK, ("kick", ROOM, "tybalt", "why")),
        (Deed.BAN, ("ban", ROOM, KNOWN, "why")),
        (Deed.VOICE, ("set_role", ROOM, "tybalt", PARTICIPANT, "why")),
        (Deed.MUTE, ("set_role", ROOM, "tybalt", VISITOR, "why")),
        (Deed.MODERATOR, ("set_role", ROOM, "tybalt", MODERATOR, "why")),
        (Deed.DEMOTE, ("set_role", ROOM, "tybalt", PARTICIPANT, "why")),
    ],
)
def test_deeds(deed, call):
    loop, rooms = Loop(), Rooms()
    loop.now(rooms.create(ROOM))
    rooms.comes(ROOM, other(PARTICIPANT))
    assert loop.now(carry_out(rooms, ROOM, other(PARTICIPANT), deed, "why")).startswith("tybalt ")
    assert rooms.calls[-1] == call
    assert deed in LABELS


def test_nobody_is_banned_without_an_address():
    with pytest.raises(InvalidArgument, match="only put out"):
        Loop().now(carry_out(Rooms(), ROOM, other(PARTICIPANT, jid=JID("")), Deed.BAN))


def test_whom_the_words_mean():
    there = [Occupant(nick, PARTICIPANT, NONE) for nick in ("Anna", "Anna Karenina", "anna")]
    assert meant(there, "Anna Karenina go away") == (there[1], "go away")
    assert meant(there, "Anna go away") == (there[0], "go away")
    assert meant(there, "anna") == (there[2], "")
    assert meant(there, "ANNA KARENINA") == (there[1], "")
    with pytest.raises(InvalidArgument, match="called “Annabel”"):
        meant(there, "Annabel come")
