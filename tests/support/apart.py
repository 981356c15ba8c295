"""Modules with browser tests run in a thread of their own.

Playwright keeps an event loop, and greenlets, in the thread that it was started in. There no other test could run its
own loop, and Python 3.11 loses count of its recursion when a test fails (“AST constructor recursion depth mismatch”).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

FIXTURE = "chromium"
_modules: set[Path] = set()
_threads: dict[Path, ThreadPoolExecutor] = {}


@pytest.hookimpl
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Find the modules: all of one's tests must share the thread, because its fixtures do."""
    _modules.update(item.path for item in items if FIXTURE in getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test in its module's thread. The threads stay until the end: what one of them has started for the whole run
    (a bus, a server) is ended by the kernel when its thread ends."""
    if item.path not in _modules:
        return None
    thread = _threads.setdefault(item.path, ThreadPoolExecutor(1, "browser"))
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    thread.submit(runtestprotocol, item, nextitem=nextitem).result()
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
