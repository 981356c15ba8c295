"""Rules for every command of jp: it has help, an example that can be typed, completion, and its place in the table.
And for every place that names one: it can be typed."""

from __future__ import annotations

import inspect
import re
import shlex
import sys

import pytest
from support import tutorial
from support.tree import ROOT, files, name

from sat.api.errors import ERRORS
from sat_frontends.jp.command import COMMANDS as LOADED
from sat_frontends.jp.command import load
from sat_frontends.jp.complete import KINDS, possibilities
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.groups import COMMON, EXAMPLES, GROUPS, TOPICS
from sat_frontends.jp.help import help_of
from sat_frontends.jp.parsing import parse
from sat_frontends.jp.reference import manual, page
from sat_frontends.jp.topics import topic
from sat_frontends.jp.words import Line

COMMANDS = [command for group in GROUPS for command in load(group).values()]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


def test_every_module_is_in_the_table():
    folder = ROOT / "sat_frontends/jp/commands"
    modules = {path.stem.partition("_")[0] for path in folder.glob("*.py") if path.stem != "__init__"}
    modules |= {path.parent.name for path in folder.glob("*/__init__.py")}
    assert modules == set(GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_table_names_the_verbs_that_are_declared(group):
    assert set(load(group)) == set(GROUPS[group][1] or ("",))


@each_command
def test_parameters_are_declared(command):
    """One by one; ``**account`` takes those of a table that several commands share, which stand last."""
    parameters = inspect.signature(command.run).parameters.values()
    names = [each.name for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD]
    declared = ["jp", *command.arguments]
    assert names == (declared if len(names) == len(parameters) else declared[: len(names)])


@each_command
def test_says_what_it_does(command):
    assert command.summary.endswith(".")
    assert all(argument.help for argument in command.arguments.values())
    text = help_of(command.group, command.verb)
    assert command.summary in text
    for argument in command.arguments.values():
        assert all(flag in text for flag in argument.flags)
        assert argument.metavar in text
    assert text.rstrip().endswith(command.examples[-1])


def commands_in(line):
    """The words after each ``jp`` of a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words, found = [], []
    for word in [*lexer, "|"]:
        if word in ("|", "<", ">", "&&", ";"):
            found += [words[1:]] if words[:1] == ["jp"] else []
            words = []
        else:
            words.append(word)
    return found


@each_command
def test_examples_can_be_typed(command):
    assert command.examples
    for example in command.examples:
        found = commands_in(example.replace('eval "$(', "").replace(')"', ""))
        assert found, example
        for words in found:
            line = Line(words)
            parse(load(line.group)[line.verb], line.rest)


def test_examples_name_their_own_command():
    for command in COMMANDS:
        for example in command.examples:
            lines = [Line(words) for words in commands_in(example.replace('eval "$(', "").replace(')"', ""))]
            assert (command.group, command.verb) in [(line.group, line.verb) for line in lines], example


@pytest.mark.parametrize("example", [line for line, _ in EXAMPLES])
def test_examples_of_the_short_help_can_be_typed(example):
    for words in commands_in(example):
        line = Line(words)
        parse(load(line.group)[line.verb], line.rest)


@each_command
def test_is_completed(command):
    words = command.name.split()
    assert words[-1] in [word for word, _ in possibilities(words[:-1], "")]
    offered = [word for word, _ in possibilities(words, "-")]
    for argument in command.arguments.values():
        assert all(flag in offered for flag in argument.flags)
        assert argument.complete in {"", *KINDS}


@each_command
def test_own_options_hide_no_common_one(command):
    common = {flag for flags, _, _ in COMMON for flag in flags}
    own = [flag for argument in command.arguments.values() for flag in argument.flags]
    assert common.isdisjoint(own)
    assert len(own) == len(set(own))


@pytest.mark.parametrize("name", TOPICS)
def test_topics_have_a_text(name):
    assert len(topic(name).splitlines()) > 3


def test_reference_page_is_what_the_commands_say():
    """If not: python -m sat_frontends.jp.reference docs/reference/jp.md"""
    assert (ROOT / "docs/reference/jp.md").read_text(encoding="utf-8") == page()


@each_command
def test_manual_page_has_it(command):
    assert f".SS jp {command.name}".replace("-", "\\-") in manual()


# -- what is written elsewhere ------------------------------------------------------------------------------------

PAGES = [page for page in files(".md") if name(page) == "README.md" or name(page).startswith("docs/")]
WRITTEN = [page for page in PAGES if name(page) != "docs/reference/jp.md"]  # that is made from the commands
HINTS = sorted({hint for error in ERRORS.values() for hint in re.findall(r"\bjp (?:(?!\bjp )[^;])*", error.hint)})


@pytest.fixture
def with_dice(tmp_path, monkeypatch):
    """The package of the tutorial is installed, too."""
    monkeypatch.syspath_prepend(str(tutorial.install(tmp_path)))
    yield
    GROUPS.pop("dice", None)
    LOADED.pop("dice", None)
    for module in [each for each in sys.modules if each.partition(".")[0] == "sat_dice"]:
        del sys.modules[module]


def commands_of(page):
    """The words of every command of jp on a page: in blocks of code, and in the text between backquotes."""
    text = page.read_text()
    blocks = re.findall(r"^```.*?^```|^(?: {4}.*\n)+", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.split("\n")]
    lines += re.findall(r"`(jp [^`\n]+)`", text)
    return [words for line in lines if line.startswith("jp ") for words in commands_in(line)]


def try_to_type(words):
    """Failure where a command cannot be typed so. The mere name of a group or a command may stand in a text."""
    line = Line(words)
    if line.rest and not line.help:
        parse(load(line.group)[line.verb], line.rest)


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_commands_in_the_documentation_can_be_typed(page, with_dice):
    for words in commands_of(page):
        try_to_type(words)


def test_the_documentation_has_commands():
    assert ["login", "you@example.org"] in commands_of(ROOT / "README.md")
    assert ["profile", "set", "--help"] in commands_of(ROOT / "docs/how-to/own-account.md")
    assert ["dice", "throw", "bob"] in commands_of(ROOT / "docs/tutorial/first-plugin.md")


@pytest.mark.parametrize("hint", HINTS)
def test_commands_in_hints_can_be_typed(hint):
    """A hint goes on behind the command: the longest beginning that is one counts, and every option that is named."""
    words = hint.removeprefix("jp ").rstrip(".").split()
    line = Line(words)
    command = load(line.group)[line.verb]
    for length in range(len(line.rest), -1, -1):
        try:
            parse(command, line.rest[:length])
            break
        except Failure:
            assert length, f"{hint} cannot be typed"
    known = {flag for argument in command.arguments.values() for flag in argument.flags}
    assert {word for word in line.rest if word.startswith("--")} <= known
