"""What the tests of libervia share: the server with a daemon in memory. Chromium is in ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from support.chromium import PATIENCE, live

from .client import Client, Server
from .world import PASSWORD

NETWORK = ("WebSocket", "net::", "503", "403")
"""In what the browser says of connections that a test cuts, and of sessions that it ends."""
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


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en", timezone_id="UTC")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(page: Page, server: Server, path: str = "/chat") -> Page:
    """Alice logs in, as a person does."""
    page.goto(f"{server.url}/login")
    page.get_by_label("XMPP address").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/chat")
    if path != "/chat":
        page.goto(f"{server.url}{path}")
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
