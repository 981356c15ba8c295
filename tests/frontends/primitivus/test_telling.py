"""What the person is told of what they did, and of what is wrong."""

from __future__ import annotations

from world import BOB, Console, Daemon, Messages

from sat.api import JID
from sat.api.errors import InvalidSetting, NotConnected, StorageFull
from sat_frontends.primitivus.config import Config


def told(console: Console) -> list[str]:
    return [each.widget.text for each in console.frame.notices.notifications]


def test_a_command_that_worked_takes_the_place_of_the_error_before(console: Console, messages: Messages):
    messages.refuse = StorageFull()
    console.type("/msg bob hi").press("enter")
    assert told(console) == [f"{StorageFull()} {StorageFull().advice}"]
    messages.refuse = None
    console.press("enter")
    assert told(console) == ["Your message to Bob is on its way."]


def test_so_does_a_message(with_bob: Console, daemon: Daemon):
    with_bob.type("/hepl").press("enter")
    assert "Did you mean /help?" in with_bob.text
    with_bob.press("ctrl u").type("hello").press("enter")
    assert told(with_bob) == []


def test_what_has_nothing_to_do_with_it_stays(console: Console, daemon: Daemon):
    console.app.failed(NotConnected(profile="alice"))
    console.type("/rename bob Robert").press("enter")
    assert told(console) == [
        f"{NotConnected(profile='alice')} {NotConnected(profile='alice').advice}",
        "bob@example.org is called Robert now.",
    ]


def test_dialogs_say_the_same_as_commands(console: Console):
    console.press("f2", "insert").type("eve@example.org").press("enter")
    assert told(console) == ["eve@example.org is in your contact list, and was asked to show you their presence."]
    console.type("bob").press("ctrl r", "ctrl u").type("Robert").press("enter")
    assert told(console) == ["bob@example.org is called Robert now."]
    console.press("delete", "right", "enter")
    assert told(console) == ["Robert was removed from your contacts."]


# -- settings ----------------------------------------------------------------------------------------------------


def refused_once(console: Console, daemon: Daemon, monkeypatch) -> Console:
    """The settings are open, and a value was refused."""

    async def refuse(key: str, value: str) -> None:
        raise InvalidSetting(key=key, value=value, reason="it is Sunday")

    console.press("meta ,").press("shift tab", " ")
    with monkeypatch.context() as patched:
        patched.setattr(daemon.settings, "set_setting", refuse)
        console.press("down", "enter")
    return console


def test_what_is_wrong_is_seen_over_the_settings_and_calls_them_by_their_label(console, daemon, monkeypatch):
    refused_once(console, daemon, monkeypatch)
    assert console.app.root.depth == 1
    sentence = "“true” is not possible for Write the traffic down: it is Sunday."
    assert told(console) == [sentence]
    assert console.lines[-1] == sentence
    assert "< Save >" in console.text
    assert "debug.traffic" not in console.text


def test_it_is_gone_when_they_are_saved(console, daemon, monkeypatch):
    refused_once(console, daemon, monkeypatch).press("enter")
    assert console.app.root.depth == 0
    assert told(console) == ["Settings saved."]


def test_a_notice_over_a_dialog_goes_like_any_other(console: Console):
    console.press("meta ,")
    console.app.notice("For a moment.")
    console.settle()
    assert console.lines[-1] == "For a moment."
    assert console.lines[-2].startswith("└")
    console.frame.notices.clear()
    console.draw()
    assert console.lines[-1].startswith("└")


def test_a_notice_hides_neither_what_is_written_nor_the_buttons(open_console):
    console = open_console(size=(40, 10)).press("meta g").type("bo")
    console.app.notice("Two lines of words that are to be read in spite of it.")
    console.settle()
    assert "│› bo" in console.text
    assert console.lines[-1].endswith("of it.")
    console.press("enter", "f2", "insert").type("eve@example.org")
    assert "Address: eve@example.org" in console.text
    console.press("tab", "tab", "tab")
    assert "< Add >" in console.text
    column, row = console.find("< Add >")
    console.click(column + 2, row)
    assert console.app.live.contacts.contact(JID("eve@example.org"))


def test_a_notice_takes_half_of_a_small_screen_at_most(open_console):
    console = open_console(size=(40, 10)).press("f1")
    console.app.notice("word " * 100)
    console.settle()
    assert len(console.screen.last_text) == 10
    assert "Keys" in console.lines[0]


# -- from the start ----------------------------------------------------------------------------------------------


def test_two_problems_are_both_told(open_console):
    console = open_console(config=Config(problems=("One.", "Two.")))
    assert told(console) == ["One.", "Two."]


def test_of_many_it_is_told_where_the_rest_is(open_console):
    problems = tuple(f"Problem {number}." for number in range(4))
    console = open_console(config=Config(problems=problems, keys={"fly": "F5"}))
    assert told(console) == ["Problem 0.", "4 more lines of sat.conf cannot be followed: /keys shows them."]
    console.type("/keys").press("enter")
    for problem in problems:
        assert problem in console.text
    assert "There is no action “fly”" in console.text


def test_a_sentence_may_be_said_first(daemon: Daemon):
    console = Console(daemon)
    console.app.loop.spawn(console.app.begin("Look at this."))
    console.settle()
    assert told(console) == ["Look at this."]
    assert BOB in console.app.live.contacts.contact(BOB)
    console.close()
