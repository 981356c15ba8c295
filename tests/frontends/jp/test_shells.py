"""The completion scripts in the shells themselves."""

import shutil
import subprocess

import pytest
from support.commands import JP

BASH = r"""
source /dev/stdin <<< "$SCRIPT"
jp() { "$PYTHON" -c "$ENTRY" "$@"; }
COMP_LINE="$LINE" COMP_POINT=${#LINE} _jp
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(jp, line):
    variables = {"SCRIPT": jp("completion", "bash").out, "PYTHON": JP[0], "ENTRY": JP[2], "LINE": line}
    done = subprocess.run(
        ["bash", "-c", BASH], env=jp.environment | variables, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes(jp):
    assert bash(jp, "jp ros") == ["roster"]
    assert bash(jp, "jp roster ") == ["list", "add", "set", "remove", "requests", "approve", "refuse"]
    assert "--online" in bash(jp, "jp roster list --")


def test_bash_completes_what_follows_an_at(jp):
    """Bash breaks words there, and puts what we answer after it."""
    assert bash(jp, "jp roster remove carol@loc") == ["localhost"]
    assert bash(jp, "jp roster remove car") == ["carol@localhost"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_shell(jp, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    done = subprocess.run([shell, "-n"], input=jp("completion", shell).out, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
