"""The HTTP layer with its bounds: 30 s for a request to come in, 16 KiB of headers, 1 MiB of body."""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, BinaryIO

from twisted.web import http, server
from twisted.web.http_headers import Headers
from twisted.web.resource import Resource

from libervia.server.headers import security_headers
from libervia.server.multipart import Sent

TIMEOUT = 30.0
"""Seconds for the whole of a request to come in, and for a connection to stay open with nothing asked."""
BODY_LIMIT = 1 << 20
UPLOADS = (b"/upload/", b"/blog/new", b"/blog/edit/")
"""Where those who are logged in may send more."""
PICTURES = b"/configure/"
"""Where a form may hold a picture, within ``BODY_LIMIT``."""
UPLOAD_LIMIT = 200 << 20
UPLOAD_WITHIN = 900.0
"""Seconds for such a form to come in."""
HEADER_LIMIT = 8192


class Request(server.Request):
    """A request whose body is bounded before it is read, and whose answer is sent in one piece."""

    channel: Channel
    sent: Sent | None = None

    def process(self) -> None:
        """Answer: at once what is there already, or in the way of Twisted."""
        channel: Any = self.channel  # what Twisted does not declare
        if not channel.site.resource.answer_at_once(self):
            super().process()

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return (self.getHeader(name) or "")[:HEADER_LIMIT]

    def cookie(self, name: str) -> str:
        """A cookie's value, or nothing."""
        return (self.getCookie(name.encode()) or b"").decode("ascii", "replace")

    @property
    def peer(self) -> str:
        """The network address of the other side."""
        return str(getattr(self.getClientAddress(), "host", ""))

    @property
    def whole_body(self) -> bytes:
        """The body, bounded by ``BODY_LIMIT``."""
        return self.content.read() if self.content else b""

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send everything."""
        self.setResponseCode(status, HTTPStatus(status).phrase.encode())
        self.responseHeaders.removeHeader(b"Server")  # nobody needs to know its version
        for name, value in headers.items():
            self.setHeader(name, value)
        self.setHeader("Content-Length", str(len(body)))
        self.write(body)
        self.finish()

    @staticmethod
    def made(headers: dict[str, str], length: int) -> Headers:
        """Headers for many requests, of this second."""
        all = headers | {"Content-Length": str(length), "Date": http.datetimeToString().decode()}
        return Headers({name: [value] for name, value in all.items()})

    def answer_ready(self, status: int, headers: Headers, body: bytes) -> None:
        """Send everything, with headers that many requests share: nothing is added to them."""
        self.setResponseCode(status)
        self.responseHeaders = headers
        self.write(body)
        self.finish()

    def stream(self, status: int, headers: Mapping[str, str], file: BinaryIO) -> None:
        """Send a file, piece by piece, as fast as the other side takes it."""
        from twisted.protocols.basic import FileSender

        self.setResponseCode(status, HTTPStatus(status).phrase.encode())
        self.responseHeaders.removeHeader(b"Server")
        for name, value in headers.items():
            self.setHeader(name, value)
        self.setHeader("Content-Length", str(os.fstat(file.fileno()).st_size))
        sender: Any = FileSender()
        lost: list[object] = []
        self.notifyFinish().addErrback(lost.append)

        def done(_: object) -> None:
            file.close()
            if not lost:
                self.unregisterProducer()
                self.finish()

        sender.beginFileTransfer(file, self).addBoth(done)

    def gotLength(self, length: int | None) -> None:
        """Refuse what is too long, or of unknown length (no browser sends a form so)."""
        if length is None:
            self.channel.refuse(411, "This form has no length.")
            limit = 0
        elif self.channel.takes_file(self):
            limit = UPLOAD_LIMIT
            self.channel.wait(UPLOAD_WITHIN)
        else:
            limit = BODY_LIMIT
        if length is not None and length > limit:
            self.channel.refuse(413, f"This is too much at once: {limit >> 20} MiB is possible.")
        super().gotLength(min(length or 0, limit))  # more than 100 kB go to a temporary file


class Channel(http.HTTPChannel):
    """A connection that is cut when a request takes too long to come in (slow senders), however steadily it drips."""

    _deadline: Any = None
    _coming = _serving = False

    def dataReceived(self, data: bytes) -> None:
        """Bytes came. A request that is not whole with its first ones has a deadline."""
        self._coming = not self._serving
        super().dataReceived(data)
        if self._coming and self._deadline is None:
            self._deadline = self.callLater(TIMEOUT, self._too_late)

    def takes_file(self, request: Request) -> bool:
        """Whether what is coming may be a form with a file."""
        channel: Any = self  # what Twisted does not declare; the request knows its path only when all has come
        return bool(channel._path.startswith(UPLOADS) and channel.site.resource.may_upload(request))

    def wait(self, seconds: float) -> None:
        """This request has more time to come in."""
        self._stop_deadline()
        self._deadline = self.callLater(seconds, self._too_late)

    def allContentReceived(self) -> None:
        """The request is complete."""
        self._stop_deadline()
        self._coming, self._serving = False, True
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """The answer is complete."""
        self._serving = False
        super().requestDone(request)

    def connectionLost(self, reason: Any = None) -> None:
        """The connection is gone."""
        self._stop_deadline()
        self._coming = False
        super().connectionLost(reason)

    def refuse(self, status: int, sentence: str) -> None:
        """Answer at once with a sentence and hang up, whatever is still coming."""
        self._stop_deadline()
        self._coming = False
        body = f"{sentence}\n".encode()
        headers = security_headers() | {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        reason = http.RESPONSES.get(status, b"Error").decode()
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.dataReceived = self.lineReceived = self.rawDataReceived = _ignore  # type: ignore[method-assign]  # on purpose
        transport: Any = self.transport
        transport.write("\r\n".join(lines).encode() + body)
        self.loseConnection()

    def _respondToBadRequestAndDisconnect(self) -> None:
        """What Twisted calls for malformed requests; ours carries the security headers too."""
        self.refuse(400, "This is no HTTP request.")

    def lineLengthExceeded(self, line: bytes) -> None:
        """A header that never ends."""
        self.refuse(431, "The head of this request is too long.")

    def _too_late(self) -> None:
        self._deadline = None
        self.refuse(408, "The request took too long to arrive.")

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _ignore(*args: Any, **kwargs: Any) -> None:
    """What comes after a refusal."""


class Site(server.Site):
    """The web site. It writes no access log: addresses of contacts stand in paths."""

    protocol = Channel  # type: ignore[assignment]  # Twisted declares a function
    requestFactory = Request
    displayTracebacks = False

    def __init__(self, root: Resource) -> None:
        super().__init__(root, timeout=TIMEOUT, parsePOSTFormSubmission=False)

    def log(self, request: Any) -> None:
        """No access log."""
