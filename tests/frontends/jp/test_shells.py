"""The completion scripts in the shells themselves."""

import subprocess

import pytest

from sat_frontends.jp.groups import GROUPS

BASH = r"""
source /dev/stdin <<< "$SCRIPT"
COMP_LINE="$LINE" COMP_POINT=${#LINE} _jp
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(jp, line):
    done = jp.in_shell(BASH, SCRIPT=jp("completion", "bash").out, LINE=line)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def test_bash_completes(jp):
    assert bash(jp, "jp ros") == ["roster"]
    assert bash(jp, "jp roster ") == list(GROUPS["roster"][1])
    assert "--online" in bash(jp, "jp roster list --")


def test_bash_completes_what_follows_an_at(jp):
    """Bash breaks words there, and puts what we answer after it."""
    assert bash(jp, "jp roster remove carol@loc") == ["localhost"]
    assert bash(jp, "jp roster remove car") == ["carol@localhost"]


def test_bash_completes_what_follows_an_equals_sign(jp):
    assert bash(jp, "jp roster list --output=js") == ["json", "json-raw"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_shell(jp, shell):
    done = subprocess.run([shell, "-n"], input=jp("completion", shell).out, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
