"""The key table: nothing is bound twice, all of it does something, and the pages made from it are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from world import Console

from sat_frontends.primitivus.actions import Actions
from sat_frontends.primitivus.browse import Browse
from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.contact_pane import ContactPane
from sat_frontends.primitivus.input import Input
from sat_frontends.primitivus.keys import BINDINGS, UNUSABLE, Binding, KeyMap, Where, label, page, parse
from sat_frontends.primitivus.occupant_pane import OccupantPane
from sat_frontends.primitivus.people import People
from sat_frontends.primitivus.posts import Posts
from sat_frontends.primitivus.rooms import Rooms
from sat_frontends.primitivus.transfer_acts import TransferActs

ROOT = Path(__file__).parents[3]


def test_no_key_is_bound_twice():
    assert KeyMap().conflicts() == []


def test_a_key_bound_twice_is_found():
    doubled = (*BINDINGS, Binding("other", Where.BROWSE, ("j",), "something else"))
    assert KeyMap(doubled).conflicts() == ["j is bound to newer_message and to other."]


def test_a_global_key_counts_in_every_place():
    doubled = (*BINDINGS, Binding("other", Where.INPUT, ("f1",), "something else"))
    assert KeyMap(doubled).conflicts() == ["F1 is bound to help and to other."]


def test_no_key_is_one_that_the_terminal_keeps():
    assert not [key for each in BINDINGS for key in each.keys if key in UNUSABLE]


def test_every_action_does_something(console: Console):
    owners = {Where.GLOBAL: [Actions], Where.BROWSE: [Browse], Where.INPUT: [Input], Where.CONTACTS: [ContactPane]}
    owners[Where.OCCUPANTS] = [OccupantPane]
    owners[Where.POSTS] = [Posts, *Posts.PARTS]
    missing = []
    owners[Where.FILES] = [TransferActs]
    for each in BINDINGS:
        wanted = f"do_{each.action}"
        found = any(hasattr(owner, wanted) for owner in owners[each.where]) or hasattr(console.app.actions, wanted)
        if each.where is Where.CONTACTS:
            found = found or hasattr(People, each.action) or each.action == "add_contact"
        if each.where is Where.OCCUPANTS:
            found = found or hasattr(Rooms, each.action)
        if not (found or each.edit):
            missing.append(each.action)
    assert missing == []


@pytest.mark.parametrize("key", sorted({key for each in BINDINGS for key in each.keys}))
def test_what_is_shown_can_be_written_in_the_settings(key: str):
    assert parse(label(key)) == key


@pytest.mark.parametrize("text", ["", "Alt-", "Foo", "Ctrl-i", "F99", "Hyper-x"])
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(ValueError):
        parse(text)


def test_a_key_is_changed_in_sat_conf():
    keymap, problems = KeyMap().changed({"goto": "Alt-, F5"})
    assert keymap.action(Where.GLOBAL, "f5") == "goto"
    assert keymap.action(Where.GLOBAL, "meta ,") == "goto", "the person's choice wins over the usual one"
    assert keymap.action(Where.GLOBAL, "meta g") == ""
    assert problems == []


def test_wrong_lines_are_told():
    _keymap, problems = KeyMap().changed({"fly": "F5", "goto": "Meta-Bucky", "help": "F5", "menu": "F5"})
    assert len(problems) == 3
    assert "no action “fly”" in problems[0]
    assert "Meta-Bucky" in problems[1]
    assert problems[2] == "F5 is bound to help and to menu."


def test_a_changed_key_works_and_is_in_the_help(open_console):
    console = open_console(config=Config(keys={"help": "F5", "fly": "F6"}), size=(80, 50))
    assert "There is no action “fly”" in console.text
    assert "F5 help" in console.text
    console.press("f5")
    assert "show the keys that work here" in console.text
    assert "F5 " in console.text


def test_the_reference_page_is_made_from_the_table():
    stored = (ROOT / "docs/reference/keys.md").read_text("utf-8")
    assert stored == page(), "write it anew: python -m sat_frontends.primitivus.keys > docs/reference/keys.md"


def test_help_shows_what_works_here_first(console: Console):
    console.press("f1")
    assert console.find("Input")[1] < 8
    console.press("esc", "f2", "f1")
    assert console.find("Contacts (F2)")[1] < 8


def test_the_keys_command_names_the_actions(open_console):
    console = open_console(size=(80, 200)).type("/keys").press("enter")
    assert "No key means two things." in console.text
    assert any("goto" in line and "Alt-g" in line for line in console.lines)
    for each in BINDINGS:
        assert re.search(rf"│{each.action} ", console.text), each.action


def test_the_keys_command_finds_what_is_bound_twice(open_console):
    console = open_console(config=Config(keys={"help": "F5", "menu": "F5", "goto": "Alt-Bucky"}), size=(80, 40))
    console.type("/keys").press("enter")
    assert "F5 is bound to help and to menu." in console.text
    assert "The key of goto in sat.conf" in console.text
    assert "No key means two things." not in console.text
