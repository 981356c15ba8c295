"""The frontends of a world, run as people run them."""

from __future__ import annotations

import shlex
import subprocess
import uuid

from playwright.sync_api import Page

from sat.world import PASSWORD, Program, World, until
from sat.world.daemon import script
from support.commands import PATIENCE, Done
from support.tmux import Terminal


def jp(env: dict[str, str], *words: str, given: str = "") -> Done:
    """Run ``jp`` in a pipe, with ``given`` on stdin."""
    done = subprocess.run(
        [script("jp"), *words], input=given.encode(), capture_output=True, env=env, timeout=60, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def primitivus(env: dict[str, str], *words: str, columns: int = 80, rows: int = 24) -> Terminal:
    """Start ``primitivus`` in a terminal; ``env`` is added to that of the test."""
    return Terminal(env, shlex.join([script("primitivus"), *words]), columns, rows)


def go_to(terminal: Terminal, letters: str) -> None:
    """Open a conversation of primitivus by a few letters."""
    terminal.press("M-g")
    terminal.shows("Go to")
    terminal.type(letters)
    terminal.press("Enter")
    terminal.wait(lambda text: "Go to" not in text and "No conversation is open." not in text)


class Watch(Program):
    """``jp message watch`` of one person, going on."""

    def __init__(self, world: World, person: str) -> None:
        super().__init__(f"watch-{person}-{uuid.uuid4().hex[:6]}", world.folder)
        self._world, self._person = world, person

    def command(self) -> list[str]:
        return [script("jp"), "--verbose", "-p", self._person, "message", "watch"]

    def environment(self) -> dict[str, str]:
        return self._world.environment()

    def is_ready(self) -> bool:
        return f"Watching {self._person}." in self.text

    @property
    def text(self) -> str:
        """What it has written."""
        return self.log.read_text()

    def shows(self, words: str) -> bool:
        """Whether it writes some words, waiting for them."""
        return until(lambda: words in self.text, PATIENCE)


def log_in(page: Page, url: str, address: str, path: str = "/chat", password: str = PASSWORD) -> Page:
    """Log in at libervia's page, as a person does, and go on to a path."""
    page.goto(f"{url}/login?next={path}")
    page.get_by_label("XMPP address").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    return page
