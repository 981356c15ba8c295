"""Which files of a whole run are run once more, alone:  python tests/support/again.py

Prints them, and ends with 1 where nothing is to be tried again: where many failed, or one that starts no other program.
See docs/decisions/029-what-failed-beside-others-runs-once-more.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parents[1]
PARTS = ("e2e", "frontends", "interop", "scenarios")
"""The folders of tests that start other programs."""
MOST = 8  # files; where more fail, it is no chance


def files_of(failed: Iterable[str]) -> list[str]:
    """The files of these tests, or none where a second run would prove nothing."""
    files = sorted({test.partition("::")[0] for test in failed})
    others = any(Path(file).parts[:1] != ("tests",) or Path(file).parts[1] not in PARTS for file in files)
    return [] if others or len(files) > MOST else files


def main() -> int:
    """Look at what pytest has kept of its last run."""
    try:
        failed = json.loads((TESTS.parent / ".pytest_cache/v/cache/lastfailed").read_text("utf-8"))
    except FileNotFoundError:
        return 1
    files = files_of(failed)
    print(*files)
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main())
