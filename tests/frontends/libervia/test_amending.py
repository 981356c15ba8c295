"""Messages that are answered, reacted to, corrected and taken back in Chromium: at once, on all pages, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.chromium import live

from .conftest import BOB, forbid_scripts, last, log_in, rows, until
from .world import PASSWORD

COMPOSER = "#body"
HOW, GREAT, LOST = "m4", "m5", "m6"
NO_DISK = "There is no room on the disk."


def message(page, id):
    return page.locator(f"#messages > li[data-id='{id}']")


def menu(page, id):
    """Open what can be done with a message."""
    message(page, id).get_by_role("button", name="What can be done with this message").click()
    return page.locator("[popover]:popover-open")


def reaction(page, id, emoji):
    return message(page, id).locator(".reaction", has_text=emoji)


@pytest.fixture
def other(talk, server):
    """The same conversation in another tab."""
    page = talk.context.new_page()
    page.goto(f"{server.url}{BOB}")
    return live(page)


def test_reaction_is_one_click_and_everywhere_at_once(talk, other, server):
    menu(talk, HOW).get_by_role("button", name="🎉").click()
    for page in (talk, other):
        expect(reaction(page, HOW, "🎉")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[popover]:popover-open")).to_have_count(0)
    server.edit(HOW, {"reactions": [["🎉", ["bob@example.org"], True]]})
    expect(reaction(other, HOW, "🎉")).to_have_text("🎉 2: You, Bob")
    reaction(other, HOW, "🎉").click()
    expect(reaction(talk, HOW, "🎉")).to_have_count(0)
    assert server.stored(HOW)["ours"] == []
    assert talk.url.endswith(BOB)


def test_all_emojis_are_found_by_name(talk, server):
    menu(talk, HOW).get_by_role("link", name="Other reaction").click()
    name = talk.get_by_label("Name of the emoji")
    expect(name).to_be_focused()
    name.press_sequentially("rocket")
    expect(talk.locator("#found")).to_have_text(re.compile("🚀"))
    name.press("Enter")
    expect(reaction(talk, HOW, "🚀")).to_be_visible()
    expect(talk.locator("#picking")).to_be_hidden()
    menu(talk, HOW).get_by_role("link", name="Other reaction").click()
    name.fill("zebraffe")
    expect(talk.locator("#found")).to_have_text("No emoji has a name with “zebraffe”.")
    name.fill("zebra face")
    talk.get_by_role("button", name="zebra face").click()
    expect(reaction(talk, HOW, "🦓")).to_be_visible()


def test_answer_says_what_it_answers_and_leads_there(talk, server):
    menu(talk, "m1").get_by_role("link", name="Answer").click()
    composer = talk.get_by_label("Answer to Bob: Hi Alice")
    expect(composer).to_be_focused()
    composer.fill("I have now")
    composer.press("Enter")
    expect(talk.locator("#messages > li.pending")).to_have_count(0)
    expect(last(talk).locator(".quote")).to_contain_text("Hi Alice")
    expect(talk.get_by_label("Message to Bob")).to_be_focused()
    assert server.stored(last(talk).get_attribute("data-id"))["reply"] == "m1"
    talk.set_viewport_size({"width": 600, "height": 400})
    expect(message(talk, "m1")).not_to_be_in_viewport()
    last(talk).locator(".quote a").click()
    expect(message(talk, "m1")).to_be_in_viewport()
    assert talk.locator("html").get_attribute("data-live") == "connected"


def test_answer_that_fails_stays_an_answer(talk, server):
    server.refuse("messages", "send")
    menu(talk, HOW).get_by_role("link", name="Answer").click()
    talk.get_by_label("Answer to Bob").fill("Good")
    talk.keyboard.press("Enter")
    expect(last(talk)).to_contain_text(NO_DISK)
    server.refuse("messages", "send", False)
    last(talk).get_by_role("button", name="Try again").click()
    expect(last(talk).locator(".quote")).to_contain_text("How was it?")


def test_answered_message_that_is_not_loaded_is_found(page, server):
    server.fill("carol@example.org", 120)
    new = server.arrive("carol@example.org", "that one")
    server.edit(new, {"reply": "m10", "reply_to": "alice@example.org", "quote": "line 3"})
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    last(page).locator(".quote a").click()
    page.wait_for_url("**?before=11#m10")
    expect(message(page, "m10")).to_be_in_viewport()


def test_arrow_up_corrects_the_last_message_and_the_draft_comes_back(talk, other, server):
    composer = talk.locator(COMPOSER)
    composer.press("ArrowUp")
    expect(composer).to_have_value("This one is lost")
    expect(talk.get_by_label("Correct your message")).to_be_focused()
    composer.press("Escape")
    expect(composer).to_have_value("")
    composer.press_sequentially("begun")
    composer.press("ArrowUp")
    expect(composer).to_have_value("begun")
    menu(talk, GREAT).get_by_role("link", name="Correct").click()
    expect(composer).to_have_value("Great indeed 👍")
    composer.fill("Great, really")
    composer.press("Enter")
    for page in (talk, other):
        expect(message(page, GREAT).locator(".body")).to_have_text("Great, really")
        expect(message(page, GREAT).locator(".meta a time")).to_have_attribute("title", re.compile("1970"))
    expect(composer).to_have_value("begun")
    expect(talk.get_by_label("Message to Bob")).to_be_editable()
    talk.reload()
    expect(composer).to_have_value("begun")


def test_correction_that_fails_stays_in_the_composer(talk, server):
    composer = talk.locator(COMPOSER)
    composer.press_sequentially("begun")
    menu(talk, GREAT).get_by_role("link", name="Correct").click()
    expect(composer).to_have_value("Great indeed 👍")
    server.refuse("correction", "correct")
    composer.fill("precious")
    composer.press("Enter")
    expect(talk.locator("#errors")).to_have_text(NO_DISK)
    expect(composer).to_have_value("precious")
    server.refuse("correction", "correct", False)
    composer.press("Enter")
    expect(message(talk, GREAT).locator(".body")).to_have_text("precious")
    expect(composer).to_have_value("begun")
    expect(talk.locator("#errors")).to_have_text("")


def test_correction_without_a_connection_waits_for_the_person(talk, server):
    composer = talk.locator(COMPOSER)
    composer.press("ArrowUp")
    expect(composer).to_have_value("This one is lost")
    talk.context.set_offline(True)
    server.drop()
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")
    composer.fill("precious")
    composer.press("Enter")
    expect(talk.locator("#errors")).to_have_text("There is no connection.")
    expect(composer).to_have_value("precious")
    talk.context.set_offline(False)
    expect(talk.locator("#banner")).to_be_hidden()
    composer.press("Enter")
    expect(message(talk, LOST).locator(".body")).to_have_text("precious")


def test_escape_leaves_an_answer_with_its_text(talk):
    menu(talk, HOW).get_by_role("link", name="Answer").click()
    talk.get_by_label("Answer to Bob").fill("Hm")
    talk.keyboard.press("Escape")
    expect(talk.get_by_label("Message to Bob")).to_have_value("Hm")
    menu(talk, HOW).get_by_role("link", name="Answer").click()
    expect(talk.get_by_label("Answer to Bob")).to_have_value("Hm")
    talk.get_by_role("link", name="Cancel").click()
    expect(talk.get_by_label("Message to Bob")).to_have_value("Hm")


def test_taking_back_asks_first(talk, other, server):
    for button in ("Cancel", "Take back"):
        menu(talk, GREAT).get_by_role("link", name="Take back").click()
        dialog = talk.get_by_role("dialog", name="Take the message back")
        expect(dialog).to_contain_text("Who has read it has read it.")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        assert not server.stored(GREAT)["retracted"]
        dialog.get_by_role("button", name=button).click()
        expect(dialog).to_be_hidden()
    for page in (talk, other):
        expect(message(page, GREAT)).to_contain_text("This message was taken back.")
        expect(message(page, GREAT).locator(".more")).to_have_count(0)


def test_all_is_reached_by_keyboard(talk, server):
    more = message(talk, GREAT).locator(".more")
    more.focus()
    talk.keyboard.press("Enter")
    talk.keyboard.press("Tab")
    expect(talk.locator("[popover]:popover-open button").first).to_be_focused()
    talk.keyboard.press("Escape")
    expect(more).to_be_focused()
    talk.keyboard.press("Enter")
    talk.locator("[popover]:popover-open").get_by_role("link", name="Answer").focus()
    talk.keyboard.press("Enter")
    expect(talk.get_by_label("Answer to yourself")).to_be_focused()


def test_focus_and_menu_stay_where_a_message_changes(talk, server):
    server.edit(GREAT, {"reactions": [["🎉", ["bob@example.org"], False]]})
    reaction(talk, GREAT, "🎉").focus()
    talk.keyboard.press("Enter")
    expect(reaction(talk, GREAT, "🎉")).to_have_attribute("aria-pressed", "true")
    expect(reaction(talk, GREAT, "🎉")).to_be_focused()
    message(talk, GREAT).locator(".more").focus()
    talk.keyboard.press("Enter")
    server.state(GREAT, "displayed")
    expect(message(talk, GREAT).locator(".mark")).to_have_text("✓✓seen")
    expect(talk.locator("[popover]:popover-open")).to_be_visible()
    talk.keyboard.press("Tab")
    expect(talk.locator("[popover]:popover-open button").first).to_be_focused()


def test_what_is_refused_is_said_beside_the_composer(talk, server):
    server.refuse("reactions", "react")
    menu(talk, HOW).get_by_role("button", name="👍").click()
    expect(talk.locator("#errors")).to_have_text(NO_DISK)
    server.refuse("retraction", "retract")
    menu(talk, GREAT).get_by_role("link", name="Take back").click()
    talk.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(talk.locator("#errors")).to_have_text(NO_DISK)
    assert not server.stored(GREAT)["retracted"]
    talk.goto(talk.url.replace("bob@", "nobody@"))
    live(talk).locator(COMPOSER).press("ArrowUp")
    expect(talk.locator("#errors")).to_have_text("There is no message of yours to correct.")


def test_only_ones_own_messages_can_be_changed(talk):
    expect(menu(talk, HOW).get_by_role("link")).to_have_text(["Other reaction…", "Answer"])


def test_message_on_an_older_page_changes_too(page, server):
    server.fill("carol@example.org", 120)
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    page.get_by_role("link", name="Older messages").click()
    expect(rows(page)).to_have_count(100)
    headed = page.locator("#messages > li.head").first
    expect(headed).to_contain_text("line 20")
    id = headed.get_attribute("data-id")
    server.edit(id, {"body": "line twenty", "edited": 1.0})
    expect(message(page, id)).to_contain_text("line twenty")
    expect(message(page, id).locator(".who")).to_have_text("Carol")
    menu(page, id).get_by_role("button", name="🙏").click()
    expect(reaction(page, id, "🙏")).to_be_visible()


def test_page_with_a_begun_correction_is_not_simply_left(talk):
    asked = []
    talk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    composer = talk.locator(COMPOSER)
    composer.press("ArrowUp")
    expect(composer).to_have_value("This one is lost")
    composer.press_sequentially("!")
    talk.reload()
    until(lambda: asked == ["beforeunload"], talk)


def test_session_that_ends_keeps_a_begun_correction(talk, server):
    composer = talk.locator(COMPOSER)
    composer.press_sequentially("begun")
    menu(talk, GREAT).get_by_role("link", name="Correct").click()
    expect(composer).to_have_value("Great indeed 👍")
    composer.fill("precious")
    server.forget_sessions()
    server.drop()
    expect(talk.get_by_role("heading", name="Log in")).to_be_visible()
    talk.get_by_label("XMPP address").fill("alice@example.org")
    talk.get_by_label("Password").fill(PASSWORD)
    talk.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(composer).to_have_value("begun\nprecious")
    assert server.calls("correction") == []


def test_all_works_without_javascript(page, server):
    forbid_scripts(page)
    log_in(page, server, BOB)
    menu(page, HOW).get_by_role("button", name="👍").click()
    expect(reaction(page, HOW, "👍")).to_have_attribute("aria-pressed", "true")
    reaction(page, HOW, "👍").click()
    expect(reaction(page, HOW, "👍")).to_have_count(0)
    menu(page, HOW).get_by_role("link", name="Other reaction").click()
    page.get_by_label("Name of an emoji").fill("zebra face")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="zebra face").click()
    expect(reaction(page, HOW, "🦓")).to_be_visible()
    menu(page, HOW).get_by_role("link", name="Answer").click()
    page.get_by_label("Answer to Bob").fill("Good")
    page.get_by_role("button", name="Send").click()
    expect(last(page).locator(".quote")).to_contain_text("How was it?")
    last(page).locator(".quote a").click()
    expect(message(page, HOW)).to_be_in_viewport()
    id = last(page).get_attribute("data-id")
    menu(page, id).get_by_role("link", name="Correct").click()
    page.get_by_label("Correct your message").fill("Very good")
    page.get_by_role("button", name="Send").click()
    expect(message(page, id).locator(".body")).to_have_text("Very good")
    message(page, id).get_by_role("link", name="corrected").click()
    expect(page.locator(".versions")).to_contain_text("Good")
    page.get_by_role("link", name="Show it in the conversation").click()
    menu(page, id).get_by_role("link", name="Take back").click()
    page.get_by_role("button", name="Take back").click()
    expect(message(page, id)).to_contain_text("This message was taken back.")
