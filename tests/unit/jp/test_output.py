import json

import pytest

from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.jp import output
from sat_frontends.jp.output import BOLD, Column, Output, escaped, iso, tidy, tidy_lines, wants_colour
from sat_frontends.quick_frontend.encoded import encoded, plain

NASTY = "a\x1b[31mb\u202ec\x9bd\ud800e"


@pytest.fixture
def terminal(monkeypatch):
    """Stdout is said to be a terminal of so many columns."""

    def make(columns=80, mode="simple", color="never"):
        monkeypatch.setattr(output, "_is_terminal", lambda stream: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        return Output(mode, color)

    return make


COLUMNS = (Column("Name", BOLD), Column("Text", flexible=True))


def test_tables_are_aligned_by_width(terminal, capsys):
    terminal().table([], COLUMNS, [("日本", "x"), ("Bob", "y")])
    assert capsys.readouterr().out == "Name  Text\n日本  x\nBob   y\n"


def test_tables_fit_the_terminal(terminal, capsys):
    terminal(30).table([], COLUMNS, [("Bob", "a" * 100)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) == 30
    assert lines[1].endswith("…")


def test_an_empty_table_shows_nothing(terminal, capsys):
    terminal().table([], COLUMNS, [])
    assert capsys.readouterr().out == ""


def test_colours_do_not_disturb_the_columns(terminal, capsys):
    terminal(color="always").table([], COLUMNS, [("Bob", "y")])
    assert capsys.readouterr().out == "\x1b[1mName\x1b[0m  \x1b[1mText\x1b[0m\n\x1b[1mBob\x1b[0m   y\n"


def test_in_a_pipe_cells_are_separated_by_tabs_and_nothing_is_cut(capsys):
    Output().table([], COLUMNS, [("Bob", "b" * 300), ("a\tb", "c\nd\\")])
    assert capsys.readouterr().out == f"Bob\t{'b' * 300}\na\\tb\tc\\nd\\\\\n"


@pytest.mark.parametrize("show", [tidy, tidy_lines, escaped])
def test_nothing_that_acts_reaches_the_terminal(show):
    shown = show(NASTY)
    assert not set("\x1b\u202e\x9b\ud800") & set(shown)
    assert "[31mb" in shown


def test_lines_stay_lines():
    assert tidy_lines("a\r\nb\tc") == "a\nb    c"
    assert tidy("a\nb") != "a\nb"


CONTACT = Contact("bob@localhost", "Bob", Subscription.BOTH, ["Friends"])


def test_json_has_the_fields_of_the_value():
    fields = {"jid": "bob@localhost", "name": "Bob", "subscription": "both", "groups": ["Friends"]}
    assert plain([CONTACT]) == [{**fields, "asked": False, "nickname": "", "approved": False}]
    assert plain({"x": (b"\x00\xff", None, 1.5, True)}) == {"x": ["AP8=", None, 1.5, True]}


def test_json_holds_the_text_as_it_is_and_nothing_that_acts():
    text = encoded({"body": NASTY + "\U000e0041é"}, True)
    assert json.loads(text) == {"body": NASTY + "\U000e0041é"}
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "é" in text
    text.encode()  # no lone surrogate is left


def test_json_raw_is_one_line(capsys):
    Output("json-raw").value([1, {"a": 2}])
    assert capsys.readouterr().out == '[1, {"a": 2}]\n'


def test_quiet_and_verbose(capsys):
    Output(quiet=True).say("done")
    Output().detail("more")
    assert capsys.readouterr().err == ""
    Output(verbose=True).detail("more")
    Output().say("done\x1b")
    assert capsys.readouterr().err == "more\ndone␛\n"


@pytest.mark.parametrize(
    ("color", "terminal", "environment", "wanted"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"CLICOLOR": "0"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"CLICOLOR_FORCE": "1"}, False),
    ],
)
def test_when_there_are_colours(monkeypatch, color, terminal, environment, wanted):
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(color, terminal) is wanted


def test_times_are_iso_8601():
    from datetime import datetime

    assert datetime.fromisoformat(iso(1_700_000_000.0)).timestamp() == 1_700_000_000
    assert iso(1e300) == "1970-01-01T00:00:00+00:00"
