"""What keeps a whole run short: which files begin first, how seldom Python looks for garbage, and that nothing is
compiled twice.

A process of pytest-xdist takes the next file when it is through with one. Files that take minutes come first, so that
none of them is what all wait for in the end; by turns from each part, because some wait and some compute.
"""

from __future__ import annotations

import gc
import os
import sys
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

# Nor is anything compiled twice: told not to keep what it compiled, Python would compile all tests in each process, and
# the half of a daemon's start would be compiling.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


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
