"""Whatever a contact writes stays text: it moves no terminal, hides nothing, and runs nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import live
from support.peer import Peer
from support.stage import go_to, jp, log_in, primitivus

from sat.world import PASSWORD, Options, World, until
from sat.world.daemon import script
from sat.world.demo import Libervia
from sat.world.terminal import Terminal

DO = "window.__pwned=1"
# XML holds no ESC and no other C0 control, so C1 is what reaches a terminal.
BODIES = (
    "colour \x9b31m and title \x9d0;owned\x9c and \x90device\x9c",
    "invoice \u202efdp.exe and \u2067isolated\u2069 and \u2066again",
    "pay\u200b\u200bpal and z\u200d\u200d\u200d\u200dz and \ufeff\ufefff",
    "Z" + "\u0336" * 200,
    "flag\U000e0041\U000e0042\U000e007f picture\U0010eeee",
    "one\u2028two\u2029three\x85four",
    "direction\u200f\u200e\u061cmarks",
    f"<img src=x onerror='{DO}'><script>{DO}</script></textarea><script>{DO}</script>",
    f"\"><svg onload={DO}> ' autofocus onfocus='{DO}' {{{{7*7}}}} ${{{DO}}}",
    f'javascript:{DO} https://example.invalid/"onmouseover="{DO} xmpp:a@b?<script>{DO}</script>',
    "[31mred[0m is harmless",
    "end of the small ones",
)
LONG = "long " + "x" * 900_000 + " tail\n" + "line\n" * 5000 + "bottom of the long one"
NAME = f"Ca\u202er\u2066ol\x9b31m\u200b <b onclick={DO}>"
STATUS = f"at\x9b2J \u202ework\u2069 \x9d0;x\x9c\u2028<img src=x onerror={DO}>"
RESOURCE = f"<img src=x onerror={DO}>"

# What may not reach a terminal: C0 but what moves a terminal on, C1, bidi controls and marks, separators, tags, kitty's
# picture, and invisible characters that follow one another.
OBEYED = re.compile(
    "[\x01-\x06\x10-\x1a\x1c-\x1f\x80-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u206f\U000e0000-\U000e007f\U0010eeee]"
)
HIDDEN = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff]{2}|[\u0300-\u036f]{20}")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Carol's program is not ours. Alice's contact list calls her by a hostile name."""
    with World(Options(extra="c2s_stanza_size_limit = 4194304")) as world:
        world.enter_profile("alice")
        yield world
        assert "Traceback" not in world.daemon.log.read_text()
        log = world.folder / "home/state/sat/primitivus.log"
        assert not log.exists(), log.read_text()


def connect(world: World, person: str, resource: str) -> Peer:
    return Peer(world.jid(person), PASSWORD, world.prosody.port, world.prosody.ca_file, escape(resource))


@pytest.fixture(scope="module")
def carol(world: World) -> Iterator[Peer]:
    """She has written everything."""
    item = f"<item jid={quoteattr(world.jid('carol'))} name={quoteattr(NAME)}><group>{escape(NAME)}</group></item>"
    with connect(world, "alice", "other") as other, connect(world, "carol", RESOURCE) as carol:
        other.ask(f"<iq type='set' id='name'><query xmlns='jabber:iq:roster'>{item}</query></iq>", "iq")
        carol.send(f"<presence><show>dnd</show><status>{escape(STATUS)}</status></presence>")
        for body in BODIES:
            carol.say(world.jid("alice"), escape(body))
        assert until(lambda: BODIES[-1] in history(world))
        yield carol


def history(world: World, *options: str) -> str:
    return jp(world.environment(), "-p", "alice", *options, "message", "history", world.jid("carol")).out


def clean(text: str) -> str:
    """The text, after it was looked at; what acts on a terminal fails."""
    found = OBEYED.search(text) or HIDDEN.search(text)
    assert found is None, ascii(text[max(0, found.start() - 80) : found.end() + 80])
    return text


COMMANDS = [
    ("message", "history", "carol@localhost"),
    ("message", "list"),
    ("message", "search", "and"),
    ("roster", "list"),
    ("presence", "get"),
    ("presence", "get", "carol@localhost"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_in_a_shell(world: World, carol: Peer, words: tuple[str, ...]):
    done = jp(world.environment(), "-p", "alice", *words)
    clean(done.err)
    assert len(clean(done.out)) > 10
    command = ["sh", "-c", '"$@"; echo over', "sh", script("jp"), "-p", "alice", *words]
    with Terminal(command, world.environment()) as terminal:
        assert terminal.shows("over")
        assert len(clean(terminal.raw)) > 10


@pytest.mark.parametrize("option", ["json", "json-raw"])
def test_json_keeps_the_data(world: World, carol: Peer, option: str):
    out = history(world, "-o", option)
    assert OBEYED.search(out) is None
    told = [each for each in json.loads(out) if each["body"] in BODIES]
    assert [each["body"] for each in told] == list(BODIES)
    assert {each["sender"] for each in told} == {f"{world.jid('carol')}/{RESOURCE}"}
    out = jp(world.environment(), "-p", "alice", "-o", option, "roster", "list").out
    assert OBEYED.search(out) is None
    contacts = json.loads(out)
    assert NAME in [each["name"] for each in contacts]


def test_in_the_console(world: World, carol: Peer, folder: Path):
    raw = folder / "raw"
    with primitivus(world.env, "-p", "alice", columns=120, rows=40) as terminal:
        terminal.record(raw)
        terminal.shows("Friends (0/1)")
        go_to(terminal, "carol@")
        terminal.shows(BODIES[-1])
        terminal.press("F2")
        terminal.press("F2")
        for key in ("Escape", "k", "k", "i"):  # a message's details
            terminal.press(key)
        terminal.press("Escape", "Escape")
        terminal.press("C-l")
        carol.send(f"<presence><status>{escape(STATUS)}!</status></presence>")
        carol.say(world.jid("alice"), "and now?")
        screen = terminal.shows("and now?")
        assert "<img src=x" in screen
        assert "red" in screen
    text = raw.read_text(errors="replace")
    assert "invoice" in text
    clean(text)


@pytest.fixture(scope="module")
def page(chromium: Browser, world: World, carol: Peer) -> Iterator[Page]:
    """Alice's conversation with carol, without the browser's own protection. Nothing is asked of another server."""
    with Libervia(world) as libervia:
        context = chromium.new_context(bypass_csp=True)
        page = context.new_page()
        wrong: list[str] = []
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: None if asked.url.startswith(libervia.url) else wrong.append(asked.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield live(log_in(page, libervia.url, world.jid("alice"), f"/chat/{world.jid('carol')}"))
        assert page.evaluate("window.__pwned") is None
        assert wrong == []
        context.close()
        assert "Traceback" not in libervia.log.read_text()


def bodies(page: Page) -> list[str]:
    return page.locator("#messages > li.m .body").all_inner_texts()


def test_on_the_page(page: Page, world: World, carol: Peer):
    for origin in ("drawn with the page", "live"):
        shown = "\n".join(bodies(page))
        assert "<img src=x onerror='window.__pwned=1'><script>window.__pwned=1</script></textarea>" in shown, origin
        assert "{{7*7}} ${window.__pwned=1}" in shown
        assert not re.search("[\u202a-\u202e\x80-\x9f]", shown)
        for body in BODIES:
            carol.say(world.jid("alice"), escape(body))
        carol.say(world.jid("alice"), escape(f"that was {origin}"))
        expect(page.locator("#messages")).to_contain_text(f"that was {origin}")
    expect(page.locator("#peer")).to_contain_text(f"<b onclick={DO}>")
    expect(page.locator("#peer")).to_contain_text(f"<img src=x onerror={DO}>")
    carol.send(f"<presence><status>again {escape(STATUS)}</status></presence>")
    expect(page.locator("#peer")).to_contain_text("again at")
    expect(page.locator("#contacts")).to_contain_text("again at")
    for link in page.locator("#messages a").all():
        target = link.get_attribute("href")
        assert target.startswith(("https://", "xmpp:", "/chat/", "/message/")), target
    page.mouse.click(500, 300)
    assert page.evaluate("window.__pwned") is None


def test_on_the_other_pages(page: Page):
    here = page.url
    origin = "/".join(here.split("/")[:3])
    for path in ("/contacts", "/search?q=script", f"/search?q={DO}", "/chat"):
        page.goto(origin + path)
        expect(page.locator("body")).to_contain_text(DO)
        assert page.evaluate("window.__pwned") is None
    live(page).goto(here)


def test_a_long_message(page: Page, world: World, carol: Peer, folder: Path):
    """One of nearly a MiB is taken, shown, and disturbs nobody."""
    with primitivus(world.env, "-p", "alice") as terminal:
        terminal.shows("Friends (0/1)")
        go_to(terminal, "carol@")
        carol.say(world.jid("alice"), LONG)
        expect(page.locator("#messages")).to_contain_text("bottom of the long one")
        terminal.shows("shows all of it")  # the beginning is on the screen; the whole would hold it up
        carol.say(world.jid("alice"), "after it")
        terminal.shows("after it")
        expect(page.locator("#messages")).to_contain_text("after it")
        terminal.type("and back")
        terminal.press("Enter")
        terminal.shows("and back")
        assert carol.expect_body("and back") is not None
    out = jp(world.environment(), "-p", "alice", "-o", "json-raw", "message", "history", world.jid("carol")).out
    assert LONG in [each["body"] for each in json.loads(out)]
