"""Who somebody is, on the web."""

from __future__ import annotations

from .test_rooms import said
from .world import BALCONY


def test_conversation_leads_to_who_they_are(client):
    page = client.get("/chat/bob@example.org").text
    assert 'href="/contact/bob@example.org"' in page
    page = client.get("/contact/bob@example.org")
    words = said(page)
    assert "Full name Bob ␛[31mred\ufffd" in words
    assert "Program Prosody ␛[31m 0.12.3 (Linux) (laptop)" in words
    assert "Local time 15:03, UTC+02:00 (laptop)" in words
    assert "E-mail bob@example.org" in words
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text
    assert 'href="https://bob.example/"' in page.text
    assert "\x1b" not in page.text


def test_programs_are_called_by_what_they_are_with_their_address_below(client, server):
    client.get("/chat")
    server.present("bob@example.org/OuxJ9f-f8qGK", "away")
    words = said(client.get("/contact/bob@example.org"))
    assert "Gaj␛[31mim away bob@example.org/OuxJ9f-f8qGK" in words
    assert "laptop online bob@example.org/laptop" in words
    assert words.count("OuxJ9f-f8qGK") == 1
    assert "Program Prosody ␛[31m 0.12.3 (Linux) Local time 15:03, UTC+02:00 " in words


def test_who_tells_nothing_has_a_page_all_the_same(client, server):
    assert "Who is this" not in client.get("/contact/stranger@example.com").text
    assert client.get("/contact/stranger@example.com").status == 200
    server.refuse("vcard", "get_card", "card")
    page = client.get("/contact/bob@example.org")
    assert (page.status, "Full name" in page.text) == (200, False)
    assert client.get("/contact/bob@@example.org").status == 400


def test_who_writes_rubbish_is_reported_though_they_are_no_contact(client, server):
    id = server.arrive("stranger@example.com", "cheap watches")
    page = client.page("/contact/stranger@example.com")
    assert "The report names what they wrote last" in said(client.get("/contact/stranger@example.com"))
    form = next(each for each in page.forms if "text" in each.fields)
    assert client.post("/contacts", do="report-spam", jid=form.fields["jid"], text="watches").status == 303
    assert server.calls("blocking")[-1] == ["block", "stranger@example.com", "spam", "watches", f"['{id}']"]
    assert "reported to the administrator" in said(client.get("/contacts"))
    assert client.post("/contacts", do="report-boredom", jid="stranger@example.com").status == 400


def test_room_has_its_own_page(client, server):
    assert client.get(f"/contact/{BALCONY}").status in (200, 303)


def test_own_card_is_changed(client, server):
    page = client.get("/card")
    assert 'value="Alice"' in page.text
    fields = {"f-name": "Alice Liddell", "f-phones": "1\r\n3\r\n", "f-note": "two\r\nlines"}
    answer = client.post("/card", **fields)
    assert (answer.status, answer.header("Location")) == (303, "/card")
    assert server.calls("vcard")[-1][0] == "set_own"
    page = client.get("/card")
    assert "Your card was changed." in said(page)
    assert 'value="Alice Liddell"' in page.text


def test_own_card_that_cannot_be_read(client, server):
    server.refuse("vcard", "get_card", "card")
    page = client.get("/card")
    assert "There is no room on the disk." in said(page)
    assert client.post("/card", **{"f-name": "x"}).status == 404


def test_who_is_asked_can_be_asked_no_longer_and_approved_before(client, server):
    page = said(client.get("/contacts?q=dave"))
    assert "waiting for their answer" in page
    for what, call in (("withdraw", "unsubscribe"), ("approve", "approve")):
        assert client.post("/contacts", jid="dave@example.org", do=what).status == 303
        assert server.calls("presence")[-1] == [call, "dave@example.org"]
    assert "as soon as they ask" in said(client.get("/contacts"))


def test_all_who_have_not_answered_are_together(client, server):
    page = client.get("/contacts?q=nobody-is-called-so").text
    section = page[page.index('id="waited"') :]
    section = section[: section.index("</details>")]
    assert "Not answered yet (1)" in section
    assert 'name="jid" value="dave@example.org"' in section
    assert 'value="withdraw"' in section


def test_room_shows_its_picture_and_who_is_in_it_does_not(client, server):
    server.public(BALCONY)
    client.post("/rooms", do="join", room=BALCONY, nick="Al")
    server.picture(BALCONY, "image/png", "view")
    assert 'src="/avatar/' in client.get("/rooms").text
    assert 'src="/avatar/' in client.get(f"/room/{BALCONY}").text


def test_of_what_to_be_told_is_chosen(client, server):
    assert ">as usual: of all messages<" in client.get("/contact/bob@example.org").text
    answer = client.post("/contact/bob@example.org", notify="never")
    assert (answer.status, answer.header("Location")) == (303, "/contact/bob@example.org")
    page = client.get("/contact/bob@example.org")
    assert "In Bob you are told of nothing." in said(page)
    assert '<option value="never" selected>' in page.text
    assert client.post("/contact/bob@example.org", notify="sometimes").status == 400
    server.public(BALCONY)
    client.post("/rooms", do="join", room=BALCONY, nick="Al")
    assert ">as usual: of messages that name you<" in client.get(f"/room/{BALCONY}").text
    assert client.post(f"/contact/{BALCONY}", notify="always").status == 303
    assert '<option value="always" selected>' in client.get(f"/room/{BALCONY}").text
