"""What jp imports: its start-up time hangs on it. The figures are in ./bench."""

import subprocess
import sys

import pytest

HEAVY = {"argparse", "asyncio", "dataclasses", "gettext", "importlib.metadata", "inspect", "json", "locale", "logging"}
HEAVY |= {"pathlib", "shutil", "subprocess", "twisted", "urllib", "ctypes", "dbus", "difflib", "datetime", "traceback"}


def imported(*words):
    """The modules that are there when a command has been carried out."""
    code = "import sys; from sat_frontends.jp.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path)},
        check=True,
    )
    return set(done.stderr.split("\n")[-2].split())


@pytest.mark.parametrize(
    "words",
    [["--help"], ["roster", "list"], ["message", "send", "bob@localhost", "hi"], ["__complete", "--", "roster", ""]],
)
def test_nothing_heavy_is_imported(words):
    assert imported(*words) & HEAVY == set()


def test_help_needs_neither_the_bus_nor_the_interfaces():
    assert not {"typing", "sat.api", "_dbus_bindings"} & imported("--help")


def test_only_the_named_group_is_imported():
    groups = {name for name in imported("roster", "list") if name.startswith("sat_frontends.jp.commands.")}
    assert groups == {"sat_frontends.jp.commands.roster"}
