"""In which order the files of a whole run begin."""

from __future__ import annotations

import gc

from support.order import TESTS, long_first


def test_long_files_begin_first_and_by_turns() -> None:
    names = ["e2e/a", "e2e/b", "frontends/jp/c", "frontends/libervia/d", "scenarios/e", "unit/f"]
    files = {TESTS / name: name for name in names}
    assert long_first(files) == [
        "frontends/libervia/d",
        "e2e/a",
        "scenarios/e",
        "e2e/b",
        "frontends/jp/c",
        "unit/f",
    ]


def test_garbage_is_looked_for_but_not_in_what_was_collected() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
