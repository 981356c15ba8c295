import pytest

from sat_frontends.jp.failure import Failure
from sat_frontends.jp.help import help_of
from sat_frontends.jp.words import Line


@pytest.mark.parametrize(
    ("words", "group", "verb", "rest"),
    [
        (["roster", "list"], "roster", "list", []),
        (
            ["-p", "work", "roster", "-o", "json", "list", "--online"],
            "roster",
            "list",
            ["-p", "work", "-o", "json", "--online"],
        ),
        (["-pwork", "--output=json", "roster", "list"], "roster", "list", ["-pwork", "--output=json"]),
        (["ping", "list"], "ping", "", ["list"]),
        (["message", "send", "roster", "list"], "message", "send", ["roster", "list"]),
    ],
)
def test_finds_the_command(words, group, verb, rest):
    line = Line(words)
    assert (line.group, line.verb, line.rest, line.complete) == (group, verb, rest, True)


def test_a_group_alone_is_not_complete():
    assert not Line(["roster"]).complete
    assert not Line([]).complete


def test_help_is_asked_anywhere_but_after_two_dashes():
    assert Line(["roster", "--help"]).help
    assert Line(["-h"]).help
    assert Line(["message", "send", "bob", "-h"]).help
    assert not Line(["message", "send", "bob", "--", "-h"]).help


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["rooster"], "Did you mean roster"),
        (["send"], "Did you mean jp message send or jp file send?"),
        (["roster", "lsit"], "Did you mean list?"),
        (["roster", "xyz"], "jp roster has: list"),
        (["--profil", "x"], "Did you mean --profile?"),
        (["xyzzy"], "jp --help"),
    ],
)
def test_says_what_was_perhaps_meant(words, hint):
    with pytest.raises(Failure) as caught:
        Line(words)
    assert hint in caught.value.hint
    assert caught.value.code == 2


def test_some_verbs_have_two_words():
    line = Line(["pubsub", "-p", "work", "node", "info", "x"])
    assert (line.verb, line.rest, line.complete) == ("node info", ["-p", "work", "x"], True)
    for words in (["pubsub", "node"], ["pubsub"]):
        assert not Line(words).complete
    with pytest.raises(Failure) as caught:
        Line(["pubsub", "node", "xyz"])
    assert caught.value.hint.startswith("jp pubsub node has: list, info")
    assert help_of("pubsub", "node").startswith("Usage: jp pubsub node VERB")
