"""Encryption in the terminal: the title, the dialog, the marks of messages."""

from __future__ import annotations

import pytest
from world import BOB, CAROL, Console

from sat.api.errors import NotConnected
from sat.api.messages import Secured, Trust
from sat.plugins.encryption.api import ComparisonState
from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.message_row import markup

A0 = " ".join(["a0a0a0a0"] * 8)


@pytest.fixture
def apis(daemon):
    apis = daemon.clients["alice"]
    apis.encryption.put(BOB, "a", label="phone")
    return apis


@pytest.fixture
def console(apis, open_console) -> Console:
    return open_console(size=(100, 30)).type("/query bob@example.org").press("enter")


def begin(console: Console) -> Console:
    return console.press("meta v").press("enter")


def secured(apis, body: str, trust: Trust, **more):
    return apis.messages.arrive(BOB, body, encrypted=Secured("omemo", trust, "a0" * 32), **more)


# -- the title ---------------------------------------------------------------------------------------------------


def test_the_title_tells_the_state_and_what_is_next(console, apis):
    assert "not encrypted · Alt-v encrypts" in console.lines[0]
    begin(console)
    assert "🔒 OMEMO not compared · Alt-v compares keys" in console.lines[0]
    assert "is encrypted with OMEMO from now on" in console.text
    apis.encryption.comes(BOB, "b")
    console.settle()
    assert "! OMEMO not compared, needs you · Alt-v shows why" in console.lines[0]
    console.resize(60, 20)
    assert "! OMEMO not compared, needs you" in console.lines[0]
    console.resize(40, 20)
    assert "! OMEMO not compared, needs" in console.lines[0]


def test_a_click_on_the_title_opens_the_dialog(console):
    column, row = console.find("not encrypted")
    console.click(column, row)
    assert "Encryption: Bob" in console.text


def test_without_unicode(apis, open_console):
    console = open_console(size=(80, 24), config=Config(ascii=True)).type("/query bob@example.org").press("enter")
    begin(console)
    assert "e OMEMO not compared" in console.lines[0]
    secured(apis, "hello", Trust.BLIND)
    console.settle()
    assert console.lines[console.find("hello")[1]].endswith("e")
    console.press("meta v")
    choose(console, "My code")
    assert "xmpp:alice@example.org?omemo-sid-14=" in console.text
    assert console.text.isascii()


# -- the dialog --------------------------------------------------------------------------------------------------


def choose(console: Console, button: str) -> Console:
    """Press a button of the dialog with the mouse."""
    column, row = console.find(button)
    return console.click(column, row)


def test_keys_are_seen_and_decided_about(console, apis):
    apis.encryption.put(BOB, "b", Trust.UNDECIDED, id="7")
    begin(console).press("meta v")
    for text in (
        "Keys of Bob",
        "OMEMO phone  trusted, not compared",
        A0,
        "OMEMO device 7  not decided",
        "this program",
    ):
        assert text in console.text
    console.press("t")  # the first in the list has the focus
    assert "OMEMO device 7  verified" in console.text
    console.press("down", "d")
    assert "OMEMO phone  distrusted" in console.text
    assert [each.trust for each in apis.encryption.keys[BOB]] == [Trust.DISTRUSTED, Trust.VERIFIED]
    console.press("down", "d")
    assert "This is the key of this program." in console.text
    console.press("esc")
    assert "🔒 OMEMO verified · Alt-v shows keys" in console.lines[0]


def test_an_own_device_is_taken_off_the_list(console, apis):
    apis.encryption.put(apis.encryption.own, "f", own=True, label="old phone")
    begin(console).press("meta v")
    assert "x takes one of yours off your account's list." in console.text
    console.press("x", "down", "x")
    assert "This is the key of this program." in console.text
    console.press("down", "x")
    assert "Take the OMEMO old phone off your account's list?" in console.text
    assert "a program that still runs puts itself back" in console.text
    console.press("esc")
    assert [each.active for each in apis.encryption.keys[apis.encryption.own]] == [True, True]
    console.press("x")
    choose(console, "Take it off")
    assert [each.active for each in apis.encryption.keys[apis.encryption.own]] == [True, False]
    assert "OMEMO old phone  trusted, not compared, not in use any more" in console.text
    assert "x takes one" not in console.text
    console.press("x")
    assert "It is not on the list any more." in console.text


def test_it_is_switched_off(console):
    begin(console).press("meta v")
    choose(console, "Write in clear")
    assert "not encrypted · Alt-v encrypts" in console.lines[0]
    assert "the servers can read it" in console.text


def test_who_has_no_keys(apis, open_console):
    console = open_console(size=(100, 30)).type("/query carol@example.org").press("enter")
    begin(console)
    assert f"{CAROL} has no keys for OMEMO" in console.text
    assert "not encrypted" in console.lines[0]


def test_keys_are_looked_for(console):
    console.app.loop.urwid.process_input(["meta v"])
    console.draw()
    assert console.text.count("looking…") == 2
    assert "none are known" not in console.text
    console.settle()
    assert "looking…" not in console.text
    assert A0 in console.text


def test_keys_that_cannot_be_asked_for(console, apis):
    apis.encryption.fails["get_keys"] = NotConnected(profile="alice")
    console.press("meta v")
    assert "none are known" in console.text
    assert str(NotConnected(profile="alice")) in console.text


def test_own_code_and_the_address_of_others(console, apis):
    console.press("meta v")
    choose(console, "My code")
    assert sum(set(line.strip(" │")) <= set("█▀▄ ") and "█" in line for line in console.lines) > 15
    console.press("esc")
    choose(console, "Verify an address")
    console.type("https://example.org").press("enter")
    assert "This is no address with keys" in console.text
    for _letter in "https://example.org":
        console.press("backspace")
    console.type(f"xmpp:{BOB}?omemo-sid-1={'a0' * 32}").press("enter")
    assert "1 key of Bob verified." in console.text
    assert "OMEMO phone  verified" in console.text


def test_it_begins_anew(console, apis):
    begin(console).press("meta v")
    choose(console, "Begin anew")
    assert ("repair", BOB) in apis.encryption.calls


def test_what_changes_meanwhile_is_seen(console, apis):
    begin(console).press("meta v")
    apis.encryption.comes(BOB, "b", label="tab\x1b[31mlet")
    console.settle()
    assert "OMEMO tab␛[31mlet  not decided" in console.text


def test_no_conversation(open_console):
    assert "No conversation is open." in open_console().press("meta v").text


# -- messages ----------------------------------------------------------------------------------------------------


def test_messages_are_marked(console, apis):
    begin(console)
    secured(apis, "locked", Trust.BLIND)
    apis.messages.arrive(BOB, "leaked")
    secured(apis, "doubtful", Trust.DISTRUSTED)
    console.settle()
    assert console.lines[console.find("locked")[1]].endswith("🔒")
    assert "leaked (! not encrypted)" in console.text
    assert "doubtful (! OMEMO, with a key that you distrust)" in console.text


def test_what_cannot_be_read_is_its_sentence(console, apis):
    apis.messages.arrive(BOB, "", error="This message was encrypted, and cannot be \x1b[31mread here.")
    console.settle()
    assert "This message was encrypted, and cannot be ␛[31mread here." in console.text
    walker = console.app.conversation.walker
    drawn = markup(walker[walker.focus].row.message, walker.style)
    assert [attribute for attribute, _text in drawn] == ["unreadable"]


def test_details_name_method_trust_and_key(console, apis):
    secured(apis, "locked", Trust.BLIND)
    console.settle()
    console.press("esc", "i")
    assert "Encryption: OMEMO, the key was trusted, not compared" in console.text
    assert f"Key: {A0[:20]}" in console.text


def test_new_devices_are_told_in_the_conversation(console, apis):
    begin(console)
    apis.messages.arrive(BOB, "hello")
    apis.encryption.comes(BOB, "b", label="tablet")
    console.settle()
    assert "Bob has a new device (tablet): not trusted until you compare it" in console.text


# -- another method ----------------------------------------------------------------------------------------------


def test_another_method_is_begun_where_one_is_in_use(console, apis):
    apis.messages.arrive(BOB, "hello")
    begin(console).press("meta v")
    choose(console, "Encrypt (OTR)")
    assert "OTR not compared, not logged" in console.lines[0]
    assert "Unverified conversation with Bob in OTR started" in console.text


def test_what_they_ask_for_is_refused_or_begun(console, apis):
    begin(console)
    apis.encryption.asks(BOB)
    console.settle()
    assert "! OMEMO, they ask for OTR · Alt-v answers" in console.lines[0]
    console.press("meta v")
    choose(console, "No")
    assert ("refuse", BOB) in apis.encryption.calls
    assert "OTR with Bob is not begun. They were not told." in console.text
    assert "OMEMO not compared" in console.lines[0]
    apis.encryption.asks(BOB)
    console.press("meta v")
    choose(console, "Yes, OTR")
    assert "OTR not compared, not logged" in console.lines[0]


# -- comparing secrets -------------------------------------------------------------------------------------------


def test_a_secret_is_compared(console, apis):
    apis.messages.arrive(BOB, "hello")
    begin(console).press("meta v")
    assert "Compare a secret" not in console.text  # OMEMO has no such thing
    choose(console, "Write in clear")
    console.press("meta v")
    choose(console, "Encrypt (OTR)")
    console.press("meta v")
    choose(console, "Compare a secret")
    console.type("Who raised you?").press("enter").type("nurse")
    assert "nurse" not in console.text
    console.press("enter")
    assert ("compare", BOB, "Who raised you?") in apis.encryption.calls
    assert apis.encryption.secrets == [("compare", "nurse")]
    console.press("esc")
    assert "Bob. Bob knows the same" in console.text


def test_what_they_ask_is_answered_or_refused(console, apis):
    begin(console)
    apis.encryption.compares(BOB, ComparisonState.ASKED, "Your \x1b[31mname?")
    console.settle()
    assert "they ask for a secret · Alt-v answers" in console.lines[0]
    console.press("meta v")
    assert "They ask: “Your" in console.text
    assert "␛[31mname?”" in console.text
    choose(console, "Give the secret")
    apis.encryption.fails["answer"] = NotConnected(profile="alice")
    console.type("nurse").press("enter")
    assert "not connected" in console.text
    del apis.encryption.fails["answer"]
    console.press("enter")
    assert apis.encryption.secrets == [("answer", "nurse")]
    apis.encryption.compares(BOB, ComparisonState.ASKED, "Again?")
    console.settle()
    choose(console, "Do not compare")
    assert ("abort", BOB) in apis.encryption.calls
    assert "Give the secret" not in console.text
