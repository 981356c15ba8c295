"""Our web client in a process of its own: ``carry.py put|get|seal|open URL FILE``; prints the seconds that it took, and
by how many MiB it grew at its peak. ``seal`` and ``open``: encrypted, by way of a file in the same folder."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from typing import Any, BinaryIO, cast


def main(what: str, url: str, path: str) -> None:
    """Run Twisted's reactor for one file."""
    from twisted.internet import asyncioreactor
    from twisted.internet.defer import Deferred

    asyncioreactor.install(asyncio.new_event_loop())
    from twisted.internet import reactor as installed

    reactor: Any = installed

    from sat.api.errors import FileBroken, WebError
    from sat.api.messages import Attachment
    from sat.core.disk import Disk, Writer
    from sat.core.hashes import Hashes
    from sat.core.tasks import in_thread
    from sat.plugins.attachments.links import IV, KEY, new_link
    from sat.plugins.attachments.sealing import seal, unseal
    from sat.xmpp.web import Web

    async def work() -> None:
        web = Web(reactor, local=True)
        link = new_link("https://example.org/x", bytes(KEY), bytes(IV))
        mode = "rb" if what in ("put", "seal") else "wb"
        before, started = _peak(), time.perf_counter()
        with tempfile.TemporaryFile(dir=os.path.dirname(path)) as hidden, open(path, mode) as opened:  # noqa: ASYNC230
            scratch, file = cast(BinaryIO, hidden), cast(BinaryIO, opened)
            if what == "seal":
                await in_thread(lambda: seal(file, scratch, link.key, link.iv))
            source = scratch if what in ("seal", "open") else file
            disk = Disk(os.dup(source.fileno()), Hashes(()))
            if what in ("put", "seal"):
                size = os.fstat(source.fileno()).st_size
                await disk.go_to(0)
                await web.put(url, [], disk.pieces(size), size, "application/octet-stream", lambda _: None)
            else:
                await web.get(url, Writer(disk), 1 << 40, lambda _: WebError(host=url, reason="it is too large"))
                await disk.go_to(0)
            disk.close()
            if what == "open":
                try:
                    await in_thread(lambda: unseal(scratch, file, link, Attachment(url)))
                except FileBroken:  # zeros are no encrypted file; that shows when all of it was opened
                    assert file.tell() == scratch.tell() - 16
        print(time.perf_counter() - started, _peak() - before)

    def done(result: object) -> None:
        if result is not None:
            print(result, file=sys.stderr)
        reactor.stop()

    reactor.callLater(0, lambda: Deferred.fromCoroutine(work()).addBoth(done))
    reactor.run()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
