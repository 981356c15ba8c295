"""What hostile rooms and their occupants do, on a daemon among other profiles. See test_threats.py."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from scenarios.hostile import DOMAIN
from scenarios.siege import Meet
from scenarios.target import EVIL, FRIEND, GOOD, Target, answers, result

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.rooms.api import RoomState
from sat.world.people import run
from sat.xmpp.xml import Element

pytestmark = pytest.mark.usefixtures("unharmed")

ROOM = JID(f"room@rooms.{DOMAIN}")
USER = "http://jabber.org/protocol/muc#user"
ITEM = "<item affiliation='none' role='participant'/>"


def there(nick: str, more: str = "", room: str = ROOM) -> str:
    return f"<presence from='{room}/{nick}'>{more}<x xmlns='{USER}'>{ITEM}</x></presence>"


def own(nick: str) -> str:
    return f"<presence from='{ROOM}/{nick}'><x xmlns='{USER}'>{ITEM}<status code='110'/></x></presence>"


def says(body: str, sender: str = f"{ROOM}/boss", more: str = "") -> str:
    return f"<message type='groupchat' from='{sender}' to='$full' id='$id'><body>{body}</body>{more}</message>"


def join(target: Target, before: Iterable[str] = ()) -> None:
    """Enter the room; ``before`` comes ahead of our own presence."""

    def play() -> None:
        target.expect(f"to='{ROOM}/me'", "protocol/muc'")
        target.flood(before)
        target.send(own("me"))

    player = threading.Thread(target=play)
    player.start()
    try:
        run(target.access.rooms.join(ROOM, "me"))
    finally:
        player.join()


@pytest.fixture
def target(meet: Meet) -> Target:
    return meet()


def messages_of(target: Target) -> list[str]:
    return [each.body for each in target.history(ROOM)]


def test_a_room_of_many_with_giant_nicks(target: Target) -> None:
    status = f"<status>{'s' * 5_000}</status>"
    giants = [there(f"{number}{'n' * 900}", status) for number in range(2_000)]
    join(target, [*giants, *(there(str(number)) for number in range(12_000))])
    assert len(run(target.access.rooms.get_occupants(ROOM))) == 10_001
    target.flood(there(f"later{number}") for number in range(1_000))
    target.flood(f"<presence type='unavailable' from='{ROOM}/{number}'/>" for number in range(12_000))
    assert len(run(target.access.rooms.get_occupants(ROOM))) == 2_001
    assert target.undisturbed


def test_rooms_that_nobody_has_entered(target: Target) -> None:
    join(target)
    elsewhere = f"trap@rooms.{DOMAIN}"
    target.send(
        says(EVIL, f"{elsewhere}/boss"),
        says(EVIL, elsewhere),
        says(EVIL, f"{FRIEND}/x"),
        there("boss", room=elsewhere),
        own("me").replace(ROOM, elsewhere),
        f"<presence type='unavailable' from='{FRIEND}/x'><x xmlns='{USER}'><item affiliation='outcast'/>"
        "<status code='110'/><status code='301'/></x></presence>",
        says(GOOD),
    )
    target.settle()
    assert messages_of(target) == [GOOD]
    assert EVIL not in target.shown()
    assert [(each.jid, each.state) for each in run(target.access.rooms.get_rooms())] == [(ROOM, RoomState.JOINED)]


def test_who_claims_to_be_another(target: Target) -> None:
    join(target, [there("boss"), there("mallory")])
    id = run(target.access.messages.send(ROOM, "ours"))
    target.expect("ours")
    target.send(
        says("mine", more="<x xmlns='http://jabber.org/protocol/muc#user'><item jid='$full'/></x>"),
        f"<message type='error' id='{id}' from='{ROOM}/mallory'><error/></message>",
        f"<message type='groupchat' id='n1' from='{ROOM}/mallory'><received xmlns='$receipts' id='{id}'/></message>",
        f"<message type='groupchat' id='n2' from='{ROOM}/mallory'>"
        f"<retract xmlns='urn:xmpp:message-retract:1' id='{id}'>"
        f"<moderated xmlns='urn:xmpp:message-moderate:1' by='{ROOM}/boss'/></retract></message>",
        f"<message type='groupchat' id='n3' from='{ROOM}/mallory'><body>{EVIL}</body>"
        f"<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/></message>",
        says("old", more="<delay xmlns='$delay' from='$mal' stamp='2001-01-01T00:00:00Z'/>"),
    )
    target.settle()
    found = {each.body: each for each in target.history(ROOM)}
    assert set(found) == {"ours", "mine", "old", EVIL}
    assert found[EVIL].sender.resource == "mallory", "a message of its own author, which corrects nothing"
    assert not found["mine"].outgoing
    assert not found["old"].delayed
    assert found["ours"].state in (MessageState.PENDING, MessageState.SENT)


def test_private_messages_are_nobody_elses(target: Target) -> None:
    join(target, [there("friend")])
    target.say("psst", f"{ROOM}/friend")
    target.say("of another room", f"trap@rooms.{DOMAIN}/friend")
    target.settle()
    assert target.bodies(f"{ROOM}/friend") == ["psst"]
    assert target.bodies(ROOM) == []
    assert target.bodies(FRIEND) == []
    assert not any(each.jid.bare == ROOM for each in run(target.access.presence.get_presences()))


def test_a_flood_of_invitations(target: Target) -> None:
    target.flood(
        f"<message from='trap{number}@rooms.{DOMAIN}'><x xmlns='{USER}'><invite from='{FRIEND}'>"
        f"<reason>{'come ' * 500}</reason></invite></x></message>"
        for number in range(5_000)
    )
    invitations = run(target.access.rooms.get_invitations())
    assert len(invitations) == 100
    assert all(len(each.reason) <= 1_000 for each in invitations)
    assert not target.received("rooms.", "presence")


def test_nicks_and_subjects_for_the_eye(target: Target) -> None:
    join(target, [there("ev\u202eil"), there("<script>".replace("<", "&lt;"))])
    target.send(
        f"<presence from='{ROOM}/a&#10;b'><x xmlns='{USER}'>{ITEM}</x></presence>",
        f"<message type='groupchat' from='{ROOM}/boss'><subject>{'s' * 50_000}</subject></message>",
    )
    target.settle()
    assert [each.nick for each in run(target.access.rooms.get_occupants(ROOM))] == ["ev\u202eil", "<script>", "me"]
    target.wait(lambda: len(run(target.access.rooms.get_rooms())[0].subject) == 5_000, "the subject is cut")


def test_a_form_of_a_thousand_fields(meet: Meet) -> None:
    field = "<field var='f{}' type='list-single' label='{}'><option><value>{}</value></option></field>"

    def form(iq: Element) -> str:
        fields = "".join(field.format(number, "l" * 200, "v" * 200) for number in range(1_000))
        owner = f"<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data'>{fields}</x></query>"
        return result(iq, owner, ROOM)

    usual = answers()
    target = meet(answers=lambda iq: form(iq) if any(e.uri.endswith("#owner") for e in iq.elements()) else usual(iq))
    join(target)
    assert 0 < len(run(target.access.rooms.get_configuration(ROOM)).fields) <= 200


def test_a_destroyed_room_leads_nowhere(target: Target) -> None:
    join(target)
    target.send(
        f"<presence type='unavailable' from='{ROOM}/me'><x xmlns='{USER}'><item affiliation='none' role='none'/>"
        f"<destroy jid='trap@evil.test'/><status code='110'/></x></presence>"
    )
    target.settle()
    assert run(target.access.rooms.get_rooms())[0].state is RoomState.LEFT
    assert not target.received("trap@evil.test")
