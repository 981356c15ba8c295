"""Files that go directly: offered, on their way, received, shared; on the web, with scripts and without."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.chromium import GIVE, live
from support.pictures import png

from sat_frontends.quick_frontend.commands import COMMANDS

from .client import Client, Server
from .conftest import log_in
from .test_files import CHAT, form

BOB = "bob@example.org"
PICTURE = png(40, 30).decode("latin-1")


def row(client: Client, id: str, path: str = "/files") -> str:
    """A row of a page; nothing where it is not there."""
    found = re.search(rf'<li class="person" id="t-{id}">.*?</li>', client.get(path).text, re.DOTALL)
    return found[0] if found else ""


# -- without scripts ---------------------------------------------------------------------------------------------------


def test_an_offer_waits_on_every_page_in_the_list_and_in_the_conversation(client: Client) -> None:
    id = client.server.offer(BOB, "cv.pdf", 2048, "alice", "as I said")
    assert '<span class="badge">1<span class="vh"> offered</span></span>' in client.get("/search").text
    for path in ("/files", CHAT):
        shown = row(client, id, path)
        for text in ("cv.pdf", "from Bob", "as I said", "offered · 2.0 KB", 'name="accept"', 'name="decline"'):
            assert text in shown, (path, text)
    assert row(client, id, "/chat/carol@example.org") == ""
    assert row(client, id, f"{CHAT}?before=4") == "", "an older part of the conversation is shown"


def test_a_file_stands_among_the_messages_where_it_began(client: Client) -> None:
    before = client.server.arrive(BOB, "here it comes")
    id = client.server.offer(BOB, "cv.pdf")
    after = client.server.arrive(BOB, "did you get it?")
    page = client.get(CHAT).text
    places = [page.index(f'data-id="{before}"'), page.index(f'id="t-{id}"'), page.index(f'data-id="{after}"')]
    assert places == sorted(places)


def test_when_it_came_is_told_in_the_list_and_in_the_conversation(client: Client) -> None:
    id = client.server.offer(BOB, "cv.pdf")
    for path in ("/files", CHAT):
        assert re.search(
            r'<time datetime="2\d{3}-[^"]+" data-as="moment" title="[^"]+">\d\d:\d\d</time>', row(client, id, path)
        )
    assert "Times are those of the server" in client.get("/files").text


def test_it_is_taken_where_the_settings_say_whatever_a_form_says(client: Client) -> None:
    id = client.server.offer(BOB, "cv.pdf")
    answer = client.post("/files", accept=id, peer=BOB, path="/etc/cron.d/x", to="/etc/cron.d/x")
    assert (answer.status, answer.header("Location")) == (303, f"{CHAT}#end")
    assert ["accept", id, ""] in client.server.calls("files")
    assert 'class="badge"' not in client.get("/files").text
    client.server.moves(id, 400)
    shown = row(client, id)
    assert "receiving · 400 bytes of 1000 bytes · 40%" in shown
    assert '<progress max="1" value="0.4" aria-label="cv.pdf"></progress>' in shown
    assert client.post("/files", cancel=id).header("Location") == "/files"
    assert "cancelled" in row(client, id)
    assert client.post("/files", forget=id).status == 303
    assert row(client, id) == ""


def test_it_is_declined(client: Client) -> None:
    id = client.server.offer(BOB, "cv.pdf")
    assert client.post("/files", decline=id).status == 303
    assert ["decline", id] in client.server.calls("files")


def test_what_broke_off_is_told_and_gone_on_with_and_not_given_out(client: Client) -> None:
    id = client.server.offer(BOB, "film.mkv")
    client.server.breaks(id)
    assert "A part is here" in row(client, id)
    assert "/received/" not in row(client, id)
    answer = client.get(f"/received/{id}")
    assert (answer.status, "Only a part of this file is here." in answer.text) == (409, True)
    assert client.post("/files", resume=id).status == 303
    assert "connecting" in row(client, id)


def test_all_that_has_ended_is_cleared(client: Client) -> None:
    ended, waits = client.server.received(BOB, "a.txt", "x"), client.server.offer(BOB, "b.txt")
    assert client.post("/files", clear="1").status == 303
    assert (row(client, ended) == "", row(client, waits) == "") == (True, False)


@pytest.mark.parametrize("fields", [{}, {"open": "x"}, {"share": "/etc"}, {"path": "/etc"}])
def test_nothing_else_can_be_asked_for(client: Client, fields: dict[str, str]) -> None:
    answer = client.post("/files", **fields)
    assert (answer.status, "asks for nothing that is known" in answer.text) == (400, True)
    assert not [call for call in client.server.calls("shares") if call[0] == "share"]


def test_what_is_refused_is_told(client: Client) -> None:
    assert client.post("/files", accept="none").status == 404
    client.server.refuse("files", "accept")
    answer = client.post("/files", accept=client.server.offer(BOB, "cv.pdf"))
    assert (answer.status, "There is no room on the disk." in answer.text) == (404, True)


# -- small pictures ----------------------------------------------------------------------------------------------------


def test_what_is_offered_is_seen_small_before_it_is_taken(client: Client) -> None:
    id = client.server.offer(BOB, 'x"><script>.png')
    assert "<img" not in row(client, id)
    assert client.get(f"/thumbnail/{id}").status == 404
    client.server.pictured(id, PICTURE)
    image = f'<img src="/thumbnail/{id}" alt="Small picture of x&#34;&gt;&lt;script&gt;.png"'
    assert image in row(client, id)
    assert image in row(client, id, CHAT)
    answer = client.get(f"/thumbnail/{id}")
    assert (answer.status, answer.raw, answer.header("Content-Type")) == (200, PICTURE.encode("latin-1"), "image/png")
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.header("Content-Security-Policy")
    client.server.came(id, PICTURE)
    assert f'src="/received/{id}?show=1"' in row(client, id)
    assert image not in row(client, id), "it is seen whole"


def test_what_nobody_wanted_is_not_looked_at_again(client: Client) -> None:
    id = client.server.offer(BOB, "x.png")
    client.server.pictured(id, PICTURE)
    assert client.post("/files", decline=id).status == 303
    assert "<img" not in row(client, id)
    assert Client(client.server).get(f"/thumbnail/{id}").status == 303


def test_what_could_be_run_does_not_look_like_a_picture(client: Client) -> None:
    id = client.server.offer(BOB, "x.exe")
    client.server.pictured(id, PICTURE)
    client.server.came(id, "MZ", True)
    assert "<img" not in row(client, id)


# -- received ----------------------------------------------------------------------------------------------------------


def test_a_received_file_is_only_kept(client: Client) -> None:
    id = client.server.received(BOB, "x.html", "<script>alert(1)</script>")
    assert f'href="/received/{id}"' in row(client, id)
    answer = client.get(f"/received/{id}")
    assert (answer.status, answer.text) == (200, "<script>alert(1)</script>")
    assert answer.header("Content-Type") == "application/octet-stream"
    assert answer.header("Content-Disposition") == "attachment; filename*=UTF-8''x.html"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.header("Content-Security-Policy")
    assert client.get(f"/received/{id}?show=1").status == 403


def test_a_received_picture_is_shown(client: Client) -> None:
    id = client.server.received(BOB, "plage.png", PICTURE)
    assert f'<img src="/received/{id}?show=1" alt="plage.png"' in row(client, id, CHAT)
    answer = client.get(f"/received/{id}?show=1")
    assert (answer.status, answer.raw) == (200, PICTURE.encode("latin-1"))
    assert answer.header("Content-Type") == "image/png"
    assert answer.header("Content-Disposition").startswith("inline")


def test_what_was_put_apart_is_said_to_be_and_not_shown(client: Client) -> None:
    id = client.server.received(BOB, "x.png", PICTURE, True)
    assert "put apart as it could be run" in row(client, id)
    assert "Download what could be run" in row(client, id)
    assert client.get(f"/received/{id}?show=1").status == 403
    assert client.get(f"/received/{id}").header("Content-Disposition").startswith("attachment")


def test_files_of_others_are_not_there(client: Client) -> None:
    id = client.server.received("carol@example.org", "secret.txt", "of eve", False, "eve")
    other = Client(client.server)
    other.log_in("eve@example.org")
    assert other.get(f"/received/{id}").text == "of eve"
    assert client.get(f"/received/{id}").status == 404
    for name in ("accept", "decline", "cancel", "resume"):
        assert client.post("/files", **{name: id}).status == 404, name
    assert Client(client.server).get(f"/received/{id}").status == 303


def test_only_what_came_is_given_out(client: Client, tmp_path: Path) -> None:
    """Not what was sent from here, and not what somebody has put in the place of what came."""
    secret = tmp_path / "secret"
    secret.write_text("of the daemon")
    server = client.server
    assert client.get(f"/received/{server.sends(BOB, 'secret', str(secret))}").status == 404
    assert client.get(f"/received/{server.offer(BOB, 'a')}").status == 404
    for change in (
        lambda path: path.write_text("longer than before"),
        lambda path: (path.unlink(), path.symlink_to(secret)),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: path.unlink(),
    ):
        id = server.offer(BOB, "b")
        change(Path(server.came(id, "of the daemon")))
        assert client.get(f"/received/{id}").status == 404


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "%2Fetc%2Fx"])
def test_an_id_is_no_path(client: Client, path: str) -> None:
    for page in ("received", "photos", "thumbnail"):
        answer = client.get(f"/{page}/{path}")
        assert answer.status in (400, 404)
        assert "root:" not in answer.text


# -- what others share, and what we do ---------------------------------------------------------------------------------


def test_somebody_s_folders_are_looked_into_and_files_fetched(client: Client) -> None:
    server = client.server
    server.shares_folder(BOB, "", [["music", True, 0, ""]])
    server.shares_folder(BOB, "music", [["a & b.ogg", False, 2048, "live"], ["old", True, 0, ""]])
    assert f'href="/files/{BOB}?path=music"' in client.get(f"/files/{BOB}").text
    page = client.get(f"/files/{BOB}?path=music").text
    assert "2.0 KB · live" in page
    assert f'href="/files/{BOB}?path=music%2Fold"' in page
    assert 'value="music/a &amp; b.ogg"' in page
    answer = client.post(f"/files/{BOB}", fetch="music/a & b.ogg", folder="music", to="/etc/cron.d/x")
    assert (answer.status, answer.header("Location")) == (303, f"/files/{BOB}?path=music")
    assert ["fetch", BOB, "music/a & b.ogg", "", ""] in server.calls("shares")
    assert "a &amp; b.ogg is being fetched" in client.get(f"/files/{BOB}?path=music").text
    assert client.get(f"/files/{BOB}?path=../../etc").status == 404
    assert client.post(f"/files/{BOB}", fetch="none", folder="music").status == 404
    assert client.post(f"/files/{BOB}").status == 400


def test_a_whole_folder_is_fetched(client: Client) -> None:
    server = client.server
    server.shares_folder(BOB, "", [["music", True, 0, ""]])
    server.shares_folder(BOB, "music", [["a.ogg", False, 2048, ""], ["b.ogg", False, 1024, ""]])
    assert "Fetch the whole folder" not in client.get(f"/files/{BOB}").text
    assert '<button class="plain" name="whole" value="music">' in client.get(f"/files/{BOB}?path=music").text
    answer = client.post(f"/files/{BOB}", whole="music", folder="music", to="/etc/cron.d")
    assert (answer.status, answer.header("Location")) == (303, f"/files/{BOB}?path=music")
    assert ["fetch_folder", BOB, "music", "", ""] in server.calls("shares")
    assert "music/ is being fetched" in client.get(f"/files/{BOB}?path=music").text
    page = client.get("/files").text
    assert "0 of 2 files" in page
    assert "/received/" not in page, "a folder is no file"
    assert client.post(f"/files/{BOB}", whole="none", folder="music").status == 404


def test_who_shares_nothing_is_said_to(client: Client) -> None:
    answer = client.get("/files/carol@example.org")
    assert (answer.status, "No program of carol@example.org that shares files is online." in answer.text) == (409, True)
    assert "Send a file" not in answer.text


def test_what_is_shared_is_listed_without_its_place_and_ended(client: Client) -> None:
    id = client.server.shares_own("/srv/romeo/secret place/music", [BOB], ["Work", "Empty <b>"], "music")
    page = client.get("/files").text
    assert "secret place" not in page
    assert re.search(r"<bdi>music</bdi>.*with <bdi>Bob</bdi>, <bdi>Work</bdi>", page)
    assert "<bdi>Empty &lt;b&gt; (nobody is in it)</bdi>" in page
    assert client.post("/files", unshare=id).status == 303
    assert "You share nothing." in client.get("/files").text
    assert client.post("/files", unshare=id).status == 404


def test_no_command_of_a_page_names_files_of_the_daemon_s_machine(client: Client, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("of the daemon")
    named = [each.name for each in COMMANDS.values() if re.search("FILE|PATH|FOLDER", each.usage)]
    assert {"attach", "room-picture"} <= set(named)
    for name in named:
        answer = client.post(CHAT, body=f"/{name} {tmp_path}/secret.txt")
        assert (answer.status, "not for a web page" in answer.text) == (400, True), name
    assert client.server.uploaded() == []


def test_where_others_reach_the_page_nobody_says_where_files_go(client: Client) -> None:
    tab = "/settings/composition"
    assert "Folder for received files" in client.get(tab).text
    public = Server("--public-host", "chat.example.org")
    try:
        visitor = Client(public)
        assert visitor.log_in().status == 303
        assert "Folder for received files" not in visitor.get(tab).text
        assert "/settings/mail-server" not in visitor.get(tab).text
        visitor.post(tab, visitor.token("/contacts"), **{"files.folder": "/etc/cron.d"})
        assert not [call for call in public.calls("settings") if "/etc/cron.d" in call]
    finally:
        public.stop()


# -- sent --------------------------------------------------------------------------------------------------------------


def send(client: Client, data: bytes, way: str, peer: str = BOB):
    token = client.token("/contacts")
    head = b'--xyz\r\nContent-Disposition: form-data; name="way"\r\n\r\n%s\r\n' % way.encode()
    body = head + form(data, "cv.pdf", token)
    kind = "multipart/form-data; boundary=xyz"
    return client.ask("POST", f"/upload/{peer}", body, Content_Type=kind, Origin=client.server.url)


def test_a_file_is_offered_to_a_program_of_theirs(client: Client) -> None:
    assert '<option value="direct">' in client.get(CHAT).text
    assert '<option value="direct">' in client.get(f"/upload/{BOB}").text
    answer = send(client, b"x" * 300_000, "direct")
    assert (answer.status, answer.header("Location")) == (303, f"{CHAT}#end")
    assert client.server.sent_directly() == [[BOB, "cv.pdf"]]
    assert client.server.uploaded() == []
    (call,) = [call for call in client.server.calls("files") if call[0] == "send"]
    assert not Path(call[1]).exists()
    assert call[-1] == "passing", "else nobody could ask for the rest"
    assert "waiting for the other side · 293 KB" in client.get(CHAT).text
    assert send(client, b"x", "server").status == 303
    assert len(client.server.uploaded()) == 1


def test_who_cannot_take_a_file_is_said_beside_the_form(client: Client) -> None:
    client.server.refuse("files", "send", True, "program of theirs")
    answer = send(client, b"x", "direct")
    assert (answer.status, "There is no program of theirs." in answer.text) == (404, True)
    assert 'type="file"' in answer.text


def test_in_a_room_a_file_goes_by_the_server(client: Client) -> None:
    client.server.room()
    assert 'value="direct"' not in client.get("/chat/balcony@rooms.localhost").text
    assert 'value="direct"' not in client.get("/upload/balcony@rooms.localhost").text


# -- the pictures of a conversation ------------------------------------------------------------------------------------


def test_pictures_of_a_conversation_the_newest_first(client: Client) -> None:
    server = client.server
    first, second = server.file(BOB, "one.png", PICTURE), server.file(BOB, "two.png", PICTURE)
    server.file(BOB, "notes.txt", "x")
    hidden = server.arrive(BOB, "x", "alice", {"extra": {"spoiler": True}})
    direct = server.received(BOB, "three.png", PICTURE)
    server.received("carol@example.org", "hers.png", PICTURE)
    page = client.get(f"/photos/{BOB}").text
    shown = [f"/received/{direct}?show=1", f"/file/{second}?n=0&amp;show=1", f"/file/{first}?n=0&amp;show=1"]
    assert re.findall(r'<img src="(/[rf][^"]*)"', page) == shown
    assert f'href="{CHAT}?to={first}"' in page
    assert hidden not in page
    assert f'href="/photos/{BOB}"' in client.get(f"/contact/{BOB}").text
    assert client.get("/photos").status == 404


def test_older_pictures_are_a_page_away(client: Client) -> None:
    ids = [client.server.file(BOB, f"{number}.png", PICTURE) for number in range(30)]
    page = client.get(f"/photos/{BOB}").text
    older = re.search(r'href="(/photos/[^"]*\?before=\d+)"', page)
    assert older is not None
    found = [re.findall(r'<img src="/file/([^?]*)\?', text) for text in (page, client.get(older[1]).text)]
    assert [*found[0], *found[1]] == ids[::-1]


def button(page: Page, label: str, name: str):
    """A button of a row."""
    return page.get_by_role("button", name=re.compile(f"{label} ?: {re.escape(name)}"))


# -- in the browser ----------------------------------------------------------------------------------------------------


def test_an_offer_comes_is_taken_and_arrives_in_the_conversation(talk: Page, server: Server) -> None:
    id = server.offer(BOB, "plage.png")
    server.offer("carol@example.org", "hers.txt")
    shown = talk.locator("#messages li.person")
    expect(shown).to_have_count(1)
    expect(talk.locator("[data-topic=files]")).to_contain_text("2")
    button(talk, "Take it", "plage.png").click()
    expect(shown).to_contain_text("connecting")
    assert talk.url.endswith(CHAT), "nothing is loaded anew"
    cancel = button(talk, "Cancel", "plage.png")
    cancel.focus()
    for moved in (300, 600):
        server.moves(id, moved)
        expect(shown.locator("progress")).to_have_attribute("value", str(moved / 1000))
        expect(cancel).to_be_focused()
    server.came(id, PICTURE)
    expect(shown.get_by_role("img", name="plage.png")).to_have_js_property("naturalWidth", 40)
    expect(button(talk, "Remove from the list", "plage.png")).to_be_focused()
    server.forgets(id)
    expect(shown).to_have_count(0)


def test_the_list_is_live_and_all_pages_hear_of_it(page: Page, server: Server) -> None:
    broken = server.offer(BOB, "film.mkv")
    log_in(page, server, "/files")
    live(page)
    id = server.offer(BOB, "cv.pdf")
    expect(page.locator("#moving li").first).to_contain_text("cv.pdf")
    server.breaks(broken)
    expect(page.locator(f"#t-{broken}")).to_contain_text("A part is here")
    server.refuse("files", "accept")
    button(page, "Take it", "cv.pdf").click()
    expect(page.locator("#banner")).to_contain_text("There is no room on the disk.")
    server.refuse("files", "accept", False)
    button(page, "Decline", "cv.pdf").click()
    expect(page.locator(f"#t-{id}")).to_contain_text("declined")
    server.drop()
    server.forgets(id)
    expect(page.locator(f"#t-{id}")).to_have_count(0)


def test_what_is_offered_is_counted_in_the_title(talk: Page, server: Server) -> None:
    expect(talk).to_have_title(re.compile(r"^(?!\()"))
    id = server.offer(BOB, "cv.pdf")
    expect(talk).to_have_title(re.compile(r"^\(1\) "))
    server.forgets(id)
    expect(talk).to_have_title(re.compile(r"^(?!\()"))


def test_dropped_files_go_the_way_that_is_chosen(talk: Page, server: Server) -> None:
    talk.get_by_text("Send a file").click()
    talk.get_by_label("How it goes").select_option("direct")
    talk.evaluate(GIVE, [["a.txt", "b.txt"], "drop", "#log"])
    expect(talk.locator("#messages li.person")).to_have_count(2)
    assert server.sent_directly() == [[BOB, "a.txt"], [BOB, "b.txt"]]
    assert server.uploaded() == []
