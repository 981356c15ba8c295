"""What the programs of somebody are called."""

from __future__ import annotations

import pytest
from support.fakes import JULIET, Failing, Loop

from sat.api import JID
from sat.api.disco import Identity, Info
from sat.api.errors import RequestTimeout
from sat.plugins.presence.api import Presence, Show
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.programs import Programs, given


@pytest.mark.parametrize(
    ("resource", "read"),
    [
        ("laptop", "laptop"),
        ("pc", "pc"),
        ("phone2", "phone2"),
        ("Pixel 8", "Pixel 8"),
        ("my_laptop", "my_laptop"),
        ("T480", "T480"),
        ("MacBookPro", "MacBookPro"),
        ("Psi+", "Psi+"),
        ("Büro", "Büro"),
        ("gajim.8Q2XFD", "gajim"),
        ("Conversations.Q8t2", "Conversations"),
        ("dino.a1b2c3d4", "dino"),
        ("converse.js-84719283", "converse.js"),
        ("OuxJ9f-f8qGK", ""),
        ("YMW6VGopYBrH", ""),
        ("ab-Xk29sdfQlt", ""),
        ("aBcDefGhIjKl", ""),
        ("kxqwvtrzpmn", ""),
        ("6719843518264398512", ""),
        ("deadbeef", ""),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", ""),
        ("", ""),
    ],
)
def test_what_people_can_read_of_a_resource(resource, read):
    assert given(resource) == read


MADE_UP, LAPTOP = JULIET.with_resource("OuxJ9f-f8qGK"), JULIET.with_resource("laptop")


class Disco(Failing):
    """What each program says that it is."""

    def __init__(self) -> None:
        super().__init__()
        self.names = {MADE_UP: "Gajim", LAPTOP: "Dino"}

    async def get_info(self, jid: JID, node: str = "") -> Info:
        await self.called("get_info", jid)
        return Info([Identity("account", "registered"), Identity("client", "pc", self.names[jid])], [])


class Scene:
    def __init__(self) -> None:
        self.loop, self.disco, self.contacts, self.chats = Loop(), Disco(), ContactList(), {JULIET: None}
        self.programs = Programs(self.disco, self.contacts, self.chats, self.loop.spawn)
        self.undo = self.programs.listen()
        self.told: list[frozenset[JID]] = []
        self.contacts.changed.connect(self.told.append)

    def comes(self, jid: JID, show: Show = Show.ONLINE) -> None:
        self.contacts.present([Presence(jid, show)])


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_a_server_has_made_is_called_by_what_it_is(scene: Scene):
    scene.disco.gate.closed = True
    scene.comes(MADE_UP)
    assert scene.programs.called(MADE_UP) == ""
    scene.told.clear()
    scene.disco.gate.open(scene.loop)
    assert scene.programs.called(MADE_UP) == "Gajim"
    assert scene.told == [frozenset([JULIET])]


def test_what_somebody_has_chosen_stays_with_what_it_is_beside_it(scene: Scene):
    scene.comes(LAPTOP)
    assert scene.programs.called(LAPTOP) == "laptop"
    assert scene.programs.described(LAPTOP) == "laptop (Dino)"


@pytest.mark.parametrize(("name", "shown"), [("Laptop 1.2", "Laptop 1.2"), ("LAP", "laptop"), ("", "laptop")])
def test_nothing_is_said_twice(scene: Scene, name, shown):
    scene.disco.names[LAPTOP] = name
    scene.comes(LAPTOP)
    assert scene.programs.described(LAPTOP) == shown


def test_what_it_says_is_clean_and_short(scene: Scene):
    scene.disco.names[MADE_UP] = "\x1b[31m\u202e" + "x" * 5000
    scene.comes(MADE_UP)
    assert scene.programs.called(MADE_UP).startswith("␛[31m�x")
    assert len(scene.programs.called(MADE_UP)) == 40


def test_each_is_asked_once_also_where_it_does_not_say(scene: Scene):
    scene.disco.fails["get_info"] = RequestTimeout(peer=MADE_UP)
    scene.comes(MADE_UP)
    scene.comes(MADE_UP, Show.AWAY)
    scene.programs.look(JULIET)
    assert scene.disco.count("get_info") == 1
    assert scene.programs.described(MADE_UP) == ""


def test_who_comes_back_may_be_another_program(scene: Scene):
    scene.comes(MADE_UP)
    scene.comes(MADE_UP, Show.OFFLINE)
    scene.disco.names[MADE_UP] = "Dino"
    scene.comes(MADE_UP)
    assert scene.programs.called(MADE_UP) == "Dino"


def test_an_answer_that_comes_too_late_is_none(scene: Scene):
    scene.disco.gate.closed = True
    scene.comes(MADE_UP)
    scene.comes(MADE_UP, Show.OFFLINE)
    scene.disco.gate.open(scene.loop)
    assert scene.programs.called(MADE_UP) == ""


def test_only_those_are_asked_with_whom_one_talks(scene: Scene):
    scene.chats.clear()
    scene.comes(MADE_UP)
    assert scene.disco.calls == []
    for number in range(20):
        scene.comes(JULIET.with_resource(f"phone{number}"))
    scene.disco.names = dict.fromkeys(map(JULIET.with_resource, [f"phone{number}" for number in range(20)]), "x")
    scene.disco.names[MADE_UP] = "x"
    scene.programs.look(JULIET)
    assert scene.disco.count("get_info") == 10
