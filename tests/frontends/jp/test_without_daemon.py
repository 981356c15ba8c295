"""What works, and what is said, where there is no bus or no daemon."""

import pytest
from support.commands import Commands

from sat.world import Bus


def test_jp_alone_shows_examples(alone):
    done = alone()
    assert done.code == 0
    assert done.out.count("  jp ") >= 4
    assert done.err == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--help"], "roster"),
        (["roster", "--help"], "remove"),
        (["message", "send", "--help"], "--wait"),
        (["help", "message", "send"], "--wait"),
        (["help", "exit-codes"], "130"),
        (["help", "environment"], "NO_COLOR"),
        (["help", "formatting"], "json-raw"),
        (["--version"], "jp 0."),
        (["completion", "bash"], "complete -F _jp jp"),
        (["api", "--list"], "messages.get_history"),
        (["api", "--introspect", "roster"], "get_contacts() → list of Contact"),
    ],
)
def test_help_needs_no_bus(alone, words, told):
    done = alone(*words)
    assert (done.code, done.err) == (0, "")
    assert told in done.out


def test_a_group_alone_is_a_mistake_that_is_helped(alone):
    done = alone("roster")
    assert done.code == 2
    assert "Usage: jp roster" in done.out


@pytest.mark.parametrize("words", [["roster", "list"], ["status"], ["message", "watch"], ["login", "a@localhost"]])
def test_no_bus(alone, words):
    done = alone(*words)
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "jp: There is no D-Bus session to talk to the daemon.\n"
        "hint: Log in to a desktop session, or start one: dbus-run-session -- bash\n"
    )


def test_a_bus_that_is_not_there(folder):
    done = Commands(folder, f"unix:path={folder}/nothing")("roster", "list")
    assert (done.code, done.out) == (3, "")


def test_no_daemon(folder):
    with Bus(folder) as bus:
        done = Commands(folder, bus.address)("roster", "list")
    assert (done.code, done.out) == (5, "")
    told, hint = done.err.splitlines()
    assert told == "jp: The daemon sat is not running."
    assert "sat start " in hint
    assert "sat install-service " in hint


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rosetr", "list"], "hint: Did you mean roster?"),
        (["roster", "lit"], "hint: Did you mean list"),
        (["roster", "list", "--onlin"], "hint: Did you mean --online?"),
        (["roster", "add"], "ADDRESS is missing"),
    ],
)
def test_wrong_usage(alone, words, told):
    done = alone(*words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert len(done.err.splitlines()) <= 2


def test_doctor_says_what_is_missing(alone, folder):
    done = alone("doctor")
    assert done.code == 3
    assert done.lines[0].startswith("bad\tbus\tThere is no D-Bus session")
    with Bus(folder) as bus:
        done = Commands(folder, bus.address)("doctor")
    assert done.code == 5
    assert [line.split("\t")[:2] for line in done.lines] == [["ok", "bus"], ["bad", "daemon"]]


def test_completion_is_quiet_without_daemon(alone):
    assert alone("__complete", "--", "roster", "remove", "").err == ""
    assert "roster\tyour contacts" in alone("__complete", "--", "ro").lines


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_may_be_closed(alone, closed):
    done = alone.in_shell(f"{closed} jp --version")
    assert done.code == 0
    assert "Traceback" not in done.err
    assert alone.in_shell(f"{closed} jp roster list").code == 3


@pytest.mark.parametrize("words", ["--help", "--version", "api --introspect", "help exit-codes"])
def test_output_that_cannot_be_written_is_an_error(alone, words):
    done = alone.in_shell(f"jp {words} >/dev/full")
    assert (done.code, done.err) == (1, "jp: What there was to say could not be written: No space left on device.\n")


def test_an_error_is_told_though_the_output_cannot_be_written(alone):
    done = alone.in_shell("jp roster list >/dev/full")
    assert done.code == 3
    assert "There is no D-Bus session" in done.err
