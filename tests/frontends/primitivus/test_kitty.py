"""Pictures by kitty's graphics protocol: what goes out to a terminal that knows it, and to others."""

from __future__ import annotations

import io
import os
import re
import sys
from base64 import b64decode
from pathlib import Path

import pytest
import urwid
from PIL import Image
from support.pictures import png

from sat.world.terminal import Terminal
from sat_frontends.primitivus import kitty as module
from sat_frontends.primitivus.kitty import MARKS, PLACE, Kitty, PlacedPicture
from sat_frontends.primitivus.terminal import Screen

DRAWS, KITTY, OTHER = "\x1b_Gi=4242;OK\x1b\\", "\x1bP>|kitty(0.36.4)\x1b\\", "\x1bP>|WezTerm 20240203\x1b\\"
PROGRAM = """
import asyncio, select, sys, urwid
from sat_frontends.primitivus.gallery import Gallery
from sat_frontends.primitivus.kitty import Kitty
from sat_frontends.primitivus.terminal import Screen

def show(*rows):
    screen.draw_screen((80, 24), urwid.Filler(urwid.Pile(rows), "top").render((80, 24)))

screen = Screen()
gallery = Gallery(screen, Kitty(screen, wanted=False), True)
screen.start()
show(urwid.Text("ready"))
typed = b""
while not typed:
    select.select([sys.stdin], [], [])
    typed += bytes(screen.get_available_raw_input())
picture = asyncio.run(gallery.make(sys.argv[1]))
show(picture(), urwid.Text(f"typed-{typed.decode()}-seen"))
show(urwid.Text("gone"))
show(picture(), urwid.Text("again"))
screen.stop()
print("left")
"""


def drawn(tmp_path: Path, answers: str, **environ: str) -> str:
    """What a program writes that shows a picture, then none, then it again."""
    path = tmp_path / "picture.png"
    path.write_bytes(png(80, 40))
    kept = {name: value for name, value in os.environ.items() if name not in ("TMUX", "COLORTERM")}
    with Terminal([sys.executable, "-c", PROGRAM, str(path)], {**kept, **environ}) as terminal:
        assert terminal.shows("ready"), terminal.raw
        terminal.press(answers + "x")
        assert terminal.shows("typed-x-seen"), terminal.raw
        assert terminal.shows("left"), terminal.raw
        return terminal.raw


def test_a_picture_is_given_shown_and_taken_away(tmp_path: Path):
    raw = drawn(tmp_path, DRAWS + KITTY)
    given = re.findall(r"\x1b_Ga=T,U=1,f=100,t=d,i=1,c=40,r=10,q=2,m=0;([^\x1b]+)\x1b\\", raw)
    assert len(given) == 2  # again, since it was taken away
    with Image.open(io.BytesIO(b64decode(given[0]))) as picture:
        assert (picture.format, picture.size) == ("PNG", (80, 40))
    assert raw.count(PLACE + MARKS[9] + MARKS[39]) == 2
    assert raw.index("a=T,U=1") < raw.index(PLACE)
    assert raw.count("\x1b_Ga=d,d=I,i=1,q=2\x1b\\") == 2  # the second time when the screen ends
    assert raw.index("a=d,d=I") < raw.index("gone")
    assert "▀" not in raw


@pytest.mark.parametrize("answers", ["", DRAWS, KITTY, DRAWS + OTHER, "\x1b_Gi=4242;ENOTSUP:no\x1b\\" + KITTY])
def test_other_terminals_get_half_blocks(tmp_path: Path, answers: str):
    raw = drawn(tmp_path, answers)
    assert "a=q" in raw
    assert "▀" in raw
    assert "a=T" not in raw


def test_in_tmux_nothing_goes_out_by_itself(tmp_path: Path):
    raw = drawn(tmp_path, "", TMUX="/nowhere,1,0")
    assert "▀" in raw
    assert not re.search(r"\x1b_G|\x1bP|\x1b\[>", raw)


@pytest.mark.parametrize("passes", [True, False])
def test_in_tmux_it_goes_through_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch, passes: bool):
    monkeypatch.setattr(module, "_tmux_passes", lambda: passes)
    screen, written = Screen(), []
    monkeypatch.setattr(screen, "write", written.append)
    kitty = Kitty(screen, wanted=True, environ={"TMUX": "/nowhere,1,0"})
    assert kitty.draws() is passes
    if passes:
        placed = kitty.place(png(8, 8), 4, 2)
        screen.on_draw(PlacedPicture(placed, 256).render((10,)))
        assert written[0].startswith("\x1bPtmux;\x1b\x1b_Ga=T,U=1")
        assert written[0].endswith("\x1b\x1b\\\x1b\\")


def test_answers_that_come_late_change_nothing(monkeypatch: pytest.MonkeyPatch):
    seconds = [0.0]
    monkeypatch.setattr(module.clocks, "monotonic", lambda: seconds[0])
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    kitty = Kitty(screen, wanted=False, environ={})
    seconds[0] = module.WITHIN + 1
    assert screen.without_answer((DRAWS + "a" + KITTY).encode()) == b"a"
    assert not kitty.draws()


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BUDGET", 250)
    kitty = Kitty(Screen(), wanted=True, environ={})
    one, two = kitty.place(bytes(100), 4, 2), kitty.place(bytes(100), 4, 2)
    assert (one.number, two.number) == (1, 2)
    assert kitty.place(bytes(100), 4, 2) is None
    del one  # nobody shows it any more
    assert kitty.place(bytes(100), 4, 2).number == 1


def test_a_large_one_goes_in_pieces(monkeypatch: pytest.MonkeyPatch):
    screen, written = Screen(), []
    monkeypatch.setattr(screen, "write", written.append)
    kitty = Kitty(screen, wanted=True, environ={})
    placed = kitty.place(bytes(9000), 4, 2)
    screen.on_draw(PlacedPicture(placed, 1 << 24).render((10,)))
    assert [re.search("m=(.)", each)[1] for each in written] == ["1", "1", "0"]
    assert sum(len(b64decode(each.partition(";")[2][:-2])) for each in written) == 9000
    written.clear()
    screen.on_draw(urwid.SolidCanvas(" ", 10, 2))
    assert written == ["\x1b_Ga=d,d=I,i=1,q=2\x1b\\"]
