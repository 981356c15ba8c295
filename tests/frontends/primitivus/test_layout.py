"""The screen at its sizes, and what is drawn when nobody presses a key."""

from __future__ import annotations

import pytest
from support.fake_services import MADE_UP
from urwid.testing import check_box_sizing
from world import BOB, CAROL, NOON, Console, Messages

SIZES = [(40, 10), (60, 15), (79, 24), (80, 24), (100, 30), (120, 30), (200, 50)]


@pytest.fixture
def busy(open_console, messages: Messages):
    """A console with conversations, unread messages and a notice."""

    def make(size: tuple[int, int]) -> Console:
        for number in range(80):
            messages.put(
                BOB, f"message {number} " + "with more words " * (number % 4), number % 3 == 0, NOON + number * 90
            )
        console = open_console(size=size)
        console.press("meta g").type("bob").press("enter")
        messages.arrive(CAROL, "hi")
        console.settle()
        return console

    return make


@pytest.mark.parametrize("size", SIZES)
def test_every_line_fits(busy, size: tuple[int, int]):
    console = busy(size)
    assert len(console.screen.last_text) == size[1]
    assert "Bob" in console.lines[0]
    assert "message 79" in console.text
    assert "2 Carol 1" in console.text
    assert console.lines[-1] == "›"


@pytest.mark.parametrize("size", SIZES)
def test_dialogs_fit(busy, size: tuple[int, int]):
    console = busy(size)
    for keys in (["f1"], ["f9"], ["meta g"], ["meta ,"], ["meta /"], ["f2", "insert"], ["meta p"]):
        console.press(*keys)
        assert console.app.root.depth == 1, keys
        assert len(console.screen.last_text) == size[1]
        console.press("esc")
        assert console.app.root.depth == 0, keys


def test_from_120_columns_the_details_are_on_the_right(busy):
    console = busy((120, 30))
    assert "bob@example.org" in console.text
    console.press("f3")
    assert "bob@example.org" not in console.text
    console.press("f3")
    assert "bob@example.org" in console.text


def test_at_80_columns_contacts_and_conversation_stand_side_by_side(busy):
    console = busy((80, 24))
    row = console.find("● Bob")[1]
    assert "│" in console.lines[row]
    assert "words" in console.lines[row]


def test_below_80_columns_the_contacts_come_over_the_conversation(busy):
    console = busy((60, 15))
    assert "Friends" not in console.text
    console.press("f2")
    assert "Friends (2/2)" in console.text
    assert "message" not in console.text
    console.press("f2")
    assert "message 79" in console.text


def test_the_title_says_who_where_and_whether_it_is_encrypted(busy):
    console = busy((80, 24))
    assert console.lines[0].startswith(" Bob ● online · laptop  not encrypted")
    console.resize(40, 10)
    assert "Bob ● online" in console.lines[0]
    assert "not encrypted" in console.lines[0]


def test_the_title_names_the_program_and_nothing_that_a_server_has_made_up(open_console, daemon):
    presences = daemon.clients["alice"].presence.presences
    presences[0] = presences[0]._replace(jid=MADE_UP)
    console = open_console(size=(100, 24)).type("/query bob").press("enter")
    assert console.lines[0].startswith(" Bob ● online · Gaj␛[31mim  not encrypted")
    assert MADE_UP.resource not in console.text
    assert "Gaj␛[31mim online" in console.press("f3").text
    assert MADE_UP in console.text
    daemon.clients["alice"].disco.infos.clear()
    console = open_console(size=(100, 24)).type("/query bob").press("enter")
    assert console.lines[0].startswith(" Bob ● online  not encrypted")


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 30)])
def test_renders_at_any_size_it_says(busy, size: tuple[int, int]):
    console = busy(size)
    check_box_sizing(console.app.view.conversation, cols=size[0], rows=size[1])


def test_many_windows_keep_the_current_one_in_view(open_console, daemon):
    from sat.api import JID
    from sat.plugins.roster.api import Contact, Subscription

    for number in range(12):
        jid = JID(f"person{number:02}@example.org")
        daemon.clients["alice"].roster.contacts[jid] = Contact(jid, f"Person{number:02}", Subscription.BOTH, [])
    console = open_console()
    for number in range(12):
        console.press("meta g").type(f"person{number:02}").press("enter")
    assert "12 Person11" in console.text
    console.press("meta 1")
    assert "1 Person00" in console.text


def test_a_notice_goes_away_by_itself(console: Console):
    console.app.notice("For a moment.")
    console.settle()
    assert "For a moment." in console.text
    console.frame.notices.clear()
    console.draw()
    assert "For a moment." not in console.text
