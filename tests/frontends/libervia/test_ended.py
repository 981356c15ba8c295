"""The chat page in Chromium when its session or its connection ends: nothing that was written gets lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.chromium import live

from .conftest import BOB, last, log_in, until
from .world import PASSWORD


def cut(talk, server):
    """The network breaks."""
    talk.context.set_offline(True)
    server.drop()
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")


def end(server, how):
    """The session is over, and nobody can tell the page."""
    if how == "half an hour passes":
        server.skip(31 * 60)
    else:
        server.forget_sessions()


def log_in_here(page):
    page.get_by_label("XMPP address").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("how", ["half an hour passes", "libervia is started again"])
def test_session_that_ended_meanwhile_leads_to_the_log_in_and_back(talk, server, how):
    cut(talk, server)
    end(server, how)
    talk.context.set_offline(False)
    talk.wait_for_url("**/login?next=%2Fchat%2Fbob%40example.org")
    log_in_here(talk)
    talk.wait_for_url(f"**{BOB}")
    live(talk)


@pytest.mark.parametrize("how", ["half an hour passes", "libervia is started again"])
def test_what_was_written_comes_back_after_the_log_in(talk, server, how):
    cut(talk, server)
    composer = talk.get_by_label("Message to Bob")
    composer.fill("sent while away")
    composer.press("Enter")
    expect(last(talk)).to_contain_text("sent while away")
    composer.fill("half written")
    end(server, how)
    talk.context.set_offline(False)
    expect(talk.get_by_label("What you wrote is kept")).to_have_value("sent while away\nhalf written")
    log_in_here(talk)
    expect(live(talk).get_by_label("Message to Bob")).to_have_value("sent while away\nhalf written")
    assert not [call for call in server.calls("messages") if call[0] == "send"]


def test_logging_out_elsewhere_keeps_what_was_written(talk, server, context):
    talk.get_by_label("Message to Bob").fill("half written")
    other = context.new_page()
    other.goto(f"{server.url}/contacts")
    other.get_by_role("button", name="Log out").click()
    expect(talk.get_by_label("What you wrote is kept")).to_have_value("half written")


def test_logging_out_leads_to_the_first_page(talk, server):
    talk.get_by_label("Message to Bob").fill("half written")
    talk.get_by_role("button", name="Log out").click()
    talk.wait_for_url(f"{server.url}/")
    expect(talk.get_by_role("heading", level=1)).to_contain_text("Chat over XMPP")


def test_message_waits_for_the_connection(talk, server):
    cut(talk, server)
    composer = talk.get_by_label("Message to Bob")
    for text in ("first", "second"):
        composer.fill(text)
        composer.press("Enter")
        expect(composer).to_have_value("")
    expect(talk.locator("#messages > li.pending")).to_have_count(2)
    talk.context.set_offline(False)
    expect(talk.locator("#messages > li.pending")).to_have_count(0)
    assert [call[2] for call in server.calls("messages") if call[0] == "send"] == ["first", "second"]


def test_page_that_cannot_be_loaded_anew_is_tried_again(talk, server):
    tries = []

    def answer(route):
        tries.append(route)
        route.abort() if len(tries) < 3 else route.continue_()

    talk.route(f"**{BOB}", answer)
    server.go()
    expect(talk.locator("#banner")).to_contain_text("The daemon sat is not running.")
    server.come()
    expect(talk.locator("#banner")).to_contain_text("Trying again…")
    expect(talk.locator("#banner")).to_be_hidden()
    assert len(tries) == 3
    server.arrive("bob@example.org", "there again")
    expect(last(talk)).to_contain_text("there again")


def test_page_that_does_not_come_is_tried_again(clocked, server):
    tries = []
    talk = live(log_in(clocked, server, BOB))
    talk.route(f"**{BOB}", lambda route: tries.append(route) if not tries else route.continue_())
    server.go()
    expect(talk.locator("#banner")).to_contain_text("The daemon sat is not running.")
    server.come()
    until(lambda: tries, talk)
    talk.clock.fast_forward(30_000)
    expect(talk.locator("#banner")).to_contain_text("Trying again…")
    talk.clock.fast_forward(3_000)
    expect(talk.locator("#banner")).to_be_hidden()


def test_draft_that_could_not_be_told_is_told_later(talk, server):
    cut(talk, server)
    talk.get_by_label("Message to Bob").press_sequentially("half")
    talk.context.set_offline(False)
    expect(talk.locator("#banner")).to_be_hidden()
    until(lambda: ["set_typing", "bob@example.org", "True"] in server.calls("chat_states"), talk)
    talk.goto(f"{server.url}/contacts")
    talk.goto(f"{server.url}{BOB}")
    expect(talk.get_by_label("Message to Bob")).to_have_value("half")


@pytest.mark.parametrize("sent", [False, True])
def test_leaving_with_what_the_server_does_not_have_is_asked_about(talk, server, sent):
    cut(talk, server)
    composer = talk.get_by_label("Message to Bob")
    composer.press_sequentially("precious")
    if sent:
        composer.press("Enter")
    with talk.expect_event("dialog") as asked:
        talk.evaluate("setTimeout(() => location.assign('/contacts'))")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    talk.context.set_offline(False)
    expect(talk.locator("#banner")).to_be_hidden()
    if sent:
        until(lambda: ["send", "bob@example.org", "precious"] in server.calls("messages"), talk)
        expect(talk.locator("#messages > li.pending")).to_have_count(0)
    asked_again = []
    talk.on("dialog", lambda dialog: (asked_again.append(dialog.type), dialog.accept()))
    talk.get_by_role("link", name="Contacts", exact=True).click()
    talk.wait_for_url("**/contacts")
    assert asked_again == []
    talk.goto(f"{server.url}{BOB}")
    expect(talk.get_by_label("Message to Bob")).to_have_value("" if sent else "precious")


def test_without_a_live_connection_the_form_still_sends(page, server):
    page.route_web_socket(re.compile("/ws$"), lambda socket: socket.close())
    log_in(page, server, BOB)
    expect(page.locator("#banner")).to_have_text("Reconnecting…")
    page.get_by_label("Message to Bob").fill("by form")
    page.get_by_label("Message to Bob").press("Enter")
    expect(last(page)).to_contain_text("by form")
    assert ["send", "bob@example.org", "by form"] in server.calls("messages")
