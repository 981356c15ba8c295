"""A bare resource of twisted.web that returns the bytes of a file, and nothing else. Says its port, and serves until it
is ended. Run by ``benchmarks/public_pages.py``: ``twisted_page.py FILE``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from twisted.internet import asyncioreactor

asyncioreactor.install(asyncio.new_event_loop())

from twisted.internet import reactor as _reactor  # noqa: E402
from twisted.web.resource import Resource  # noqa: E402
from twisted.web.server import Site  # noqa: E402

reactor: Any = _reactor
page = Path(sys.argv[1]).read_bytes()


class Page(Resource):
    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        return page


site = Site(Page())  # type: ignore[no-untyped-call]  # Twisted's
print(reactor.listenTCP(0, site, interface="127.0.0.1").getHost().port, flush=True)
reactor.run()
