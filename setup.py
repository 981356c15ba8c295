"""The metadata is in pyproject.toml. Here is what depends on code: what we put into /usr/share (sat/shipped.py)."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from sat.shipped import install  # noqa: E402 - found only now

# A wheel does not know where it will be: these find sat in PATH. "sat install-service" writes its full path.
written = install(ROOT / "build" / "share", "/usr/bin/env", "sat")

setup(data_files=[(str(path.parent.relative_to(ROOT / "build")), [str(path.relative_to(ROOT))]) for path in written])
