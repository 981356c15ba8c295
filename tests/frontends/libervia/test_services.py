"""Looking around on the web: services, their commands, gateways, directories; all by forms."""

from __future__ import annotations

import pytest

from .test_rooms import said

SERVER, GATE, USERS = "/services/localhost", "/services/irc.localhost", "/services/users.localhost"


def calls(server, api):
    return [call for call in server.calls(api) if call[0] not in ("get_info", "get_items", "get_commands")]


def test_what_an_address_is_and_has(client):
    page = client.get(SERVER)
    assert "A <server>" not in page.text
    assert "localhost · a server" in said(page)
    assert 'href="/services/irc.localhost"' in page.text
    assert 'href="/services/localhost?node=news"' in page.text
    assert "List &lt;services&gt;" in page.text
    assert client.get("/services?at=irc.localhost").header("Location") == GATE
    wrong = client.get("/services?at=a@b@c")
    assert (wrong.status, 'value="a@b@c"' in wrong.text, 'role="alert"' in wrong.text) == (400, True, True)
    assert "There is no address nowhere.localhost." in said(client.get("/services/nowhere.localhost"))


def test_command_that_answers_at_once(client):
    page = client.post(SERVER, do="begin", command="list")
    assert page.status == 200
    assert "Two." in said(page)
    assert '<th scope="col">Name</th>' in page.text
    assert "&lt;off&gt;" in page.text
    assert "\u202e" not in page.text
    page = client.post(SERVER, do="begin", command="fail")
    assert "That did not work: It is ␛[31mbroken." in said(page)


def test_command_is_gone_through_stage_by_stage(client, server):
    page = client.post(SERVER, do="begin", command="config")
    assert "One of &lt;these&gt;." in page.text
    assert 'value="next"' in page.text
    step = {"command": "config", "run": "r1"}
    page = client.post(SERVER, do="next", **step)
    assert page.status == 400
    assert "This is required." in page.text
    page = client.post(SERVER, do="next", **step, **{"f-key": "k", "f-service": "httpd"})
    assert calls(server, "ad_hoc")[-1] == ["go_on", "r1", "next", str({"service": "httpd"})]
    assert "Run level" in page.text
    page = client.post(SERVER, do="complete", **step, **{"f-level": "9"})
    assert (page.status, "This has to be from 1 to 5." in page.text) == (400, True)
    assert 'value="9"' in page.text
    assert "Which" in client.post(SERVER, do="prev", **step, **{"f-level": "9"}).text
    client.post(SERVER, do="next", **step, **{"f-service": "httpd"})
    assert "It is configured." in said(client.post(SERVER, do="complete", **step, **{"f-level": "5"}))


def test_command_is_given_up(client, server):
    client.post(SERVER, do="begin", command="config")
    answer = client.post(SERVER, do="cancel", command="config", run="r1")
    assert (answer.status, answer.header("Location")) == (303, SERVER)
    assert calls(server, "ad_hoc")[-1] == ["cancel", "r1"]


@pytest.mark.parametrize("form", [{"do": "next", "run": "r2"}, {"do": "dance"}, {}])
def test_what_is_not_known_is_said(client, form):
    page = client.post(SERVER, **form)
    assert page.status in (400, 404)
    assert 'role="alert"' in page.text


def test_gateway_learns_to_know_us(client, server):
    assert 'value="register"' in client.get(GATE).text
    assert "a gateway to irc" in said(client.get(GATE))
    page = client.post(GATE, do="register")
    assert "Who?" in page.text
    assert client.post(GATE, do="register", filled="1", **{"f-nick": ""}).status == 400
    answer = client.post(GATE, do="register", filled="1", **{"f-nick": "al"})
    assert (answer.status, answer.header("Location")) == (303, GATE)
    assert calls(server, "services") == [["register", "irc.localhost", str({"nick": "al"})]]
    assert "irc.localhost knows you now." in said(client.get(GATE))
    assert client.post(GATE, do="unregister").status == 303
    assert client.post(SERVER, do="register").status == 501


def test_directory_is_searched(client):
    page = client.post(USERS, do="search")
    assert "First name" in page.text
    page = client.post(USERS, do="search", filled="1", **{"f-first": "Juliet"})
    assert '<a href="/contact/juliet@localhost"><bdi>juliet@localhost</bdi></a>' in page.text
    assert 'value="Juliet"' in page.text
    assert "Nobody was found." in said(client.post(USERS, do="search", filled="1", **{"f-first": "x"}))


def test_room_is_entered_from_where_it_is_found(client, server):
    server.public("balcony@rooms.localhost")
    page = client.get("/services/balcony@rooms.localhost")
    assert "a room" in said(page)
    answer = client.post("/services/balcony@rooms.localhost", do="join")
    assert answer.header("Location") == "/chat/balcony@rooms.localhost#end"


def test_invitations_are_made_and_followed(client, server):
    assert client.post("/contacts", do="invite").status == 303
    assert "xmpp:alice@localhost?roster;preauth=abc" in said(client.get("/contacts"))
    assert client.post("/contacts", do="add", jid="xmpp:paris@verona.lit?roster;preauth=t").status == 303
    assert ["follow", "paris@verona.lit", "t", "", "[]"] in server.calls("invitations")
    assert client.post("/contacts", do="add", jid="xmpp:paris@verona.lit?dance").status == 400


def test_web_site_is_told_whether_it_is_we(client, server):
    server.site("1", "https://files.example/<b>", "other.example")
    assert "A web site asks whether it is you" in said(client.get("/chat"))
    page = client.get("/contacts")
    assert "other.example asks: do you want to open https://files.example/&lt;b&gt; now?" in page.text
    assert client.post("/contacts", do="confirm", number="2").status == 404
    assert client.post("/contacts", do="deny", number="1").status == 303
    assert "it was not you" in said(client.get("/contacts"))
    assert ["answer", "1", "False"] in server.calls("http_auth")
