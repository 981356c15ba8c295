"""The browser tells of what came while nobody looked, if it may."""

from __future__ import annotations

from playwright.sync_api import expect
from support.chromium import live

from .conftest import BOB, log_in, until

NOTED = """
window.noted = [];
window.Notification = class {
    static permission = PERMISSION;
    static requestPermission() { window.Notification.permission = "granted"; return Promise.resolve("granted") }
    constructor(title, options) { window.noted.push([title, options.tag]) }
};
Object.defineProperty(document, "hidden", {get: () => window.away || false});
"""


def open_chat(page, server, permission):
    page.add_init_script(NOTED.replace("PERMISSION", f"'{permission}'"))
    log_in(page, server, BOB)
    live(page)
    return page


def noted(page):
    return page.evaluate("window.noted")


def test_nothing_is_shown_before_somebody_wants_it(page, server):
    open_chat(page, server, "default")
    page.evaluate("window.away = true")
    server.arrive("carol@example.org", "psst")
    expect(page).to_have_title("(1) Bob · Salut à Toi")
    assert noted(page) == []
    page.evaluate("window.away = false")
    page.get_by_role("button", name="Have the browser tell of new messages").click()
    expect(page.locator("#notify")).to_be_hidden()
    page.evaluate("window.away = true")
    server.arrive("carol@example.org", "psst again")
    expect(page).to_have_title("(2) Bob · Salut à Toi")
    assert noted(page) == [["Carol: new messages", "sat"]]
    server.offer("carol@example.org", "cv.pdf")
    until(lambda: ["Carol: offers a file", "sat"] in noted(page), page)
    server.answers("carol@example.org", "secret <words>")
    until(lambda: noted(page)[-1] == ["Carol: news about your posts, or you", "sat"], page)
    assert "secret" not in str(noted(page))


def test_nothing_is_shown_while_nobody_wants_to_be_disturbed(page, server):
    open_chat(page, server, "granted")
    composer = page.get_by_label("Message to Bob")
    composer.fill("/presence dnd")
    composer.press("Enter")
    expect(page.locator("#errors .answer")).to_contain_text("dnd")
    page.evaluate("window.away = true")
    server.arrive("carol@example.org", "psst")
    expect(page).to_have_title("(1) Bob · Salut à Toi")
    assert noted(page) == []
    composer.fill("/presence online")
    composer.press("Enter")
    expect(page.locator("#errors .answer")).to_contain_text("online")
    server.arrive("carol@example.org", "psst again")
    expect(page).to_have_title("(2) Bob · Salut à Toi")
    assert noted(page) == [["Carol: new messages", "sat"]]


def test_nothing_is_shown_while_somebody_looks(page, server):
    open_chat(page, server, "granted")
    expect(page.locator("#notify")).to_be_hidden()
    server.arrive("carol@example.org", "seen")
    expect(page).to_have_title("(1) Bob · Salut à Toi")
    assert noted(page) == []


def test_who_refused_is_not_asked(page, server):
    open_chat(page, server, "denied")
    expect(page.locator("#notify")).to_be_hidden()
