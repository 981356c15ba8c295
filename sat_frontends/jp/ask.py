"""Asking the person: lines, and passwords that are not shown. Questions go to stderr, so that stdout stays data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sat.api import Secret
from sat_frontends.jp.failure import Failure, usage

if TYPE_CHECKING:
    from sat_frontends.jp.context import Jp

LIMIT = 4096  # characters of a password from a file or a command: more is a mistake


def somebody_there() -> bool:
    """Whether a person sits in front of this: we can read what they type, and they can see what we ask."""
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):  # closed
        return False


def ask(question: str, default: str = "") -> str:
    """A line typed by the person. Ctrl-D cancels."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise Failure("Cancelled.", code=20)
    return line.rstrip("\r\n") or default


def ask_secret(question: str) -> Secret:
    """A password, typed without being shown."""
    from getpass import getpass

    try:
        return Secret(getpass(question, stream=sys.stderr))
    except EOFError:
        raise Failure("Cancelled.", code=20) from None


def ask_new_secret(question: str) -> Secret:
    """A password that is being chosen: typed twice."""
    while True:
        first = ask_secret(question)
        if first and first == ask_secret("Once more: "):
            return first
        sys.stderr.write("The two are not the same.\n" if first else "It cannot be empty.\n")


def password(jp: Jp, question: str, from_stdin: bool, command: str, *, new: bool = False) -> Secret:
    """A password from where the options say: ``--password-stdin``, ``--password-command``, or the person."""
    if from_stdin and command:
        raise usage("--password-stdin and --password-command exclude each other.")
    if from_stdin:
        return _first_line(sys.stdin.readline(LIMIT + 2), "There is no password on stdin.")
    if command:
        return _from_command(command)
    if not jp.asks:
        raise usage("There is nobody to ask for the password.", "Add --password-stdin or --password-command.")
    return ask_new_secret(question) if new else ask_secret(question)


def secret(jp: Jp, question: str) -> Secret:
    """A secret typed by the person, or the first line of stdin where nobody types."""
    if jp.asks:
        return ask_secret(question)
    if sys.stdin.isatty():
        raise usage("There is nobody to ask for the secret.", "Give it on stdin.")
    return _first_line(sys.stdin.readline(LIMIT + 2), "There is no secret on stdin.")


def _from_command(command: str) -> Secret:
    import subprocess

    # The person's own command line, as in their shell; its stderr is theirs to see.
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S602 - a shell is what was asked for
    if done.returncode:
        raise Failure(f"The password command ended with code {done.returncode}.", command)
    return _first_line(done.stdout, "The password command wrote nothing.")


def _first_line(text: str, otherwise: str) -> Secret:
    line = text.partition("\n")[0].rstrip("\r")
    if not line:
        raise usage(otherwise)
    if len(line) > LIMIT:
        raise usage(f"It has at most {LIMIT} characters here.")
    return Secret(line)
