"""A stream that brings nothing though both programs are there: a router has forgotten it, or drops what goes over it.
TCP alone would find that out after a quarter of an hour, and who only reads, never."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sat.api.errors import SatError, TransferBroken
from sat.plugins.jingle.stream import SOCKS5
from sat.xmpp.jingle import Condition

if TYPE_CHECKING:
    from sat.plugins.jingle.content import Content
    from sat.plugins.jingle.stream import Stream

QUIET = 120.0  # seconds without a byte after which the peer is asked, and again, after which the stream is given up


class Stir:
    """Sends a byte now and then to who only sends, and takes no notice of it: a proxy may end a connection that only
    takes (Prosody's does so after 14 minutes)."""

    def __init__(self, content: Content, stream: Stream) -> None:
        self._session, self._stream = content.session, stream
        self._key = ("stir", *content.key)
        self.sent = 0
        """Bytes."""
        if stream.way == SOCKS5:
            self._again()

    def stop(self) -> None:
        """It is over."""
        self._session.cancel(self._key)

    def _again(self) -> None:
        self._session.after(QUIET, lambda: self._session.spawn(self._send()), key=self._key)

    async def _send(self) -> None:
        if self._stream.is_over:
            return
        self.sent += 1
        with suppress(SatError):
            await self._stream.write(b"\0")
            self._again()


class Watch:
    """Gives a content up whose stream is read, and brings nothing. Who does not read is waited for, as long as it
    takes: so only the reading side watches. For files; the writer of a pipe may say nothing for days."""

    def __init__(self, content: Content, stream: Stream, more: float, stir: Stir | None) -> None:
        """``more``: seconds that the peer may need before the first byte. ``stir``: what moves besides."""
        self._content, self._stream, self._session = content, stream, content.session
        self._key = ("quiet", *content.key)
        self._stir = stir
        self._moved, self._was_asked, self._stopped = self._came(), False, False
        self._again(more)

    def stop(self) -> None:
        """Nothing more is wanted of it."""
        self._stopped = True
        self._session.cancel(self._key)
        if self._stir is not None:
            self._stir.stop()

    def _came(self) -> int:
        """Bytes, of theirs."""
        return self._stream.moved - (self._stir.sent if self._stir is not None else 0)

    def _again(self, more: float = 0.0) -> None:
        if not (self._stopped or self._stream.is_over):
            self._session.after(QUIET + more, self._look, key=self._key)

    def _look(self) -> None:
        goes_on = self._came() != self._moved or not self._stream.is_wanted
        if goes_on or not self._session.is_online:  # what goes in stanzas goes on when we are back
            self._moved, self._was_asked = self._came(), False
            self._again()
        elif self._was_asked:
            self._give_up(TransferBroken(peer=self._session.peer, reason="nothing comes any more"))
        else:
            self._was_asked = True
            self._session.spawn(self._ask())

    async def _ask(self) -> None:
        try:
            await self._session.check_peer()
        except SatError as error:
            self._give_up(error)
        else:
            self._again()

    def _give_up(self, error: SatError) -> None:
        if not self._stopped:
            self._session.remove(self._content, Condition.CONNECTIVITY_ERROR, error)
