"""The user commands about the last messages, and about who writes them."""

import pytest
from support import fakes
from support.fake_rooms import Rooms
from support.fakes import JULIET, NURSE

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Reaction
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import Affiliation, Occupant, Role, Room, RoomState
from sat_frontends.quick_frontend.commands import complete

from .test_commands import Shell

ROOM = JID("balcony@rooms.localhost")


class Ping(fakes.Failing):
    async def ping(self, jid):
        await self.called("ping", jid)
        return 0.0123


@pytest.fixture
def shell():
    shell = Shell(Rooms())
    shell.apis.ping = Ping()
    shell.peer = JULIET
    return shell


def put(shell, *all):
    shell.apis.messages.stored.update({each.id: each for each in all})


def test_the_last_of_ours_is_corrected(shell):
    with pytest.raises(InvalidArgument, match="no message of yours"):
        shell.types("/correct hello")
    first, ours = (
        fakes.message(1, "hi", outgoing=True, peer=JULIET),
        fakes.message(2, "helo", outgoing=True, peer=JULIET),
    )
    put(shell, first, ours, fakes.message(3, "what?", peer=JULIET))
    shell.types("/correct hello")
    assert shell.apis.correction.calls == [("correct", ours.id, "hello")]


def test_the_last_of_theirs_is_reacted_to(shell):
    with pytest.raises(InvalidArgument, match="Nobody else"):
        shell.types("/react 👍")
    theirs = fakes.message(1, "cake?", peer=JULIET)._replace(reactions=[Reaction("🎉", [], own=True)])
    put(shell, theirs, fakes.message(2, "yes", outgoing=True, peer=JULIET))
    shell.types("/react 👍")
    shell.types("/react 🎉")
    assert [call[2] for call in shell.apis.reactions.calls] == [["🎉", "👍"], ["👍"]]
    assert "/react 👍" in [each.text for each in complete(shell.live, "/react ")]


def test_who_somebody_is(shell):
    assert shell.types("/whois") == ("about", JULIET)
    assert shell.types(f"/info {NURSE}") == ("about", NURSE)
    rooms = shell.apis.rooms
    rooms.put(
        Room(ROOM, "romeo", RoomState.JOINED, role=Role.PARTICIPANT),
        Occupant("Nurse", Role.MODERATOR, Affiliation.MEMBER, hats=["Capulet\x1b"], jid=JID("nurse@capulet.lit")),
    )
    shell.peer = ROOM
    shell.types("/whois nurse")
    assert shell.said == ["Nurse\nModerators\nmember, Capulet␛\nnurse@capulet.lit"]
    assert shell.types("/whois Juliet") == ("about", JULIET)


def test_who_answers(shell):
    shell.types("/ping")
    assert shell.said == [f"{shell.live.jid.domain} answered in 12 ms."]
    shell.apis.presence.changed.emit([Presence(JULIET.with_resource("balcony"), Show.ONLINE)])
    shell.types("/ping Juliet")
    assert shell.apis.ping.calls[-1] == ("ping", JULIET.with_resource("balcony"))
    assert shell.said == [f"{JULIET} answered in 12 ms."]
