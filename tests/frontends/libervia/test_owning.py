"""Rooms of one's own on the web: made, set up, given away, remembered, ended; all by forms."""

from __future__ import annotations

import pytest

from .test_rooms import ABOUT, BALCONY, CHAT, OWNER, calls, said

SETTINGS = f"/configure/{BALCONY}"


@pytest.fixture
def owned(client, server):
    server.room(OWNER)
    return client


def test_room_is_made_and_its_settings_come_next(client, server):
    answer = client.post("/rooms", do="create", room="attic", nick="", private="1")
    assert (answer.status, answer.header("Location")) == (303, "/configure/attic@rooms.localhost")
    assert calls(server, "create") == [["create", "attic@rooms.localhost", "", "{}", "True"]]
    assert "You have made attic@rooms.localhost, private: only members can come in" in said(
        client.get("/configure/attic@rooms.localhost")
    )
    client.post("/rooms", do="create", room="garden", nick="Al")
    assert calls(server, "create")[-1] == ["create", "garden@rooms.localhost", "Al", "{}", "False"]


def test_room_whose_name_has_several_words_is_called_so_and_has_an_address(client, server):
    answer = client.post("/rooms", do="create", room=" The secret  garden ")
    assert answer.header("Location") == "/configure/the-secret-garden@rooms.localhost"
    fields = "{'muc#roomconfig_roomname': 'The secret garden'}"
    assert calls(server, "create")[-1] == ["create", "the-secret-garden@rooms.localhost", "", fields, "False"]


def test_room_that_is_there_is_not_made_and_what_was_entered_stays(owned):
    answer = owned.post("/rooms", do="create", room=BALCONY, nick="Al <b>", private="1")
    assert answer.status == 409
    assert "Al &lt;b&gt;" in answer.text
    assert 'name="private" value="1" checked' in answer.text


def test_settings_are_changed_by_the_rooms_own_form(owned, server):
    page = owned.get(SETTINGS)
    assert 'value="The balcony"' in page.text
    assert '<option value="moderators" selected>' in page.text
    fields = {"f-FORM_TYPE": "roomconfig", "f-name": "The balcony", "f-secret": "sesame", "f-whois": "moderators"}
    answer = owned.post(SETTINGS, do="save", **fields)
    assert (answer.status, answer.header("Location")) == (303, SETTINGS)
    assert "Nothing was changed." in said(owned.get(SETTINGS))
    owned.post(SETTINGS, do="save", **fields | {"f-name": "The <i>orchard", "f-secret": ""})
    assert calls(server, "set_configuration")[-1][2] == str({"name": "The <i>orchard", "secret": ""})
    assert "The settings of the room were changed." in said(owned.get(SETTINGS))


def test_what_is_no_answer_is_said_where_it_stands(owned, server):
    answer = owned.post(SETTINGS, do="save", **{"f-name": "Kept", "f-whois": "nobody"})
    assert answer.status == 400
    assert "Choose one of the answers." in answer.text
    assert 'value="Kept"' in answer.text
    assert not calls(server, "set_configuration")


def picture(client, data):
    """Send a picture for the room."""
    head = b'--xyz\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    token = client.token("/contacts").encode()
    fields = [(b"csrf", b"", token), (b"do", b"", b"picture"), (b"file", b'; filename="a.png"', data)]
    body = b"".join(head % each for each in fields) + b"--xyz--\r\n"
    headers = {"Origin": client.server.url, "Content_Type": "multipart/form-data; boundary=xyz"}
    return client.ask("POST", SETTINGS, body, **headers)


def test_room_is_given_a_picture_and_none_any_more(owned, server):
    data = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    assert 'enctype="multipart/form-data"' in owned.get(SETTINGS).text
    answer = picture(owned, data)
    assert (answer.status, answer.header("Location")) == (303, SETTINGS)
    assert server.calls("room_avatars") == [["set_room_picture", BALCONY, str(data)]]
    assert "The room shows this picture now." in said(owned.get(SETTINGS))
    assert picture(owned, b"").status == 400
    assert len(server.calls("room_avatars")) == 1
    assert picture(owned, bytes(300 << 10)).status == 303
    assert len(server.calls("room_avatars")[1][2]) < len(str(bytes(300 << 10))), "what is too large is cut"
    assert owned.post(SETTINGS, do="no-picture").status == 303
    assert server.calls("room_avatars")[-1] == ["set_room_picture", BALCONY, str(b"")]


def test_somebody_is_made_a_member_and_nothing_of_that_again(owned, server):
    server.occupant("Juliet", "participant", {"jid": "juliet@localhost"})
    assert owned.post(SETTINGS, do="affiliate", jid="Juliet", rank="member", reason="yours").status == 303
    assert calls(server, "set_affiliation") == [["set_affiliation", BALCONY, "juliet@localhost", "member", "yours"]]
    page = said(owned.get(SETTINGS))
    assert "juliet@localhost is a member of the room." in page
    assert "Members 1" in page
    assert owned.post(SETTINGS, do="affiliate", jid="juliet@localhost", rank="none").status == 303
    for jid, rank in (("nobody", "member"), ("juliet@localhost", "king"), ("", "member")):
        answer = owned.post(SETTINGS, do="affiliate", jid=jid, rank=rank)
        assert answer.status == 400
    assert owned.post(SETTINGS, do="dance").status == 400


def test_room_is_ended_only_by_its_address(owned, server):
    assert owned.post(SETTINGS, do="destroy", sure="balcony").status == 400
    assert not calls(server, "destroy")
    answer = owned.post(SETTINGS, do="destroy", sure=BALCONY, reason="winter")
    assert (answer.status, answer.header("Location")) == (303, ABOUT)
    assert calls(server, "destroy") == [["destroy", BALCONY, "winter", ""]]


def test_only_who_may_is_led_to_the_settings(client, server):
    server.room({})
    assert SETTINGS not in client.get(ABOUT).text
    server.room(OWNER)
    assert SETTINGS in client.get(ABOUT).text
    assert client.get(CHAT).status == 200


def test_room_that_we_are_not_in_has_no_settings(client):
    page = client.get(client.get("/configure/elsewhere@rooms.localhost").header("Location"))
    assert "You are not in the room elsewhere@rooms.localhost , so there is nothing to see of it." in said(page)
    assert 'value="save"' not in page.text


def test_room_is_remembered_and_forgotten(owned, server):
    assert owned.post(ABOUT, do="remember", text="Her <window>", autojoin="1").status == 303
    assert "is remembered, and entered after each log-in." in said(owned.get(ABOUT))
    assert 'value="Her &lt;window&gt;"' in owned.get(ABOUT).text
    assert owned.post(ABOUT, do="remember", text="Her window").status == 303
    assert 'name="autojoin" value="1">' in owned.get(ABOUT).text
    assert "Remembered" not in said(owned.get("/rooms"))  # it is among those that we are in
    owned.post("/rooms", do="leave", room=BALCONY)
    assert "Her window" in said(owned.get("/rooms"))
    assert owned.post("/rooms", do="forget", room=BALCONY).status == 303
    assert "Her window" not in said(owned.get("/rooms"))
    assert owned.post("/rooms", do="forget", room=BALCONY).status == 404
