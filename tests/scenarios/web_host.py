"""A web server that does to a client what it should not do. In threads, on free ports of 127.0.0.1."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


class WebHost:
    """``pages`` say by path what is answered: a function of the handler. ``asked`` is what came, as (method, path,
    headers, body)."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.pages: dict[str, Callable[[Any], object]] = {}
        self.asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                host.asked.append((self.command, self.path, list(self.headers.items()), self.rfile.read(size)))
                self.close_connection = True
                try:
                    host.pages.get(self.path, missing)(self)
                except OSError:
                    host.hung_up.set()

            do_PUT = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.hung_up = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self._server.server_address[1]}{path}"


def page(body: bytes, code: int = 200, kind: str = "text/plain", **headers: str) -> Callable[[Any], object]:
    """An answer with this body."""

    def answer(handler: Any) -> None:
        handler.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


missing = page(b"", 404)


def endless(handler: Any) -> None:
    """An answer without end, whose length nobody said."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def broken(handler: Any) -> None:
    """An answer that ends before it should."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")
