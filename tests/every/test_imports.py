"""Imports that import-linter cannot see: parts of a library, and what is loaded when a program starts."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support.tree import ROOT, files, name

SOURCES = [path for path in files(".py") if path.relative_to(ROOT).parts[0] in {"sat", "sat_frontends", "libervia"}]
# jp has 30 ms of CPU to start in; each of these costs 3 to 100.
SLOW = {"asyncio", "dataclasses", "inspect", "logging", "twisted"}
# What asyncio, Twisted, cryptography, scramp and shutil load, and what only some of what we do needs: an idle daemon
# has 60 MiB for two profiles, and each of these would take 0.1 to 1 of them.
IN_VAIN = {"argparse", "bz2", "configparser", "difflib", "email.utils", "html.entities", "importlib.metadata", "lzma"}
IN_VAIN |= {"cryptography.hazmat.primitives.serialization.ssh", "pickle", "ssl", "zipfile"}
APIS = [path for path in SOURCES if path.is_relative_to(ROOT / "sat/api") or path.name == "api.py"]
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


@cache
def statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """All import statements of a file, wherever they are."""
    return [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, (ast.Import, ast.ImportFrom))]


def imports(path: Path) -> Iterator[str]:
    """The full name of everything that a file imports."""
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(library: str) -> set[str]:
    """The files that import a library or a part of it."""
    return {
        name(path)
        for path in SOURCES
        if any(each == library or each.startswith(f"{library}.") for each in imports(path))
    }


def loaded_by(statement: str, **variables: str) -> set[str]:
    """The modules that are loaded after a statement, in a Python of its own with these environment variables too."""
    code = f"{statement}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("library", ["twisted.words", "tx_xmpp"])
def test_xmpp_libraries_are_in_one_place(library):
    assert {path for path in importers(library) if not path.startswith("sat/xmpp/")} == set()


def test_the_reactor_is_imported_where_programs_start():
    found = importers("twisted.internet.reactor") | importers("twisted.internet.asyncioreactor")
    assert found - {"sat/daemon.py", "libervia/main.py", "libervia/server/run.py"} == set()


def test_imports_are_absolute():
    """So that a file can be moved, and a search finds who uses it."""
    relative = [
        name(path) for path in SOURCES for node in statements(path) if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_interfaces_load_nothing_slow():
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in APIS]
    assert len(modules) > 10
    assert loaded_by(f"import {', '.join(modules)}") & SLOW == set()


def test_jp_loads_nothing_slow():
    assert loaded_by(f"import {SCRIPTS['jp'].partition(':')[0]}") & (SLOW | {"dbus"}) == set()


def test_primitivus_loads_no_twisted():
    assert "twisted" not in loaded_by(f"import {SCRIPTS['primitivus'].partition(':')[0]}")


def test_the_daemon_loads_no_world():
    """The demo does."""
    loaded = loaded_by(f"import {SCRIPTS['sat'].partition(':')[0]}")
    assert loaded.isdisjoint({"sat.world", "sat_frontends", "urwid"})


def test_the_daemon_loads_nothing_in_vain(tmp_path):
    """It starts as far as it comes without a bus: all but the log-in, whose library is loaded here."""
    start = """
from sat.app import main
assert main(["run"]) != 0
from sat.xmpp.sasl import Choice, Offer, Scram
Scram("example.org", Choice("SCRAM-SHA-256"), "romeo", "secret", Offer(["SCRAM-SHA-256"]), False)
"""
    own = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"), str(tmp_path))
    loaded = loaded_by(start, DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/nowhere", **own)
    assert {"sat.plugins.messages.plugin", "sat.plugins.version.plugin", "scramp"} <= loaded  # it came that far
    assert loaded & IN_VAIN == set()
