"""Whatever contacts, servers and visitors write stays text. The browser's own policy is switched off for this."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.chromium import live

from .client import Client
from .conftest import log_in

DO = "window.__pwned=1"
PAYLOADS = [
    f"<script>{DO}</script>",
    f"<img src=x onerror={DO}>",
    f'"><svg onload={DO}>',
    f"'><svg/onload={DO}>",
    f'" autofocus onfocus="{DO}" x="',
    f"' autofocus onfocus='{DO}' x='",
    f"</textarea><script>{DO}</script>",
    f"</title><script>{DO}</script>",
    f"</template><script>{DO}</script>",
    f"--><script>{DO}</script><!--",
    f"]]><script>{DO}</script>",
    "{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}X{% endfor %}",
    f"javascript:{DO}",
    f"http://x.example/?javascript:{DO}",
    f'http://x.example/"onmouseover="{DO}',
    f"http://x.example/'><img/src/onerror={DO}>",
    f"xmpp:a@b?<script>{DO}</script>",
    f"data:text/html,<script>{DO}</script>",
    f"<iframe srcdoc='<script>parent.{DO}</script>'></iframe>",
    f"<a href='javascript:{DO}'>x</a>",
    f"<math><mtext><table><mglyph><style><img src onerror={DO}></style></mglyph></table></mtext></math>",
    f"<details open ontoggle={DO}>",
    f"<body onload={DO}><base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'><link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example/><button>Send",
    "&lt;script&gt;&#60;img src=x onerror=1&#62;",
    f"\u003cscript\u003e{DO}\u003c/script\u003e",
    f"＜script＞{DO}＜/script＞",
    f"<scr\x00ipt>{DO}</scr\x00ipt>",
    f"<\u202escript>{DO}</script>",
    "%3Cscript%3E__pwned=1%3C/script%3E",
    f"`-{DO}-`${{{DO}}}",
]


@pytest.fixture
def page(open_page, server):
    page = open_page
    wrong = []

    def answer(dialog):
        if dialog.type == "beforeunload":  # what was refused is nowhere else: may it get lost?
            dialog.accept()
        else:
            wrong.append(dialog.message)
            dialog.dismiss()

    page.on("dialog", answer)
    page.on("request", lambda request: None if request.url.startswith(server.url) else wrong.append(request.url))
    yield page
    assert page.evaluate("window.__pwned") is None
    assert wrong == []


def check(page):
    assert page.evaluate("window.__pwned") is None, page.url
    hostile = (
        "script:not([src]), [onerror], [onload], [onfocus], [ontoggle], iframe, base, svg:not(.lock, .segno), math"
    )
    assert page.locator(hostile).count() == 0, page.url
    elsewhere = "[...document.forms].map(f => new URL(f.getAttribute('action') ?? '', location).origin)"
    assert set(page.evaluate(elsewhere)) <= {page.evaluate("location.origin")}, page.url
    schemes = page.evaluate("[...document.querySelectorAll('a')].map(a => a.protocol)")
    assert set(schemes) <= {"http:", "https:", "xmpp:"}, page.url


ROOM = "balcony@rooms.localhost"


def test_what_runs_would_be_noticed(open_page, server):
    log_in(open_page, server)
    for payload in (PAYLOADS[1], PAYLOADS[21]):
        open_page.reload()
        open_page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", payload)
        open_page.wait_for_function("window.__pwned")


def fill(server):
    server.room({"role": "moderator", "affiliation": "owner"})
    for number, payload in enumerate(PAYLOADS):
        jid = f"c{number}@example.org"
        server.contact(jid, payload, [payload, "Friends"])
        server.present(f"{jid}/{number}", "away", payload)
        more = {"subject": payload, "encrypted": [payload, "blind", payload]}
        changed = server.arrive("bob@example.org", payload, "alice", more)
        put = [[payload, [jid], number % 2]]
        server.edit(changed, {"reply": f"m{payload}", "reply_to": jid, "quote": payload, "reactions": put})
        server.edit(changed, {"edit_state": "failed", "error": payload, "edited": 1.0})
        server.room({"subject": payload, "name": payload})
        server.occupant(payload, "participant", {"jid": jid, "status": payload, "hats": [payload]})
        server.invitation(f"i{number}@rooms.localhost", jid, payload)
        server.public(f"p{number}@rooms.localhost", payload)
        server.request(f"r{number}@example.org", payload)
        server.new_key("bob@example.org", f"{number:x}", payload)
        server.setting(f"key{number}{payload}", payload, payload)


def test_written_pages(page, server):
    fill(server)
    log_in(page, server)
    check(page)
    for path in ("/chat/bob@example.org", "/chat/c3@example.org", "/contacts", "/settings", "/search?q=e"):
        page.goto(server.url + path)
        check(page)
    for path in ("/encryption/bob@example.org", "/rooms?service=", f"/room/{ROOM}", f"/chat/{ROOM}"):
        page.goto(server.url + path)
        check(page)
    for path in ("/message/m7?q=%3Cimg+src=x+onerror=1%3E", "/message/m8", "/chat/bob@example.org?answer=m7"):
        page.goto(server.url + path)
        check(page)
    # The whole of a payload is there, as text.
    page.goto(f"{server.url}/chat/bob@example.org")
    for payload in PAYLOADS[:11]:
        expect(page.locator("#messages .body").get_by_text(payload, exact=True).first).to_be_attached()


def test_names_of_files_and_what_is_said_of_them(page, server):
    for number, payload in enumerate(PAYLOADS):
        server.offer("bob@example.org", payload, 1000 + number, "alice", payload)
        server.received(f"c{number}@example.org", payload, "x")
        server.shares_own("/x", ["bob@example.org"], [payload], payload)
    entries = [[payload, number % 2 == 0, number, payload] for number, payload in enumerate(PAYLOADS)]
    server.shares_folder("bob@example.org", "", entries)
    log_in(page, server, "/files")
    live(page)
    server.offer("bob@example.org", PAYLOADS[1], 5, "alice", PAYLOADS[2])
    expect(page.locator("#moving li").first).to_contain_text("onerror=")
    check(page)
    for path in ("/files/bob@example.org", "/photos/bob@example.org", "/chat/bob@example.org"):
        page.goto(server.url + path)
        check(page)
    for payload in PAYLOADS[:6]:
        page.goto(f"{server.url}/files/bob@example.org?path={page.evaluate('encodeURIComponent', payload)}")
        check(page)


def test_live_fragments(page, server):
    log_in(page, server, "/chat/bob@example.org")
    live(page)
    fill(server)
    server.contact("bob@example.org", PAYLOADS[1], ["Friends"])
    server.typing("bob@example.org", "composing")
    expect(page.locator("#typing")).to_contain_text("onerror=")
    expect(page.locator("#messages .body").last).to_contain_text("${")
    page.locator("#messages .more").last.click()
    page.locator("[popover]:popover-open [data-act=answer]").click()
    expect(page.get_by_label("Answer to")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#messages .reaction").last.click()
    for payload in PAYLOADS[:11]:
        page.get_by_role("textbox").fill(payload)
        page.keyboard.press("Enter")
    expect(page.locator("#messages > li.pending")).to_have_count(0)
    server.connection("waiting", "ServerRefused", {"server": PAYLOADS[0], "port": PAYLOADS[1]})
    server.refuse("messages", "send", True, PAYLOADS[1])
    page.get_by_role("textbox").fill("fails")
    page.keyboard.press("Enter")
    expect(page.locator(".why").last).to_contain_text("onerror=")
    check(page)
    page.reload()
    check(page)


def test_live_fragments_of_a_room(page, server):
    page.set_viewport_size({"width": 1440, "height": 800})
    server.room()
    server.say("Juliet", "what light")
    log_in(page, server, f"/chat/{ROOM}")
    live(page)
    for payload in PAYLOADS:
        server.occupant(payload)
        server.room({"subject": payload, "error": payload})
    expect(page.locator("#there")).to_contain_text("${")
    expect(page.locator(".passage")).to_contain_text(PAYLOADS[0])
    expect(page.locator("#peer")).to_contain_text("${")
    server.room({"state": "left"})
    check(page)


def test_what_a_server_asks_in_its_form(page, server):
    page.goto(f"{server.url}/register")
    page.get_by_label("Server").fill("example.org")
    shown = set()
    for number, payload in enumerate(PAYLOADS):
        server.form(payload)
        server.calm()
        if number:
            page.reload()  # sends the form once more
        else:
            page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Create the account")).to_be_visible()
        check(page)
        shown.add(page.locator("main h2").inner_text())
    assert len(shown) == len(set(PAYLOADS))


def test_what_stands_in_the_address_comes_back_as_text(page, server):
    log_in(page, server)
    for payload in PAYLOADS[:14]:
        quoted = page.evaluate("encodeURIComponent", payload)
        for path in (f"/search?q={quoted}", f"/contacts?q={quoted}", f"/chat/{quoted}", f"/{quoted}"):
            page.goto(server.url + path)
            check(page)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_typed_at_the_log_in_comes_back_as_text(server, payload):
    client = Client(server)
    for text in (client.log_in(payload, payload).text, client.log_in(payload, "x", next=payload).text):
        assert DO not in text or "&lt;" in text or "<" not in payload
        assert "<script" not in text
        assert "<img src=x" not in text
        assert 'onfocus="' not in text


def test_what_deceives_the_eye_is_made_visible(page, server):
    server.arrive("bob@example.org", "invoice\u202egpj.exe \u0085 \u2066x")
    server.contact("bob@example.org", "B\u202eob\u200b", [])
    log_in(page, server, "/chat/bob@example.org")
    text = page.locator("body").inner_text()
    assert not set(text) & set("\u202e\u2066\u0085\u200b")
    assert "invoice�gpj.exe" in text
