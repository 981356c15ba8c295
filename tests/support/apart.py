"""Modules with browser tests run in a thread of their own, all in the same, because they share a browser.

Playwright keeps an event loop, and greenlets, in the thread that it was started in. There no other test could run its
own loop, and Python 3.11 loses count of its recursion when a test fails (“AST constructor recursion depth mismatch”).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.runner import runtestprotocol

FIXTURE = "chromium"
_modules: set[Path] = set()
# It stays until the end: what it has started for the whole run (a bus, a server) is ended by the kernel when it ends.
_thread = ThreadPoolExecutor(1, "browser")
Result = TypeVar("Result")


def apart(what: Callable[[], Result]) -> Result:
    """Do something in that thread."""
    if threading.current_thread().name.startswith("browser"):
        return what()
    return _thread.submit(what).result()


@pytest.hookimpl
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Find the modules: all of one's tests must share the thread, because its fixtures do."""
    _modules.update(item.path for item in items if FIXTURE in getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test of such a module in that thread."""
    if item.path not in _modules:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    apart(lambda: runtestprotocol(item, nextitem=nextitem))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
