from sat.api import JID
from sat.plugins.rooms.api import Affiliation, Occupant, OccupantsChange, Role
from sat_frontends.quick_frontend.occupants import Occupants, Traffic

ROOM = JID("balcony@rooms.capulet.lit")


def somebody(nick, role=Role.PARTICIPANT, **fields):
    return Occupant(nick, role, Affiliation.NONE, **fields)


ROMEO = somebody("romeo", own=True)


def test_who_may_more_stands_first():
    occupants = Occupants()
    occupants.replace(
        ROOM, [somebody("visitor", Role.VISITOR), somebody("b"), somebody("A"), somebody("z", Role.MODERATOR)]
    )
    assert [each.nick for each in occupants.of(ROOM)] == ["z", "A", "b", "visitor"]


def test_who_comes_and_goes():
    occupants, told = Occupants(), []
    occupants.changed.connect(told.append)
    occupants.replace(ROOM, [ROMEO, somebody("nurse")])
    change = OccupantsChange(ROOM, [somebody("nurse", Role.VISITOR), somebody("juliet")], ["tybalt"])
    assert occupants.hear(change) == Traffic(["juliet"], [])
    assert occupants.hear(OccupantsChange(ROOM, [], ["nurse", "tybalt"])) == Traffic([], ["nurse"])
    assert [each.nick for each in occupants.of(ROOM)] == ["juliet", "romeo"]
    assert occupants.get(ROOM.with_resource("juliet")) == somebody("juliet")
    assert occupants.own(ROOM) == ROMEO
    assert told == [ROOM] * 3


def test_our_own_coming_and_going_is_no_news():
    occupants = Occupants()
    assert occupants.hear(OccupantsChange(ROOM, [ROMEO, somebody("nurse")], [], whole=True)) == Traffic([], [])
    assert occupants.hear(OccupantsChange(ROOM, [somebody("montague", own=True)], ["romeo"])) == Traffic([], [])


def test_a_room_that_nobody_looked_at_stays_unknown():
    occupants = Occupants()
    assert occupants.hear(OccupantsChange(ROOM, [somebody("nurse")], [])) == Traffic([], [])
    assert not occupants.knows(ROOM)
    occupants.replace(ROOM, [])
    occupants.forget(ROOM)
    assert not occupants.knows(ROOM)
