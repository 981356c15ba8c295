"""Files in conversations: their line, their picture, sending, saving."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.pictures import png
from world import BOB, NOON, Console, Messages

from sat.api.messages import Attachment
from sat_frontends.primitivus import file_acts
from sat_frontends.primitivus.half_blocks import half_blocks

URL = "https://files.example/1/fosdem.png"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def open_bob(console: Console) -> Console:
    return console.press("meta g").type("bob").press("enter")


@pytest.fixture
def files(open_console, daemon, tmp_path: Path):
    """Puts a file that Bob has sent into the conversation."""

    def put(name: str = "fosdem.png", data: bytes = png(1280, 720), hidden: bool = False) -> Console:
        apis = daemon.profile("alice")
        url = f"https://files.example/1/{name}"
        path = tmp_path / "cached"
        path.write_bytes(data)
        apis.attachments.fetched(url, str(path), data, name)
        if hidden:
            apis.attachments.hidden.add(url)
        apis.messages.put(BOB, url, time=NOON, attachments=[Attachment(url, name)])
        console = open_console()
        console.screen.colors = 1 << 24
        open_bob(console).settle()  # it is fetched when it is drawn
        return console

    return put


def test_a_file_has_a_line_and_not_its_address(files):
    console = files("talk.pdf", b"%PDF")
    assert "▤ talk.pdf  o open  s save" in console.text
    assert "https://" not in console.text


def test_a_picture_is_shown_below_its_line(files):
    console = files()
    assert "▤ fosdem.png 1280×720 4.2 KB" in console.text
    rows = [line for line in console.lines if "▀" in line]
    assert len(rows) == 11  # 40 columns wide, as high as it is in 16:9
    assert all(line.count("▀") == 40 for line in rows)
    assert console.lines.index(rows[0]) > console.find("▤ fosdem.png")[1]


@pytest.mark.parametrize("colours", [1, 16, 88])
def test_a_terminal_of_few_colours_gets_the_line_only(files, colours, open_console):
    console = files("x.txt", b"x")
    console.screen.colors = colours
    console.app.live.apis.messages.put(BOB, URL, time=NOON, attachments=[Attachment(URL, "fosdem.png")])
    console.app.conversation.redraw()
    console.draw()
    console.settle()
    assert "▀" not in console.text
    assert not any(call[0] == "get_picture" for call in console.app.live.apis.attachments.calls)


def test_a_picture_that_is_not_shown_has_its_line(files):
    console = files(hidden=True)
    assert "▤ fosdem.png  o open  s save" in console.text
    assert "▀" not in console.text


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", png(8, 8)[:45], b"<svg/>", png(8, 8, claims=(9000, 9000))])
def test_what_cannot_be_read_is_no_picture(tmp_path: Path, data: bytes):
    path = tmp_path / "x"
    path.write_bytes(data)
    assert half_blocks(str(path)) is None


def test_two_pixels_are_one_cell(tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(png(2, 3, RED))
    cells = half_blocks(str(path), 40, 12)
    assert cells is not None
    assert cells.columns == 2
    assert {upper for row in cells.rows for upper, _ in row} == {RED}
    path.write_bytes(png(400, 10, BLUE))
    wide = half_blocks(str(path), 40, 12)
    assert wide is not None
    assert (wide.columns, len(wide.rows)) == (40, 1)


def test_a_file_is_sent(with_bob: Console, messages: Messages, tmp_path: Path):
    (tmp_path / "talk.txt").write_text("hello")
    with_bob.type(f"/attach {tmp_path}/talk.txt").press("enter")
    assert "▤ talk.txt 5 bytes" in with_bob.text
    with_bob.type(f"/attach {tmp_path}/none").press("enter")
    assert "none cannot be read: no such file or directory." in " ".join(with_bob.text.split())


def test_the_path_is_completed(with_bob: Console, tmp_path: Path):
    (tmp_path / "some talk.txt").write_text("hello")
    with_bob.type(f"/attach {tmp_path}/so").press("tab")
    assert with_bob.app.input.text == f"/attach {tmp_path}/some talk.txt"


def test_a_file_is_saved_and_nothing_is_overwritten(files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    console = files("talk.txt", b"hello").press("esc", "s", "s")
    assert sorted(each.name for each in tmp_path.glob("talk*")) == ["talk (2).txt", "talk.txt"]
    assert "Saved as" in console.text


def test_a_file_is_opened_without_a_shell(files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {tmp_path}/made\nmv {tmp_path}/made {tmp_path}/opened\n')
    opener.chmod(0o700)
    monkeypatch.setattr(file_acts, "OPENER", str(opener))
    console = files("x$(touch evil);.txt", b"x").press("esc", "o")
    for _ in range(100):
        if (tmp_path / "opened").exists():
            break
        console.settle(0.05)
    assert (tmp_path / "opened").read_text() == "https://files.example/1/x$(touch evil);.txt|"


def test_what_has_no_file_says_so(open_console, messages: Messages):
    messages.put(BOB, "hi", time=NOON)
    console = open_bob(open_console()).press("esc", "s")
    assert "No file came with this message." in console.text
    assert "No file came with this message." in console.press("o").text


def test_an_encrypted_file_is_not_opened_by_its_address(
    open_console, messages: Messages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(file_acts, "OPENER", str(tmp_path / "none"))
    url = f"aesgcm://files.example/1/x.txt#{'ab' * 44}"
    messages.put(BOB, "", time=NOON, attachments=[Attachment(url, "talk.txt")])
    console = open_bob(open_console()).press("esc")
    assert "▤ talk.txt  s save" in console.text
    assert "This file is encrypted" in console.press("o").text
    assert "Message" in console.press("i").text  # its details do not tell the key either
    assert "abab" not in console.text
