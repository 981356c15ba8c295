"""What a request says: its path, its query, its form."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, unquote

from libervia.server.http import PICTURES, UPLOADS, Request
from libervia.server.multipart import KIND, read_form
from libervia.server.page import HttpError, not_found

FIELDS_AT_MOST = 1000


def path_part(raw: bytes) -> str:
    """One part of a path, decoded; anything odd is a page that does not exist."""
    try:
        text = unquote(raw.decode("ascii"), errors="strict")
    except UnicodeError:
        raise not_found() from None
    if not text.isprintable() or "\\" in text or text in (".", ".."):
        raise not_found()
    return text


def fields_of(text: bytes) -> dict[str, list[str]]:
    """The fields of a query or a form. Errors: HttpError."""
    try:
        return parse_qs(text.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST, errors="replace")
    except ValueError:
        raise HttpError(400, "This form cannot be read.") from None


async def read_fields(request: Request) -> dict[str, list[str]]:
    """The fields of a form, and in the request the file that it brought. Errors: HttpError."""
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    if kind == KIND and request.path.startswith((*UPLOADS, PICTURES)) and request.content is not None:
        try:
            form, request.sent = await asyncio.to_thread(read_form, request.content, request.header("Content-Type"))
        except ValueError:
            raise HttpError(400, "This form cannot be read.") from None
        return form
    if kind != "application/x-www-form-urlencoded":
        return {}
    return fields_of(request.whole_body)


def first_of(values: dict[str, list[str]]) -> dict[str, str]:
    """The first value of each field."""
    return {name: each[0] for name, each in values.items()}
