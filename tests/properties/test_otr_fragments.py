"""What must hold for any message in fragments, and for any body."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sat.otr.wire import PIECE, Assembler, Fragment, Malformed, read, split

messages = st.binary(max_size=2_000).map(lambda data: "?OTR:" + data.hex() + ".")
sizes = st.integers(min_value=60, max_value=500)


@given(messages, sizes)
def test_what_is_taken_apart_is_put_together(message: str, size: int) -> None:
    bodies = split(message, size)
    assert max(map(len, bodies)) <= size
    if len(bodies) == 1:
        assert bodies == [message]
        return
    assembler = Assembler()
    fragments = [read(body) for body in bodies]
    assert all(isinstance(each, Fragment) for each in fragments)
    *before, last = (assembler.add(each) for each in fragments if isinstance(each, Fragment))
    assert before == [None] * (len(bodies) - 1)
    assert last == message


small = st.builds(Fragment, st.integers(0, 5), st.integers(0, 5), st.text("ab", max_size=3))


@given(st.lists(small, max_size=30))
def test_a_message_is_the_pieces_of_one_run(fragments: list[Fragment]) -> None:
    """Whatever comes between, what is put together came in a row, from the first to the last."""
    assembler = Assembler()
    for at, each in enumerate(fragments):
        result = assembler.add(each)
        if isinstance(result, str):
            run = fragments[at + 1 - each.total : at + 1]
            assert [(part.number, part.total) for part in run] == [(1 + i, each.total) for i in range(each.total)]
            assert result == "".join(part.piece for part in run)
        elif result is not None:
            assert result == Malformed()


beginnings = st.sampled_from(["?OTR", "?OTR:", "?OTR,", "?OTRv2", "?OTR Error:", "?OTR?", ""])


@given(beginnings, st.text("?OTRv2:,.|AAMD= \t0123\0é\ud800", max_size=60))
def test_any_body_is_something(beginning: str, rest: str) -> None:
    read(beginning + rest)


def test_the_limit_leaves_room() -> None:
    assert PIECE < 262_144, "a stanza that Prosody takes"
