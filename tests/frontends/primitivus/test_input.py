"""The input line: editing, history, completion, pasting."""

from __future__ import annotations

from world import BOB, Console, Messages


def line(console: Console) -> str:
    return console.lines[-1]


def test_readline_keys(with_bob: Console):
    with_bob.type("one two three").press("ctrl w")
    assert line(with_bob) == "› one two"
    with_bob.press("ctrl a").type("zero ")
    assert line(with_bob) == "› zero one two"
    with_bob.press("ctrl k")
    assert line(with_bob) == "› zero"
    with_bob.press("ctrl y")
    assert line(with_bob) == "› zero one two"
    with_bob.press("ctrl u")
    assert line(with_bob) == "›"


def test_undo(with_bob: Console):
    with_bob.type("precious").press("ctrl u", "ctrl _")
    assert line(with_bob) == "› precious"


def test_history_goes_back_and_the_line_being_written_stays(with_bob: Console):
    with_bob.type("first").press("enter").type("second").press("enter").type("third")
    with_bob.press("up")
    assert line(with_bob) == "› second"
    with_bob.press("up", "up")
    assert line(with_bob) == "› first"
    with_bob.press("down", "down")
    assert line(with_bob) == "› third"


def test_each_conversation_has_its_own_history(with_bob: Console):
    with_bob.type("to bob").press("enter").press("meta g").type("carol").press("enter").press("up")
    assert line(with_bob) == "›"


def test_alt_enter_begins_a_line_and_the_input_grows_to_six(with_bob: Console, messages: Messages):
    for number in range(9):
        with_bob.type(f"line {number}").press("meta enter")
    assert "line 4" in with_bob.text
    assert "line 3" not in with_bob.text, "six rows are shown, the last one empty"
    with_bob.press("enter")
    assert messages.stored[BOB][-1].body.startswith("line 0\nline 1\n")


def test_a_pasted_text_is_not_sent_line_by_line(with_bob: Console, messages: Messages):
    with_bob.tell("begin paste", *"one", "enter", *"tw").tell("o", "end paste")
    assert BOB not in messages.stored
    with_bob.press("enter")
    assert messages.stored[BOB][-1].body == "one\ntwo"


def test_tab_lists_commands_with_what_they_do(with_bob: Console):
    with_bob.type("/a").press("tab")
    first = line(with_bob)
    assert first.startswith("› /a")
    assert first != "› /a"
    popup = "\n".join(with_bob.lines[-8:-1])
    assert "/add  " in popup
    assert "Add a contact" in popup
    with_bob.press("tab")
    assert line(with_bob) not in (first, "› /a")
    with_bob.press("shift tab")
    assert line(with_bob) == first


def test_esc_takes_the_completion_back(with_bob: Console):
    with_bob.type("/a").press("tab", "esc")
    assert line(with_bob) == "› /a"
    assert "/away" not in "\n".join(with_bob.lines[-8:-1])
    assert with_bob.app.view.zone.value == "input"


def test_enter_takes_the_completion_before_it_does_anything(with_bob: Console, daemon):
    with_bob.type("/a").press("tab")
    chosen = line(with_bob)
    with_bob.press("enter")
    assert line(with_bob) == chosen
    assert with_bob.app.input.popup is None


def test_contacts_are_completed_in_commands(console: Console):
    console.type("/chat Car").press("tab")
    assert "carol" in line(console).lower()


def test_a_wrong_command_is_told_with_what_was_meant(with_bob: Console, messages: Messages):
    with_bob.type("/hepl").press("enter")
    assert "/help" in with_bob.text
    assert BOB not in messages.stored
    assert line(with_bob) == "› /hepl", "it can be mended"


def test_a_command_works(with_bob: Console, daemon):
    with_bob.type("/away lunch").press("enter")
    assert daemon.clients["alice"].presence.own.value.show.value == "away"


def test_without_a_conversation_nothing_is_lost(console: Console):
    console.type("hello?").press("enter")
    assert "hello?" in line(console)


def test_keys_of_the_mouse_place_the_cursor(with_bob: Console, messages: Messages):
    with_bob.type("helo").click(5, 23).type("l").press("enter")
    assert messages.stored[BOB][-1].body == "hello"
