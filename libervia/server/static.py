"""Files for the browser: all of them known at start, under a name that holds their hash, so cached for ever.

A request never opens a path: its whole URL is a key of a dictionary.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent.parent
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
}
SHARED = ("sat_frontends.quick_frontend.times", "sat_frontends.quick_frontend.rows")
"""Pure modules that run on both sides, and are imported by the same name; each may import those before it."""


class Asset(NamedTuple):
    """One file as it is sent."""

    kind: str
    body: bytes
    packed: bytes
    etag: str


class Assets:
    """Every file, by its URL."""

    def __init__(self) -> None:
        self._files: dict[str, Asset] = {}
        self._urls: dict[str, str] = {}

    def add(self, name: str, body: bytes) -> str:
        """Serve a file; its URL."""
        digest = hashlib.sha256(body).hexdigest()[:16]
        url = f"/static/{digest}/{name}"
        self._files[url] = Asset(TYPES[Path(name).suffix], body, gzip.compress(body, 9, mtime=0), f'"{digest}"')
        self._urls[name] = url
        return url

    def url(self, name: str) -> str:
        """Where a file is found (``KeyError`` for a mistake in a template)."""
        return self._urls[name]

    def find(self, path: str) -> Asset | None:
        """The file of a URL's path."""
        return self._files.get(path)


def load_assets() -> Assets:
    """Read what belongs to libervia, the shared modules, and Brython from its installed package."""
    assets = Assets()
    for file in sorted((HERE / "static").iterdir()):
        if file.suffix in TYPES:
            body = file.read_bytes()
            assets.add(file.name, _SPACES.sub(rb"\1", body) if file.suffix == ".css" else body)
    assets.add("brython.js", _brython().read_bytes())
    modules = {name: _source(name) for shared in SHARED for name in _with_packages(shared)}
    modules |= {name: HERE / "browser" / f"{name}.py" for name in BROWSER_MODULES}
    assets.add(f"{MAIN}.py", _packed(modules.pop(MAIN)).encode())
    assets.add("modules.js", _bundle(modules))
    return assets


BROWSER_MODULES = (
    *("page", "live", "talk", "purpose", "amending", "completing", "dropping", "writing"),
    *("moving", "watching", "app", "posts", "files", "start"),
)
"""The modules of ``libervia/browser``; each may import those before it."""
MAIN = BROWSER_MODULES[-1]
"""The one that pages run."""


_SPACES = re.compile(rb"\s*([{};,])\s*|(?<=:)\s+")
"""What a style sheet does not need. In front of a colon a space means something."""

_COMMENTS = re.compile(r"^[ \t]*#.*\n|  # .*$", re.MULTILINE)
_DOCSTRINGS = re.compile(r'^([ \t]*)"""[^"]*(?:"(?!"")[^"]*)*"""$', re.MULTILINE)
"""What a browser need not fetch. No text of these modules looks like one."""


def _packed(path: Path) -> str:
    return _DOCSTRINGS.sub(r"\1''", _COMMENTS.sub("", path.read_text()))  # something must stay: it may be all there is


def _bundle(modules: dict[str, Path]) -> bytes:
    """Modules to import, in the form in which Brython's own library comes. Scripts of their own would be fetched
    together and run as they arrive, now and then one before what it imports."""
    sources = {
        name: [".py", _packed(path), [], *([True] if path.name == "__init__.py" else [])]
        for name, path in modules.items()
    }
    return f"__BRYTHON__.use_VFS = true;\n__BRYTHON__.update_VFS({json.dumps(sources)});\n".encode()


def _with_packages(module: str) -> list[str]:
    """A module's name, after those of the packages that it is in."""
    parts = module.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def _brython() -> Path:
    folder = _source("brython").parent / "data"
    small = folder / "brython.min.js"
    return small if small.exists() else folder / "brython.js"
