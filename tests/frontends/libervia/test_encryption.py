"""Encryption on the web: the conversation's header, the page of the keys, the marks of messages."""

from __future__ import annotations

import html
import re

from playwright.sync_api import expect

from .conftest import log_in
from .test_rooms import said as with_entities

BOB, ALICE, CAROL = "bob@example.org", "alice@example.org", "carol@example.org"
CHAT, PAGE = f"/chat/{BOB}", f"/encryption/{BOB}"
A0 = " ".join(["a0a0a0a0"] * 8)


def said(answer):
    """The text of a page, as it is read."""
    return html.unescape(with_entities(answer)).replace(" :", ":")


def begin(client):
    return client.post(PAGE, do="begin", method="omemo")


def test_the_conversation_tells_how_it_is_encrypted_and_leads_there(client, server):
    page = client.get(CHAT)
    assert f'href="{PAGE}"' in page.text
    assert "not encrypted" in said(page)
    answer = begin(client)
    assert (answer.status, answer.header("Location")) == (303, PAGE)
    assert server.method(BOB) == "omemo"
    assert "What you write to Bob is encrypted with OMEMO from now on" in said(client.get(PAGE))
    assert "! OMEMO not compared, needs you" in said(client.get(CHAT))


def test_a_page_does_not_say_that_it_is_in_clear_where_it_is_not(client, server):
    server.encrypts(BOB)
    assert "OMEMO not compared" in said(client.get(CHAT))
    words = said(client.get(f"/upload/{BOB}"))
    assert "is encrypted, and so is the file" in words
    assert "can read it" not in words


def test_keys_are_shown_and_who_can_read_along(client):
    page = client.get(PAGE)
    words = said(page)
    for text in (
        "The keys live on the server that runs this page: who runs it can read along.",
        "OMEMO ph␛[31mone <b>: trusted, not compared",
        "OMEMO device 7: not decided",
        "OMEMO this <daemon>: this program",
        A0,
    ):
        assert text in words
    assert "\x1b" not in page.text
    assert "<svg" in page.text
    assert f"xmpp:{ALICE}?omemo-sid-14=" in words


def test_keys_are_decided_about(client, server):
    for do, trust in (("trust", "verified"), ("distrust", "distrusted")):
        answer = client.post(PAGE, do=do, key="b0" * 32)
        assert (answer.status, server.trusts(BOB)) == (303, ["blind", trust])
    assert "is distrusted now" in said(client.get(PAGE))
    assert client.post(PAGE, do="trust", key="").status == 404
    assert client.post(PAGE, do="nonsense").status == 400
    assert client.post(PAGE, token="0" * 64, do="trust", key="a0" * 32).status == 403
    assert server.trusts(BOB) == ["blind", "distrusted"]


def test_an_own_device_is_taken_off_the_list(client, server):
    here, page = "e0" * 32, f"/encryption/{ALICE}"
    assert "Not used any more" not in client.get(page).text
    server.new_key(ALICE, "f", "old <phone>")
    words = said(client.get(page))
    assert words.count("Not used any more") == 1
    assert "Take the OMEMO old <phone> off your account's list?" in words
    assert client.post(page, do="remove", key=here).status == 400
    assert client.post(page, do="remove", key="").status == 404
    assert client.post(page, do="remove", key="f0" * 32).status == 303
    words = said(client.get(page))
    assert "The OMEMO old <phone> is off your account's list" in words
    assert "not in use any more" in words
    assert "Not used any more" not in words


def test_it_is_switched_off_and_begun_anew(client, server):
    explained = "Begin anew if one of you cannot read what the other writes"
    assert explained not in client.get(PAGE).text
    begin(client)
    assert f'id="anew">{explained}' in client.get(PAGE).text
    assert client.post(PAGE, do="repair").status == 303
    assert client.post(PAGE, do="end").status == 303
    assert server.method(BOB) == ""
    assert "the servers can read it" in said(client.get(PAGE))


def test_who_has_no_keys(client, server):
    answer = client.post(f"/encryption/{CAROL}", do="begin", method="omemo")
    assert answer.status == 400
    assert f"{CAROL} has no keys for OMEMO" in said(answer)
    assert server.method(CAROL) == ""


def test_addresses_are_verified(client, server):
    uri = f"xmpp:{BOB}?omemo-sid-7={'b0' * 32}"
    assert client.post(PAGE, do="verify", uri=f" {uri} ").status == 303
    assert server.trusts(BOB) == ["blind", "verified"]
    answer = client.post(PAGE, do="verify", uri="https://example.org/<b>")
    assert answer.status == 400
    assert 'value="https://example.org/&lt;b&gt;"' in answer.text


def test_own_keys_have_a_page(client):
    words = said(client.get(f"/encryption/{ALICE}"))
    assert "Your keys" in words
    assert "Keys of" not in words


def test_keys_that_cannot_be_asked_for(client, server):
    server.refuse("encryption", "get_keys")
    page = client.get(f"{PAGE}?refresh=1")
    assert (page.status, "None are known." in said(page)) == (200, True)


def test_messages_are_marked(client, server):
    begin(client)
    server.secured(BOB, "locked one", "blind")
    server.arrive(BOB, "leaked one")
    server.secured(BOB, "doubtful one", "distrusted")
    lost = server.arrive(BOB, "nothing", "alice", {"error": "It was encrypted, and cannot be <read> here."})
    server.edit(lost, {"body": ""})
    page = client.get(CHAT)
    words = said(page)
    assert page.text.count(">encrypted with OMEMO<") == 1
    assert "! not encrypted" in words
    assert "! OMEMO, with a key that you distrust" in words
    assert "It was encrypted, and cannot be <read> here." in words
    older = said(client.get(f"{CHAT}?before=10000"))
    assert "! not encrypted" in older


def test_the_open_page_follows(page, server):
    page.set_viewport_size({"width": 1000, "height": 800})
    log_in(page, server)
    page.goto(server.url + CHAT)
    expect(page.locator("html[data-live=connected]")).to_be_attached()
    server.arrive(BOB, "/me is here")
    other = page.context.new_page()
    other.goto(server.url + PAGE)
    other.get_by_role("button", name=re.compile("Encrypt with OMEMO")).click()
    expect(page.locator("#peer")).to_contain_text("OMEMO not compared, needs you")
    server.new_key(BOB, "c", "tablet")
    expect(page.locator("#messages")).to_contain_text("Bob has a new device (tablet): not trusted until you compare it")


# -- another method ----------------------------------------------------------------------------------------------


def test_another_method_is_begun_where_one_is_in_use(client):
    begin(client)
    page = client.get(PAGE).text
    assert "Encrypt with OMEMO" not in page
    assert "Encrypt with OTR" in page
    client.post(PAGE, do="begin", method="otr")
    assert "What is written here is not logged" in said(client.get(PAGE))
    assert "OTR not compared, not logged" in said(client.get(CHAT))


def test_what_they_ask_for_is_refused_or_begun(client, server):
    begin(client)
    server.asks(BOB)
    assert "OMEMO, they ask for OTR" in said(client.get(CHAT))
    page = client.get(PAGE)
    assert "They would like to talk with OTR." in said(page)
    assert "Yes, encrypt with OTR" in page.text
    assert client.post(PAGE, do="refuse", method="otr").status == 303
    page = client.get(PAGE)
    assert "OTR with Bob is not begun. They were not told." in said(page)
    assert "Yes, encrypt with OTR" not in page.text
    assert server.method(BOB) == "omemo"
    client.post(PAGE, do="refuse", method="otr")
    assert "Bob does not ask for anything." in said(client.get(PAGE))


# -- comparing secrets -------------------------------------------------------------------------------------------


def test_a_secret_is_compared(client, server):
    begin(client)
    assert "Compare a secret" not in client.get(PAGE).text  # OMEMO has no such thing
    client.post(PAGE, do="begin", method="otr")
    assert "Compare a secret" in client.get(PAGE).text
    answer = client.post(PAGE, do="compare", question="Who raised you?", secret="nurse")
    assert (answer.status, server.secrets()) == (303, [["compare", "nurse"]])
    assert "waits to be compared with that of Bob" in said(client.get(PAGE))


def test_what_they_ask_is_answered_or_refused(client, server):
    server.compares(BOB, "asked", "Your <b>name</b>?")
    assert "they ask for a secret" not in client.get(CHAT).text  # it is in clear here: no lock to doubt
    page = client.get(PAGE)
    assert "They ask: “Your <b>name</b>?”" in said(page)
    assert "<b>name" not in page.text
    server.refuse("encryption", "answer")
    refused = client.post(PAGE, do="answer", secret="nurse")
    assert refused.status >= 400
    assert "nurse" not in refused.text
    server.compares(BOB, "asked", "Again?")
    assert client.post(PAGE, do="abort").status == 303
    assert "Again?" not in client.get(PAGE).text
    server.compares(BOB, "asked", "Once more?")
    client.post(PAGE, do="begin", method="otr")
    assert "they ask for a secret" in said(client.get(CHAT))
    assert client.post(PAGE, do="abort", token="0" * 64).status == 403
