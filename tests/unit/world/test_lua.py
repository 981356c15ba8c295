import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.world.lua import lua


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (5222, "5222"),
        ("plain", '"plain"'),
        ('say "\\n"\n', '"say \\034\\092n\\034\\010"'),
        ("zoé", '"zo\\195\\169"'),
        (["a", 1], '{ "a"; 1 }'),
        ({"a": False, False: {}}, '{ ["a"] = false; [false] = {  } }'),
    ],
)
def test_values(value, expected):
    assert lua(value) == expected


def test_unknown_kinds_are_refused():
    with pytest.raises(TypeError, match="float"):
        lua(1.5)


@given(st.text())
def test_text_stays_inside_its_quotes(text):
    written = lua(text)
    assert written.isascii()
    assert written.isprintable()
    assert '"' not in written[1:-1]


def test_lua_reads_what_was_written():
    text = 'zoé "said"\n\\ \0 9'
    program = f"io.write({lua(text)})"
    assert subprocess.run(["lua5.4", "-e", program], capture_output=True, check=True).stdout == text.encode()
