"""What the tests of libervia share: the server with a daemon in memory. Chromium is in ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from support.chromium import PATIENCE, live

from .client import Client, Server
from .world import PASSWORD

NETWORK = ("WebSocket", "net::", "502", "503", "403")
"""In what the browser says of connections that a test cuts, of sessions that it ends, and of files that are refused."""
BOB = "/chat/bob@example.org"


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    assert server.stop() == 0


@pytest.fixture
def server(running: Server) -> Server:
    """The server, as good as new."""
    running.reset()
    return running


@pytest.fixture
def client(server: Server) -> Client:
    """Logged in as alice."""
    client = Client(server)
    assert client.log_in().status == 303
    return client


@pytest.fixture(scope="session")
def warm(chromium: Browser, running: Server) -> BrowserContext:
    """What a browser keeps of our scripts is in a context, and in a process that lasts as long as a page is open: one
    is. With a new context each page takes three times as long."""
    context = new_context(chromium)
    context.new_page().goto(running.url)
    return context


@pytest.fixture
def context(warm: BrowserContext) -> Iterator[BrowserContext]:
    """A browser in which nobody is logged in. Its clock must not be touched: see ``clocked``."""
    warm.new_cdp_session(warm.pages[0]).send("Network.clearBrowserCache")  # another test had other pictures there
    yield warm
    for page in warm.pages[1:]:
        page.close()
    warm.set_offline(False)
    warm.clear_cookies()


@pytest.fixture
def clocked(chromium: Browser) -> Iterator[Page]:
    """A page whose time passes as a test says."""
    context = new_context(chromium)
    context.clock.install()
    yield context.new_page()
    context.close()


def new_context(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(locale="en", timezone_id="UTC")
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def open_page(context: BrowserContext) -> Page:
    """A page without the policy that would stop axe, and a script that got in."""
    page = context.new_page()
    context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    return page


def forbid_scripts(page: Page) -> None:
    """A page that is loaded from here on runs no script."""
    page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})


def log_in(page: Page, server: Server, path: str = "/chat") -> Page:
    """Alice is logged in, and looks at a page. Starting Brython on one page less makes these tests twice as fast."""
    client = Client(server)
    assert client.log_in().status == 303
    page.context.add_cookies([{"name": client.cookie_name, "value": client.cookie, "url": server.url}])
    page.goto(f"{server.url}{path}")
    return page


def log_in_by_form(page: Page, server: Server) -> Page:
    """Alice logs in, as a person does."""
    page.goto(f"{server.url}/login")
    page.get_by_label("XMPP address").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/chat")
    return page


@pytest.fixture
def talk(page: Page, server: Server) -> Iterator[Page]:
    """Alice's conversation with Bob, live. Nothing may go wrong in the console but what a test does to the network."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    log_in(page, server, BOB)
    yield live(page)
    assert [fault for fault in faults if not any(word in fault for word in NETWORK)] == []


def rows(page: Page) -> Locator:
    """The messages."""
    return page.locator("#messages > li.m")


def last(page: Page) -> Locator:
    """The newest message."""
    return rows(page).last


def until(condition: Callable[[], object], page: Page, seconds: int = 15) -> None:
    """Wait for something that the page does not show."""
    for _ in range(seconds * 10):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen")
