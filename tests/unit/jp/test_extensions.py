import subprocess
import sys

import pytest
from support import tutorial

from sat_frontends.jp import extensions


@pytest.fixture
def jp(tmp_path):
    """jp beside the package of the tutorial."""
    folder = tutorial.install(tmp_path)

    def run(*words):
        return subprocess.run(
            [sys.executable, "-c", "from sat_frontends.jp.main import main; main()", *words],
            capture_output=True,
            text=True,
            env={"PYTHONPATH": ":".join([str(folder), *sys.path])},
            check=False,
        )

    run.folder = folder
    return run


def test_commands_of_other_packages_are_in_the_help(jp):
    done = jp("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nOther packages\n  dice        throw a die\n" in done.stdout
    assert "Other packages" in jp("help").stdout
    assert "\nThrow a die.\n" in jp("dice", "--help").stdout
    assert "Usage: jp dice throw CONTACT" in jp("help", "dice", "throw").stdout


def test_commands_of_other_packages_are_completed(jp):
    assert jp("__complete", "--", "di").stdout == "dice\tof sat_dice\n"
    assert jp("__complete", "--", "dice", "").stdout == "throw\tThrow a die and tell a contact.\n"
    assert jp("__complete", "--", "help", "dice", "").stdout.startswith("throw\t")


def test_the_help_comes_also_when_a_package_is_broken(jp):
    (jp.folder / "sat_dice" / "commands" / "dice.py").write_text("import nowhere")
    done = jp("--help")
    assert done.returncode == 0
    assert "dice        sat_dice.commands.dice cannot be loaded: No module named 'nowhere'" in done.stdout
    done = jp("dice", "throw", "bob")
    assert (done.returncode, done.stderr) == (
        4,
        "jp: sat_dice.commands.dice cannot be loaded: No module named 'nowhere'\n",
    )


def test_the_first_of_a_name_is_taken_as_it_stands_in_pythons_path(tmp_path, monkeypatch):
    for folder, text in (("a/one-1", "x=one.x [more]\n"), ("b/two-1", "x = two.x\ntwo = two.commands.two:main\n")):
        metadata = tmp_path / f"{folder}.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "entry_points.txt").write_text(f"[sat.jp]\n{text}")
    monkeypatch.setattr(sys, "path", [str(tmp_path / name) for name in ("a", "b")])
    assert extensions.installed() == {"x": "one.x", "two": "two.commands.two"}
