"""Codes that a telephone scans (QR), for an address with keys: as text of half blocks, and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument

if TYPE_CHECKING:
    from segno import QRCode

BORDER = 2  # modules of light around it; scanners need some
_BLOCKS = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}  # what is light is drawn: terminals are dark, as a rule


def half_blocks(text: str) -> list[str]:
    """The code as lines, two rows of modules each; light is what has the foreground's colour. Errors: InvalidArgument
    where the text is too long."""
    rows = [list(map(int, row)) for row in _code(text).matrix_iter(border=BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(_BLOCKS[bool(upper), bool(lower)] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]


def svg(text: str) -> str:
    """The code as an SVG element, black on white whatever is around it. Errors: as above."""
    return str(_code(text).svg_inline(scale=4, border=BORDER, dark="#000", light="#fff", omitsize=True))


def _code(text: str) -> QRCode:
    import segno  # only where a code is wanted

    try:
        return segno.make(text, micro=False)
    except ValueError:
        raise InvalidArgument(reason="This is too long for a code.") from None
