"""The page that says what is exchanged with whom is made from the tests."""

from __future__ import annotations

from interop.table import PAGE, page

CLIENT = ""


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: PYTHONPATH=tests python -m interop.table"
