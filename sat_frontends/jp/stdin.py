"""Reading text that comes through a pipe, with a limit."""

from __future__ import annotations

import sys

from sat.api.errors import InvalidArgument, MessageTooLong
from sat_frontends.jp.output import complain

LIMIT = 1 << 20  # bytes; the daemon and the server allow less, so this only ends an endless pipe early


def read_text(invitation: str) -> str:
    """Everything on stdin, without the last newline. On a terminal ``invitation`` says that we wait."""
    stream = sys.stdin
    if stream is None:
        return ""
    if stream.isatty():
        complain(invitation)
    data = stream.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise MessageTooLong(size=f"more than {LIMIT}", limit=LIMIT)
    try:
        return data.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise InvalidArgument(reason="What came on stdin is no text (UTF-8).") from None
