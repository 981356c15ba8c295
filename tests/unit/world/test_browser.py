from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from sat.world.browser import Browser

LOGIN = """<form><input name=q></form><form method="post" action="/in"><input type="hidden" name="csrf" value="t&amp;1">
<input name="address" value=""><input type="password" name="secret"><button>Go</button></form><input name="outside">"""
INSIDE = '<p>hello</p><form method="post"><textarea name="body">draft</textarea></form>'


class Site(BaseHTTPRequestHandler):
    """Lets in who knows the password and sends the hidden field back."""

    def do_GET(self) -> None:
        self._answer(200 if "let=in" in self.headers.get("Cookie", "") else 403)

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if fields == {"csrf": ["t&1"], "address": ["alice"], "secret": ["demo"]} and self.headers["Origin"]:
            self.send_response(303)
            self.send_header("Set-Cookie", "let=in")
            self.send_header("Location", "/")
            self.end_headers()
        else:
            self._answer(400)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write({200: INSIDE, 403: LOGIN, 400: "no"}[status].encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_logs_in_by_the_form_that_it_finds(site):
    browser = Browser()
    page = browser.get(site)
    assert page.status == 403
    form = page.form_with("password")
    assert form.fields == {"csrf": "t&1", "address": "", "secret": ""}
    values = {form.field("text"): "alice", form.field("password"): "demo"}
    inside = browser.submit(page, form, **values)
    assert "hello" in inside.text
    assert inside.form_with("textarea").field("textarea") == "body"
    assert browser.get(site).status == 200


def test_an_error_is_a_page(site):
    browser = Browser()
    page = browser.get(site)
    assert browser.submit(page, page.form_with("password")).status == 400


def test_nobody_there_is_an_error():
    with pytest.raises(OSError, match="refused"):
        Browser().get("http://127.0.0.1:1/")
