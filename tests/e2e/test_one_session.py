"""One conversation, live in the console, on the page and in the shell at once, through one daemon."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.chromium import live
from support.peer import Peer
from support.stage import Watch, go_to, jp, log_in, primitivus
from support.tmux import Terminal

from sat.world import PASSWORD, World
from sat.world.demo import Libervia


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        for person in ("alice", "bob"):
            world.enter_profile(person)
        yield world
        assert "Traceback" not in world.daemon.log.read_text()
        log = world.folder / "home/state/sat/primitivus.log"
        assert not log.exists(), log.read_text()


@pytest.fixture(scope="module")
def libervia(world: World) -> Iterator[Libervia]:
    with Libervia(world) as server:
        yield server
        assert "Traceback" not in server.log.read_text()


def page_of(browser: Browser, libervia: Libervia, world: World, person: str, path: str) -> Iterator[Page]:
    """Somebody's page, live, in a browser of their own. Nothing may go wrong in its console."""
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield live(log_in(page, libervia.url, world.jid(person), path))
    assert faults == []
    context.close()


@pytest.fixture(scope="module")
def page(chromium: Browser, libervia: Libervia, world: World) -> Iterator[Page]:
    """Bob's conversation with alice."""
    yield from page_of(chromium, libervia, world, "bob", f"/chat/{world.jid('alice')}")


@pytest.fixture(scope="module")
def console(world: World) -> Iterator[Terminal]:
    """Alice's conversation with bob."""
    with primitivus(world.env, "-p", "alice") as terminal:
        terminal.shows("Friends (1/1)")
        go_to(terminal, "bob")
        yield terminal


@pytest.fixture(scope="module")
def shells(world: World) -> Iterator[list[Watch]]:
    """What shells see on either side."""
    with Watch(world, "alice") as alices, Watch(world, "bob") as bobs:
        yield [alices, bobs]


def row(page: Page, words: str) -> Locator:
    """A message on the page."""
    return page.locator("#messages > li.m", has_text=words)


def write(page: Page, words: str) -> None:
    """Send a message from the page."""
    page.get_by_label("Message to").fill(words)
    page.keyboard.press("Enter")


def delivered(words: str, page: Page, console: Terminal, shells: list[Watch], mine: str) -> None:
    """All show a message once; the side that wrote it shows that it was delivered."""
    expect(row(page, words)).to_have_count(1)
    console.shows(words)
    for each in shells:
        assert each.shows(words)
        assert each.text.count(words) == 1
    if mine == "alice":
        console.wait(lambda text: any(words in line and "✓✓" in line for line in text.splitlines()))
    else:
        expect(row(page, words).locator(".mark")).to_have_text(re.compile("✓✓(delivered|seen)"))
    assert console.text.count(words) == 1


def changes(world: World, *words: str) -> None:
    """Run a command of the shell that says nothing where all is well."""
    done = jp(world.environment(), *words)
    assert (done.code, done.err) == (0, "")


def test_written_in_the_console(console: Terminal, page: Page, shells: list[Watch]):
    words = "typed in a console"
    console.type(words)
    console.press("Enter")
    delivered(words, page, console, shells, "alice")


def test_written_on_the_page(console: Terminal, page: Page, shells: list[Watch]):
    words = "typed on a page"
    write(page, words)
    delivered(words, page, console, shells, "bob")


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_written_in_the_shell(console: Terminal, page: Page, shells: list[Watch], world: World, person: str):
    other = {"alice": "bob", "bob": "alice"}[person]
    words = f"typed in {person}'s shell"
    done = jp(world.environment(), "-p", person, "message", "send", other, given=words)
    assert (done.code, done.out, done.err) == (0, "", "")
    delivered(words, page, console, shells, person)
    assert words in jp(world.environment(), "-p", person, "message", "history", other).out


def test_writing_is_seen(console: Terminal, page: Page):
    page.get_by_label("Message to").press_sequentially("Hm")
    console.shows("Bob is typing…")
    page.get_by_label("Message to").fill("")
    console.wait(lambda text: "is typing" not in text)
    console.type("Hm")
    expect(page.locator("#typing")).to_have_text("Alice is typing…")
    expect(page.locator(".contact", has_text="Alice")).to_contain_text("typing…")
    console.press("C-u")
    expect(page.locator("#typing")).to_have_text("")


@pytest.fixture
def carol(world: World) -> Iterator[Peer]:
    """A contact with a program that is not ours."""
    with Peer(world.jid("carol"), PASSWORD, world.prosody.port, world.prosody.ca_file, "phone") as peer:
        peer.available()
        yield peer


@pytest.fixture(scope="module")
def hers(chromium: Browser, libervia: Libervia, world: World) -> Iterator[Page]:
    """Alice's own page, beside her console."""
    yield from page_of(chromium, libervia, world, "alice", "/chat")


@pytest.fixture
def own_page(hers: Page, libervia: Libervia) -> Page:
    """The same: no conversation is open there."""
    if hers.url != f"{libervia.url}/chat":
        hers.goto(f"{libervia.url}/chat")
    return live(hers)


def badge(page: Page, name: str) -> Locator:
    """The count beside a contact."""
    return page.locator(".contact", has_text=name).locator(".badge")


def unread(world: World) -> dict[str, str]:
    """What the shell counts for alice."""
    lines = jp(world.environment(), "-p", "alice", "message", "list", "--unread").lines
    return {line.split("\t")[0]: line.split("\t")[1] for line in lines}


def test_read_on_the_page_is_read_in_the_console(console: Terminal, own_page: Page, carol: Peer, world: World):
    for count in (1, 2):
        carol.say(world.jid("alice"), f"psst {count}")
        expect(badge(own_page, "Carol")).to_have_text(f"{count} unread")
        console.wait(lambda text, count=count: re.search(rf"\bCarol +{count}\b", text))
        assert unread(world) == {world.jid("carol"): str(count)}
    expect(own_page).to_have_title(re.compile(r"^\(2\)"))
    own_page.get_by_role("link", name=re.compile("Carol")).click()
    expect(row(own_page, "psst 2")).to_be_visible()
    expect(badge(own_page, "Carol")).to_have_count(0)
    console.wait(lambda text: re.search(r"\bCarol +\d", text) is None)
    assert unread(world) == {}


def test_read_in_the_console_is_read_on_the_page(console: Terminal, own_page: Page, carol: Peer, world: World):
    carol.say(world.jid("alice"), "psst 3")
    expect(badge(own_page, "Carol")).to_have_text("1 unread")
    console.wait(lambda text: re.search(r"\bCarol +1\b", text))
    console.press("M-a")
    console.shows("psst 3")
    expect(badge(own_page, "Carol")).to_have_count(0)
    assert unread(world) == {}
    go_to(console, "bob")


def test_read_in_the_shell_is_read_everywhere(console: Terminal, own_page: Page, carol: Peer, world: World):
    carol.say(world.jid("alice"), "psst 4")
    expect(badge(own_page, "Carol")).to_have_text("1 unread")
    changes(world, "-p", "alice", "message", "read", "carol")
    expect(badge(own_page, "Carol")).to_have_count(0)
    console.wait(lambda text: re.search(r"\bCarol +\d", text) is None)


def test_marked_unread_in_the_console_or_the_shell_is_unread_everywhere(
    console: Terminal, own_page: Page, carol: Peer, world: World
):
    carol.say(world.jid("alice"), "psst 5")
    expect(badge(own_page, "Carol")).to_have_text("1 unread")
    go_to(console, "carol")
    console.shows("psst 5")
    expect(badge(own_page, "Carol")).to_have_count(0)
    console.escape()
    console.press("m")
    expect(badge(own_page, "Carol")).to_have_text("1 unread")
    console.wait(lambda text: re.search(r"\bCarol +1\b", text))
    assert unread(world) == {world.jid("carol"): "1"}
    go_to(console, "bob")
    changes(world, "-p", "alice", "message", "read", "carol")
    expect(badge(own_page, "Carol")).to_have_count(0)
    changes(world, "-p", "alice", "message", "unread", "carol")
    expect(badge(own_page, "Carol")).to_have_text("1 unread")
    console.wait(lambda text: re.search(r"\bCarol +1\b", text))
    changes(world, "-p", "alice", "message", "read", "carol")


def test_changes_of_messages_are_seen_everywhere(console: Terminal, page: Page, shells: list[Watch], world: World):
    """Bob corrects on his page and in his shell, alice reacts in her console and in her shell."""
    write(page, "one typo heer")
    delivered("one typo heer", page, console, shells, "bob")
    page.get_by_label("Message to").press("ArrowUp")
    composer = page.get_by_label("Correct your message")
    expect(composer).to_have_value("one typo heer")
    composer.fill("no typo here")
    composer.press("Enter")
    changed = row(page, "no typo here")
    expect(changed.get_by_role("link", name="corrected")).to_be_visible()
    console.wait(lambda text: "no typo here (corrected)" in text and "one typo heer" not in text)
    history = jp(world.environment(), "-p", "alice", "message", "history", "bob").out
    assert "no typo here" in history
    assert "one typo heer" not in history
    console.escape()
    console.press("+")
    console.shows("React")
    console.press("Enter")  # the first: 👍
    expect(changed.locator(".reaction", has_text="👍")).to_have_attribute("title", "Alice")
    expect(changed.locator(".mark")).to_have_text("✓✓seen")
    id = changed.get_attribute("data-id")
    assert id
    changes(world, "-p", "bob", "message", "react", id, "🎉")
    expect(changed.locator(".reaction", has_text="🎉")).to_have_attribute("aria-pressed", "true")
    console.shows("🎉")
    changed.locator(".reaction", has_text="👍").click()
    expect(changed.locator(".reaction", has_text="👍")).to_have_text("👍 2: You, Alice")
    console.shows("👍 2")
    changes(world, "-p", "bob", "message", "edit", id, "nor here")
    expect(row(page, "nor here")).to_be_visible()
    console.shows("nor here (corrected)")
    row(page, "nor here").get_by_role("link", name="corrected").click()
    expect(page.locator(".versions li")).to_have_count(2)
    page.go_back()
    live(page)
    row(page, "nor here").get_by_role("button", name="What can be done").click()
    page.locator("[popover]:popover-open").get_by_role("link", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.locator("#messages > li.m").last).to_contain_text("This message was taken back.")
    console.wait(lambda text: "(taken back)" in text and "nor here" not in text)
    assert "nor here" not in jp(world.environment(), "-p", "alice", "message", "history", "bob").out
    console.press("Escape")  # back to the input, where the next test writes


def test_the_daemon_stops_and_comes_back(console: Terminal, page: Page, shells: list[Watch], carol: Peer, world: World):
    """Meanwhile each says so; then each is back by itself, and what was written meanwhile is there once."""
    world.daemon.stop()
    console.shows("The daemon sat has stopped.")
    expect(page.locator("#banner")).to_contain_text("The daemon sat is not running.")
    assert all(each.shows("Waiting for it to come back") for each in shells)
    words = "kept in the console"
    console.type(words)
    console.press("Enter")
    console.shows(f"› {words}")
    write(page, "kept on the page")
    expect(row(page, "kept on the page")).to_contain_text("The daemon sat is not running.")
    carol.say(world.jid("alice"), "while you were away")
    world.daemon.start()
    expect(page.locator("#banner")).to_be_hidden()
    console.wait(lambda text: "has stopped" not in text)
    assert all(each.shows("The daemon is back.") for each in shells)
    console.press("Enter")  # what could not be sent stands in the input, as it was
    row(page, "kept on the page").get_by_role("button", name="Try again").click()
    delivered(words, page, console, shells, "alice")
    delivered("kept on the page", page, console, shells, "bob")
    console.wait(lambda text: re.search(r"\bCarol +1\b", text))
    assert shells[0].shows("while you were away")
    assert shells[0].text.count("while you were away") == 1
    history = jp(world.environment(), "-p", "alice", "message", "history", "carol").out
    assert history.count("while you were away") == 1
