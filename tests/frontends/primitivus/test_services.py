"""Looking around in the terminal: services, their commands, gateways, directories."""

from __future__ import annotations

import pytest
from world import Console


@pytest.fixture
def around(open_console) -> Console:
    return open_console(size=(90, 30)).type("/services localhost").press("enter")


def choose(console: Console, text: str) -> Console:
    return console.type(text).press("enter")


def made(fake, name: str) -> list[tuple]:
    return [call for call in fake.calls if call[0] == name]


def test_what_an_address_is_and_has(around):
    assert "A <server>: a server" in around.text
    assert "Run: List <services>" in around.text
    assert "IRC" in around.text
    choose(around, "IRC")
    assert "IRC ␛[31m: a gateway to irc" in around.text
    assert "Register" in around.text


def test_command_that_answers_at_once(around):
    choose(around, "Run: List")
    assert "Two." in around.text
    assert "Name: httpd; State: on" in around.text
    assert "\u202e" not in around.text


def test_command_that_does_not_work(around):
    choose(around, "Run: Fail")
    assert "That did not work: It is ␛[31mbroken." in around.text


def test_command_is_gone_through_stage_by_stage(around, apis):
    choose(around, "Run: Configure")
    assert "Which ␛[31mservice?" in around.text
    around.press("tab").press("enter")  # nothing is chosen
    around.press("enter")
    assert made(apis.ad_hoc, "go_on") == []
    assert "This is required." in around.text
    around.press("right").press("tab").press("enter")
    assert made(apis.ad_hoc, "go_on") == [("go_on", "r1", "next", {"service": "httpd"})]
    assert "Run level: 3" in around.text
    around.press("backspace").type("9").press("enter")
    assert "from 1 to 5" in around.text
    around.press("backspace").type("4").press("enter")
    assert "It is configured." in around.text


def test_command_is_given_up(around, apis):
    choose(around, "Run: Configure").press("esc")
    assert made(apis.ad_hoc, "cancel") == [("cancel", "r1")]


def test_gateway_learns_to_know_us_and_forgets(open_console, apis):
    console = choose(open_console(size=(90, 30)).type("/services irc.localhost").press("enter"), "Register")
    console.type("al").press("enter")
    assert made(apis.services, "register") == [("register", "irc.localhost", {"nick": "al"})]
    assert "irc.localhost knows you now." in console.text
    choose(console.type("/services irc.localhost").press("enter"), "Unregister").press("tab").press("enter")
    assert made(apis.services, "unregister") == [("unregister", "irc.localhost")]


def test_directory_is_searched(open_console):
    console = choose(open_console(size=(90, 30)).type("/services users.localhost").press("enter"), "Search")
    console.type("Juliet").press("enter")
    assert "Found at users.localhost" in console.text
    choose(console, "juli")
    assert "Write" in console.text
    choose(console, "Add")
    assert "Address: juliet@localhost" in " ".join(console.text.split())


def test_what_is_not_there_is_said(open_console):
    console = open_console(size=(90, 30)).type("/services nowhere.localhost").press("enter")
    assert "There is no address nowhere.localhost." in " ".join(console.text.split())


# -- the account -------------------------------------------------------------------------------------------------


def test_password_is_changed(open_console, apis):
    console = open_console().type("/password").press("enter")
    console.type("one").press("tab").type("two").press("tab").press("enter")
    assert "The two are not the same." in console.text
    assert "one" not in console.text.replace("Once", "")
    console.press("esc").type("/password").press("enter").type("sesame").press("tab").type("sesame").press("enter")
    assert apis.profile.password == "sesame"
    assert "The password was changed." in console.text


def test_account_is_removed_only_by_its_address(open_console, apis):
    console = open_console().type("/delete-account").press("enter").type("alice").press("enter")
    assert "write its address" in console.text
    assert apis.profile.connection.value.state == "online"
    console.type("@example.org").press("enter")
    assert apis.profile.connection.value.state == "offline"
    assert "is no more" in console.text


# -- web sites that ask ------------------------------------------------------------------------------------------


def test_web_site_is_told_whether_it_is_we(open_console, apis):
    console = open_console()
    apis.http_auth.asks("1")
    console.settle()
    assert "A web site asks whether it is you." in console.text
    console.press("meta q")
    assert "Do you want to open https://files.localhost/␛[31mx now?" in " ".join(console.text.split())
    console.press("enter")  # the first answer is the careful one
    assert made(apis.http_auth, "answer") == [("answer", "1", False)]
    apis.http_auth.asks("2")
    console.type("/confirm 2").press("enter")
    assert made(apis.http_auth, "answer")[-1] == ("answer", "2", True)
    assert "told that it was you" in console.text


def test_a_question_that_is_answered_elsewhere_goes(open_console, apis):
    console = open_console()
    apis.http_auth.asks("1")
    apis.http_auth.asks("2")
    console.settle()
    console.press("meta q")
    assert "It was not me" in console.text
    apis.http_auth.settled.emit(["1"])
    console.settle()
    assert "It was not me" in console.text  # the next one
    apis.http_auth.settled.emit(["2"])
    console.settle()
    assert "It was not me" not in console.text
