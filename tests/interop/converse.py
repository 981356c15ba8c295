"""Converse.js on a page of a web server of our own, logged in through the WebSocket of the world's server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError
from support.tree import ROOT

from sat.world import PASSWORD, World

FOLDER = ROOT / ".venv-peers" / "converse"
HERE = "'self' data: blob: https://localhost:* http://localhost:*"
NOT_ELSEWHERE = f"img-src {HERE}; media-src {HERE}; connect-src {HERE} wss://localhost:* ws://localhost:*"
"""Not by Playwright's routes: with one, each request waits until the test talks to the browser again."""
# It looks for the rest of itself beside the address of its script.
PAGE = """<!doctype html><meta charset="utf-8"><title>Converse.js</title>
<link rel="stylesheet" href="/dist/converse.min.css">
<body class="converse-fullscreen"><script type="module" src="/dist/converse.min.js"></script><script type="module">
const converse = window.converse;
converse.plugins.add("probe", {initialize() { window.api = this._converse.api; }});
converse.initialize(SETTINGS);
</script>"""


class _Handler(SimpleHTTPRequestHandler):
    page = b""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", NOT_ELSEWHERE)
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def converse(world: World, browser: Browser, person: str) -> Iterator[Page]:
    """The page, online. ``window.api`` is Converse's own, for what has no key or button that is easily found."""
    assert (FOLDER / "dist/converse.min.js").exists(), "Converse.js is not installed: tools/setup test"
    settings = {
        "authentication": "login",
        "auto_login": True,
        "jid": world.jid(person),
        "password": PASSWORD,
        "websocket_url": world.server.websocket,
        "discover_connection_methods": False,
        "assets_path": "/dist/",
        "i18n": "en",
        "view_mode": "fullscreen",
        "message_archiving": "always",
        "whitelisted_plugins": ["probe"],
    }
    page = PAGE.replace("SETTINGS", json.dumps(settings)).encode()
    handler = type("Handler", (_Handler,), {"page": page})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(FOLDER))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1200, "height": 900})
        try:
            tab = context.new_page()
            tab.goto(f"http://127.0.0.1:{server.server_address[1]}/")
            tab.wait_for_function("window.api && api.connection.connected()")
            yield tab
        finally:
            context.close()
            server.shutdown()


def open_chat(page: Page, jid: str) -> None:
    """Open a chat, again where its own start has hidden it meanwhile."""
    for _ in range(6):
        page.evaluate("jid => api.chats.open(jid, {}, true)", jid)
        with suppress(TimeoutError):
            page.wait_for_selector("converse-chat textarea.chat-textarea", timeout=5000)
            return
    raise AssertionError("Converse.js shows no chat")
