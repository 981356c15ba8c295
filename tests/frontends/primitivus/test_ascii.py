"""Terminals that cannot show our signs, and people who do not want them."""

from __future__ import annotations

import pytest
import urwid
from world import BOB, CAROL, Console, Messages

from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.symbols import ASCII, UNICODE, choose, fallbacks


@pytest.mark.parametrize("encoding", ["ansi_x3.4-1968", "ascii", "iso8859-1", "koi8-r", "no-such-encoding"])
def test_the_signs_are_those_that_the_terminal_can_show(encoding: str):
    assert choose(False, encoding) is ASCII


def test_where_all_can_be_shown_the_person_chooses():
    assert choose(False, "utf-8") is UNICODE
    assert choose(True, "utf-8") is ASCII


def test_ascii_signs_are_ascii():
    assert "".join(ASCII).isascii()
    assert [name for name, sign in ASCII._asdict().items() if len(sign) != 1] == ["delivered", "ellipsis", "corners"]


def test_what_stands_for_others_fits_into_their_place():
    found = fallbacks()
    assert {found[char] for char in "éèêÉ"} == {"e", "E"}
    assert found["“"] == '"'
    urwid.set_ascii_fallbacks(found)  # urwid checks that each is one column wide
    urwid.set_ascii_fallbacks({})


@pytest.mark.parametrize(
    "keys",
    [
        ["f9"],
        ["meta g"],
        ["meta p"],
        ["meta ,"],
        ["meta /"],
        ["ctrl r"],
        ["f2", "insert"],
        ["f2", "down", "f3"],
        ["meta p", "down", "enter"],
    ],
    ids="-".join,
)
@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=str)
def test_no_dialog_has_others(open_console, messages: Messages, keys: list[str], size: tuple[int, int]):
    messages.put(BOB, "word " * 60)
    console = open_console(config=Config(ascii=True), size=size)
    console.press("meta g").type("bob").press("enter").type("x").press("enter")
    messages.arrive(CAROL, "hi")
    console.settle()
    console.press(*keys)
    assert console.app.root.depth
    # A word, and what stands for control characters in the texts of others: no signs of ours.
    lines = [line.replace("Salut à Toi", "").translate(str.maketrans("", "", "␛␇�")) for line in console.lines]
    assert all(line.isascii() for line in lines), [line for line in lines if not line.isascii()]
    console.press("esc")
    console.type("/").press("tab")
    assert all(line.isascii() for line in console.lines)


def test_long_names_are_cut_with_dots(open_console, daemon):
    from sat.plugins.roster.api import Contact, Subscription

    daemon.clients["alice"].roster.contacts[BOB] = Contact(BOB, "Bob " + "Builder " * 8, Subscription.BOTH, ["Friends"])
    console = open_console(config=Config(ascii=True))
    console.press("meta g").type("bob").press("enter")
    assert " 1 Bob Builder... " in console.text
    assert all(line.isascii() for line in console.lines)


def test_keys_are_named_in_ascii(open_console):
    console = open_console(config=Config(ascii=True), size=(80, 60)).press("f1")
    assert "Ctrl-p  Alt-Left" in console.text
    assert "Up  " in console.text


def test_a_terminal_without_unicode(daemon):
    with urwid.util.set_temporary_encoding("ascii"):
        console = Console(daemon).start()
        console.press("meta g")
        assert "* Bob" in console.text
        assert "?" not in console.text
        console.close()
    urwid.set_ascii_fallbacks({})
