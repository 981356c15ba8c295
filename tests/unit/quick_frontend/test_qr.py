"""Codes that a telephone scans."""

import pytest

from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend import qr

URI = "xmpp:juliet@capulet.lit?omemo-sid-1=" + "a0" * 32


def modules(lines):
    """The rows of modules that lines of half blocks show; True is dark."""
    rows = []
    for line in lines:
        rows.append([char in "▄ " for char in line])
        rows.append([char in "▀ " for char in line])
    return rows


def test_half_blocks_are_the_modules_of_the_code():
    import segno

    code = [list(map(bool, row)) for row in segno.make(URI, micro=False).matrix]
    rows = modules(qr.half_blocks(URI))
    size = len(code)
    assert [row[qr.BORDER : qr.BORDER + size] for row in rows[qr.BORDER : qr.BORDER + size]] == code
    around = rows[: qr.BORDER] + rows[qr.BORDER + size :] + [row[: qr.BORDER] for row in rows]
    assert not any(module for row in around for module in row)
    assert len({len(line) for line in qr.half_blocks(URI)}) == 1


def test_picture():
    picture = qr.svg(URI)
    assert picture.startswith("<svg")
    assert "style=" not in picture  # the page's policy does not allow it
    assert "#fff" in picture


def test_what_does_not_fit():
    for make in (qr.half_blocks, qr.svg):
        with pytest.raises(InvalidArgument):
            make("x" * 8000)
