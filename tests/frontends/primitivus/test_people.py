"""Who somebody is, in the terminal."""

from __future__ import annotations

import time

import pytest
from support.pictures import png
from world import BOB, DAVE, PRESENCES

from sat.api import JID
from sat.api.errors import NotConnected
from sat.plugins.avatars.api import Picture
from sat.plugins.presence.api import Request
from sat.plugins.vcard.api import Card


def details(console):
    return console.type("/query bob").press("enter").press("f3")


def test_details_hold_what_somebody_tells(open_console):
    console = details(open_console(size=(90, 40)))
    assert "Full name: Bob ␛[31mred\ufffd" in console.text
    assert "Web page: javascript:alert(1)" in console.text
    assert "About: two" in console.text
    assert "\u202e" not in console.text


def test_details_are_there_before_the_answers(open_console, apis):
    apis.vcard.fails["get_card"] = NotConnected(profile="alice")
    console = details(open_console(size=(90, 40)))
    assert "you see each other's presence" in console.text
    assert "Full name" not in console.text


def test_own_card_is_changed(open_console, apis):
    console = open_console(size=(90, 60)).type("/card").press("enter")
    assert "Your contacts can read it" in console.text
    console.type(" Liddell")
    for _ in range(10):
        console.press("tab")
    console.press("enter")
    assert apis.vcard.own == Card("Alice Liddell", phones=["1", "2"])
    assert "Your card was changed." in console.text


def test_own_card_that_cannot_be_read(open_console, apis):
    apis.vcard.fails["get_card"] = NotConnected(profile="alice")
    console = open_console(size=(90, 30)).type("/card").press("enter")
    assert "Your card" not in console.text


def test_details_hold_the_program_and_the_time_there(open_console, daemon):
    daemon.clients["alice"].presence.presences[0] = PRESENCES[0]._replace(idle_since=time.time() - 600)
    console = details(open_console(size=(90, 40)))
    assert "Program: Prosody ␛[31m 0.12.3 (Linux) (laptop)" in console.text
    assert "Local time: 15:03, UTC+02:00 (laptop)" in console.text
    assert "last used 10 minutes ago" in console.text
    assert "Last there" not in console.text


def test_details_hold_when_who_is_away_was_there(open_console):
    console = open_console(size=(90, 40)).type("/query dave").press("enter").press("f3")
    assert "Last there: 2 hours ago: good ␛[31mnight" in console.text


def with_picture(open_console, apis, data, colours=1 << 24):
    apis.avatars.pictures[BOB] = Picture("a" * 40, "image/png", data)
    console = open_console(size=(90, 40))
    console.screen.colors = colours
    details(console).settle()
    return [line for line in console.lines if "▀" in line]


def test_details_show_the_picture(open_console, apis):
    rows = with_picture(open_console, apis, png(96, 96))
    assert (len(rows), rows[0].count("▀")) == (12, 24)


@pytest.mark.parametrize("data", [b"no picture", png(96, 96)[:60], png(4, 4, claims=(60_000, 60_000))])
def test_picture_that_is_none_is_not_shown(open_console, apis, data):
    assert with_picture(open_console, apis, data) == []


def test_terminal_of_few_colours_shows_no_picture(open_console, apis):
    assert with_picture(open_console, apis, png(96, 96), 16) == []


def test_who_is_asked_can_be_asked_no_longer(open_console, apis):
    apis.roster.contacts[DAVE] = apis.roster.contacts[DAVE]._replace(asked=True, approved=True)
    console = open_console(size=(90, 40)).type("/query dave").press("enter").press("f3")
    assert "asked; no answer yet" in console.text
    assert "they see your presence as soon as they ask" in console.text
    console.press("esc").type("/withdraw").press("enter")
    assert apis.presence.told == [("unsubscribe", DAVE)]
    assert "dave@example.org is no longer asked" in console.text
    console.type("/accept eve@example.org").press("enter")
    assert apis.presence.told[1:] == [("approve", "eve@example.org")]
    assert "as soon as they ask" in console.text


def test_requests_hold_those_that_are_not_answered_once_nobody_asks(open_console, apis):
    for jid in (DAVE, BOB):
        apis.roster.contacts[jid] = apis.roster.contacts[jid]._replace(asked=True)
    console = open_console(size=(90, 40)).press("meta q")
    assert "No answer yet" in console.text
    assert "Ask Bob no longer (bob@example.org)" in console.text
    console.type("dave").press("enter")
    assert apis.presence.told == [("unsubscribe", DAVE)]
    assert "dave@example.org is no longer asked" in console.text
    apis.presence.requested.emit(Request(JID("eve@example.org")))
    console.settle()
    assert "eve@example.org asks to see when you are online." in console.press("meta q").text


def test_requests_are_none_when_all_is_answered(open_console):
    assert "Nobody asks to see your presence" in open_console(size=(90, 40)).press("meta q").text


def test_conversation_that_is_not_to_be_told_of_does_not_ring(open_console, messages):
    console = open_console()
    written = []
    console.screen.write = written.append
    messages.arrive(BOB, "one")
    console.settle()
    assert written == ["\a"]
    console.type("/query bob").press("enter").type("/notify never").press("enter")
    assert "In Bob you are told of nothing." in console.text
    console.type("/query carol").press("enter")
    messages.arrive(BOB, "two")
    console.settle()
    assert written == ["\a"]
    console.type("/query bob").press("enter").type("/notify sometimes").press("enter")
    assert "is none of" in console.text
