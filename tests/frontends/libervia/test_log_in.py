"""Who may log in, with which password, and who has to wait."""

from __future__ import annotations

import re
import socket
import time

import pytest

from sat.world.browser import _forms

from .client import FORM, Client, Server
from .conftest import BOB, log_in_by_form
from .world import PASSWORD


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nX: y"])
def test_after_the_log_in_one_stays_on_this_site(server, evil):
    assert Client(server).log_in(next=evil).header("Location") == "/chat"


def test_profile_name_is_enough(server):
    assert Client(server).log_in("alice").status == 303


@pytest.mark.parametrize(("address", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", ""), ("locked", "x")])
def test_wrong_log_ins_by_name_all_get_the_same_sentence(server, address, password):
    answer = Client(server).log_in(address, password)
    assert answer.status == 403
    assert "This address and password do not fit together. An address looks like name@example.org." in answer.text
    assert answer.header("Set-Cookie") == ""


@pytest.mark.parametrize("user", ["alice", "locked", "new"])
def test_wrong_log_ins_by_address_all_get_the_same_sentence(server, user):
    answer = Client(server).log_in(f"{user}@example.org", "wrong")
    assert answer.status == 403
    assert f"The server example.org did not accept this password for {user}. Try again. Forgotten?" in answer.text
    assert answer.header("Set-Cookie") == ""


def test_what_is_no_address_is_called_so(server):
    answer = Client(server).log_in("alice@", PASSWORD)
    assert answer.status == 403
    assert "“alice@” is no XMPP address" in answer.text


def test_locked_profile_is_opened_by_its_own_password(server):
    assert Client(server).log_in("locked@example.org", "lock").status == 303


def test_new_account_is_kept_when_its_server_accepts_it(server):
    assert Client(server).log_in("new@example.org").status == 303
    assert "new@example.org" in server.profiles()


def test_new_account_is_forgotten_when_its_server_refuses_it(server):
    answer = Client(server).log_in("new@example.org", "wrong")
    assert "did not accept this password" in answer.text
    assert "new@example.org" not in server.profiles()


def test_password_that_was_changed_at_the_server_is_accepted_and_kept(server):
    server.change_password("new one")
    assert Client(server).log_in(password="new one").status == 303
    asked = server.calls("profile")
    assert Client(server).log_in(password="new one").status == 303
    assert server.calls("profile") == asked  # it is the one that is stored now
    assert Client(server).log_in().status == 403


def test_former_password_is_good_until_the_new_one_is_known(server):
    server.change_password("new one")
    assert Client(server).log_in().status == 303


def test_stored_password_is_good_without_the_server(server):
    server.cut_off()
    assert Client(server).log_in().status == 303
    answer = Client(server).log_in(password="perhaps the new one")
    assert answer.status == 502
    assert "No XMPP server was found at nowhere.example." in answer.text
    server.calm()
    assert Client(server).log_in(password="perhaps the new one").status == 502  # it was not kept


def test_server_that_cannot_be_found_is_named(server):
    answer = Client(server).log_in("new@nowhere.example")
    assert answer.status == 502
    assert "No XMPP server was found at nowhere.example." in answer.text


def test_new_accounts_can_be_refused():
    server = Server("--no-allow-new")
    try:
        for user in ("new", "alice", "locked"):
            answer = Client(server).log_in(f"{user}@example.org", "wrong")
            assert "This address and password do not fit together." in answer.text
        server.calm()
        server.cut_off()  # what a server says about an account would tell that it is known here
        assert "This address and password do not fit together." in Client(server).log_in(password="wrong").text
        assert Client(server).get("/register").status == 403
        assert "Create" not in Client(server).get("/login").text
    finally:
        server.stop()


# -- guessing passwords ----------------------------------------------------------------------------------------------


def test_who_guesses_has_to_wait(server):
    client = Client(server)
    assert client.log_in(password="wrong").status == 403
    answer = client.log_in()  # the right one, but too soon
    assert answer.status == 429
    assert "Too many tries. Wait 1 second, then try again." in answer.text
    assert client.log_in("eve@example.org").status == 303


@pytest.mark.parametrize("address", ["alice@example.org/{}", "ALICE@example.ORG/{}", "alice"])
def test_who_guesses_gains_nothing_by_writing_the_address_otherwise(server, address):
    client = Client(server)
    assert client.log_in("alice@example.org", "wrong").status == 403
    for number in range(3):
        assert client.log_in(address.format(number), "wrong").status == 429


def test_who_guesses_gains_nothing_by_a_log_in_of_their_own(server):
    client, guesses, refused = Client(server), 0, 0
    for each in range(40):
        answer = client.log_in(f"victim{each}@example.org", "wrong")
        guesses += answer.status == 403
        refused += answer.status == 429
        if each % 5 == 0:
            Client(server).log_in("eve@example.org")
    assert guesses <= 12  # ten are free
    assert refused >= 28


def log_in_behind_a_proxy(server, address, password, client):
    """Send a log-in that comes from some network address; the socket that has the answer."""
    visitor = Client(server, "__Host-sat")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', visitor.get("/login").text)[1]
    body = f"csrf={token}&address={address}&password={password}".encode()
    request = (
        f"POST /login HTTP/1.1\r\nHost: {server.host}\r\nOrigin: https://{server.host}\r\n"
        f"Cookie: __Host-sat={visitor.cookie}\r\nX-Forwarded-For: {client}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body
    connection = socket.create_connection(("127.0.0.1", server.port), 20)
    connection.sendall(request)
    return connection


def status(connection):
    with connection:
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize(("password", "expected"), [(PASSWORD.replace(" ", "+"), 303), ("evil", 403)])
def test_two_first_log_ins_at_once(password, expected):
    """The second waits for the first: a profile whose password nobody has proven lets nobody in."""
    server = Server("--https")
    try:
        server.hold(True)
        first = log_in_behind_a_proxy(server, "new@example.org", password, "192.0.2.1")
        while server.asked() != 1:
            time.sleep(0.01)
        second = log_in_behind_a_proxy(server, "new@example.org", password, "192.0.2.2")
        second.settimeout(0.5)
        with pytest.raises(TimeoutError):
            second.recv(1, socket.MSG_PEEK)
        second.settimeout(20)
        server.hold(False)
        assert (status(first), status(second)) == (expected, expected)
        assert ("new@example.org" in server.profiles()) is (expected == 303)
    finally:
        server.stop()


# -- when a session has ended ------------------------------------------------------------------------------------------


def log_in_on(client, answer, **changed):
    """Send the log-in form of a page, as it is, with the right password."""
    form = next(each for each in _forms(answer.text) if "password" in each.fields)
    fields = form.fields | {"address": "alice@example.org", "password": PASSWORD} | changed
    return client.post("/login", fields.pop("csrf"), **fields)


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_written_after_the_session_had_ended_is_kept(client, server, restarted):
    token = client.token("/contacts")
    server.skip(31 * 60)
    if restarted:  # with another secret for its forms
        server.forget_sessions()
    text = "a long message\r\nthat <b>I</b> wrote"
    answer = client.post(BOB, token, body=text)
    assert answer.status == 403
    assert "that &lt;b&gt;I&lt;/b&gt; wrote</textarea>" in answer.text
    assert "You were logged out" in answer.text
    answer = log_in_on(client, answer, body=text, password="wrong")
    assert "that &lt;b&gt;I&lt;/b&gt; wrote</textarea>" in answer.text
    server.calm()
    answer = log_in_on(client, answer, body=text)
    assert answer.header("Location") == BOB
    assert "a long message\nthat &lt;b&gt;I&lt;/b&gt; wrote</textarea>" in client.get(BOB).text
    assert not [call for call in server.calls("messages") if call[0] == "send"]


def test_what_was_written_is_kept_when_the_daemon_goes_meanwhile(client, server):
    token = client.token("/contacts")
    server.skip(31 * 60)
    answer = client.post(BOB, token, body="precious")
    server.go()
    answer = log_in_on(client, answer, body="precious")
    assert answer.status == 503
    assert "precious</textarea>" in answer.text
    server.come()
    assert log_in_on(client, answer, body="precious").header("Location") == BOB
    assert "precious</textarea>" in client.get(BOB).text


def test_what_is_kept_stands_behind_a_draft(client, server):
    client.post(BOB, do="draft", body="first")
    client.post(BOB, do="draft", body="second")
    client.post(BOB, do="draft", body="second")
    assert ">first\nsecond</textarea>" in client.get(BOB).text
    assert not [call for call in server.calls("messages") if call[0] == "send"]


def test_a_page_that_looks_again_by_itself_is_nobody_at_the_browser(client, server):
    server.skip(20 * 60)
    assert client.ask("HEAD", BOB).status == 200
    server.skip(20 * 60)
    assert client.ask("HEAD", BOB).status == 303


def test_after_a_form_that_came_too_late_one_is_where_it_was_sent(client, server):
    token = client.token("/contacts")
    server.skip(31 * 60)
    answer = client.post("/contacts?add=zoe%40example.org", token, do="add", jid="zoe@example.org")
    assert log_in_on(client, answer).header("Location") == "/contacts?add=zoe%40example.org"


def test_a_form_of_another_site_is_not_kept(client, server):
    server.skip(31 * 60)
    answer = client.post(BOB, "x", origin="https://evil.example", body="bait")
    assert answer.status == 403
    assert "bait" not in answer.text


def test_after_the_log_in_one_is_where_one_wanted_to_be(server):
    client = Client(server)
    there = client.get("/search?q=great&peer=bob%40example.org").header("Location")
    assert there == "/login?next=%2Fsearch%3Fq%3Dgreat%26peer%3Dbob%2540example.org"
    answer = log_in_on(client, client.get(there))
    assert answer.header("Location") == "/search?q=great&peer=bob%40example.org"
    assert client.get(there).header("Location") == "/search?q=great&peer=bob%40example.org"  # logged in already


def test_servers_on_two_ports_leave_each_other_alone(client, server, page):
    other = Server()
    try:
        log_in_by_form(page, server)
        log_in_by_form(page, other)
        for each in (server, other):
            assert page.goto(f"{each.url}/contacts").url == f"{each.url}/contacts"
    finally:
        other.stop()


def test_a_deleted_profile_logs_everybody_out(client, server):
    server.delete("alice")
    assert client.get("/chat").header("Location").startswith("/login")


def test_guesses_at_once_gain_nothing(server):
    client = Client(server)
    token = client.token("/login")
    body = f"csrf={token}&address=alice&password=wrong".encode()
    request = (
        f"POST /login HTTP/1.1\r\nHost: {server.host}\r\nOrigin: {server.url}\r\n"
        f"Cookie: {client.cookie_name}={client.cookie}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body
    sockets = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in range(10)]
    for each in sockets:
        each.sendall(request)
    statuses = sorted(each.makefile("rb").readline().split()[1] for each in sockets)
    for each in sockets:
        each.close()
    assert statuses == [b"403"] + [b"429"] * 9


def test_a_profile_that_cannot_be_opened_does_not_show_that_it_exists(server):
    sentence = "Some accounts here cannot be opened at the moment; who runs this server can find out why."
    assert sentence not in Client(server).log_in("nobody", PASSWORD).text
    server.lose_key("eve")
    for name in ("eve", "nobody else"):
        answer = Client(server).log_in(name, PASSWORD)
        assert answer.status == 403
        assert f"An address looks like name@example.org. {sentence}" in answer.text
    server.calm()
    server.lose_key("eve", False)
    assert Client(server).log_in("eve").status == 303


def test_similar_server_is_offered_where_no_stranger_can_read_it(server):
    """It is one where somebody here has an account or a contact."""
    public = Server("--public-host", "chat.example.org", "--allow-new")
    try:
        for each, offered in ((server, True), (public, False)):
            client = Client(each)
            for answer in (
                client.log_in("new@nowhere.example"),
                client.post("/register", client.token("/register"), server="nowhere.example"),
            ):
                assert "No XMPP server was found at nowhere.example." in answer.text
                assert ("Did you mean somewhere.example?" in answer.text) is offered
    finally:
        public.stop()
