"""Small and large screens with real data: what must be seen is seen, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.chromium import COLOURS, RULES, live, violations
from support.peer import Peer
from support.stage import go_to, log_in, primitivus
from support.tmux import Terminal

from sat.api import JID
from sat.world import PASSWORD, World, until
from sat.world.demo import Libervia
from sat.world.people import run
from sat_frontends.quick_frontend.text import width

BODIES = ("Salut à toi 日本", "https://example.org/" + "long" * 40, "Once upon a time " * 12, "ok")
LAST, MINE = "What do you say?", "I say yes"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Alice and bob have talked, carol's words are unread."""
    with World() as world:
        for person in ("alice", "bob"):
            world.enter_profile(person)
        alice, bob = JID(world.jid("alice")), JID(world.jid("bob"))
        clients = world.bridge().profile("alice"), world.bridge().profile("bob")
        for number in range(48):
            sender, peer = (clients[0], bob) if number % 3 else (clients[1], alice)
            run(sender.messages.send(peer, BODIES[number % 4]))
        run(clients[1].messages.send(alice, LAST))
        assert until(lambda: run(clients[0].messages.get_history(bob))[-1].body == LAST)
        run(clients[0].messages.send(bob, MINE))
        with Peer(world.jid("carol"), PASSWORD, world.prosody.port, world.prosody.ca_file) as carol:
            carol.available()
            carol.say(alice, "psst")
            yield world


@pytest.fixture(scope="module")
def console(world: World) -> Iterator[Terminal]:
    """Alice's conversation with bob, who is writing."""
    with primitivus(world.env, "-p", "alice", columns=120, rows=30) as terminal:
        terminal.shows("Friends (1/1)")
        go_to(terminal, "bob")
        terminal.type("half a line")
        terminal.shows(LAST)
        yield terminal
        assert "ended with" not in terminal.text
    log = world.folder / "home/state/sat/primitivus.log"
    assert not log.exists(), log.read_text()


def resized(terminal: Terminal, columns: int, rows: int) -> str:
    """The screen after it was drawn in another size. Every line of it fits."""
    terminal.resize(columns, rows)
    # The help is always at the right edge. What the terminal made of the screen before it was drawn anew is not.
    screen = terminal.wait(lambda text: drawn(text.splitlines(), columns, rows))
    assert all(width(line) <= columns for line in screen.splitlines())
    return screen


def drawn(lines: list[str], columns: int, rows: int) -> bool:
    """Whether a screen has been drawn in this size."""
    whole = len(lines) == rows and lines[0].startswith(" Bob ") and lines[-1] == "› half a line"
    return whole and lines[-2].endswith(" F1 help") and width(lines[-2]) == columns - 1


@pytest.mark.parametrize("size", [(120, 30), (80, 24), (40, 10)], ids=str)
def test_console(console: Terminal, world: World, size: tuple[int, int]):
    bob, alice = world.bridge().profile("bob").chat_states, JID(world.jid("alice"))
    resized(console, *size)
    run(bob.set_typing(alice, True))
    screen = console.shows("Bob is typing…")
    run(bob.set_typing(alice, False))
    lines = screen.splitlines()
    assert lines[0].startswith(" Bob ● online")
    assert "not encrypted" in lines[0]
    assert "alice@localhost ●" in lines[0] or size[0] < 80
    assert lines[-1] == "› half a line"
    assert "1 Bob" in lines[-2]
    assert lines[-2].endswith("F1 help")
    assert LAST in screen
    assert console.line(MINE).endswith("✓✓") or "✓✓│" in console.line(MINE)
    assert ("bob@localhost" in screen) == (size[0] >= 120)  # the details
    if size[0] < 80:
        console.press("F2")
    screen = console.shows("Friends (1/1)")
    assert "All  Unread 1  Rooms" in screen
    assert "● Carol" in screen
    if size[0] < 80:
        console.press("F2")
        console.wait(lambda text: "Friends" not in text)


@pytest.mark.parametrize(
    ("key", "title"),
    [("F1", "Keys"), ("M-,", "Settings"), ("M-/", "Search all conversations"), ("M-g", "Go to"), ("F9", "Menu")],
)
def test_dialogs_of_the_console(console: Terminal, key: str, title: str):
    for columns, rows in ((120, 30), (80, 24), (40, 10)):
        resized(console, columns, rows)
        console.press(key)
        screen = console.wait(lambda text, title=title: f" {title} ─" in text and "┘" in text)
        assert all(width(line) <= columns for line in screen.splitlines())
        assert screen.count("┌") == screen.count("┘") == 1
        console.press("Escape")
        console.wait(lambda text, title=title: f" {title} ─" not in text)


def test_console_of_any_size(console: Terminal):
    """Also while a dialog is open, and so small that nothing can be read."""
    for key, title in (("", ""), ("M-,", " Settings ─"), ("M-g", " Go to ─")):
        if key:
            console.press(key)
            console.shows(title)
        for columns, rows in ((20, 5), (10, 3), (2, 2), (200, 60), (41, 11), (80, 24)):
            console.resize(columns, rows)
        if key:
            console.press("Escape")
            console.wait(lambda text, title=title: title not in text and drawn(text.splitlines(), 80, 24))


@pytest.fixture(scope="module")
def libervia(world: World) -> Iterator[Libervia]:
    with Libervia(world) as server:
        yield server


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def page(scheme: str, chromium: Browser) -> Iterator[Page]:
    """A narrow one."""
    context = chromium.new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme, bypass_csp=True)
    yield context.new_page()
    context.close()


def fits(page: Page, rules: list[str]) -> None:
    """Nothing has to be scrolled sideways, and axe-core finds no fault."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window == 320
    assert violations(page, rules) == []


def test_narrow_page(page: Page, scheme: str, libervia: Libervia, world: World):
    rules = RULES if scheme == "light" else COLOURS  # the others find the same again
    live(log_in(page, libervia.url, world.jid("alice"), f"/chat/{world.jid('bob')}"))
    row = page.locator("#messages > li.m").last
    expect(row).to_contain_text(MINE)
    expect(row.locator(".mark")).to_contain_text("✓✓")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bob")
    run(world.bridge().profile("bob").chat_states.set_typing(JID(world.jid("alice")), True))
    expect(page.locator("#typing")).to_have_text("Bob is typing…")
    page.get_by_label("Message to Bob").fill("half a line\n" * 4)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    expect(row).to_be_in_viewport()
    fits(page, rules)
    for path in ("/chat", "/contacts", "/settings", "/search?q=salut"):
        page.goto(libervia.url + path)
        fits(page, rules)
    page.goto(libervia.url + "/chat")
    expect(page.locator(".contact", has_text="Carol")).to_contain_text("1")
    page.get_by_role("link", name="Bob").click()
    expect(page.get_by_label("Message to Bob")).to_have_value("half a line\n" * 4)
