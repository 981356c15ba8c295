"""Which files of a whole run are run once more."""

from __future__ import annotations

import pytest
from support.again import MOST, PARTS, TESTS, files_of
from support.order import LONG


def test_a_file_comes_once():
    failed = ["tests/e2e/test_b.py::test_two[x::y]", "tests/e2e/test_b.py::test_one", "tests/scenarios/test_a.py::test"]
    assert files_of(failed) == ["tests/e2e/test_b.py", "tests/scenarios/test_a.py"]


@pytest.mark.parametrize(
    "failed",
    [
        [],
        [f"tests/e2e/test_{number}.py::test" for number in range(MOST + 1)],
        ["tests/e2e/test_a.py::test", "tests/unit/test_b.py::test"],
        ["test_somewhere.py::test"],
    ],
    ids=["nothing", "many", "one that computes", "elsewhere"],
)
def test_what_is_no_chance_is_not_tried_again(failed: list[str]):
    assert files_of(failed) == []


def test_the_folders_are_there():
    assert all((TESTS / each).is_dir() for each in PARTS)
    assert {each.partition("/")[0] for each in LONG} == set(PARTS)
