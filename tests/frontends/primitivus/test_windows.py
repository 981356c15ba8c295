"""Moving between conversations, and what tells of messages elsewhere."""

from __future__ import annotations

import re

from world import BOB, CAROL, DAVE, Console, Messages

from sat.api import JID
from sat.api.messages import MessageKind
from sat.api.transfers import Direction, Transfer, TransferState
from sat.plugins.archive.api import SyncState
from sat.plugins.presence.api import Presence, Show
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


def test_only_what_names_us_rings_in_rooms(console: Console, messages: Messages):
    room = JID("balcony@rooms.localhost")
    messages.arrive(room, "anybody?", kind=MessageKind.GROUPCHAT)
    console.settle()
    assert console.screen.written == []
    messages.arrive(room, "alice?", kind=MessageKind.GROUPCHAT, mention=True)
    console.settle()
    assert console.screen.written == ["\a"]


def test_nothing_rings_while_nobody_wants_to_be_disturbed(console: Console, messages: Messages, daemon):
    daemon.clients["alice"].presence.own.set(Presence(JID("alice@example.org/here"), Show.DND))
    messages.arrive(CAROL, "there")
    console.settle()
    assert console.screen.written == []


def test_the_terminal_shows_a_notification_that_nothing_can_break(open_console, messages: Messages):
    console = open_console(config=Config(bell=False, osc9=True))
    messages.arrive(JID("ev\x1b\\\x07il@example.org"), "secret")
    console.settle()
    (told,) = console.screen.written
    assert told.startswith("\x1b]9;ev␛")
    assert told.endswith(": new messages\x1b\\")
    assert told.count("\x1b") == 2
    assert "\x07" not in told
    assert "secret" not in told


def test_who_comes_by_ssh_gets_notifications_of_the_terminal(open_console, messages: Messages, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    console = open_console()
    messages.arrive(CAROL, "there")
    console.settle()
    assert console.screen.written == ["\a\x1b]9;Carol: new messages\x1b\\"]


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


# -- what is unread is always seen ---------------------------------------------------------------------------------


def test_a_window_that_does_not_fit_is_counted(open_console, messages: Messages):
    console = open_all(open_console(size=(40, 10)))
    messages.arrive(JID("ferdinand@example.org"), "psst")
    messages.arrive(JID("ferdinand@example.org"), "psst")
    messages.arrive(BOB, "me too")
    console.settle()
    bar = console.lines[-2]
    assert "3 Dave" in bar, "the current one is there"
    assert "ferdinand" not in bar
    shown = 1 if "Bob 1" in bar else 0
    assert f"{3 - shown} unread" in bar


def test_it_is_counted_at_every_width(open_console, messages: Messages):
    console = open_all(open_console())
    for name in ("bob", "carol", "ferdinand", "maximiliana", "ottokar"):
        messages.arrive(JID(f"{name}@example.org"), "psst")
    console.settle()
    for columns in range(30, 140):
        bar = console.resize(columns, 12).lines[-2]
        in_windows = len(re.findall(r" \d [^ ]+ 1 ", f"{bar} ".replace("  ", "   ")))
        left = re.search(r" (\d+) unread", bar)
        assert in_windows + (int(left[1]) if left else 0) == 5, bar
        assert "F1 help" in bar


def test_what_is_unread_in_other_profiles_is_told(daemon, open_console):
    daemon.add_profile("work", JID("alice@work.example"))
    daemon.add_profile("locked", JID("alice@locked.example"), locked=True)
    console = open_console()
    assert "other profiles" not in console.text
    for _message in range(3):
        daemon.clients["work"].messages.arrive(DAVE, "psst")
    console.settle()
    assert "3 in other profiles (Alt-p)" in console.lines[-2]
    assert "+3 Alt-p" in console.resize(40, 10).lines[-2]
    console.resize(80, 24).press("meta p")
    assert "work  3 unread · alice@work.example · online" in console.text
    assert "locked  alice@locked.example · locked" in console.text
    console.type("work").press("enter")
    assert "other profiles" not in console.text
    assert "3 unread (Alt-a)" in console.text


def test_what_is_unread_in_a_new_profile_is_told_too(daemon, console: Console):
    daemon.manager.profile_added.emit(daemon.add_profile("work", JID("alice@work.example")))
    console.settle()
    daemon.clients["work"].messages.arrive(DAVE, "psst")
    console.settle()
    assert "1 in other profiles" in console.lines[-2]
    column, row = console.find("in other profiles")
    console.click(column, row)
    assert "Profiles" in console.text


def test_what_is_offered_to_another_profile_is_told(daemon, open_console):
    daemon.add_profile("work", JID("alice@work.example"))
    transfers = daemon.clients["work"].transfers
    waits = Transfer("t0", Direction.RECEIVE, "a.pdf", state=TransferState.OFFERED, peer=DAVE)
    transfers.put(waits)
    console = open_console()
    assert "1 in other profiles (Alt-p)" in console.lines[-2]
    transfers.put(waits._replace(id="t1"))
    console.settle()
    assert "2 in other profiles (Alt-p)" in console.lines[-2]
    console.press("meta p")
    assert "work  2 files offered · alice@work.example · online" in console.text
    for id in ("t0", "t1"):
        transfers.put(waits._replace(id=id, state=TransferState.CANCELLED))
    console.press("esc").settle()
    assert "other profiles" not in console.text
