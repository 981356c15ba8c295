"""The account at its server, on the web."""

from __future__ import annotations

from .client import Client
from .test_rooms import said
from .world import PASSWORD

NEW = "another one"


def change(client, password=PASSWORD, new=NEW, again=NEW):
    return client.post("/account", do="change", password=password, new=new, again=again)


def made(server, name):
    return [call for call in server.calls("profile") if call[0] == name]


def test_password_is_changed_and_other_browsers_are_out(client, server):
    other = Client(server)
    assert other.log_in().status == 303
    answer = change(client)
    assert (answer.status, answer.header("Location")) == (303, "/account")
    assert made(server, "change_password") == [["change_password", NEW]]
    assert "The password was changed." in said(client.get("/account"))
    assert other.get("/account").status == 303  # to the log-in


def test_password_is_changed_only_by_who_knows_it(client, server):
    answer = change(client, password="not it")
    assert answer.status == 403
    assert NEW not in answer.text
    assert change(client, again="other").status == 400
    assert change(client, new="", again="").status == 400
    assert not made(server, "change_password")


def test_guessing_is_slowed_down(client, server):
    answers = [change(client, password=f"guess {number}").status for number in range(12)]
    assert answers[-1] == 429
    assert not made(server, "change_password")


def test_account_is_not_removed_by_who_does_not_know_the_password(client, server):
    assert client.post("/account", do="remove", password="not it", sure="alice@example.org").status == 403
    assert not made(server, "delete_account")


def test_account_is_removed_only_by_its_address(client, server):
    answer = client.post("/account", do="remove", password=PASSWORD, sure="alice")
    assert (answer.status, '<details class="card" open>' in answer.text) == (400, True)
    assert '<details class="card" open>' not in client.get("/account").text
    assert not made(server, "delete_account")
    answer = client.post("/account", do="remove", password=PASSWORD, sure="alice@example.org")
    assert (answer.status, answer.header("Location")) == (303, "/")
    assert made(server, "delete_account") == [["delete_account"]]
    assert client.get("/chat").status == 303


def test_what_nobody_asked_for(client):
    assert client.post("/account", do="dance", password=PASSWORD).status == 400
