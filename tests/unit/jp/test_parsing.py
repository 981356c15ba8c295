import pytest

from sat_frontends.jp.command import Command, behind, either, option, positional, repeated, switch
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.parsing import parse


async def nothing(jp):
    pass


def command(**arguments):
    return Command("talk", "say", "Say it.", ("jp talk say",), arguments, nothing)


SAY = command(
    who=positional("WHO", "to whom"),
    words=positional("WORD", "what", many="*"),
    number=option("-n", "--number", metavar="N", help="how often", kind=int, default=1),
    kind=option("--kind", metavar="KIND", help="how", choices=("loud", "quiet-ly")),
    tag=repeated("-t", "--tag", metavar="TAG", help="a tag"),
    twice=switch("-w", "--twice", help="twice"),
)


def values(*words, of=SAY):
    return parse(of, list(words))[1]


def options(*words):
    return parse(SAY, ["bob", *words])[0]


def refused(*words, of=SAY):
    with pytest.raises(Failure) as caught:
        parse(of, list(words))
    assert caught.value.code == 2
    return f"{caught.value.sentence} {caught.value.hint}"


def test_defaults():
    assert values("bob") == {"who": "bob", "words": [], "number": 1, "kind": None, "tag": [], "twice": False}


def test_options_may_stand_between_words():
    assert values("bob", "a", "--number", "3", "b")["words"] == ["a", "b"]


def test_several_may_stand_before_the_last_one():
    send = command(files=positional("FILE", "files", many="+"), contact=positional("CONTACT", "to whom"))
    assert values("a", "bob", of=send) == {"files": ["a"], "contact": "bob"}
    assert values("a", "b", "c", "bob", of=send) == {"files": ["a", "b", "c"], "contact": "bob"}
    assert "FILE is missing" in refused("bob", of=send)
    assert "FILE is missing" in refused(of=send)


@pytest.mark.parametrize("words", [["-n3"], ["-n", "3"], ["-n=3"], ["--number=3"], ["--number", "3"], ["-wn3"]])
def test_ways_to_give_a_value(words):
    assert values("bob", *words)["number"] == 3


def test_options_end_at_two_dashes():
    assert values("bob", "--", "--twice", "--", "-x")["words"] == ["--twice", "--", "-x"]


def test_a_dash_and_negative_numbers_are_words():
    assert values("bob", "-", "-5")["words"] == ["-", "-5"]


def test_repeated_options_are_collected_and_not_shared_between_runs():
    assert values("bob", "-t", "a", "--tag=b")["tag"] == ["a", "b"]
    assert values("bob")["tag"] == []


def test_switches_can_stand_together():
    assert options("-qv").quiet
    assert options("-qv").verbose


def test_common_options():
    found = options("-p", "work", "-ojson", "--color=never", "--no-input", "--debug")
    assert (found.profile, found.output, found.color, found.no_input, found.debug) == (
        "work",
        "json",
        "never",
        True,
        True,
    )


def test_one_of_two_switches():
    choosing = command(tls=either("--tls", help="with or without"), wait=switch("--no-wait", help="do not"))
    assert values(of=choosing) == {"tls": None, "wait": False}
    assert values("--tls", "--no-wait", of=choosing) == {"tls": True, "wait": True}
    assert values("--tls", "--no-tls", of=choosing)["tls"] is False
    assert choosing.usage == "jp talk say [--tls|--no-tls] [--no-wait]"
    assert "--tls takes no value" in refused("--tls=yes", of=choosing)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bob", "--nubmer", "3"], "Did you mean --number?"),
        (["bob", "--number"], "--number needs a value: --number N"),
        (["bob", "--number", "three"], "“three” is no whole number"),
        (["bob", "--kind", "lout"], "Did you mean loud?"),
        (["bob", "--twice=yes"], "--twice takes no value"),
        (["bob", "-o", "xml"], "simple, json, json-raw"),
        (["bob", "-x"], "no option -x"),
        (["-xylophone"], "What begins with - and is no option stands behind --: jp talk say -- -xylophone"),
        ([], "WHO is missing: to whom."),
    ],
)
def test_says_what_is_wrong(words, told):
    assert told in refused(*words)


def test_too_many_words():
    assert "“b” is one argument too many" in refused("a", "b", of=command(who=positional("WHO", "to whom", many="?")))


def test_at_least_one():
    some = command(words=positional("WORD", "what", many="+"))
    assert "WORD is missing" in refused(of=some)
    assert values("a", "b", of=some) == {"words": ["a", "b"]}


def test_a_command_stands_behind_two_dashes():
    run = command(
        where=positional("WHERE", "where", many="*"), loud=switch("-l", help="loud"), words=behind("DO", "what")
    )
    assert values("a", "-l", "b", "--", "x", "-l", "--", "y", of=run) == {
        "where": ["a", "b"],
        "loud": True,
        "words": ["x", "-l", "--", "y"],
    }
    assert values("a", of=run)["words"] == []
    assert run.usage == "jp talk say [WHERE…] [-l] -- DO…"
