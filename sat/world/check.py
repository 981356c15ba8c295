"""``sat demo --check``: words written in each frontend reach the others. A step that cannot run fails."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import ExitStack

from sat.world.browser import Browser, Page
from sat.world.daemon import script
from sat.world.program import until
from sat.world.terminal import Terminal
from sat.world.world import PASSWORD, World

SECONDS = 20  # for a message to appear; a loaded machine is slow
NEXT_UNREAD = "\x1ba"  # Alt-a


class CheckFailed(Exception):
    """What was expected did not happen."""


def check_frontends(world: World, url: str) -> int:
    """Pass a message through each frontend; 0 when all arrived, 1 at the first that did not."""
    with ExitStack() as exits:
        try:
            visit = Visit(world, url, exits)
            for step in (visit.terminal_opens, visit.shell_speaks, visit.terminal_speaks, visit.page_speaks):
                step()
                print(f"✓ {step.__doc__}", flush=True)
        except (CheckFailed, OSError, subprocess.SubprocessError) as error:
            print(f"✗ {error}", flush=True)
            return 1
    return 0


class Visit:
    """Alice at a terminal and at a web page, bob at a shell."""

    def __init__(self, world: World, url: str, exits: ExitStack) -> None:
        self._world, self._url, self._exits = world, url, exits
        self._browser = Browser()

    def terminal_opens(self) -> None:
        """primitivus shows alice what bob wrote first"""
        command = [script("primitivus"), "-p", "alice"]
        self._terminal = self._exits.enter_context(Terminal(command, self._world.environment()))
        _expect("primitivus shows Bob", lambda: self._terminal.shows("Bob"), self._terminal.drawn)
        self._terminal.press(NEXT_UNREAD)
        _expect("primitivus shows the greeting", lambda: self._terminal.shows("Salut"), self._terminal.drawn)

    def shell_speaks(self) -> None:
        """jp's words reach primitivus and the page"""
        self._jp("message", "send", self._world.jid("alice"), "jp-was-here")
        _expect("primitivus shows it", lambda: self._terminal.shows("jp-was-here"), self._terminal.drawn)
        self._expect_on_page("jp-was-here")

    def terminal_speaks(self) -> None:
        """primitivus's words reach the page and jp"""
        self._terminal.press("primitivus-was-here\r")
        self._expect_on_page("primitivus-was-here")
        self._expect_in_shell("primitivus-was-here")

    def page_speaks(self) -> None:
        """the page's words reach jp and primitivus"""
        page = self._conversation()
        form = page.form_with("textarea")
        if form is None:
            raise CheckFailed(f"the page has nowhere to write: {_gist(page)}")
        self._browser.submit(page, form, **{form.field("textarea"): "libervia-was-here"})
        self._expect_in_shell("libervia-was-here")
        _expect("primitivus shows it", lambda: self._terminal.shows("libervia-was-here"), self._terminal.drawn)

    def _conversation(self) -> Page:
        """Alice's page of the conversation with bob, after the log-in when one is asked for."""
        there = f"{self._url}/chat/{self._world.jid('bob')}"
        page = self._browser.get(there)
        login = page.form_with("password")
        if login is not None:
            values = {login.field("text"): self._world.jid("alice"), login.field("password"): PASSWORD}
            self._browser.submit(page, login, **values)
            page = self._browser.get(there)
        if page.status != 200 or page.form_with("password"):
            raise CheckFailed(f"libervia does not let alice in: {_gist(page)}")
        return page

    def _expect_on_page(self, word: str) -> None:
        _expect(f"libervia shows {word}", lambda: word in self._conversation().text, lambda: "")

    def _expect_in_shell(self, word: str) -> None:
        history = ("message", "history", self._world.jid("alice"))
        _expect(f"jp shows {word}", lambda: word in self._jp(*history), lambda: self._jp(*history))

    def _jp(self, *words: str) -> str:
        done = subprocess.run(
            [script("jp"), "-p", "bob", *words],
            env=self._world.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise CheckFailed(f"jp {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _expect(what: str, condition: Callable[[], bool], seen: Callable[[], str]) -> None:
    if not until(condition, SECONDS):
        raise CheckFailed(f"expected within {SECONDS} s that {what}. Seen instead: {seen()[-2000:]!r}")


def _gist(page: Page) -> str:
    return f"{page.url} answered {page.status}: {page.text[:300]!r}"
