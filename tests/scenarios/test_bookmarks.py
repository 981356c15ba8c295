"""Bookmarks on a real server: what one program of the account does, the others follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from support.peer import Peer, local_name
from support.talk import faults, is_online, wait

from sat.api import JID, Secret
from sat.plugins.bookmarks.api import Bookmark
from sat.plugins.rooms.api import RoomState
from sat.world import PASSWORD, World
from sat.world.people import run
from sat.world.prosody import MODULES, Options

PUBSUB = "http://jabber.org/protocol/pubsub"
NS = "urn:xmpp:bookmarks:1"
SECRET = "open sesame"
EXTENSIONS = "<extensions><state xmlns='urn:example:phone' minimized='true'/></extensions>"
Room = Callable[..., JID]


class Phone(Peer):
    """Another program of alice's account."""

    def ask_server(self, inside: str, kind: str = "set", to: str = "") -> Element:
        """Ask our own account; what it answers, an error too."""
        self.asked = getattr(self, "asked", 0) + 1
        whom = f" to='{to}'" if to else ""
        self.send(f"<iq type='{kind}' id='q{self.asked}'{whom}>{inside}</iq>")
        return self.expect(lambda stanza: stanza.get("id") == f"q{self.asked}")

    def publish(self, room: JID, attributes: str, inside: str = "") -> None:
        """Keep a bookmark, as other programs do."""
        item = f"<item id='{room}'><conference xmlns='{NS}' {attributes}>{inside}</conference></item>"
        answer = self.ask_server(f"<pubsub xmlns='{PUBSUB}'><publish node='{NS}'>{item}</publish></pubsub>")
        assert answer.get("type") == "result"

    def retract(self, room: JID) -> None:
        """Take it away."""
        inside = f"<retract node='{NS}' notify='true'><item id='{room}'/></retract>"
        assert self.ask_server(f"<pubsub xmlns='{PUBSUB}'>{inside}</pubsub>").get("type") == "result"

    def bookmarks(self, of: str = "") -> dict[str, Element]:
        """What is at the server: room → conference."""
        answer = self.ask_server(f"<pubsub xmlns='{PUBSUB}'><items node='{NS}'/></pubsub>", "get", of)
        return {str(each.get("id")): each[0] for each in answer.iter(f"{{{PUBSUB}}}item")}


def phone_of(world: World, person: str = "alice") -> Phone:
    return Phone(world.jid(person), PASSWORD, world.prosody.port, world.prosody.ca_file, "phone")


def back(world: World, person: str = "alice") -> Any:
    """alice, after the daemon was started again."""
    profile = world.bridge().profile(person)
    wait(lambda: is_online(profile), f"{person} is online")
    return profile


@pytest.fixture(scope="module")
def people(world: World) -> None:
    for person in ("alice", "bob"):
        world.enter_profile(person)


@pytest.fixture
def alice(world: World, people: None) -> Any:
    return back(world)


@pytest.fixture
def phone(world: World, alice: Any) -> Iterator[Phone]:
    with phone_of(world) as phone:
        yield phone
        for room in phone.bookmarks():
            phone.retract(JID(room))
        wait(lambda: rooms_of(back(world)) == {}, "alice has left all of them")


@pytest.fixture
def room(world: World, people: None) -> Room:
    """Make a room of bob's."""

    def make(name: str, password: str = "") -> JID:
        jid = JID(f"{name}@{world.prosody.rooms}")
        settings = {"muc#roomconfig_persistentroom": "1", "muc#roomconfig_roomsecret": password}
        run(world.bridge().profile("bob").rooms.create(jid, "bob", settings))
        return jid

    return make


def rooms_of(profile: Any) -> dict[JID, RoomState]:
    return {each.jid: each.state for each in run(profile.rooms.get_rooms())}


def test_entering_and_leaving_is_told_to_the_others_and_kept_from_the_rest(world, alice, phone, room):
    balcony = room("balcony")
    run(alice.rooms.join(balcony, "Juliet"))
    wait(lambda: balcony in phone.bookmarks(), "the phone finds it")
    (found,) = phone.bookmarks().values()
    assert (found.get("autojoin"), found.findtext(f"{{{NS}}}nick")) == ("true", "Juliet")
    with phone_of(world, "bob") as bob:
        assert bob.bookmarks(of=world.jid("alice")) == {}, "nobody else may read it"
    run(alice.rooms.leave(balcony))
    wait(lambda: phone.bookmarks() == {}, "what entering has made is gone")
    assert not faults(world.daemon)


def test_what_the_phone_does_is_followed_and_what_it_wrote_is_kept(world, alice, phone, room):
    garden = room("garden")
    phone.publish(garden, "name='Our garden' autojoin='1' colour='green'", f"<nick>Julie</nick>{EXTENSIONS}")
    wait(lambda: rooms_of(alice) == {garden: RoomState.JOINED}, "alice enters")
    (inside,) = run(alice.rooms.get_rooms())
    assert (inside.nick, inside.name) == ("Julie", "Our garden")
    run(alice.rooms.set_nick(garden, "J"))
    wait(lambda: phone.bookmarks()[garden].findtext(f"{{{NS}}}nick") == "J", "the phone learns the nick")
    run(alice.rooms.leave(garden))
    wait(lambda: phone.bookmarks()[garden].get("autojoin") is None, "and that she has left")
    kept = phone.bookmarks()[garden]
    assert (kept.get("name"), kept.get("colour")) == ("Our garden", "green")
    assert [local_name(each) for each in kept.iter()] == ["conference", "nick", "extensions", "state"]
    phone.publish(garden, "autojoin='true'")
    wait(lambda: rooms_of(alice) == {garden: RoomState.JOINED}, "she enters again")
    phone.publish(garden, "name='Ours'")
    wait(lambda: rooms_of(alice) == {}, "she leaves")
    assert run(alice.bookmarks.get_bookmarks()) == [Bookmark(garden, "Ours")]
    phone.retract(garden)
    wait(lambda: run(alice.bookmarks.get_bookmarks()) == [], "it is forgotten")
    assert not faults(world.daemon)


def test_what_is_changed_while_the_others_are_away_is_found_at_the_next_connection(world, alice, phone, room):
    old, new, mine = room("old"), room("new", SECRET), room("mine")
    run(alice.rooms.join(old))
    wait(lambda: old in phone.bookmarks(), "it is at the server")
    world.daemon.stop()
    phone.retract(old)
    phone.publish(new, "autojoin='true'", f"<password>{SECRET}</password>")
    world.daemon.start()
    alice = back(world)
    wait(lambda: rooms_of(alice) == {new: RoomState.JOINED}, "the one is entered with its password, the other is not")
    run(alice.profile.disconnect())
    run(alice.bookmarks.add(mine, "Mine"))
    run(alice.bookmarks.remove(new))
    phone.publish(new, "name='Renamed' autojoin='true'")
    run(alice.profile.connect())
    wait(lambda: {room: each.get("name") for room, each in phone.bookmarks().items()} == {mine: "Mine"}, "what we want")
    assert not faults(world.daemon)


def test_a_room_with_a_password_is_entered_after_a_new_start(world, alice, phone, room):
    door = room("door", SECRET)
    run(alice.rooms.join(door, "", Secret(SECRET)))
    wait(lambda: door in phone.bookmarks(), "it is at the server")
    assert phone.bookmarks()[door].findtext(f"{{{NS}}}password") == SECRET
    world.daemon.stop()
    world.daemon.start()
    alice = back(world)
    wait(lambda: rooms_of(alice) == {door: RoomState.JOINED}, "alice is in again")
    assert SECRET not in world.daemon.log.read_text()
    assert not faults(world.daemon)


OLD = "storage:bookmarks"
PRIVATE = "<query xmlns='jabber:iq:private'>{}</query>"
NODE = f"<pubsub xmlns='{PUBSUB}'><publish node='{OLD}'><item id='current'>{{}}</item></publish></pubsub>"


def test_an_older_program_is_followed_through_the_server(world, alice, phone, room):
    stable = room("stable")
    conference = f"<conference jid='{stable}' name='Horses' autojoin='true'><nick>J</nick></conference>"
    assert phone.ask_server(PRIVATE.format(f"<storage xmlns='{OLD}'>{conference}</storage>")).get("type") == "result"
    wait(lambda: rooms_of(alice) == {stable: RoomState.JOINED}, "alice enters")
    assert run(alice.bookmarks.get_bookmarks()) == [Bookmark(stable, "Horses", "J", True)]
    run(alice.rooms.leave(stable))
    told = "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>"

    def shown() -> list[str | None]:
        return [each.get("autojoin") for each in phone.ask_server(told, "get").iter(f"{{{OLD}}}conference")]

    wait(lambda: shown() in ([None], ["false"]), "the older program learns that she has left")
    assert not faults(world.daemon)


@pytest.mark.parametrize(("lacks", "way"), [("bookmarks", PRIVATE), ("bookmarks", NODE), ("pep", PRIVATE)])
def test_bookmarks_of_older_programs_are_taken_over_once(lacks, way):
    modules = MODULES - ({"pep", "bookmarks", "vcard_legacy"} if lacks == "pep" else {lacks})
    with World(replace(Options(), modules=frozenset(modules))) as world, phone_of(world) as phone:
        cellar, attic = (JID(f"{name}@{world.prosody.rooms}") for name in ("cellar", "attic"))
        world.enter_profile("bob")
        bob = world.bridge().profile("bob")
        run(bob.rooms.create(cellar, "bob"))
        conferences = f"<conference jid='{cellar}' name='Cellar' autojoin='1'><nick>Jule</nick></conference>"
        conferences += f"<conference jid='{attic}' name='Attic'/><url url='http://capulet.lit/' name='x'/>"
        stored = phone.ask_server(way.format(f"<storage xmlns='{OLD}'>{conferences}</storage>"))
        assert stored.get("type") == "result"
        world.enter_profile("alice")
        alice = back(world)
        wait(lambda: rooms_of(alice) == {cellar: RoomState.JOINED}, "the one with autojoin is entered")
        both = {Bookmark(cellar, "Cellar", "Jule", True), Bookmark(attic, "Attic")}
        assert set(run(alice.bookmarks.get_bookmarks())) == both
        if lacks != "pep":
            wait(lambda: phone.bookmarks().keys() == {cellar, attic}, "they are where they belong now")
        run(alice.bookmarks.remove(cellar))
        world.daemon.stop()
        world.daemon.start()
        alice = back(world)
        assert run(alice.bookmarks.get_bookmarks()) == [Bookmark(attic, "Attic")]
        if lacks != "pep":
            wait(lambda: phone.bookmarks().keys() == {attic}, "what was removed does not come back")
        assert not faults(world.daemon)
