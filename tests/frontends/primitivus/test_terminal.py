"""What the terminal tells besides keys, and that it is left as it was found."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pytest
from world import BOB, Console, Messages, Screen

from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.palette import asks_terminal
from sat_frontends.primitivus.terminal import PASTED, Reports
from sat_frontends.primitivus.terminal import Screen as RealScreen

WHITE = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"


# -- pasting and the focus ---------------------------------------------------------------------------------------


def test_a_pasted_text_is_one_key_and_the_focus_is_none():
    told: list[bool] = []
    reports = Reports(told.append)
    assert reports.filter(["a", "begin paste", "o", "n"], []) == ["a"]
    click = ("mouse press", 1, 2, 3)
    keys = ["e", "enter", "focus out", "tab", "up", "ctrl x", click, "x", "end paste", "b", "end paste"]
    assert reports.filter(keys, []) == [click, f"{PASTED}one\n    x", "b"]
    assert told == [False]


def test_a_pasted_newline_presses_no_button(console: Console):
    console.press("f2", "insert").tell("begin paste", *"eve@example.org", "enter", *"more", "end paste")
    assert "Add a contact" in console.text
    assert "Address: eve@example.org more" in console.text


def test_a_paste_does_nothing_where_letters_act(with_bob: Console, messages: Messages):
    messages.put(BOB, "hello")
    with_bob.press("esc").tell("begin paste", *"Rjk", "end paste")
    assert with_bob.lines[-1] == "› Rjk"
    with_bob.press("f2").tell("begin paste", "d", "enter", "end paste")
    assert with_bob.app.input.text == "Rjkd\n"
    with_bob.press("f1").tell("begin paste", "q", "enter", "end paste")
    assert with_bob.app.root.depth == 1
    assert with_bob.app.input.text == "Rjkd\n"


def test_pasting_is_undone_in_one_go(with_bob: Console):
    with_bob.type("say ").tell("begin paste", *"a long text", "end paste").press("ctrl _")
    assert with_bob.lines[-1] == "› say"


# -- light or dark -----------------------------------------------------------------------------------------------


def asking(told: list[bool]) -> RealScreen:
    screen = RealScreen()
    screen.ask_background(told.append)
    return screen


@pytest.fixture(autouse=True)
def _term(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_the_answer_of_the_terminal_is_no_input():
    told: list[bool] = []
    screen = asking(told)
    assert screen.without_answer(b"a" + WHITE + b"b") == b"ab"
    assert told == [True]
    assert screen.without_answer(b"\x1b]11;rgb:00/00/00\x07") == b"\x1b]11;rgb:00/00/00\x07", "it was asked once"


def test_an_answer_in_pieces_is_put_together():
    told: list[bool] = []
    screen = asking(told)
    assert screen.without_answer(b"x" + WHITE[:9]) == b"x"
    assert screen.without_answer(WHITE[9:-1]) == b""
    assert screen.without_answer(WHITE[-1:] + b"y") == b"y"
    assert told == [True]


@pytest.mark.parametrize("typed", [b"\x1b", b"\x1b]", b"\x1b[A", b"]1", b"\x1b]2;title\x07"])
def test_keys_are_not_held_back(typed: bytes):
    assert asking([]).without_answer(typed) == typed


@pytest.mark.parametrize(
    ("answer", "light"),
    [
        (b"\x1b]11;rgb:fdfd/f6f6/e3e3\x07", True),
        (b"\x1b]11;rgb:00/2b/36\x1b\\", False),
        (b"\x1b]11;rgba:ff/ff/ff/ff\x07", True),
        (b"\x1b]11;rgb:f/f/f\x07", True),
    ],
)
def test_light_and_dark(answer: bytes, light: bool):
    told: list[bool] = []
    asking(told).without_answer(answer)
    assert told == [light]


def test_the_terminal_is_asked_when_nothing_else_tells(monkeypatch: pytest.MonkeyPatch):
    assert asks_terminal("auto", {})
    for wanted, environ in (("dark", {}), ("auto", {"NO_COLOR": "1"}), ("auto", {"COLORFGBG": "0;15"})):
        assert not asks_terminal(wanted, environ)
    monkeypatch.setenv("TERM", "linux")
    assert not asking([])._questions, "it would print the question"


def test_a_light_terminal_gets_the_light_colours(daemon, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("COLORFGBG", raising=False)
    asked: list = []
    monkeypatch.setattr(Screen, "ask_background", lambda _self, told: asked.append(told), raising=False)
    console = Console(daemon).start()
    assert console.screen.palette["contact open"].high_256.foreground == "#fff,bold"
    asked[0](True)
    assert console.screen.palette["contact open"].high_256.foreground == "#000,bold"
    console.close()
    Console(daemon, config=Config(theme="dark")).close()
    assert len(asked) == 1


# -- as it was found ---------------------------------------------------------------------------------------------

MODES = (b"1049", b"2004", b"1004", b"1000")  # other screen, paste, focus, mouse
FAILING = (
    "from sat_frontends.primitivus import main, view\n"
    "def render(self, size, focus=False):\n"
    "    raise RuntimeError('a fault')\n"
    "view.View.render = render\n"
    "main.main([])\n"
)
NORMAL = "import sys; from sat_frontends.primitivus.main import main; sys.exit(main(['-p', 'x']))"


class Found:
    """A terminal with primitivus on it, and no bus to find."""

    def __init__(self, folder, code: str) -> None:
        self.ours, self.theirs = pty.openpty()
        termios.tcsetwinsize(self.theirs, (24, 80))
        self.settings = termios.tcgetattr(self.theirs)
        env = {**os.environ, "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        env.pop("DBUS_SESSION_BUS_ADDRESS", None)
        terminal = {"stdin": self.theirs, "stdout": self.theirs, "stderr": self.theirs}
        self.process = subprocess.Popen([sys.executable, "-c", code], env=env, start_new_session=True, **terminal)
        self.drawn = b""

    def wait_for(self, text: bytes) -> None:
        end = time.monotonic() + 30
        while text not in self.drawn:
            assert time.monotonic() < end, self.drawn[-500:]
            if select.select([self.ours], [], [], 0.1)[0]:
                self.drawn += os.read(self.ours, 65536)

    def is_as_before(self) -> bool:
        self.process.wait(30)
        while select.select([self.ours], [], [], 0.1)[0]:
            self.drawn += os.read(self.ours, 65536)
        off = all(self.drawn.rfind(b"\x1b[?%sl" % mode) > self.drawn.rfind(b"\x1b[?%sh" % mode) for mode in MODES)
        return off and termios.tcgetattr(self.theirs) == self.settings

    def close(self) -> None:
        self.process.kill()
        self.process.wait(30)
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def run(tmp_path) -> Iterator[Callable[[str], Found]]:
    made: list[Found] = []

    def start(code: str) -> Found:
        made.append(Found(tmp_path, code))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.mark.parametrize("how", ["Ctrl-x", "SIGTERM", "SIGHUP"])
def test_the_terminal_is_left_as_it_was_found(run, how: str):
    found = run(NORMAL)
    found.wait_for(b"Quit")
    for mode in MODES:
        assert b"\x1b[?%sh" % mode in found.drawn, "it is not asked first whether the terminal knows it"
    assert b"\x1b]11;?" in found.drawn
    if how == "Ctrl-x":
        os.write(found.ours, b"\x18")
    else:
        found.process.send_signal(getattr(signal, how))
    assert found.is_as_before()


def test_it_is_so_after_a_fault_too(run):
    found = run(FAILING)
    found.wait_for(b"RuntimeError: a fault")
    assert found.is_as_before()
