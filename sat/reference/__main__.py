"""``python -m sat.reference ROOT`` writes what is made from the code into the repository at ROOT."""

from __future__ import annotations

import sys
from pathlib import Path

from sat.reference.pages import pages

if __name__ == "__main__":
    root = Path(sys.argv[1])
    for name, content in pages(root).items():
        (root / name).write_text(content, "utf-8")
