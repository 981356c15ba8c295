"""What keeps a whole run short: which files begin first, and how seldom Python looks for garbage.

A process of pytest-xdist takes the next file when it is through with one. Files that take minutes come first, so that
none of them is what all wait for in the end; by turns from each part, because some wait and some compute.
"""

from __future__ import annotations

import gc
from itertools import chain, zip_longest
from pathlib import Path
from typing import TypeVar

import pytest

LONG = ("frontends/libervia", "e2e", "interop", "scenarios")
"""The folders of tests that start other programs."""
Item = TypeVar("Item")
TESTS = Path(__file__).parents[1]

# Until everything is collected, nothing of the hundreds of thousands of objects is let go: looking for what could be is
# two fifths of the work.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on Python looks for garbage, but not in what was collected, which is there until the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several processes begin with the long files; one alone keeps to what it was told."""
    if hasattr(config, "workerinput"):
        files: dict[Path, list[pytest.Item]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item)
        items[:] = chain.from_iterable(long_first(files))


def long_first(files: dict[Path, Item]) -> list[Item]:
    """The files of the long folders by turns, then the others; all else stays as it was."""
    folders = [TESTS / each for each in LONG]
    turns = zip_longest(*([path for path in files if path.is_relative_to(folder)] for folder in folders))
    first = [path for path in chain.from_iterable(turns) if path is not None]
    return [files[path] for path in dict.fromkeys([*first, *files])]
