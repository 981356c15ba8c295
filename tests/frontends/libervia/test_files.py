"""Files in conversations: shown, kept, sent."""

from __future__ import annotations

import re
import socket

import pytest
from playwright.sync_api import Page, expect
from support.chromium import GIVE
from support.pictures import png

from .client import Client, Server
from .conftest import last

BOB = "bob@example.org"
PICTURE = png(40, 30).decode("latin-1")
CHAT = f"/chat/{BOB}"
UPLOAD = f"/upload/{BOB}"


@pytest.fixture
def client(server: Server) -> Client:
    client = Client(server)
    assert client.log_in().status == 303
    return client


def form(data: bytes, name: str = "a.png", token: str = "", boundary: bytes = b"xyz") -> bytes:
    head = b'--%s\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n' % (boundary, token.encode())
    file = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n' % (boundary, name.encode())
    return head + file + b"Content-Type: text/html\r\n\r\n" + data + b"\r\n--%s--\r\n" % boundary


def send(
    client: Client, data: bytes, name: str = "a.png", token: str | None = None, path: str = UPLOAD, **headers: str
):
    token = client.token("/contacts") if token is None else token
    headers = {"Origin": client.server.url, **headers}
    return client.ask(
        "POST", path, form(data, name, token), Content_Type="multipart/form-data; boundary=xyz", **headers
    )


def test_a_picture_is_shown_with_a_text_for_those_who_do_not_see_it(client: Client) -> None:
    id = client.server.file(BOB, "à la plage.png", PICTURE)
    row = re.search(rf'<li class="m[^>]*data-id="{id}".*?</li>', client.get(CHAT).text, re.DOTALL)
    assert row is not None
    for place in (row[0], client.get(f"/message/{id}").text):
        assert f'<a href="/file/{id}?n=0"><img src="/file/{id}?n=0&amp;show=1" alt="à la plage.png"' in place
        assert "https://files.example" not in place  # it is not shown twice, and the browser is not sent there
    answer = client.get(f"/file/{id}?n=0&show=1")
    assert (answer.status, answer.raw) == (200, PICTURE.encode("latin-1"))
    assert answer.header("Content-Type") == "image/png"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.header("Content-Security-Policy")
    assert answer.header("Content-Disposition").startswith("inline")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.png", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("x.html", "<script>alert(1)</script>"),
        ("x.pdf", "%PDF-1.7"),
    ],
)
def test_what_is_no_picture_is_only_kept(client: Client, name: str, data: str) -> None:
    id = client.server.file(BOB, name, data)
    answer = client.get(f"/file/{id}?n=0")
    assert (answer.status, answer.text) == (200, data)
    assert answer.header("Content-Type") == "application/octet-stream"
    assert answer.header("Content-Disposition") == f"attachment; filename*=UTF-8''{name}"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert client.get(f"/file/{id}?n=0&show=1").status == 403


def test_a_name_cannot_end_the_header(client: Client) -> None:
    id = client.server.file(BOB, 'a"\r\nX-Evil: 1;é.txt', "x")
    answer = client.get(f"/file/{id}?n=0")
    assert answer.header("Content-Disposition") == "attachment; filename*=UTF-8''a%22%0D%0AX-Evil%3A%201%3B%C3%A9.txt"
    assert answer.header("X-Evil") == ""


def test_a_picture_that_is_not_shown_is_there_for_who_wants_it(client: Client) -> None:
    id = client.server.file(BOB, "hidden.png", PICTURE, True)
    answer = client.get(f"/file/{id}?n=0&show=1")
    assert answer.status == 403
    assert "The settings say which pictures are shown" in answer.text
    assert client.get(f"/file/{id}?n=0").status == 200


@pytest.mark.parametrize("path", ["/file", "/file/none", "/file/none?n=1", "/upload"])
def test_what_is_not_there(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_another_file_of_the_message_is_not_there(client: Client) -> None:
    assert client.get(f"/file/{client.server.file(BOB, 'x.txt', 'x')}?n=1").status == 404


def test_files_are_for_who_is_logged_in(server: Server) -> None:
    id = server.file(BOB, "x.txt", "x")
    stranger = Client(server)
    assert stranger.get(f"/file/{id}?n=0").status == 303
    assert stranger.get(UPLOAD).status == 303


def test_a_file_is_sent_without_scripts(client: Client) -> None:
    page = client.get(UPLOAD).text
    assert "takes 1.0 MB at most. Who knows its address can read it." in page
    assert 'enctype="multipart/form-data"' in page
    assert f'action="{UPLOAD}"' in client.get(CHAT).text
    data = PICTURE.encode("latin-1") + b"\r\n--xy\r\n--xy" + bytes(300_000)  # nearly the boundary
    answer = send(client, data, "pic.png")
    assert (answer.status, answer.header("Location")) == (303, f"{CHAT}#end")
    name, beginning, size, still_there = client.server.uploaded()[-1]
    assert (name, size, still_there) == ("pic.png", str(len(data)), "False")
    assert beginning == data[:100].decode("latin-1")
    assert 'alt="pic.png 40×30' in client.get(CHAT).text


def test_what_cannot_be_sent_is_told_beside_the_form(client: Client) -> None:
    answer = send(client, b"x" * 1_200_000, "large.bin")
    assert answer.status == 413
    assert "large.bin is 1.1 MB; upload.localhost takes 1.0 MB at most." in answer.text
    assert 'type="file"' in answer.text
    answer = send(client, b"x", "refused.txt")
    assert (answer.status, "413 Quota reached" in answer.text) == (502, True)
    answer = send(client, b"", "")
    assert (answer.status, "Choose a file first." in answer.text) == (400, True)
    assert all(there == "False" for *_, there in client.server.uploaded())


def test_nothing_is_sent_without_token_or_from_elsewhere(client: Client) -> None:
    before = client.server.uploaded()
    assert send(client, b"x", token="").status == 403
    assert send(client, b"x", token="0" * 64).status == 403
    assert send(client, b"x", Origin="https://evil.example").status == 403
    assert client.server.uploaded() == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=xyz"),
        (b"no form", "multipart/form-data; boundary=xyz"),
        (form(b"x")[:-10], "multipart/form-data; boundary=xyz"),
        (form(b"x"), "multipart/form-data"),
        (form(b"x"), "multipart/form-data; boundary=other"),
        (b"--xyz\r\n" + b"x" * 5000, "multipart/form-data; boundary=xyz"),
        (form(b"x", token="t" * 270_000), "multipart/form-data; boundary=xyz"),
        (b"--xyz\r\nA: b\r\n\r\n\r\n" * 30, "multipart/form-data; boundary=xyz"),
    ],
)
def test_what_is_no_form_is_refused(client: Client, body: bytes, kind: str) -> None:
    answer = client.ask("POST", UPLOAD, body, Content_Type=kind, Origin=client.server.url)
    assert (answer.status, "This form cannot be read." in answer.text) == (400, True)


def test_pictures_are_pasted_and_files_dropped(talk: Page, server: Server) -> None:
    talk.locator("#body").fill("half a line")
    assert talk.evaluate(GIVE, [["image.png"], "paste", "#body"]) is False
    expect(last(talk).get_by_role("img", name="image.png")).to_have_count(1)
    assert talk.evaluate(GIVE, [[], "dragover", "#log"]) is True
    assert talk.evaluate(GIVE, [["a.txt"], "dragover", "#log"]) is False
    assert talk.evaluate(GIVE, [["a.txt", "b.txt"], "drop", "#log"]) is False
    expect(last(talk).get_by_role("img", name="b.txt").or_(last(talk).get_by_role("link", name="b.txt"))).to_have_count(
        1
    )
    assert [name for name, *_ in server.uploaded()[-3:]] == ["image.png", "a.txt", "b.txt"]
    assert server.uploaded()[-1][1] == "what b.txt holds"
    expect(talk.locator("#banner")).to_be_hidden()
    expect(talk.locator("#body")).to_have_value("half a line")
    assert talk.url.endswith(CHAT)


def test_what_cannot_be_sent_is_told_in_the_conversation(talk: Page, server: Server) -> None:
    before = len(server.uploaded())
    talk.evaluate(GIVE, [["refused.txt", "after.txt"], "drop", "#log"])
    expect(talk.get_by_role("alert")).to_contain_text("refused.txt was not sent.")
    expect(talk.get_by_role("alert")).to_contain_text("413 Quota reached")
    expect(talk.locator("#banner")).to_be_hidden()
    assert [name for name, *_ in server.uploaded()[before:]] == ["refused.txt"]


def test_a_text_is_pasted_as_a_text(talk: Page) -> None:
    paste = "data.setData('text/plain', 'x'); const how"
    assert talk.evaluate(GIVE.replace("const how", paste), [["image.png"], "paste", "#body"]) is True


def announced(server: Server, length: int, cookie: str, path: str = UPLOAD) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {server.host}\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n"
        head += "Content-Type: multipart/form-data; boundary=xyz\r\n\r\n"
        connection.sendall(head.encode())
        connection.settimeout(1)
        try:
            return connection.recv(1000)
        except TimeoutError:
            return b""


def test_much_is_taken_only_from_who_is_logged_in_and_not_without_end(client: Client) -> None:
    cookie = f"{client.cookie_name}={client.cookie}"
    assert announced(client.server, 50 << 20, cookie) == b""  # it waits for the rest
    assert announced(client.server, 50 << 20, "").startswith(b"HTTP/1.1 413 ")
    assert announced(client.server, 50 << 20, f"{client.cookie_name}={'x' * 32}").startswith(b"HTTP/1.1 413 ")
    assert announced(client.server, 50 << 20, cookie, "/contacts").startswith(b"HTTP/1.1 413 ")
    assert announced(client.server, 300 << 20, cookie).startswith(b"HTTP/1.1 413 ")
