"""What is sent: made of files, and of pages that are the same for everybody, where no session has a say."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from libervia.server.headers import A_MINUTE, IMMUTABLE, file_headers
from libervia.server.http import Request
from libervia.server.kept import opened
from libervia.server.page import Download, not_found
from libervia.server.shelf import Shown
from libervia.server.static import Asset


class Reply(NamedTuple):
    """What is sent."""

    status: int
    body: bytes
    headers: dict[str, str]
    live: bool = False
    pictures: bool = False
    file: BinaryIO | None = None


def choice(request: Request, page: Shown) -> tuple[int, bool]:
    """The status of a page for everybody, and whether it is sent packed."""
    known = request.header("If-None-Match")
    if known and page.etag.removeprefix("W/") in [each.strip().removeprefix("W/") for each in known.split(",")]:
        return 304, False
    return 200, _takes_packed(request)


def of_public(page: Shown, status: int, packed: bool) -> Reply:
    """A page that says nothing of who has asked."""
    headers = {"Cache-Control": A_MINUTE, "ETag": page.etag, "Content-Type": page.type, "Vary": "Accept-Encoding"}
    if status == 304:
        return Reply(304, b"", headers, pictures=True)
    if packed:
        return Reply(200, page.packed, headers | {"Content-Encoding": "gzip"}, pictures=True)
    return Reply(200, page.body, headers, pictures=True)


def of_asset(request: Request, asset: Asset) -> Reply:
    """A file of ours that never changes."""
    headers = {
        "Cache-Control": IMMUTABLE,
        "ETag": asset.etag,
        "Content-Type": asset.kind,
        "Vary": "Accept-Encoding",
    }
    if request.header("If-None-Match") == asset.etag:
        return Reply(304, b"", headers)
    if _takes_packed(request):
        return Reply(200, asset.packed, headers | {"Content-Encoding": "gzip"})
    return Reply(200, asset.body, headers)


def of_download(answer: Download, headers: dict[str, str]) -> Reply:
    """A file of somebody's, read while it is sent. Errors: HttpError where it is gone."""
    try:
        file = opened(answer.path, answer.size)
    except OSError:  # room was needed for another one
        raise not_found() from None
    return Reply(200, b"", headers | file_headers(answer.name, answer.type, inline=answer.inline), file=file)


def _takes_packed(request: Request) -> bool:
    return "gzip" in request.header("Accept-Encoding")
