"""What strangers, other sites and contacts try (ASVS level 2; the web rows of the threat list)."""

from __future__ import annotations

import json
import re
import socket
import time

import pytest

from libervia.routes import load_pages
from libervia.server.static import load_assets

from .client import FORM, Client, Server
from .world import PASSWORD

PAGES = load_pages()
PRIVATE = sorted(path for path, page in PAGES.items() if page.access == "private")
ROUTES = [*sorted(PAGES), "/chat/bob@example.org", "/settings/general", "/nowhere", "/ws", "/static/x/sat.css"]


# -- headers --------------------------------------------------------------------------------------------------------

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_headers(answer, live=False):
    for name, value in ALWAYS.items():
        assert answer.header(name) == value, name
    policy = dict(part.strip().split(" ", 1) for part in answer.header("Content-Security-Policy").split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == ("'self' 'unsafe-eval'" if live else "'none'")
    assert policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "Twisted" not in answer.header("Server")


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_has_the_headers(client, server, route):
    for visitor in (client, Client(server)):
        answer = visitor.get(route)
        assert answer.status < 500
        page = PAGES.get("/" + route.split("/")[1])
        check_headers(answer, live=answer.status == 200 and page is not None and page.live)
        if answer.status == 200:
            assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_headers_are_there_for_every_method(client, method):
    check_headers(client.ask(method, "/contacts"), live=False)


def test_files_are_cached_for_ever_and_packed(server):
    client = Client(server)
    for url in load_assets()._files:
        answer = client.get(url, Accept_Encoding="gzip")
        assert answer.status == 200
        check_headers(answer)
        assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
        assert answer.header("Content-Encoding") == "gzip"
        assert client.get(url, If_None_Match=answer.header("ETag")).status == 304


def test_scripts_of_the_chat_page_fit_in_the_budget():
    """surfaces.md §8.9: at most 300 KB, packed."""
    assets = load_assets()
    packed = sum(len(asset.packed) for url, asset in assets._files.items() if url.endswith((".js", ".py")))
    assert packed <= 300 * 1000


def test_public_pages_hold_no_script(server):
    for path in ("/", "/login", "/register", "/nowhere"):
        assert "<script" not in Client(server).get(path).text


def test_errors_show_no_traceback(client, server):
    server.break_search()
    answer = client.get("/search?q=x")
    assert answer.status == 500
    check_headers(answer)
    assert "Something unexpected went wrong." in answer.text
    assert not re.search("Traceback|ZeroDivision|secret", answer.text)


# -- who may do what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_changes_without_token_or_from_another_site(client, server, route, method):
    good = {"csrf": client.token("/contacts")}
    other = Client(server)
    other.log_in("eve@example.org")
    tries = [
        ({}, server.url, ""),
        ({"csrf": "0" * 64}, server.url, ""),
        ({"csrf": other.token("/contacts")}, server.url, ""),
        (good, "https://evil.example", ""),
        (good, f"http://127.0.0.1:{server.port + 1}", ""),
        (good, "null", ""),
        (good, "null", "cross-site"),
        (good, "", "cross-site"),
        (good, "", "same-site"),
    ]
    for fields, origin, site in tries:
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        answer = client.ask(method, route, body, Content_Type=FORM, Origin=origin, Sec_Fetch_Site=site)
        assert answer.status == 403, (fields, origin, site)
    if method == "POST":  # JSON as text/plain is a form to a browser, and none to us
        body = json.dumps(good).encode()
        assert client.ask("POST", route, body, Content_Type="text/plain", Origin=server.url).status == 403
    assert client.get("/chat").status == 200


def test_own_form_passes_with_the_origin_that_browsers_send(client, server):
    """With no-referrer a browser says ``Origin: null`` and ``Sec-Fetch-Site: same-origin``."""
    token = client.token("/contacts")
    body = f"csrf={token}&do=send&body=hi".encode()
    answer = client.ask(
        "POST", "/chat/bob@example.org", body, Content_Type=FORM, Origin="null", Sec_Fetch_Site="same-origin"
    )
    assert answer.status == 303


@pytest.mark.parametrize("route", PRIVATE)
def test_private_pages_are_closed_to_strangers(server, route):
    client = Client(server)
    assert client.get(route).header("Location").startswith("/login")
    assert client.post(route, client.token("/login")).status == 403


def test_pages_are_private_unless_they_say_otherwise():
    assert sorted(set(PAGES) - set(PRIVATE)) == ["/", "/login", "/logout", "/register", "/u"]


def test_profile_comes_from_the_session_only(client, server):
    eve = Client(server)
    eve.log_in("eve@example.org")
    for path in ("/chat?profile=alice", "/chat/bob@example.org?profile=alice", "/search?q=great&profile=alice"):
        assert "Great indeed" not in eve.get(path).text
    assert eve.post("/chat/bob@example.org", do="retry", id="m6", profile="alice").status == 404
    assert not [call for call in server.calls("messages") if call[0] == "retry"]


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_cookie_is_closed_to_scripts_and_changes_at_the_log_in(server):
    client = Client(server)
    first = client.get("/login").header("Set-Cookie")
    assert re.fullmatch(rf"sat-{server.port}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", first)
    before = client.cookie
    second = client.log_in().header("Set-Cookie")
    assert second.startswith(f"sat-{server.port}=")
    assert client.cookie != before
    client.cookie = before
    assert client.get("/chat").status == 303


def test_cookie_of_another_is_never_adopted(server):
    client = Client(server)
    client.cookie = "A" * 32
    client.log_in()
    assert client.cookie != "A" * 32
    client.cookie = "A" * 32
    assert client.get("/chat").status == 303


def test_session_ends_after_half_an_hour_of_silence(client, server):
    server.skip(29 * 60)
    assert client.get("/chat").status == 200
    server.skip(29 * 60)
    assert client.get("/chat").status == 200
    server.skip(31 * 60)
    assert client.get("/chat").status == 303


def test_session_ends_after_twelve_hours_of_work(client, server):
    for _ in range(36):
        assert client.get("/chat").status == 200
        server.skip(20 * 60)
    server.skip(1)
    assert client.get("/chat").status == 303


def test_behind_https_cookies_are_bound_to_it():
    server = Server("--https", "--public-host", "chat.example.org")
    try:
        client = Client(server, "__Host-sat")
        answer = client.get("/login", Host="chat.example.org")
        assert re.fullmatch(
            r"__Host-sat=[\w-]{32}; Path=/; HttpOnly; SameSite=Lax; Secure", answer.header("Set-Cookie")
        )
        assert answer.header("Strict-Transport-Security") == "max-age=31536000"
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text)[1]
        body = f"csrf={token}&address=alice&password={PASSWORD}".encode()
        for origin, status in (("http://chat.example.org", 403), ("https://chat.example.org", 303)):
            answer = client.ask("POST", "/login", body, Host="chat.example.org", Origin=origin, Content_Type=FORM)
            assert answer.status == status
    finally:
        server.stop()


# -- names, paths, sizes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "<script>", "127.0.0.1.evil.example"])
def test_other_names_are_refused(server, host):
    client = Client(server)
    for path in ("/login", next(iter(load_assets()._files)), "/ws"):
        answer = client.get(path, Host=host or " ")
        assert answer.status == 421
        check_headers(answer)
        assert "<script>" not in answer.text


TRAVERSALS = [
    "/static/../main.py",
    "/static/..%2fmain.py",
    "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%5cmain.py",
    "/static//etc/passwd",
    "//etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%c0%af..%c0%afetc/passwd",
    "/static/%00",
    "/chat/%00",
    "/chat/..",
    "/chat/%2e%2e",
    "/settings/..%2f..",
    "/login/../../etc/passwd",
    "/login%2f",
    "/login/",
    "/home",
    "/.",
    "/..;/",
    "/static/server.py",
    "/pages/login/login.html",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_paths_lead_nowhere_else(client, path):
    answer = client.get(path)
    assert answer.status == 404
    check_headers(answer)
    assert not re.search("root:|import ", answer.text)


def raw(server, data, wait=20.0):
    with socket.create_connection(("127.0.0.1", server.port), wait) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def test_too_much_is_refused_before_it_is_read(server):
    head = f"POST /login HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: {{}}\r\n\r\n"
    for length in (2 << 20, 1 << 40):
        answer = raw(server, head.format(length).encode())
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"nosniff" in answer


def test_body_of_unknown_length_is_refused(server):
    head = f"POST /login HTTP/1.1\r\nHost: {server.host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    assert raw(server, head.encode()).startswith(b"HTTP/1.1 411 ")


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: " + b"a" * 20000 + b"\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: +5\r\n\r\nhello",
    ],
)
def test_malformed_requests_end_the_connection(server, data):
    answer = raw(server, data)
    assert re.match(rb"HTTP/1.1 4(00|11|13|31) ", answer)
    assert b"nosniff" in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_form_of_thousands_of_fields_is_refused(client):
    body = "&".join(f"a{each}=1" for each in range(5000)).encode()
    answer = client.ask("POST", "/contacts", body, Content_Type=FORM, Origin=client.server.url)
    assert answer.status == 400


def test_slow_requests_are_cut_however_they_drip():
    """A byte now and then keeps a connection alive only until the deadline of the whole request."""
    server = Server("--port", "0")
    try:
        server.hurry(0.6)
        started = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            received = b""
            connection.settimeout(0.1)
            while not received and time.monotonic() - started < 15:
                try:
                    connection.sendall(b"X: y\r\n")
                    received = connection.recv(4096)
                except TimeoutError:
                    continue
        assert received.startswith(b"HTTP/1.1 408 ")
    finally:
        server.stop()


# -- the live connection ----------------------------------------------------------------------------------------------


def handshake(server, **headers):
    given = {
        "Host": server.host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Origin": server.url,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    data = ("GET /ws HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(data)
        return connection.recv(4096)


def test_live_connection_is_for_our_pages_of_who_is_logged_in(client, server):
    cookie = f"{client.cookie_name}={client.cookie}"
    assert handshake(server, Cookie=cookie).startswith(b"HTTP/1.1 101 ")
    for refused in (
        {"Cookie": ""},
        {"Cookie": f"{client.cookie_name}=" + "A" * 32},
        {"Cookie": f"sat={client.cookie}"},
        {"Cookie": cookie, "Origin": "https://evil.example"},
        {"Cookie": cookie, "Origin": "null"},
        {"Cookie": cookie, "Origin": ""},
    ):
        assert handshake(server, **refused).startswith(b"HTTP/1.1 403 "), refused
    assert handshake(server, Cookie=cookie, Host="evil.example").startswith(b"HTTP/1.1 421 ")
    assert client.get("/ws", Origin=server.url).status == 426


def test_secrets_are_not_in_pages_or_logs(server):
    client = Client(server)
    answer = client.log_in(password="hunter2-wrong")
    assert "hunter2" not in answer.text


def test_where_others_reach_the_page_nobody_points_the_daemon_at_a_machine(client):
    public = Server("--public-host", "chat.example.org")
    try:
        visitor = Client(public)
        assert visitor.log_in().status == 303
        for each, shown in ((client, True), (visitor, False)):
            assert ("Host of the server" in each.get("/settings/mail-server").text) is shown
    finally:
        public.stop()
