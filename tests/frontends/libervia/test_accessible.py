"""Every page, light and dark, wide and narrow: no axe-core violation, no sideways scrolling, a heading, labels."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.chromium import live, violations

from libervia.routes import load_pages

from .client import Client
from .conftest import log_in

BOB = "/chat/bob@example.org"
PUBLIC = ["/", "/login", "/register", "/nowhere"]
PRIVATE = ["/chat", BOB, f"{BOB}?before=4", "/contacts", "/settings", "/settings/connection", "/settings/misc"]
PRIVATE += ["/presence", "/search", "/search?q=great", "/search?q=zebra"]
PRIVATE += ["/message/m4", "/message/m5?q=cat", f"{BOB}?answer=m4", f"{BOB}?correct=m5"]
ROOM = "balcony@rooms.localhost"
PRIVATE += [
    "/rooms",
    "/rooms?service=&q=zebra",
    f"/room/{ROOM}",
    f"/configure/{ROOM}",
    "/services",
    "/services/users.localhost",
    "/account",
]
PRIVATE += ["/upload/bob@example.org"]
PRIVATE += ["/account", "/card", "/contact/bob@example.org"]
PRIVATE += ["/encryption/bob@example.org", "/encryption/alice@example.org"]
PRIVATE += ["/file", "/avatar"]  # without a name it is the page that says so


SCHEMES = ["light", "dark"]


@pytest.fixture(params=[1440, 320])
def page(request, chromium):
    viewport = {"width": request.param, "height": 800}
    context = chromium.new_context(viewport=viewport, bypass_csp=True, timezone_id="UTC")
    yield context.new_page()
    context.close()


SMALL = """least => [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=checkbox])")]
    .filter(each => each.checkVisibility() && getComputedStyle(each).display != "inline")
    .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 80)])
    .filter(([box, html]) => box.right > 0 && (box.height < least || box.width < 24))
    .map(([box, html]) => `${Math.round(box.width)}×${Math.round(box.height)} ${html}`)"""
"""What is hard to hit: lower than so many pixels, or narrower than 24 (WCAG 2.5.8). Links within a text are as high as
it is."""
ROW, FINGER = 36, 44


def check(page):
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (page.url, scheme)
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], page.url
    assert page.locator("h1:visible").count() == 1, page.url
    assert page.evaluate(SMALL, ROW) == [], page.url


def test_list_of_pages_is_complete():
    assert {path.split("/")[1].split("?")[0] for path in PUBLIC + PRIVATE} >= {
        path[1:] for path in load_pages() if path != "/logout"
    }


def test_public_pages(page, server):
    for path in PUBLIC:
        page.goto(server.url + path)
        check(page)
    page.goto(f"{server.url}/login")
    page.get_by_label("XMPP address").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto(f"{server.url}/register")
    page.get_by_label("Server").fill("example.org")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Join us")).to_be_visible()
    check(page)


def test_what_happened_to_messages_and_what_can_be_done(page, server):
    many = [f"p{number}@example.org" for number in range(40)]
    server.edit("m2", {"body": "", "retracted": True})
    server.edit("m3", {"body": "Promised!", "edited": 1.0, "state": "displayed"})
    server.edit("m4", {"reactions": [["👍", ["bob@example.org", *many], True], ["🎉", ["carol@example.org"], False]]})
    server.edit("m5", {"reply": "m4", "reply_to": "bob@example.org", "quote": "How was it? " * 20, "edited": 1.0})
    server.edit("m5", {"edit_state": "failed", "error": "The server refused it."})
    log_in(page, server)
    for path in (BOB, "/message/m2", "/message/m3", "/message/m4?q=cat", f"{BOB}?answer=m5"):
        page.goto(server.url + path)
        check(page)
    page.goto(server.url + BOB)
    live(page)
    page.locator("[data-id=m5] .more").click()
    expect(page.locator("[popover]:popover-open")).to_be_in_viewport(ratio=1)
    check(page)
    page.locator("[popover]:popover-open [data-act=pick]").click()
    page.get_by_label("Name of the emoji").fill("cat")
    expect(page.locator("#found button").first).to_be_visible()
    check(page)
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator("[data-id=m5] .more").click()
    page.locator("[popover]:popover-open [data-act=retract]").click()
    expect(page.locator("#taking")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Cancel").click()
    page.locator("#body").press("ArrowUp")
    expect(page.get_by_label("Correct your message")).to_be_visible()
    check(page)


def test_private_pages(page, server):
    server.request("mallory@example.org", "Let me in")
    server.arrive("carol@example.org", "psst")
    log_in(page, server)
    for path in PRIVATE:
        page.goto(server.url + path)
        check(page)
    page.goto(f"{server.url}/contacts")
    for each in page.locator("summary").all():
        each.click()
    check(page)


def test_rooms(page, server):
    server.room({"role": "moderator", "affiliation": "owner", "subject": "Roses " * 30})
    server.room({"state": "left", "error": "The room was closed."}, "closed")
    server.public(ROOM, "The balcony", 3)
    server.public("orchard@rooms.localhost", "The orchard " * 10, 9)
    server.invitation("orchard@rooms.localhost", "bob@example.org", "come")
    for nick, role in (("x" * 200, "moderator"), ("Juliet", "participant"), ("Nurse", "visitor")):
        server.occupant(nick, role, {"affiliation": "member", "jid": f"{role}@example.org", "hats": ["Capulet"]})
    server.say("Juliet", "what light")
    client = Client(server)
    client.log_in()
    assert client.post(f"/room/{ROOM}", do="ban", nick="Nurse", text="for a reason").status == 303
    log_in(page, server)
    for path in (
        "/rooms",
        "/rooms?service=",
        f"/room/{ROOM}",
        f"/room/{ROOM}?q=zebra",
        f"/chat/{ROOM}",
        f"/chat/{ROOM}%2FJuliet",
    ):
        page.goto(server.url + path)
        for each in page.locator("summary").all():
            each.click()
        check(page)
    page.goto(f"{server.url}/chat/{ROOM}")
    live(page)
    server.occupant("Anna " * 20)
    expect(page.locator(".passage")).to_be_visible()
    check(page)


def test_rows_are_higher_where_fingers_point(chromium, server):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page = context.new_page()
    log_in(page, server)
    for path in PRIVATE:
        page.goto(server.url + path)
        assert page.evaluate(SMALL, FINGER) == [], path
    context.close()


def test_what_is_wrong_with_the_connection_is_seen_beside_a_conversation(page, server):
    log_in(page, server, BOB)
    live(page)
    server.connection("waiting", "ServerRefused", {"server": "example.org", "port": "5222"})
    expect(page.get_by_text("no connection, trying again in 5 s")).to_be_visible()
    expect(page.get_by_text("does not accept connections on port 5222")).to_be_visible()
    check(page)
    server.connection("offline")
    expect(page.locator(".status").get_by_text("offline")).to_be_visible()
    expect(page.get_by_role("button", name="Go online")).to_be_visible()
    check(page)
    server.connection("online")
    expect(page.get_by_text("does not accept connections")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_light_or_dark_can_be_chosen(chromium, server, scheme):
    context = chromium.new_context(java_script_enabled=False, color_scheme=scheme)
    page = context.new_page()
    log_in(page, server)
    for choice in ("dark", "light", "as the system says"):
        page.goto(f"{server.url}/settings")
        page.get_by_label("Light or dark").select_option(choice)
        page.get_by_role("button", name="Show it so").click()
        expect(page.get_by_label("Light or dark").locator("option:checked")).to_have_text(choice)
        for path in ("/settings", "/nowhere", BOB):
            page.goto(server.url + path)
            shown = scheme if choice.startswith("as") else choice
            expect(page.locator("body")).to_have_css("background-color", BACKGROUND[shown])
    context.close()


BACKGROUND = {"light": "rgb(238, 241, 245)", "dark": "rgb(18, 22, 28)"}


def test_live_states(page, server):
    log_in(page, server, BOB)
    live(page)
    server.arrive("bob@example.org", "a very long word: " + "x" * 300)
    server.typing("bob@example.org", "composing")
    server.refuse("messages", "send")
    page.get_by_label("Message to Bob").fill("fails")
    page.keyboard.press("Enter")
    expect(page.locator(".why").last).to_be_visible()
    server.connection("waiting", "ServerRefused", {"server": "example.org", "port": "5222"})
    server.go()
    expect(page.locator("#banner")).to_be_visible()
    check(page)
    page.goto(f"{server.url}{BOB}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The daemon sat is not running.")
    check(page)
    server.come()
