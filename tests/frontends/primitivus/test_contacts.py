"""The contact list, and what is done with contacts."""

from __future__ import annotations

import pytest
from world import BOB, CAROL, DAVE, ME, Console, Messages

from sat.api import JID
from sat.api.errors import NotConnected
from sat.plugins.blocking.api import Report
from sat.plugins.presence.api import Presence, Request, Show
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.primitivus.people import read_groups


def roster(console: Console):
    return console.daemon.clients["alice"].roster


def test_groups_with_counts_and_presence_as_signs(console: Console):
    assert "▾ Friends (2/2)" in console.text
    assert "▾ Work (0/1)" in console.text
    assert "● Bob" in console.text
    assert "◐ Carol at lunch" in console.text
    assert "○ Dave" in console.text


def test_signs_without_unicode(open_console):
    from sat_frontends.primitivus.config import Config

    console = open_console(config=Config(ascii=True))
    assert "* Bob" in console.text
    assert "~ Carol" in console.text
    assert "v Friends" in console.text
    console.press("meta g").type("bob").press("enter")
    drawn = [line for line in console.lines if "alice@" not in line]
    assert all(line.isascii() for line in drawn), [line for line in drawn if not line.isascii()]


def test_presence_changes_are_seen_at_once(console: Console):
    console.daemon.clients["alice"].presence.changed.emit([Presence(JID("dave@example.org/desk"), Show.DND)])
    console.settle()
    assert "⊖ Dave" in console.text
    assert "▾ Work (1/1)" in console.text


def test_who_is_no_contact_stays_in_the_list_when_read(console: Console, messages: Messages):
    messages.arrive(JID("zoe@example.org"), "we met yesterday", delayed=True)
    console.settle()
    assert "▾ Not in your" in console.text
    console.press("meta g").type("zoe").press("enter")
    assert messages.counts[JID("zoe@example.org")] == 0
    assert "▾ Not in your" in console.text
    assert console.text.index("Friends (2/2)") < console.text.index("Not in your")


def test_space_folds_a_group(console: Console):
    console.press("f2", " ")
    assert "▸ Friends (2/2)" in console.text
    assert "Bob" not in console.text
    console.press(" ")
    assert "Bob" in console.text


def test_typing_filters_and_enter_opens(console: Console):
    console.press("f2").type("car")
    assert "/car" in console.text
    assert "Carol" in console.text
    assert "Bob" not in console.text
    console.press("enter")
    assert "1 Carol" in console.text
    assert console.lines[0].startswith(" Carol ◐ away · phone")


def test_esc_clears_the_filter_then_leaves(console: Console):
    console.press("f2").type("car").press("esc")
    assert "Bob" in console.text
    console.press("esc").type("x")
    assert console.lines[-1] == "› x"


def test_nobody_fits(console: Console):
    console.press("f2").type("zzz")
    assert "Nobody fits." in console.text


def test_tabs(console: Console, messages: Messages):
    messages.arrive(CAROL, "hi")
    console.settle()
    assert "All  Unread 1  Rooms" in console.text
    console.press("f2", "right")
    assert "Carol" in console.text
    assert "Dave" not in console.text
    console.press("right")
    assert "No rooms yet." in console.text
    console.press("right")
    assert "Dave" in console.text


def test_a_click_opens_a_conversation(console: Console):
    column, row = console.find("Dave")
    console.click(column, row)
    assert "1 Dave" in console.text
    console.type("x")
    assert console.lines[-1] == "› x"


def test_an_empty_list_says_how_to_fill_it(open_console, daemon):
    daemon.clients["alice"].roster.contacts.clear()
    assert "No contacts yet." in open_console().text


def test_names_of_others_are_cleaned(open_console, daemon):
    daemon.clients["alice"].roster.contacts[BOB] = Contact(BOB, "B\x1b[7mob\u202e", Subscription.BOTH, ["G\x0eroup"])
    shown = "".join(open_console().screen.last_text)
    assert not any(control in shown for control in "\x1b\u202e\x0e")


def test_add_a_contact(console: Console):
    console.press("f2", "insert")
    assert "Add a contact" in console.text
    console.type("eve@example.org").press("tab").type("Eve").press("tab").type("Friends, New").press("enter")
    assert roster(console).contacts[JID("eve@example.org")].groups == ["Friends", "New"]
    assert "Add a contact" not in console.text
    assert "○ Eve" in console.text
    assert "was asked to show you" in console.text


def test_a_mere_name_is_no_contact(console: Console):
    console.press("f2", "insert").type("eve").press("enter")
    assert "it has no @" in console.text
    assert JID("eve") not in roster(console).contacts


def test_a_wrong_address_is_told_and_what_was_written_stays(console: Console):
    console.press("f2", "insert").type("eve@").press("tab").type("Eve").press("enter")
    assert "is no XMPP address" in console.text
    assert "Address: eve@" in console.text
    assert "Name: Eve" in console.text


def test_an_error_of_the_daemon_is_told_with_advice(console: Console):
    roster(console).refuse = NotConnected(profile="alice")
    console.press("f2", "insert").type("eve@example.org").press("enter")
    assert "The profile alice is not connected." in console.text
    assert "jp profile connect alice" in console.text


def test_rename(console: Console):
    console.press("f2", "down", "ctrl r")
    assert "Name: Bob" in console.text
    console.press("ctrl u").type("Robert").press("enter")
    assert roster(console).contacts[BOB].name == "Robert"
    assert "● Robert" in console.text


def test_change_groups(console: Console):
    console.press("f2", "down", "ctrl g")
    assert "You have: Friends, Work." in console.text
    console.type(", Work").press("enter")
    assert roster(console).contacts[BOB].groups == ["Friends", "Work"]


def test_fields_have_the_keys_of_the_input(console: Console):
    console.press("f2", "down", "ctrl g", "ctrl u").type("Work").press("enter")
    assert roster(console).contacts[BOB].groups == ["Work"]
    console.press("meta g").type("zzz carol").press("ctrl a", "meta d", "ctrl d", "enter")
    assert console.lines[0].startswith(" Carol")


def test_groups_that_are_left_alone_stay(open_console, daemon):
    odd = ["Friends, old", "Fri\u202eends", " Work "]
    contacts = daemon.clients["alice"].roster.contacts
    contacts[BOB] = Contact(BOB, "Bob", Subscription.BOTH, odd)
    console = open_console()
    console.press("f2").type("bob").press("ctrl g", "enter")
    assert contacts[BOB].groups == odd
    console.press("ctrl g").type(", New").press("enter")
    assert contacts[BOB].groups == [*odd, "New"]
    console.press("ctrl g", "ctrl u").type("Friends, Friends, old").press("enter")
    assert contacts[BOB].groups == ["Friends", "Friends, old"]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", []),
        (" , ,", []),
        ("Friends, Work ,Friends", ["Friends", "Work"]),
        ("a, b", ["a, b"]),
        ("a, b, c", ["a, b", "c"]),
        ("a, bc", ["a", "bc"]),
        ("x, a, b", ["x", "a, b"]),
        ("a", ["a"]),
    ],
)
def test_groups_are_read_as_they_are_shown(text: str, groups: list[str]):
    assert read_groups(text, ["a, b"]) == groups


def test_a_name_that_is_left_alone_stays(open_console, daemon):
    contacts = daemon.clients["alice"].roster.contacts
    contacts[BOB] = Contact(BOB, "Bo\u202eb", Subscription.BOTH, [])
    console = open_console()
    console.press("f2").type("bob@").press("ctrl r", "enter")
    assert contacts[BOB].name == "Bo\u202eb"


def test_remove_asks(console: Console):
    console.press("f2", "down", "delete")
    assert "Remove Bob (bob@example.org)" in console.text
    console.press("enter")
    assert BOB in roster(console).contacts, "Cancel has the focus"
    console.press("delete", "right", "enter")
    assert BOB not in roster(console).contacts
    assert "● Bob" not in console.text


def test_tab_goes_through_fields_and_buttons(console: Console):
    console.press("f2", "insert", "tab", "tab", "tab", "tab", "enter")
    assert "Add a contact" not in console.text, "the second button is Cancel"


def test_a_request_is_told_and_accepted(console: Console):
    presence = console.daemon.clients["alice"].presence
    presence.requested.emit(Request(JID("eve@example.org"), "It is me, Eve"))
    console.settle()
    assert "eve@example.org asks to see your presence" in console.text
    console.press("meta q")
    assert "They write: It is me, Eve" in console.text
    console.press("enter")
    assert ("approve", JID("eve@example.org")) in presence.told
    assert "They write" not in console.text


def test_a_request_that_is_settled_elsewhere_is_not_told_any_more(console: Console):
    presence = console.daemon.clients["alice"].presence
    for name in ("eve", "mallory"):
        presence.requested.emit(Request(JID(f"{name}@example.org")))
    console.settle()
    assert "2 requests" in console.lines[-2]
    console.app.frame.notices.clear()
    presence.settled.emit([JID("mallory@example.org")])
    console.settle()
    assert "1 request " in console.lines[-2]
    assert "asks to see your presence" not in console.text


def test_a_request_is_refused(console: Console):
    presence = console.daemon.clients["alice"].presence
    presence.requested.emit(Request(JID("eve@example.org")))
    console.settle()
    console.press("meta q", "right", "enter")
    assert presence.told == [("refuse", JID("eve@example.org"))]


def test_f3_shows_the_details(open_console):
    console = open_console()
    console.press("meta g").type("carol").press("enter", "f3")
    assert "carol@example.org" in console.text
    assert "you see each other's presence" in console.text


def test_a_long_list_is_drawn_where_it_is_looked_at(open_console, daemon):
    clients = daemon.clients["alice"]
    for number in range(3000):
        jid = JID(f"c{number}@example.org")
        clients.roster.contacts[jid] = Contact(jid, f"Person {number:04}", Subscription.BOTH, ["Many"])
    console = open_console()
    console.press("f2", "end")
    assert console.app.pane is not None
    assert "Dave" in console.text or "Work" in console.text
    assert len(console.app.pane.walker._cache) < 200


def test_the_own_address_is_on_the_right(console: Console):
    assert console.lines[0].endswith(f"{ME} ●")
    assert DAVE not in console.lines[0]


def test_f3_in_the_list_shows_who_is_selected(with_bob: Console):
    with_bob.press("f2", "down", "down", "f3")
    assert "carol@example.org" in with_bob.text
    assert "at lunch" in with_bob.text
    with_bob.press("esc", "f2", "f2", "home", "f3")
    assert "Select a contact first." in with_bob.text


def test_f3_without_a_conversation_says_so(console: Console):
    assert "No conversation is open." in console.press("f3").text


def test_the_right_button_opens_a_menu(console: Console):
    column, row = console.find("Carol")
    console.click(column, row, button=3)
    assert [each.label for each in console.app.root.levels[-1].shown] == [
        "Write",
        "Details",
        "Change the name",
        "Change the groups",
        "Remove",
        "Block",
    ]
    console.type("details").press("enter")
    assert "carol@example.org" in console.text
    console.press("esc").click(column, row, button=3).type("name").press("enter")
    assert "Name of carol@example.org" in console.text
    console.press("esc").click(column, row, button=3).press("enter")
    assert "1 Carol" in console.text


def test_somebody_who_is_no_contact_can_be_added_from_it(console: Console, messages: Messages):
    messages.arrive(JID("mallory@elsewhere.example"), "hi")
    console.settle()
    column, row = console.find("○ mallory@")
    console.click(column, row, button=3).type("add").press("enter")
    assert "Address: mallory@elsewhere.example" in console.text


def test_a_group_has_no_menu(console: Console):
    column, row = console.find("Friends (")
    console.click(column, row, button=3)
    assert console.app.root.depth == 0


def test_a_stranger_is_no_contact_by_the_look(console: Console, messages: Messages):
    messages.arrive(JID("bob@elsewhere.example"), "it is me, Bob")
    console.settle()
    assert "○ bob@elsewhere.ex… 1" in console.text
    console.press("meta a")
    assert console.lines[0].startswith(" bob@elsewhere.example")


def test_a_long_group_keeps_its_numbers(console: Console, messages: Messages):
    messages.arrive(JID("mallory@elsewhere.example"), "hi")
    console.settle()
    assert "▾ Not in your con… (0/1)" in console.text


def test_blocking_asks_and_is_marked(console: Console):
    blocking = console.daemon.clients["alice"].blocking
    console.press("f2").type("bob")
    console.press("ctrl b")
    assert "Block Bob (bob@example.org)?" in " ".join(console.text.replace("│", " ").split())
    console.press("right", "enter")
    assert blocking.blocked == [BOB]
    assert "blocked" in next(line for line in console.lines if "● Bob" in line)
    console.press("ctrl b")
    assert blocking.blocked == []
    assert "bob@example.org is blocked no longer." in console.text


def test_a_report_names_what_they_wrote_last(open_console, messages, daemon):
    ids = [messages.put(BOB, f"cheap watches {number}").id for number in range(7)]
    messages.put(BOB, "no", True)
    console, blocking = open_console(), daemon.clients["alice"].blocking
    console.press("f2").type("bob").press("ctrl b", "right", "right", "enter")
    assert "The report names what they wrote last" in " ".join(console.text.replace("│", " ").split())
    console.type("sells watches").press("enter")
    assert blocking.calls[-1] == ("block", BOB, Report.SPAM, "sells watches", ids[-5:])
    assert "bob@example.org is blocked, and reported to the administrator of your server." in console.text


def test_a_refused_block_is_told(console: Console):
    console.daemon.clients["alice"].blocking.fails["block"] = NotConnected(profile="alice")
    console.press("f2").type("bob")
    console.press("ctrl b", "right", "enter")
    assert "not connected" in console.text
