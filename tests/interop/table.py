"""What is exchanged with whom: each test says it of itself, and the page in the documentation is made from that.

Write the page: ``PYTHONPATH=tests python -m interop.table``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from support.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "interop.md"
CLIENTS = {"slixmpp": "slixmpp", "profanity": "profanity", "poezio": "poezio", "converse": "Converse.js"}
CLIENTS |= {"dino": "Dino", "finch": "Finch"}
TO_THEM, TO_US, BOTH = "→", "←", "⇄"
HEAD = """# What is exchanged with programs of others

Made from `tests/interop` (`PYTHONPATH=tests python -m interop.table`): each mark is a test in which a real program of
others and our daemon exchange this over a real server. → from us to them, ← from them to us, ⇄ both. An empty cell says
only that there is no such test; what a program cannot do stands in the texts of its tests. What slixmpp exchanges is
tested with Prosody and with ejabberd, the others with Prosody.

"""

Test = TypeVar("Test", bound=Callable[..., Any])


def exchanged(way: str, *features: str) -> Callable[[Test], Test]:
    """Say of a test what it exchanges."""

    def note(test: Test) -> Test:
        test.exchanged = dict.fromkeys(features, way)
        return test

    return note


def page() -> str:
    """The page's text."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"interop.{path.stem}")
        for test in vars(module).values():
            for feature, way in getattr(test, "exchanged", {}).items():
                ways = rows.setdefault(feature, {})
                both = way if ways.get(module.CLIENT, way) == way else BOTH
                ways[module.CLIENT] = both
    lines = ["| | " + " | ".join(CLIENTS.values()) + " |", "|---|" + "---|" * len(CLIENTS)]
    lines += [f"| {name} | " + " | ".join(rows[name].get(each, "") for each in CLIENTS) + " |" for name in sorted(rows)]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
