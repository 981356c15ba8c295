import re

import pytest

from libervia.server.advice import INSTEAD, advice, sentences
from sat.api.errors import ERRORS, AuthFailed, NotConnected

COMMAND = re.compile(r"\b(jp|sat|primitivus|libervia|dbus-run-session) [a-z-]")


@pytest.mark.parametrize("name", ERRORS)
def test_nobody_at_a_browser_is_told_to_use_a_shell(name):
    assert not COMMAND.search(advice(ERRORS[name]())), "add it to INSTEAD"


@pytest.mark.parametrize("kind", INSTEAD)
def test_only_commands_are_replaced(kind):
    assert COMMAND.search(kind.hint)


def test_all_else_is_said_as_everywhere():
    error = AuthFailed(server="example.org", user="alice")
    assert sentences(error) == f"{error} {error.advice}"
    assert sentences(NotConnected(profile="alice")).startswith("The profile alice is not connected. Wait until it is")
