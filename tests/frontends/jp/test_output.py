"""Tables on a terminal, tab-separated lines in a pipe, JSON; colours; text of others."""

import json
import re

import pytest

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_in_a_pipe(jp):
    done = jp("roster", "list")
    assert (done.code, done.err) == (0, "")
    assert "bob@localhost\tBob\tboth\tFriends,Work\tno" in done.lines
    assert {line.count("\t") for line in done.lines} == {4}


def test_on_a_terminal(jp):
    done = jp.on_terminal("roster", "list", "--color", "never").end()
    assert done.code == 0
    head, first, *_ = done.lines
    assert head.split() == ["Address", "Name", "Subscription", "Groups", "Asked"]
    assert first.index("Bob") == head.index("Name")
    wide = next(line for line in done.lines if line.startswith("日本"))
    assert wide.index("日本語") == head.index("Name") - 2  # two characters before it take two columns each


def test_as_json(jp):
    found = {each["jid"]: each for each in json.loads(jp("roster", "list", "-o", "json").out)}
    assert found["bob@localhost"] == {
        "jid": "bob@localhost",
        "name": "Bob",
        "subscription": "both",
        "groups": ["Friends", "Work"],
        "asked": False,
        "nickname": "",
        "approved": False,
    }
    assert found["evil@localhost"]["name"] == "Ev\x1b[31mil\u202egnp.exe\ttab"


def test_json_raw_is_one_line(jp):
    done = jp("roster", "list", "-o", "json-raw")
    assert len(done.lines) == 1
    assert json.loads(done.out) == json.loads(jp("roster", "list", "-o", "json").out)


@pytest.mark.parametrize(
    "words",
    [
        ["roster", "list"],
        ["presence", "get"],
        ["message", "history", "evil@localhost"],
        ["message", "list"],
        ["message", "search", "alert"],
        ["register", "localhost", "--form"],
    ],
)
def test_nothing_of_others_acts_on_a_terminal(jp, words):
    shown = jp.on_terminal(*words, "--color", "never").end()
    assert shown.code == 0
    assert not ACTING.search(shown.out)
    piped = jp(*words)
    assert not ACTING.search(piped.out)
    assert not ACTING.search(piped.err)
    as_json = jp.on_terminal(*words, "-o", "json").end().out
    assert not ACTING.search(as_json)
    assert json.loads(as_json) == json.loads(jp(*words, "-o", "json").out)


def coloured(shown):
    return "\x1b[" in shown.out


def test_colours(jp):
    assert coloured(jp.on_terminal("roster", "list").end())
    assert not coloured(jp.on_terminal("roster", "list", NO_COLOR="1").end())
    assert not coloured(jp.on_terminal("roster", "list", CLICOLOR="0").end())
    assert not coloured(jp("roster", "list"))
    assert not coloured(jp("roster", "list", CLICOLOR_FORCE="1"))  # cells have no colours
    assert coloured(jp.on_terminal("roster", "list", "--color=always", NO_COLOR="1").end())


def test_a_reader_that_goes_away_is_no_error(jp):
    process = jp.start("api", "--introspect")
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == ""
    process.stderr.close()


def test_text_that_the_locale_cannot_write(jp):
    done = jp("roster", "list", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.code == 0
    assert "\\u65e5\\u672c@localhost" in done.out
