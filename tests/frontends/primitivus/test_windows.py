"""Moving between conversations, and what tells of messages elsewhere."""

from __future__ import annotations

from world import BOB, CAROL, DAVE, Console, Messages

from sat.api import JID
from sat.plugins.archive.api import SyncState
from sat_frontends.primitivus.app import MOST_WINDOWS
from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.conversations import MOST_WINDOWS


def open_all(console: Console) -> Console:
    for name in ("bob", "carol", "dave"):
        console.press("meta g").type(name).press("enter")
    return console


def who(console: Console) -> str:
    return console.lines[0].split()[0]


def test_numbers_next_previous_and_last(console: Console):
    open_all(console)
    assert " 1 Bob  2 Carol  3 Dave " in console.text
    assert who(console.press("meta 1")) == "Bob"
    assert who(console.press("ctrl n")) == "Carol"
    assert who(console.press("ctrl p", "ctrl p")) == "Dave"
    assert who(console.press("meta z")) == "Bob"
    assert who(console.press("meta z")) == "Dave"
    assert who(console.press("meta 9")) == "Dave", "there is no ninth window"


def test_closing_shows_another(console: Console):
    open_all(console).press("meta w")
    assert who(console) == "Carol"
    console.press("meta w", "meta w")
    assert "No conversation is open." in console.text


def test_alt_a_goes_round_what_is_unread(console: Console, messages: Messages):
    messages.arrive(CAROL, "one")
    messages.arrive(DAVE, "two")
    console.settle()
    first = who(console.press("meta a"))
    second = who(console.press("meta a"))
    assert {first, second} == {"Carol", "Dave"}
    console.press("meta a")
    assert "Nothing is unread." in console.text


def test_what_was_unread_before_the_start_is_counted(open_console, messages: Messages):
    messages.arrive(BOB, "while you were away")
    console = open_console()
    assert "1 unread (Alt-a)" in console.text
    console.press("meta a")
    assert "while you were away" in console.text
    assert "unread (Alt-a)" not in console.text


def test_the_title_of_the_terminal_counts_what_is_unread(console: Console, messages: Messages):
    assert console.screen.title == "primitivus – alice"
    messages.arrive(CAROL, "hi")
    console.settle()
    assert console.screen.title == "(1) primitivus – alice"


def test_the_bell_rings_for_what_is_not_looked_at(open_console, messages: Messages):
    console = open_console()
    console.press("meta g").type("bob").press("enter")
    messages.arrive(BOB, "here")
    console.settle()
    assert console.screen.written == []
    messages.arrive(CAROL, "there")
    console.settle()
    assert console.screen.written == ["\a"]


def test_what_comes_from_the_archive_is_only_counted(console: Console, messages: Messages):
    messages.arrive(CAROL, "written yesterday", delayed=True)
    console.settle()
    assert "1 unread (Alt-a)" in console.text
    assert "1 Carol" not in console.text
    assert console.screen.written == []


def test_strangers_do_not_fill_the_bar(console: Console, messages: Messages):
    for number in range(50):
        messages.arrive(JID(f"spam{number}@example.org"), "buy this")
    console.settle()
    assert len(console.app.windows.peers) == MOST_WINDOWS
    assert "30 unread" in console.resize(600, 24).text


def test_what_takes_long_is_in_the_bar(console: Console, daemon):
    sync = daemon.clients["alice"].archive.sync
    sync.set(SyncState.SYNCING)
    console.settle()
    assert "Fetching what you missed" in console.text
    console.resize(40, 10)
    assert "Fetching" not in console.text
    sync.set(SyncState.COMPLETE)
    assert "Fetching" not in console.resize(80, 24).text


def test_the_bell_can_be_switched_off(open_console, messages: Messages):
    console = open_console(config=Config(bell=False))
    messages.arrive(CAROL, "there")
    console.settle()
    assert console.screen.written == []


def test_a_terminal_without_focus_reads_nothing(with_bob: Console, messages: Messages):
    with_bob.app.loop.urwid._update(["focus out"], [])
    messages.arrive(BOB, "are you there?")
    with_bob.settle()
    assert messages.counts[BOB] == 1
    with_bob.app.loop.urwid._update(["focus in"], [])
    with_bob.settle()
    assert messages.counts[BOB] == 0


def test_a_click_in_the_bar_shows_a_window(console: Console):
    open_all(console)
    column, row = console.find("1 Bob")
    assert who(console.click(column, row)) == "Bob"


def test_goto_finds_by_letters_and_commands_too(console: Console):
    console.press("meta g").type("crl")
    assert "Carol" in console.text
    assert "● Bob" not in "\n".join(console.lines[2:6])
    console.press("esc", "meta g").type("/away").press("enter")
    assert console.lines[-1].startswith("› /away")


def test_the_menu_does_what_it_says(console: Console):
    console.press("f9").type("settings").press("enter")
    assert "Mail Server" in console.text


def test_the_menu_acts_on_the_contact_of_the_conversation(with_bob: Console):
    with_bob.press("f9").type("contact's name").press("enter")
    assert "Name of bob@example.org" in with_bob.text


def test_ctrl_x_leaves(console: Console):
    console.press("ctrl x")
    assert console.app.loop._over.done()
