"""Chromium, as the machine has it, and what tests ask of every page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE = 20_000
"""Milliseconds that a test waits for something to appear."""
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages of a context share a process while one of them is open, with what it has compiled of our scripts.
    "--process-per-site",
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    # No page lives long enough for what the compilers that optimize would take.
    "--js-flags=--no-opt,--no-maglev",
]
COLOURS = ["color-contrast", "link-in-text-block"]
"""What depends on how light or dark a page is."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

GIVE = """([names, kind, target]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File(["what " + name + " holds"], name, {type: "image/png"}));
    const how = {bubbles: true, cancelable: true, [kind === "paste" ? "clipboardData" : "dataTransfer"]: data};
    const event = new (kind === "paste" ? ClipboardEvent : DragEvent)(kind, how);
    return document.querySelector(target).dispatchEvent(event);
}"""
"""Paste or drop files; whether the browser is left to do what it would."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it lasts, an event loop counts as running in this thread, so that no second one could be
    started; tests/support/apart.py gives the modules with browser tests a thread of their own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed: apt-get install chromium"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def live(page: Page) -> Page:
    """Wait until Brython runs and the page's connection stands."""
    page.wait_for_selector("html[data-live=connected]", state="attached")
    return page


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text()


def violations(page: Page, rules: list[str] = RULES) -> list[tuple[Any, ...]]:
    """What axe-core finds wrong with a page: the rule, and the elements."""
    if not page.evaluate("typeof axe != 'undefined'"):
        page.evaluate(_axe())
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    assert len(found["passes"]) > (10 if rules is RULES else 0)
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
