"""The package that pip builds has in it all that runs, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest
from support.tree import files, name

from sat.shipped import files as shipped

PACKAGES = ("sat/", "sat_frontends/", "libervia/", "twisted/plugins/")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What is in it, built from what is or would be committed: what lies about here must not help."""
    folder = tmp_path_factory.mktemp("package")
    for path in files():
        copy = folder / "source" / name(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run(
        [*command, "--disable-pip-version-check", "-w", folder, folder / "source"], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        yield {each: archive.read(each) for each in archive.namelist()}


def test_everything_that_runs_is_in_it(wheel):
    wanted = {name(path) for path in files() if name(path).startswith(PACKAGES)}
    assert len(wanted) > 300
    assert wanted - set(wheel) == set()


def test_nothing_else_is_in_it(wheel):
    others = {each for each in wheel if not each.startswith(PACKAGES)}
    assert {each for each in others if ".data/data/share/" not in each and ".dist-info/" not in each} == set()
    assert {each for each in wheel if each.startswith("twisted/")} == {"twisted/plugins/sat_plugin.py"}


def test_what_belongs_into_usr_share_is_in_it(wheel):
    placed = {each.partition(".data/data/share/")[2]: text.decode() for each, text in wheel.items()}
    assert {place: placed.get(place) for place in shipped("/usr/bin/env", "sat")} == shipped("/usr/bin/env", "sat")


def test_its_commands_are_ours(wheel):
    entries = next(text.decode() for each, text in wheel.items() if each.endswith("entry_points.txt"))
    commands = [line.partition(" =")[0] for line in entries.splitlines() if "=" in line]
    assert commands == ["jp", "libervia", "primitivus", "sat"]
