import os
import sys

from sat.world.terminal import Terminal

ECHO = """
import os, sys
print("\\x1b]0;title\\x07\\x1b[1;31mred\\x1b[0mdy", os.get_terminal_size().columns, flush=True)
for line in sys.stdin: print("heard", line.upper(), flush=True)
"""


def test_keys_go_in_and_what_is_drawn_comes_out():
    with Terminal([sys.executable, "-c", ECHO], dict(os.environ), columns=97) as terminal:
        assert terminal.shows("reddy 97")  # in one piece without the colours
        assert "title" not in terminal.drawn()
        terminal.forget()
        terminal.press("salut\r")
        assert terminal.shows("SALUT")
        assert "reddy" not in terminal.drawn()


def test_what_is_not_drawn_is_missed():
    with Terminal([sys.executable, "-c", ECHO], dict(os.environ)) as terminal:
        assert terminal.shows("reddy")
        assert not terminal.shows("blue", 0.1)


def test_a_program_that_ends_is_not_waited_for():
    with Terminal([sys.executable, "-c", "print('bye')"], dict(os.environ)) as terminal:
        assert not terminal.shows("hello", 60)
        assert terminal.shows("bye", 0)
