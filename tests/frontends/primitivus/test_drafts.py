"""What was written and not sent is never lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from world import BOB, CAROL, Console, Daemon, Messages

from sat.api import JID
from sat.api.errors import StorageFull
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.editor import editor

EVE = JID("eve@work.example")


@pytest.fixture
def two_profiles(daemon: Daemon, open_console) -> Console:
    """alice is shown, and there is work."""
    daemon.add_profile("work", JID("alice@work.example"), contacts=[Contact(EVE, "Eve", Subscription.BOTH, [])])
    return open_console()


def line(console: Console) -> str:
    return console.lines[-1].removeprefix("›").strip()


def go(console: Console, letters: str) -> Console:
    return console.press("meta g").type(letters).press("enter")


def use(console: Console, profile: str) -> Console:
    return console.press("meta p").type(profile).press("enter")


# -- from nowhere, to and fro ------------------------------------------------------------------------------------


def test_what_was_written_to_nobody_goes_along(console: Console, messages: Messages, daemon: Daemon):
    messages.arrive(CAROL, "hi")
    console.type("half a thought").press("meta a")
    assert console.lines[0].startswith(" Carol")
    assert line(console) == "half a thought"
    assert daemon.clients["alice"].chat_states.told == [], "carol is not told before something is written to her"
    console.type("!")
    assert daemon.clients["alice"].chat_states.told == [(CAROL, True)]
    console.press("meta w")
    assert line(console) == "", "it has gone along"


def test_it_does_not_push_a_draft_away(console: Console):
    go(console, "bob").type("for bob").press("meta w").type("for nobody")
    assert line(go(console, "bob")) == "for bob"
    assert line(console.press("meta w")) == "for nobody"


def test_what_is_typed_before_there_is_a_daemon_stays(daemon: Daemon):
    console = Console(daemon)
    console.type("early").start()
    assert line(console) == "early"
    console.close()


def test_drafts_and_windows_wait_for_their_profile(two_profiles: Console):
    console = go(two_profiles, "bob").type("a draft")
    go(console, "carol")
    assert line(use(console, "work")) == ""
    assert "No conversation is open." in console.text
    go(console, "eve").type("to eve")
    use(console, "alice")
    assert console.lines[0].startswith(" Carol")
    assert " 1 Bob  2 Carol " in console.text
    assert line(console.press("meta 1")) == "a draft"
    assert line(use(console, "work")) == "to eve"


def test_a_profile_that_was_left_is_up_to_date_when_it_comes_back(two_profiles: Console, messages: Messages):
    console = use(go(two_profiles, "bob").type("a draft"), "work")
    messages.arrive(BOB, "written meanwhile")
    console.settle()
    assert messages.counts[BOB] == 1, "nobody looks at it"
    use(console, "alice")
    assert "written meanwhile" in console.text
    assert messages.counts[BOB] == 0
    messages.arrive(CAROL, "once")
    console.settle()
    assert console.screen.written == ["\a"], "what comes is told once"


def test_input_history_waits_too(two_profiles: Console):
    console = go(two_profiles, "bob").type("sent").press("enter")
    use(use(console, "work"), "alice")
    assert line(console.press("up")) == "sent"


# -- commands ----------------------------------------------------------------------------------------------------


def test_a_command_that_was_picked_gives_the_draft_back(with_bob: Console, daemon: Daemon):
    with_bob.type("a draft").press("meta g").type("/away").press("enter")
    assert line(with_bob) == "/away"
    with_bob.type("lunch").press("enter")
    assert daemon.clients["alice"].presence.own.value.status == "lunch"
    assert line(with_bob) == "a draft"
    with_bob.press("enter")
    assert line(with_bob) == ""


def test_so_does_undoing(with_bob: Console, messages: Messages):
    with_bob.type("a draft").press("meta g").type("/away").press("enter", "ctrl _")
    assert line(with_bob) == "a draft"
    with_bob.press("enter")
    assert (messages.stored[BOB][-1].body, line(with_bob)) == ("a draft", "")


def test_so_does_going_elsewhere(with_bob: Console):
    go(with_bob.type("a draft").press("meta g").type("/away").press("enter"), "carol")
    assert line(with_bob) == ""
    assert line(with_bob.press("meta 1")) == "a draft"


def test_a_command_that_opens_another_conversation_leaves_the_draft_behind(with_bob: Console):
    with_bob.type("a draft").press("meta g").type("/query").press("enter").type("carol").press("enter")
    assert with_bob.lines[0].startswith(" Carol")
    assert line(with_bob) == ""
    assert line(with_bob.press("meta 1")) == "a draft"


def test_looking_at_what_was_sent_before_does_not_push_the_draft_away(with_bob: Console):
    with_bob.type("sent").press("enter").type("a draft").press("up")
    assert line(with_bob) == "sent"
    go(with_bob, "carol")
    assert line(with_bob.press("meta 1")) == "a draft"


# -- sending -----------------------------------------------------------------------------------------------------


def test_a_message_is_not_announced_as_a_change_of_mind(with_bob: Console, daemon: Daemon):
    with_bob.type("hello").press("enter")
    assert daemon.clients["alice"].chat_states.told == [(BOB, True)]


def test_what_is_written_while_a_message_is_sent_stays(with_bob: Console, messages: Messages):
    for key in ("h", "i", "enter", "n", "e", "x", "t"):  # in one go, as a fast writer does
        with_bob.app.loop.urwid.process_input([key])
    with_bob.settle()
    assert messages.stored[BOB][-1].body == "hi"
    go(with_bob, "carol")
    assert line(with_bob.press("meta 1")) == "next"


def test_what_could_not_be_sent_is_there_when_its_window_comes_back(with_bob: Console, messages: Messages):
    messages.refuse = StorageFull()
    with_bob.type("precious")
    for key in ("enter", "meta g"):
        with_bob.app.loop.urwid.process_input([key])
    with_bob.settle()
    with_bob.type("carol").press("enter")
    assert line(with_bob) == ""
    assert line(with_bob.press("meta 1")) == "precious"


# -- what was written before -------------------------------------------------------------------------------------


def test_ctrl_r_finds_what_was_written_before(with_bob: Console):
    for text in ("the first one", "another"):
        with_bob.type(text).press("enter")
    go(with_bob, "carol").type("to carol").press("enter").type("a draft").press("ctrl r")
    assert "What you wrote" in with_bob.text
    found = [each.label for each in with_bob.app.root.levels[-1].shown]
    assert found == ["to carol", "another", "the first one"]
    with_bob.type("first").press("enter")
    assert line(with_bob) == "the first one"
    assert line(with_bob.press("ctrl _")) == "a draft"


def test_ctrl_r_before_anything_was_written(with_bob: Console):
    assert "Nothing was written here yet." in with_bob.press("ctrl r").text


# -- the editor --------------------------------------------------------------------------------------------------


def test_ctrl_o_writes_in_an_editor(with_bob: Console, set_editor, messages: Messages):
    folder = set_editor('cat "$1" > "$0.seen"; stat -c %a "$(dirname "$1")" > "$0.mode"; echo two >> "$1"')
    with_bob.type("one").press("meta enter", "ctrl o")
    assert (folder / "editor.seen").read_text() == "one\n"
    assert (folder / "editor.mode").read_text() == "700\n"
    assert with_bob.app.input.text == "one\ntwo"
    assert BOB not in messages.stored, "it is not sent yet"
    assert with_bob.screen.started


def test_what_comes_while_the_editor_is_open_is_not_read(with_bob: Console, set_editor, messages: Messages):
    folder = set_editor('while [ ! -e "$0.go" ]; do sleep 0.05; done')
    with_bob.app.loop.urwid.process_input(["ctrl o"])
    with_bob.turn()
    assert not with_bob.screen.started
    messages.arrive(BOB, "are you there?")
    with_bob.turn()
    assert messages.counts[BOB] == 1
    (folder / "editor.go").touch()
    with_bob.settle()
    assert messages.counts[BOB] == 0
    assert "are you there?" in with_bob.text


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo lost > $1; exit 3", "editor ended with 3, so the text is as it was."),
        ("printf '\\377' > $1", "did not write UTF-8, so the text is as it was."),
    ],
)
def test_an_editor_that_fails_changes_nothing(with_bob: Console, set_editor, script: str, sentence: str):
    set_editor(script)
    with_bob.type("kept").press("ctrl o")
    assert with_bob.app.input.text == "kept"
    assert sentence in " ".join(with_bob.text.split())


def test_an_editor_that_is_not_there_is_told(with_bob: Console, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VISUAL", "/nonexistent/editor -x")
    with_bob.type("kept").press("ctrl o")
    assert "/nonexistent/editor could not be started: No such file or directory." in with_bob.text
    assert with_bob.app.input.text == "kept"
    assert with_bob.screen.started


def test_which_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("EDITOR", "vi")
    monkeypatch.setenv("VISUAL", "code --wait")
    assert editor() == ["code", "--wait"]
    monkeypatch.delenv("VISUAL")
    assert editor() == ["vi"]
    monkeypatch.delenv("EDITOR")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert editor() == []
    nano = tmp_path / "nano"
    nano.touch()
    nano.chmod(nano.stat().st_mode | stat.S_IXUSR)
    assert editor() == [os.fspath(nano)]


def test_what_was_begun_in_another_frontend_is_here_and_marked(console: Console, daemon: Daemon):
    drafts = daemon.clients["alice"].drafts
    drafts.sets(CAROL, "begun on the web")
    assert any("Carol" in row and "✎" in row for row in console.press("f2").lines)
    console.press("esc")
    assert line(go(console, "carol")) == "begun on the web"
    console.press("enter")
    assert drafts.texts == {}
    assert not any("✎" in row for row in console.lines)
