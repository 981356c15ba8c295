"""The chat page in Chromium: live, resumed, and the same without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.chromium import live

from .conftest import BOB, forbid_scripts, last, log_in, rows, until


def test_message_appears_as_it_comes_and_is_read(talk, server):
    server.arrive("bob@example.org", "Are you there?")
    expect(last(talk)).to_contain_text("Are you there?")
    expect(last(talk)).to_have_class(re.compile("head"))
    server.arrive("bob@example.org", "Hello?")
    expect(last(talk)).to_contain_text("Hello?")
    expect(last(talk).locator(".who")).to_have_count(0)
    expect(talk.locator(".contact .badge")).to_have_count(0)
    until(lambda: [call for call in server.calls("messages") if call[0] == "mark_read"], talk)


def test_message_is_sent_and_followed_until_it_is_delivered(talk, server):
    count = rows(talk).count()
    talk.get_by_label("Message to Bob").fill("On my way")
    talk.keyboard.press("Enter")
    expect(last(talk)).to_contain_text("On my way")
    expect(talk.get_by_label("Message to Bob")).to_have_value("")
    expect(talk.locator("#messages > li.pending")).to_have_count(0)
    expect(last(talk).locator(".mark")).to_contain_text("waiting to be sent")
    id = last(talk).get_attribute("data-id")
    server.state(id, "sent")
    expect(last(talk).locator(".mark")).to_have_text("✓sent")
    server.state(id, "delivered")
    expect(last(talk).locator(".mark")).to_have_text("✓✓delivered")
    assert rows(talk).count() == count + 1


def test_shift_enter_is_a_new_line(talk, server):
    composer = talk.get_by_label("Message to Bob")
    composer.press_sequentially("one")
    composer.press("Shift+Enter")
    composer.press_sequentially("two")
    composer.press("Enter")
    expect(last(talk)).to_contain_text("two")
    expect(talk.locator("#messages > li.pending")).to_have_count(0)
    assert ["send", "bob@example.org", "one\ntwo"] in server.calls("messages")


def test_failed_message_is_marked_and_tried_again(talk, server):
    server.refuse("messages", "send")
    talk.get_by_label("Message to Bob").fill("Important")
    talk.keyboard.press("Enter")
    expect(last(talk)).to_have_class(re.compile("failed"))
    expect(last(talk)).to_contain_text("There is no room on the disk.")
    server.refuse("messages", "send", False)
    last(talk).get_by_role("button", name="Try again").click()
    expect(last(talk)).not_to_have_class(re.compile("failed"))
    expect(last(talk)).to_have_attribute("data-id", re.compile("m"))
    expect(talk.get_by_text("Important")).to_have_count(1)


def test_typing_is_seen_on_both_sides(talk, server):
    server.typing("bob@example.org", "composing")
    expect(talk.locator("#typing")).to_have_text("Bob is typing…")
    expect(talk.locator(".contact", has_text="Bob").first).to_contain_text("typing…")
    server.typing("bob@example.org", "paused")
    expect(talk.locator("#typing")).to_have_text("")
    talk.get_by_label("Message to Bob").press_sequentially("Hm")
    until(lambda: ["set_typing", "bob@example.org", "True"] in server.calls("chat_states"), talk)


def test_draft_survives_a_visit_elsewhere(talk, server):
    talk.get_by_label("Message to Bob").press_sequentially("unfinished")
    talk.wait_for_timeout(1300)
    talk.goto(f"{server.url}/contacts")
    talk.goto(f"{server.url}{BOB}")
    expect(talk.get_by_label("Message to Bob")).to_have_value("unfinished")


def test_presence_and_contacts_follow(talk, server):
    bob = talk.locator(".contact", has_text="Bob").first
    server.present("bob@example.org/laptop", "dnd", "in a meeting")
    expect(bob).to_contain_text("in a meeting")
    expect(talk.locator("#peer")).to_contain_text("in a meeting")
    expect(bob.locator("a")).to_have_attribute("aria-current", "page")
    server.contact("erin@example.org", "Erin", ["Friends"])
    expect(talk.locator(".contact", has_text="Erin")).to_be_visible()
    expect(talk.locator(".contact a[aria-current=page]")).to_have_count(1)


def test_unread_elsewhere_is_counted(talk, server):
    server.arrive("carol@example.org", "psst")
    expect(talk.locator(".contact", has_text="Carol").first.locator(".badge")).to_have_text("1 unread")
    expect(talk).to_have_title("(1) Bob · Salut à Toi")
    server.request("mallory@example.org")
    expect(talk.get_by_role("link", name=re.compile("1 person asks"))).to_be_visible()


def test_what_came_while_the_connection_was_cut_is_there_once(talk, server):
    talk.context.set_offline(True)
    server.drop()
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")
    for each in range(3):
        server.arrive("bob@example.org", f"while away {each}")
    talk.context.set_offline(False)
    for each in range(3):
        expect(talk.get_by_text(f"while away {each}")).to_have_count(1)
    expect(talk.locator("#banner")).to_be_hidden()


def test_more_than_is_kept_is_looked_up_again(talk, server):
    talk.context.set_offline(True)
    server.drop()
    for each in range(520):
        server.arrive("bob@example.org", f"burst {each}.")
    talk.context.set_offline(False)
    expect(talk.get_by_text("burst 519.")).to_have_count(1)
    expect(talk.get_by_text("burst 500.")).to_have_count(1)
    expect(talk.locator("#banner")).to_be_hidden()
    server.arrive("bob@example.org", "after it")
    expect(last(talk)).to_contain_text("after it")


def test_message_that_comes_while_the_page_is_looked_up_again_stays(talk, server):
    came = []

    def slowly(route):
        answer = route.fetch()
        came.append(f"just in between {len(came)}.")
        server.arrive("bob@example.org", came[-1])
        expect(last(talk)).to_contain_text(came[-1])
        route.fulfill(response=answer)

    talk.route(talk.url, slowly)
    for count in (1, 2):
        with talk.expect_response(talk.url):
            server.come()
        assert len(came) >= count
        for text in came:
            expect(talk.get_by_text(text)).to_have_count(1)


def test_message_typed_without_a_connection_is_not_lost(talk, server):
    talk.context.set_offline(True)
    server.drop()
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")
    talk.context.set_offline(False)
    talk.get_by_label("Message to Bob").fill("patience")
    talk.keyboard.press("Enter")
    expect(talk.locator("#messages").get_by_text("patience")).to_have_count(1)
    until(lambda: ["send", "bob@example.org", "patience"] in server.calls("messages"), talk)


def test_daemon_that_goes_is_said_and_its_return_seen(talk, server):
    server.go()
    expect(talk.locator("#banner")).to_contain_text("The daemon sat is not running.")
    server.come()
    expect(talk.locator("#banner")).to_be_hidden()
    server.arrive("bob@example.org", "back again")
    expect(last(talk)).to_contain_text("back again")


def test_page_that_comes_while_the_daemon_is_away_waits_for_it(talk, server):
    server.go()
    server.drop()
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")
    talk.wait_for_timeout(1500)
    expect(talk.locator("#banner")).to_have_text("Reconnecting…")
    server.come()
    expect(talk.locator("#banner")).to_be_hidden(timeout=20_000)
    server.arrive("bob@example.org", "there again")
    expect(last(talk)).to_contain_text("there again")


def test_nonsense_from_a_page_ends_only_its_connection(talk, server):
    for text in ("[", "[]", '{"do":"send","peer":5}', '{"do":"draft","peer":"a b@"}', "[" * 5000, '{"do":"nothing"}'):
        code = talk.evaluate(SAY, text)
        assert code in (4008, 4013, "open"), (text, code)
    server.arrive("bob@example.org", "unharmed")
    expect(last(talk)).to_contain_text("unharmed")


SAY = """text => new Promise(done => {
    const socket = new WebSocket(`ws://${location.host}/ws`)
    socket.onopen = () => {socket.send(text); setTimeout(() => done("open"), 500)}
    socket.onclose = event => done(event.code)
})"""


def test_connection_to_the_server_is_shown(talk, server):
    server.connection("waiting", "ServerRefused", {"server": "example.org", "port": "5222"})
    expect(talk.locator("[data-topic=status]")).to_contain_text("no connection, trying again in 5 s")
    expect(talk.locator("[data-topic=trouble]")).to_contain_text("does not accept connections on port 5222")
    server.notice("StorageFailing")
    expect(talk.locator("[data-topic=trouble]")).to_contain_text("Nothing can be stored at the moment")
    server.notice()
    server.connection("online")
    expect(talk.locator("[data-topic=status]")).to_have_text("onlinealice@example.org")
    expect(talk.locator("[data-topic=trouble]")).to_have_text("")


def test_older_messages_come_without_leaving_the_place(page, server):
    server.fill("carol@example.org", 120)
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    top = page.get_by_text("line 70", exact=True)
    for count in (100, 120):
        page.get_by_role("link", name="Older messages").click()
        expect(rows(page)).to_have_count(count)
    expect(top).to_have_count(1)
    assert page.url.endswith("/chat/carol@example.org")


def test_logging_out_elsewhere_closes_the_page(talk, server, context):
    other = context.new_page()
    other.goto(f"{server.url}/contacts")
    other.get_by_role("button", name="Log out").click()
    other.wait_for_url(f"{server.url}/")
    talk.wait_for_url("**/login?next=*")


READS = {
    "by clicks": lambda page: page.mouse.click(600, 300),
    "by keys": lambda page: page.keyboard.press("PageUp"),
    "by wheel": lambda page: page.mouse.wheel(0, -100),
}


@pytest.mark.parametrize("how", READS)
def test_who_only_reads_stays_logged_in(clocked, server, how):
    page = log_in(clocked, server, BOB)
    live(page)
    page.mouse.move(600, 300)
    for _ in range(3):
        server.skip(25 * 60)
        page.clock.fast_forward(25 * 60 * 1000)
        until(lambda: READS[how](page) or server.idle() < 60, page)
    page.goto(f"{server.url}/contacts")
    expect(page.get_by_role("heading", level=1)).to_have_text("Contacts")


def test_two_pages_show_the_same(talk, server, context):
    other = context.new_page()
    other.goto(f"{server.url}{BOB}")
    live(other)
    talk.get_by_label("Message to Bob").fill("to both")
    talk.get_by_label("Message to Bob").press("Enter")
    for page in (talk, other):
        expect(page.locator("#messages").get_by_text("to both")).to_have_count(1)


def test_links_lead_to_the_newest_message_without_javascript(page, server):
    forbid_scripts(page)
    server.fill("carol@example.org", 60)
    log_in(page, server)
    for path, link in (("/chat", "Carol"), ("/contacts", "Carol"), ("/search?q=line+59", "Carol")):
        page.goto(server.url + path)
        page.get_by_role("main").get_by_role("link", name=re.compile(link)).first.click()
        expect(page.get_by_text("line 59", exact=True)).to_be_in_viewport()
    page.goto(f"{server.url}/chat")
    server.arrive("carol@example.org", "psst")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".contact .badge").first).to_have_text("1 unread")


def test_everything_important_works_without_javascript(page, server):
    forbid_scripts(page)
    log_in(page, server)
    page.get_by_role("link", name=re.compile("Bob")).first.click()
    page.get_by_label("Message to Bob").fill("by form")
    page.get_by_role("button", name="Send").click()
    expect(last(page)).to_contain_text("by form")
    for text in ("and back", "and again"):
        server.arrive("bob@example.org", text)
        page.get_by_role("link", name="Refresh").click()
        expect(last(page)).to_contain_text(text)
        expect(last(page)).to_be_in_viewport()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(page.locator("html[data-live]")).to_have_count(0)
    page.get_by_role("link", name="Contacts", exact=True).click()
    page.get_by_text("Add somebody").click()
    page.get_by_label("XMPP address").fill("erin@example.org")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("was asked to show you their presence")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Away after, in minutes").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Words to look for").fill("by form")
    page.keyboard.press("Enter")
    expect(page.locator(".hits li")).to_have_count(1)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chat over XMPP")
