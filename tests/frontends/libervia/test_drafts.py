"""What was begun and not sent, on the web and elsewhere."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import BOB, last, until


def test_what_was_begun_elsewhere_stands_in_the_composer(client, server):
    server.begin("bob@example.org", "Dear <Bob>,\nhow")
    text = client.get(BOB).text
    assert ">Dear &lt;Bob&gt;,\nhow</textarea>" in text
    assert "not sent yet" in text
    client.post(BOB, body="Dear Bob, how are you?")
    assert ["set_draft", "bob@example.org", ""] in server.calls("drafts")
    assert "not sent yet" not in client.get(BOB).text


def test_without_scripts_a_text_can_be_kept(client, server):
    assert 'name="keep" value="1"' in client.get(BOB).text
    answer = client.post(BOB, do="send", keep="1", body="later\r\nperhaps")
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert ">later\nperhaps</textarea>" in client.get(BOB).text
    client.post(BOB, do="send", keep="1", body="")
    assert "></textarea>" in client.get(BOB).text


def test_an_open_page_follows_unless_somebody_writes_there(talk, server):
    body = talk.get_by_label("Message to Bob")
    talk.locator("h1").click()
    server.begin("bob@example.org", "begun in the terminal")
    expect(body).to_have_value("begun in the terminal")
    expect(talk.locator(".contact", has_text="Bob").first).to_contain_text("not sent yet")
    body.fill("mine")
    server.begin("bob@example.org", "theirs")
    until(lambda: ["set_draft", "bob@example.org", "mine"] in server.calls("drafts"), talk)
    expect(body).to_have_value("mine")
    talk.keyboard.press("Enter")
    expect(last(talk)).to_contain_text("mine")
    until(lambda: server.calls("drafts")[-1] == ["set_draft", "bob@example.org", ""], talk)
