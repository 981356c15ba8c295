import base64
import string

import pytest

from sat.otr.wire import (
    PIECE,
    PIECES,
    QUERY,
    Assembler,
    Encoded,
    Error,
    Fragment,
    Malformed,
    Plain,
    Query,
    read,
    split,
)

BASE = " \t  \t\t\t\t \t \t \t  "
V1, V2, V3 = " \t \t  \t ", "  \t\t  \t ", "  \t\t  \t\t"


@pytest.mark.parametrize(
    ("body", "usable"),
    [
        ("?OTRv2?", True),
        ("?OTRv23?\n<b>bob</b> has requested…", True),
        ("  ?OTR?v2?", True),
        ("?OTR?v24x?", True),
        (QUERY, True),
        ("?OTR?", False),
        ("?OTR? as of old", False),
        ("?OTRv?", False),
        ("?OTRv3?", False),
        ("?OTRv4?", False),
    ],
)
def test_queries(body, usable):
    assert read(body) == Query(usable)


@pytest.mark.parametrize(
    "body", ["", "hello", "what is ?OTRv2?", "?OTR", "?OTRv2", "?OTRx", "say ?OTR:AAMD.", "?otrv2?"]
)
def test_what_people_write_is_plain(body):
    assert read(body) == Plain(body)


@pytest.mark.parametrize(
    ("body", "read_"),
    [
        (f"hello{BASE}{V2}", Plain("hello", True)),
        (f"hello{BASE}{V1}{V2}{V3}", Plain("hello", True)),
        (f"hello{BASE}{V1}", Plain("hello", False)),
        (f"he{BASE}{V3}llo", Plain("hello", False)),
        (f"{BASE}", Plain("", False)),
    ],
)
def test_offers_are_taken_out_of_the_text(body, read_):
    assert read(body) == read_


def test_errors():
    assert read("?OTR Error: <b>no</b>") == Error("<b>no</b>")


def encoded(data: bytes) -> str:
    return "?OTR:" + base64.b64encode(data).decode() + "."


def test_messages_of_the_protocol():
    body = encoded(b"\0\2\3payload")
    assert read(body) == Encoded(2, 3, base64.b64encode(b"payload"))
    assert read(body + " and more") == read(body)
    assert read(encoded(b"\0\1\3")) == Encoded(1, 3, b"")


@pytest.mark.parametrize(
    "body",
    [
        "?OTR:",
        "?OTR:.",
        "?OTR:===.",
        "?OTR:AA=A.",
        "?OTR:AAM",
        "?OTR:AAMDÄ.",
        "?OTR:A A M D.",
        "?OTR:AAI.",
        "?OTR:" + "A" * 8_000_000 + ".",
    ],
    ids=range(9),
)
def test_damaged_messages(body):
    assert read(body) == Malformed()


@pytest.mark.parametrize(
    "body",
    ["?OTR,1,2,x", "?OTR,1,2,", "?OTR,a,2,x,", "?OTR,1,2,x,y,", "?OTR,٣,٣,x,", "?OTR,1000000,2,x,", "?OTR|5a|0,1,2,x,"],
)
def test_damaged_fragments(body):
    assert read(body) == Malformed()


def fragment(number: int, count: int, piece: str = "x") -> Fragment:
    return Fragment(number, count, piece)


def test_leading_zeros():
    assert read("?OTR,00001,00002,x,") == fragment(1, 2)


@pytest.mark.parametrize(
    "numbers",
    [
        [(2, 2)],
        [(0, 0)],
        [(1, 0)],
        [(1, 2), (1, 2)],
        [(1, 2), (2, 3)],
        [(1, 3), (3, 3)],
        [(1, PIECES + 1)],
        [(1, 65535)],
        [(1, 2), (3, 2)],
    ],
    ids=str,
)
def test_what_does_not_follow_makes_no_message(numbers):
    assembler = Assembler()
    assert not any(isinstance(assembler.add(fragment(*each)), str) for each in numbers)


def test_what_does_not_follow_takes_away_what_was_there():
    assembler = Assembler()
    assert assembler.add(fragment(1, 3)) is None
    assert assembler.add(fragment(3, 3)) == Malformed()
    assert assembler.add(fragment(2, 3)) == Malformed()


def test_a_first_fragment_begins_anew():
    assembler = Assembler()
    assembler.add(fragment(1, 3, "old"))
    assembler.add(fragment(1, 2, "new"))
    assert assembler.add(fragment(2, 2, "er")) == "newer"
    assert assembler.add(fragment(2, 2)) == Malformed()


def test_a_flood_of_fragments_is_not_kept():
    """potr keeps 60 MB after 3,000 of them (CVE-2016-2851's kin)."""
    assembler = Assembler()
    assert assembler.add(fragment(1, PIECES, "x" * (PIECE + 1))) == Malformed()
    for number in range(1, 3_000):
        assembler.add(fragment(number, 65_535, "x" * 20_000))
    assert assembler._pieces == []


def test_messages_that_are_too_long_are_refused():
    assert len(split("x" * (PIECE - 30) * PIECES)) == PIECES
    with pytest.raises(ValueError):
        split("x" * PIECE * PIECES)


def test_our_fragments_are_what_we_take():
    message = "".join(string.ascii_letters[each % 52] for each in range(200_000))
    bodies = split(message)
    assert max(map(len, bodies)) <= PIECE
    assembler = Assembler()
    results = [assembler.add(read(body)) for body in bodies]
    assert results == [None] * (len(bodies) - 1) + [message]
