"""The server under test, and a browser that does exactly what a test says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sat.world.browser import Page, _forms

from .world import PASSWORD

SERVE = Path(__file__).with_name("serve.py")
FORM = "application/x-www-form-urlencoded"


class Server:
    """``serve.py``, whose world is moved by method calls: ``server.arrive("bob@example.org", "hi")``."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, str(SERVE), "--port", "0", *options]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

        return call

    def stop(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


OURS = (
    "/chat",
    "/message",
    "/contact",
    "/logout",
    "/room",
    "/configure",
    "/services",
    "/account",
    "/card",
    "/contact",
    "/encryption",
    "/export",
    "/timeline",
    "/blog",
    "/files",
)
"""Of the private pages those that take forms."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str
    raw: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


class Client:
    """Keeps one cookie, follows nothing, adds nothing but ``Host`` and its cookie."""

    def __init__(self, server: Server, cookie_name: str = "") -> None:
        self.server, self.cookie_name, self.cookie = server, cookie_name or f"sat-{server.port}", ""

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items() if value}
        if self.cookie:
            given.setdefault("Cookie", f"{self.cookie_name}={self.cookie}")
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        set_cookie = re.match(rf"{re.escape(self.cookie_name)}=([^;]*)", found.get("set-cookie", ""))
        if set_cookie:
            self.cookie = set_cookie[1]
        return Answer(answer.status, found, raw.decode("utf-8", "replace"), raw)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def token(self, path: str = "/login") -> str:
        return re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)[1]

    def post(self, path: str, /, token: str | None = None, origin: str | None = None, **fields: str) -> Answer:
        """A form as our page sends it; the token is that of a page, unless another is given."""
        if token is None:
            token = self.token("/contacts" if path.startswith(OURS) else "/login")
        body = urlencode({"csrf": token, **fields}).encode()
        origin = self.server.url if origin is None else origin
        return self.ask("POST", path, body, Content_Type=FORM, Origin=origin)

    def log_in(self, address: str = "alice@example.org", password: str = PASSWORD, **fields: str) -> Answer:
        return self.post("/login", self.token("/login"), address=address, password=password, **fields)

    def page(self, path: str) -> Page:
        answer = self.get(path)
        return Page(path, answer.status, answer.text, _forms(answer.text))
