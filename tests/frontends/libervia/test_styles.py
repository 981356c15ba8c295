"""Texts with styles in Chromium, and what is shown beside them."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import BOB, last, rows

STYLED = "*strong* <b>_so_</b>\n> said\n>> before\n```\nx = *1*\n```\nhttp://a.example/ ok"


def test_a_text_is_styled_and_nothing_of_it_is_a_tag(talk, server):
    server.arrive("bob@example.org", STYLED)
    body = last(talk).locator(".body")
    expect(body.locator("strong")).to_have_text("*strong*")
    expect(body.locator("b")).to_have_count(0)
    expect(body.locator("blockquote blockquote")).to_have_text(">> before")
    expect(body.locator("pre")).to_have_text("```\nx = *1*\n```")
    expect(body.locator("a")).to_have_attribute("href", "http://a.example/")
    line, height = body.evaluate(
        "body => [parseFloat(getComputedStyle(body).lineHeight), body.getBoundingClientRect().height]"
    )
    assert height < 9 * line, "no empty lines around what is quoted"


def test_what_i_do_is_shown_once_with_my_name(talk):
    before = rows(talk).count()
    talk.get_by_label("Message to").fill("/me waves")
    talk.keyboard.press("Enter")
    expect(last(talk).locator(".body")).to_have_text("* alice waves")
    expect(talk.locator("li.pending")).to_have_count(0)
    assert rows(talk).count() == before + 1


def test_styles_need_no_script(client, server):
    server.arrive("bob@example.org", "_so_ /me is here")
    assert "<em>_so_</em> /me is here</div>" in client.get(BOB).text


def test_attention_is_asked_for_and_given(client, server):
    assert "Ask for their attention" in client.get(BOB).text
    answer = client.post(BOB, attention="1")
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert ["ask_attention", "bob@example.org"] in server.calls("attention")
    assert "You asked for the attention of Bob." in client.get(BOB).text
    server.refuse("attention", "ask_attention")
    assert "There is no room on the disk." in client.post(BOB, attention="1").text
    assert "Ask for their attention" not in client.get("/chat/stranger@example.org").text


def test_a_spoiler_is_hidden_until_it_is_opened(talk, server):
    server.arrive("bob@example.org", "They both die.", "alice", {"extra": {"spoiler": True, "hint": "the <b>end</b>"}})
    expect(last(talk).locator("summary")).to_have_text("Spoiler: the <b>end</b>")
    expect(last(talk).locator(".body")).to_be_hidden()
    last(talk).locator("summary").click()
    expect(last(talk).locator(".body")).to_have_text("They both die.")


def how(talk):
    """The ways to show a text, opened."""
    talk.get_by_text("How it is shown").click()
    return talk.get_by_role("group", name="How the message is shown")


def test_a_spoiler_and_a_plain_text_are_sent(talk, server):
    hidden = how(talk).get_by_label("Hidden, until somebody wants to see it")
    hidden.check()
    how_about = talk.get_by_label("What a hidden text is about")
    how_about.fill("the end")
    talk.get_by_label("Message to").fill("They both die.")
    talk.get_by_role("button", name="Send", exact=True).click()
    expect(last(talk).locator("summary")).to_have_text("Spoiler: the end")
    expect(hidden).not_to_be_checked()
    expect(how_about).to_have_value("")
    expect(talk.locator("#body")).to_have_value("")
    talk.get_by_label("As written, without styles").check()
    talk.get_by_label("Message to").fill("2 *3* 4")
    talk.keyboard.press("Enter")
    expect(last(talk).locator(".body")).to_have_text("2 *3* 4")
    expect(last(talk).locator("strong")).to_have_count(0)
    talk.get_by_label("Message to").fill("so *it* is")
    talk.keyboard.press("Enter")
    expect(last(talk).locator("strong")).to_have_text("*it*")


def test_the_newest_message_stays_in_view_while_the_ways_are_looked_at(talk, server):
    server.arrive("bob@example.org", "do you see me?")
    expect(last(talk)).to_be_in_viewport(ratio=1)
    how(talk)
    expect(talk.get_by_label("What a hidden text is about")).to_be_in_viewport()
    expect(last(talk)).to_be_in_viewport(ratio=1)


def test_the_way_is_kept_with_a_text_that_is_refused(talk, server):
    server.refuse("messages", "send")
    how(talk).get_by_label("As written, without styles").check()
    talk.get_by_label("Message to").fill("2 *3* 4")
    talk.keyboard.press("Enter")
    expect(talk.get_by_role("alert")).to_contain_text("There is no room on the disk.")
    expect(talk.locator("#body")).to_have_value("2 *3* 4")
    expect(talk.get_by_label("As written, without styles")).to_be_checked()


def test_a_correction_is_shown_as_it_was(talk):
    how(talk)
    talk.locator("#body").fill("one")
    talk.keyboard.press("Enter")
    expect(last(talk).locator(".body")).to_have_text("one")
    talk.keyboard.press("ArrowUp")
    expect(talk.locator("#purpose")).to_contain_text("Correct your message")
    expect(talk.get_by_text("How it is shown")).to_be_hidden()


def test_spoilers_and_plain_texts_need_no_script(client, server):
    assert client.post(BOB, body="They *both* die.", plain="1", spoiler="1", hint=" the <end> ").status == 303
    text = client.get(BOB).text
    assert "<summary>Spoiler: the &lt;end&gt;</summary>" in text
    assert "They *both* die.</div>" in text
    server.refuse("messages", "send")
    page = client.post(BOB, body="x", plain="1", hint="why").text
    assert 'name="plain" value="1" form="composer" checked' in page
    assert 'value="why"' in page


def test_a_search_does_not_tell_what_is_hidden(client, server):
    hidden = {"extra": {"spoiler": True, "hint": "the end"}}
    id = server.arrive("bob@example.org", "They both die.", "alice", hidden)
    text = client.get("/search?q=both").text
    assert "Spoiler: the end" in text
    assert "They both die" not in text
    assert "<summary>Spoiler: the end</summary><div" in client.get(f"/message/{id}").text


def test_what_is_told_of_a_link_stands_below_and_where_it_leads_to(client, server):
    link = ["https://the.example/x", "The <b>bank</b>", "<i>log in</i>"]
    server.arrive("bob@example.org", "https://the.example/x", "alice", {"extra": {"links": [link]}})
    text = client.get(BOB).text
    assert 'The &lt;b&gt;bank&lt;/b&gt;</a> <span class="line">the.example</span>' in text
    assert "<p>&lt;i&gt;log in&lt;/i&gt;</p>" in text
