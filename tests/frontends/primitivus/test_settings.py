"""The settings screen."""

from __future__ import annotations

from world import Console


def settings(console: Console) -> Console:
    return console.press("meta ,")


def test_the_tabs_begin_with_daily_things(open_console):
    console = settings(open_console(size=(100, 24)))
    tabs = "General  Composition  Notifications  Blog page  Misc  Mail Server  Connection  Debug"
    assert tabs in console.text


def test_at_80_columns_a_mark_says_that_there_are_more(console: Console):
    settings(console)
    assert console.lines[2].rstrip("│").endswith(">")
    console.press("shift tab")
    assert "Debug" in console.text


def test_what_is_changed_is_marked_and_saved(console: Console, daemon):
    settings(console).press("shift tab")
    assert "[ ] Write the traffic down" in console.text
    console.press(" ")
    assert "• [X] Write the traffic down" in console.text
    console.press("down", "enter")
    assert daemon.settings.settings["debug.traffic"].value == "true"
    assert "Settings saved." in console.text
    assert "Write the traffic down" not in console.text


def test_esc_asks_when_something_was_changed(console: Console, daemon):
    settings(console).press("shift tab", " ", "esc")
    assert "1 setting was changed and not saved." in console.text
    console.press("right", "enter")
    assert daemon.settings.settings["debug.traffic"].value == "false"
    assert "Write the traffic down" not in console.text


def test_esc_leaves_at_once_when_nothing_was_changed(console: Console):
    settings(console).press("esc")
    assert "No conversation is open." in console.text


def test_slash_filters(console: Console):
    settings(console).press("/").type("type")
    assert "[X] Tell others when I type" in console.text
    assert "/type" in console.text
    console.press("esc", "tab")
    assert console.app.root.depth == 1


def test_a_choice_goes_round(console: Console, daemon):
    settings(console)
    assert "Language: < en >" in console.text
    console.press("right")
    assert "• Language: < fr >" in console.text
    console.press("right")
    assert "  Language: < en >" in console.text


def test_settings_of_the_profile_are_there_too(console: Console, daemon):
    settings(console).press("/").type("type").press("enter", " ", "esc")
    console.press("enter")
    assert daemon.clients["alice"].settings.settings["chat_states.send"].value == "false"


def test_how_the_server_is_reached_is_a_setting(console: Console, daemon):
    settings(console).press("/").type("port of").press("enter").type("22")
    assert "• Port of the server: 022" in console.text
    console.press("esc").press("enter")
    assert daemon.clients["alice"].profile.account.port == 22
