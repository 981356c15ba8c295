"""Every page, light and dark, wide and narrow: no axe-core violation, no sideways scrolling, a heading, labels."""

from __future__ import annotations

from itertools import chain

import pytest
from playwright.sync_api import expect
from support.chromium import COLOURS, RULES, live, violations
from support.pictures import png

from libervia.routes import load_pages

from .client import Client
from .conftest import log_in

BOB = "/chat/bob@example.org"
PUBLIC = ["/", "/login", "/register", "/nowhere", "/u/alice"]  # the last one says that there is none
ROOM, NODE = "balcony@rooms.localhost", "urn:xmpp:microblog:0"
PRIVATE = {
    "conversations": [
        "/chat",
        BOB,
        f"{BOB}?before=4",
        "/message/m4",
        "/message/m5?q=cat",
        f"{BOB}?answer=m4",
        f"{BOB}?correct=m5",
        "/search",
        "/search?q=great",
        "/search?q=zebra",
    ],
    "people": [
        "/contacts",
        "/contact/bob@example.org",
        "/presence",
        "/card",
        "/account",
        "/settings",
        "/settings/connection",
        "/settings/misc",
        "/encryption/bob@example.org",
        "/encryption/alice@example.org",
    ],
    "rooms": [
        "/rooms",
        "/rooms?service=&q=zebra",
        f"/room/{ROOM}",
        f"/configure/{ROOM}",
        "/services",
        "/services/users.localhost",
    ],
    "blogs": [
        "/timeline",
        "/timeline?unread=1",
        "/blog",
        "/blog/view/bob@example.org",
        "/blog/new",
        "/blog/access",
        "/blog/drafts",
        "/blog/discover",
        f"/blog/edit/bob@example.org/{NODE}/none",
        "/settings/blog-page",
    ],
    "files": [
        "/files",
        "/files/bob@example.org",
        "/files/bob@example.org?path=music",
        "/photos/bob@example.org",
        "/received",
        "/thumbnail",
        "/upload/bob@example.org",
        "/file",
        "/avatar",
    ],  # some say that a name is missing
}


SCHEMES = {"light": RULES, "dark": COLOURS}
"""The other rules have nothing to do with colours, and take most of the time."""


WIDTHS = [1440, 320]


@pytest.fixture(params=WIDTHS)
def page(request, open_page):
    """A page that is loaded, and used, in each width."""
    open_page.set_viewport_size({"width": request.param, "height": 800})
    return open_page


@pytest.fixture
def stretched(open_page):
    """A page that is loaded once and becomes as wide as ``check_stretched`` makes it: no script looks at the width when
    it starts, and loading takes as long as all that is looked at."""
    open_page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    return open_page


SMALL = """least => [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=checkbox])")]
    .filter(each => each.checkVisibility() && getComputedStyle(each).display != "inline")
    .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 80)])
    .filter(([box, html]) => box.right > 0 && (box.height < least || box.width < 24))
    .map(([box, html]) => `${Math.round(box.width)}×${Math.round(box.height)} ${html}`)"""
"""What is hard to hit: lower than so many pixels, or narrower than 24 (WCAG 2.5.8). Links within a text are as high as
it is."""
ROW, FINGER = 36, 44


def check(page):
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        assert violations(page, rules) == [], (page.url, scheme)
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], page.url
    assert page.locator("h1:visible").count() == 1, page.url
    assert page.evaluate(SMALL, ROW) == [], page.url


def check_stretched(page):
    """Check a page in each width, and with a finger in the narrow one."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        check(page)
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(SMALL, FINGER) == [], page.url
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    touch.detach()
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})


NO_PAGES = ("/logout", "/export")
"""What leads elsewhere, and what is a file to be kept."""


def test_list_of_pages_is_complete():
    seen = {path.partition("?")[0] for path in chain(PUBLIC, *PRIVATE.values())}
    for page in load_pages():
        assert page in NO_PAGES or any(path == page or path.startswith(f"{page}/") for path in seen), page


def test_public_pages(stretched, server):
    for path in PUBLIC:
        stretched.goto(server.url + path)
        check_stretched(stretched)
    stretched.goto(f"{server.url}/login")
    stretched.get_by_label("XMPP address").fill("alice")
    stretched.get_by_label("Password").fill("wrong")
    stretched.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(stretched.get_by_role("alert")).to_be_visible()
    check_stretched(stretched)
    stretched.goto(f"{server.url}/register")
    stretched.get_by_label("Server").fill("example.org")
    stretched.get_by_role("button", name="Go on").click()
    expect(stretched.get_by_role("heading", name="Join us")).to_be_visible()
    check_stretched(stretched)


def much_happened(server):
    """To messages."""
    many = [f"p{number}@example.org" for number in range(40)]
    server.edit("m2", {"body": "", "retracted": True})
    server.edit("m3", {"body": "Promised!", "edited": 1.0, "state": "displayed"})
    server.edit("m4", {"reactions": [["👍", ["bob@example.org", *many], True], ["🎉", ["carol@example.org"], False]]})
    server.edit("m5", {"reply": "m4", "reply_to": "bob@example.org", "quote": "How was it? " * 20, "edited": 1.0})
    server.edit("m5", {"edit_state": "failed", "error": "The server refused it."})


def test_what_happened_to_messages(stretched, server):
    much_happened(server)
    log_in(stretched, server)
    for path in (BOB, "/message/m2", "/message/m3", "/message/m4?q=cat", f"{BOB}?answer=m5"):
        stretched.goto(server.url + path)
        check_stretched(stretched)


def test_what_can_be_done_with_messages(page, server):
    much_happened(server)
    log_in(page, server, BOB)
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


@pytest.mark.parametrize("paths", PRIVATE.values(), ids=PRIVATE)
def test_private_pages(stretched, server, paths):
    server.request("mallory@example.org", "Let me in")
    server.arrive("carol@example.org", "psst")
    log_in(stretched, server)
    for path in paths:
        stretched.goto(server.url + path)
        check_stretched(stretched)


def test_contacts_whose_details_are_open(stretched, server):
    server.request("mallory@example.org", "Let me in")
    log_in(stretched, server, "/contacts")
    for each in stretched.locator("summary").all():
        each.click()
    check_stretched(stretched)


def test_files(stretched, server):
    bob = "bob@example.org"
    server.received(bob, "plage.png", png(320, 200).decode("latin-1"))
    server.received(bob, "a-long-name-of-something-that-could-be-run-" * 3 + ".exe", "MZ", True)
    server.breaks(server.offer(bob, "film.mkv", 70_000_000))
    server.moves(server.offer(bob, "talk.ogg", 5_000_000), 2_000_000)
    server.offer(bob, "cv.pdf", 20_480, "alice", "as I said " * 20)
    server.file(bob, "two.png", png(320, 200).decode("latin-1"))
    server.shares_folder(bob, "", [["music " * 20, True, 0, ""], ["a.ogg", False, 2048, "live in Berlin"]])
    server.shares_own("/x", [bob], ["Work"], "music")
    log_in(stretched, server)
    for path in ("/files", f"/files/{bob}", f"/photos/{bob}", BOB):
        stretched.goto(server.url + path)
        check_stretched(stretched)
    stretched.get_by_text("Send a file").click()
    check_stretched(stretched)


def test_rooms(stretched, server):
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
    log_in(stretched, server)
    for path in (
        "/rooms",
        "/rooms?service=",
        f"/room/{ROOM}",
        f"/room/{ROOM}?q=zebra",
        f"/chat/{ROOM}",
        f"/chat/{ROOM}%2FJuliet",
    ):
        stretched.goto(server.url + path)
        for each in stretched.locator("summary").all():
            each.click()
        check_stretched(stretched)
    stretched.goto(f"{server.url}/chat/{ROOM}")
    live(stretched)
    server.occupant("Anna " * 20)
    expect(stretched.locator(".passage")).to_be_visible()
    check_stretched(stretched)


def test_rows_are_higher_where_fingers_point(chromium, server):
    """On a telephone. The other pages were looked at with a finger above."""
    context = chromium.new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page = context.new_page()
    log_in(page, server)
    for path in ("/chat", BOB, "/contacts", "/settings"):
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
