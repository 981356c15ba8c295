"""Commands of servers, gateways, directories and the account itself on the command line."""

from __future__ import annotations

import json


def test_commands_are_listed(jp):
    assert jp("adhoc", "list", "localhost").lines == ["list\tList <services>", "config\tConfigure", "fail\tFail"]
    assert jp("adhoc", "list", "bob@localhost").lines == []


def test_command_that_asks_nothing_says_what_came_of_it(jp):
    done = jp("adhoc", "run", "localhost", "list")
    assert (done.code, done.lines) == (0, ["httpd\ton", "ev\ufffdil\t<off>"])
    assert "Two." in done.err
    assert "\u202e" not in "\n".join(jp.on_terminal("adhoc", "run", "localhost", "list", "--color=never").end().lines)
    assert json.loads(jp("adhoc", "run", "localhost", "list", "-o", "json").out)["rows"][0] == ["httpd", "on"]


def test_forms_are_filled_in_by_options(jp):
    done = jp("adhoc", "run", "localhost", "config", "-s", "service=httpd", "-s", "level=5")
    assert (done.code, done.err) == (0, "It is configured.\n")


def test_what_is_missing_wrong_or_not_asked_for(jp):
    done = jp("adhoc", "run", "localhost", "config", "--no-input")
    assert (done.code, done.lines) == (2, ["service\t\thttpd\tService"])
    assert "Add --set NAME=VALUE" in done.err
    done = jp("adhoc", "run", "localhost", "config", "-s", "level=9", "-s", "service=httpd", "--no-input")
    assert (done.code, "from 1 to 5" in done.err) == (2, True)
    done = jp("adhoc", "run", "localhost", "list", "-s", "x=1")
    assert (done.code, "There is no “x” to be filled in." in done.err) == (2, True)


def test_command_that_does_not_work(jp):
    done = jp("adhoc", "run", "localhost", "fail")
    assert done.code == 4
    assert "error: It is ␛[31mbroken." in done.err
    assert "\x1b" not in done.err


def test_command_asks_the_person(jp):
    terminal = jp.on_terminal("adhoc", "run", "localhost", "config", "--color=never")
    terminal.expect("Service: ")
    terminal.type("1\r")
    terminal.expect("Run level (optional) [3]: ")
    terminal.type("7\r")
    terminal.expect("from 1 to 5")
    terminal.type("4\r")
    assert "It is configured." in "\n".join(terminal.end().lines)


def test_gateway_learns_to_know_us_and_forgets(jp):
    assert jp("service", "register", "irc.localhost").lines == ["nick\t\ttext-single\tNickname"]
    done = jp("service", "register", "irc.localhost", "-s", "nick=alice")
    assert (done.code, done.err) == (0, "irc.localhost knows you now.\n")
    assert jp("service", "register", "irc.localhost", "-s", "name=alice").code == 2
    assert jp("service", "unregister", "irc.localhost").code == 0
    assert jp("service", "register", "users.localhost").code == 18


def test_directory_is_searched(jp):
    assert jp("service", "search", "users.localhost").lines == ["first\t\ttext-single\tFirst name"]
    assert jp("service", "search", "users.localhost", "-s", "first=Juliet").lines == ["juliet@localhost\tJuliet"]
    done = jp("service", "search", "users.localhost", "-s", "first=Nobody")
    assert (done.lines, done.err) == ([], "Nobody was found.\n")


def test_password_is_changed_and_account_removed(own):
    jp, _ = own
    done = jp("account", "password", "--password-stdin", given="another\n")
    assert (done.code, done.err) == (0, "The password was changed.\n")
    assert jp("account", "password", "--no-input").code == 2
    assert jp("account", "delete", "--no-input").code == 2
    done = jp("account", "delete", "--yes")
    assert done.code == 0
    assert "alice@localhost is no more" in done.err


def test_invitations_are_made_and_followed(jp):
    done = jp("roster", "invite")
    assert done.lines == ["xmpp:alice@localhost?roster;preauth=abc"]
    assert "It is good for 7 days." in done.err
    assert jp("roster", "invite", "--account", "dora").lines == ["https://localhost/i/def"]
    made = json.loads(jp("roster", "invite", "--account", "dora", "-o", "json").out)
    assert made["uri"] == "xmpp:dora@localhost?register;preauth=def"
    done = jp("roster", "add", "xmpp:paris@verona.lit?roster;preauth=t;name=Paris")
    assert (done.code, "paris@verona.lit is in your contact list" in done.err) == (0, True)
    assert jp("roster", "add", "xmpp:paris@verona.lit?dance").code == 17


def test_web_site_is_told_whether_it_is_we(jp):
    assert jp("confirm", "list").lines == ["1\tfiles.localhost\t<b>7\thttps://files.localhost/␛[31mx"]
    assert jp("confirm", "deny", "2").code == 16
    assert jp("confirm", "allow", "1").code == 0
    assert jp("confirm", "list").lines == []
