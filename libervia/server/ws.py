"""The live connection of a page: one WebSocket, resumed by number (see ``feed.py``).

To the page: ``{"seq", "topic", "op", "html"}`` and more by ``op``. From the page: ``hello`` (what it shows and the last
number it saw), ``send``, ``complete``, ``compose``, ``react``, ``retract``, ``emojis``, ``draft``, ``look``, ``older``,
``move``, ``active``. Cookie, Origin and Host were checked before.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol

from libervia.server.advice import advice
from libervia.server.desk import Desk
from libervia.server.live import Conversation, meant
from libervia.server.moving import act
from libervia.server.view import composing_item
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend.amending import Purpose
from sat_frontends.quick_frontend.emojis import find_emojis
from sat_frontends.quick_frontend.text import clean

if TYPE_CHECKING:
    from libervia.server.app import App
    from libervia.server.http import Request
    from libervia.server.session import Session

logger = logging.getLogger(__name__)
BEAT = 25.0
"""Seconds between signs of life, in both directions."""
MESSAGE_LIMIT = 256 * 1024
WAITING_LIMIT = 100
"""Requests of one page that may wait for the one before them."""
COMPLETIONS = 8
"""Of a command, shown at once."""
PAGES_AT_MOST = 30
"""Connections of one session."""
LOGGED_OUT, TOO_MUCH, AWAY = 4001, 4008, 4013


class LiveProtocol(WebSocketServerProtocol):
    """One open page."""

    app: App
    session: Session
    desk: Desk | None = None

    def onOpen(self) -> None:
        """The handshake is done."""
        self._seq: int | None = None
        self._paused = False
        self._looking: set[JID] = set()
        self._peer = JID("")
        self._requests: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING_LIMIT)
        self._undo = [self.session.ended.connect(lambda _: self.sendClose(LOGGED_OUT, "logged out"))]
        self._worker = self.app.tasks.spawn(self._work())
        self._beat = self.app.tasks.later(BEAT, self._send_beat)
        self.app.sockets.add(self)
        if sum(each.session is self.session for each in self.app.sockets) > PAGES_AT_MOST:
            self.sendClose(TOO_MUCH, "too many pages")
        transport: Any = self.transport
        transport.unregisterProducer()  # that was the HTTP channel
        transport.registerProducer(self, True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """The page says something; one thing after the other is done."""
        try:
            request = json.loads(payload)
            self._requests.put_nowait(request if isinstance(request, dict) else {})
        except (ValueError, RecursionError, asyncio.QueueFull):
            self.sendClose(TOO_MUCH, "not understood")

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """The page is gone."""
        if not hasattr(self, "_undo"):
            return
        self.app.sockets.discard(self)
        for undo in self._undo:
            undo()
        self._beat()
        self._worker.cancel()
        if self.desk is not None:
            for peer in self._looking:
                self.desk.watch(peer, False)
            if self._peer:
                self.desk.show(self._peer, False)

    # -- sending: as fast as the page reads, and no faster -----------------------------------------------------------

    def pauseProducing(self) -> None:
        """The page reads slowly: the feed keeps what it misses."""
        self._paused = True

    def resumeProducing(self) -> None:
        """The page has caught up."""
        self._paused = False
        self._flush()

    def stopProducing(self) -> None:
        """The connection is gone."""
        self._paused = True

    def tell(self, **event: object) -> None:
        """Tell this page only."""
        if self.state == self.STATE_OPEN:
            self._say(json.dumps(event, ensure_ascii=False, separators=(",", ":")))

    def _say(self, line: str) -> None:
        # The limit set below is for what pages say; sendMessage would refuse to send more than that, too.
        self.sendFrame(self.MESSAGE_TYPE_TEXT, line.encode("utf-8", "replace"))

    def _flush(self) -> None:
        if self.desk is None or self._seq is None or self._paused or self.state != self.STATE_OPEN:
            return
        events = self.desk.feed.since(self._seq)
        if events is None:
            self._refresh()
            return
        for seq, line in events:
            self._say(line)
            self._seq = seq
            if self._paused:
                return

    def _refresh(self) -> None:
        """Too much was missed: the page has to look again."""
        if self.desk is not None:
            self._seq = self.desk.feed.seq
            self.tell(op="refresh", topic="page", seq=self._seq, epoch=self.desk.feed.epoch)

    def _send_beat(self) -> None:
        if self.app.sessions.find(self.session.key) is None:
            return  # finding it closed it, and that closed us
        self.tell(op="beat", topic="page")
        self._beat = self.app.tasks.later(BEAT, self._send_beat)

    # -- what the page asks ---------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            request = await self._requests.get()
            token = request.get("token")
            try:
                await self._do(request)
            except SatError as error:
                if self._seq is None:  # no daemon: the page tries again later
                    self.sendClose(AWAY, "not now")
                    return
                self.tell(op="failed", topic="page", token=token, error=str(error), advice=advice(error))

    async def _do(self, request: dict[str, Any]) -> None:
        what = request.get("do")
        if what == "hello":
            await self._hello(request)
            return
        if what != "look":  # a page in view reads by itself; that is nobody's activity
            self.app.touch(self.session)
        desk = self.desk
        if desk is None or what == "active":
            return
        if what == "move":
            await act(desk.live, _text(request, "name"), _text(request, "id"))
            return
        conversation = Conversation(desk, desk.peer(_text(request, "peer")))
        if what == "send":
            purpose = _text(request, "for") or Purpose.NEW
            entered = await conversation.enter(_text(request, "body"), purpose, _text(request, "about"), meant(request))
            token = request.get("token")
            if entered.id:
                self.tell(op="sent", topic="page", token=token, id=entered.id)
            else:
                html = desk.draw("chat/parts.html:answer", entered.answer) if entered.answer else ""
                self.tell(op="answer", topic="page", token=token, html=html, where=entered.where)
        elif what == "complete":
            text = _text(request, "text")
            found = conversation.completions(text)
            html = desk.draw("chat/parts.html:completions", found[:COMPLETIONS], len(found) - COMPLETIONS)
            self.tell(op="completions", topic="page", html=html, text=text)
        elif what == "compose":
            await self._compose(desk, conversation, _text(request, "for"), _text(request, "about"))
        elif what == "react":
            on = bool(request.get("on"))
            await conversation.react(_text(request, "id"), unquote(_text(request, "emoji")), on)
        elif what == "retract":
            await conversation.retract(_text(request, "id"))
        elif what == "emojis":
            text = _text(request, "text")[:50]
            id = _text(request, "id")
            html = desk.draw("chat/parts.html:emojis", id, find_emojis(text), text.strip())
            self.tell(op="emojis", topic="page", html=html, id=id, text=text)
        elif what == "draft":
            await conversation.draft(_text(request, "body"))
        elif what == "older":
            html = await conversation.older(_number(request, "before"))
            self.tell(op="older", topic=f"chat/{conversation.peer}", html=html)
        elif what == "look":
            self._look(desk, conversation.peer, bool(request.get("on")))

    async def _hello(self, request: dict[str, Any]) -> None:
        desk = self.desk = await self.app.desk(self.session.profile)
        peer = _text(request, "peer")
        if peer and not self._peer:
            self._peer = desk.peer(peer)
            desk.show(self._peer, True)
            await desk.chat(self._peer)
        if self._seq is None:
            self._undo.append(desk.feed.published.connect(lambda _: self._flush()))
        if request.get("epoch") == desk.feed.epoch:
            self._seq = _number(request, "seq")
            self.tell(op="hello", topic="page")
            self._flush()
        else:
            self._refresh()

    async def _compose(self, desk: Desk, conversation: Conversation, purpose: str, about: str) -> None:
        """Say what a text is going to be for, and what stands in the composer at first."""
        composing = await conversation.composing(purpose, about)
        item = composing_item(desk.live, composing)
        label = desk.live.contacts.label(conversation.peer)
        html = desk.draw("chat/parts.html:purpose", conversation.peer, label, item)
        corrected = composing.message if composing.purpose is Purpose.CORRECTION else None
        body = clean(corrected.body) if corrected else ""
        more = {"for": item.purpose, "about": item.id, "body": body}
        self.tell(op="compose", topic="page", html=html, **more)

    def _look(self, desk: Desk, peer: JID, on: bool) -> None:
        if peer == self._peer and on != (peer in self._looking):
            (self._looking.add if on else self._looking.discard)(peer)
            desk.watch(peer, on)


class LiveResource:
    """Takes over the connections of ``/ws``."""

    def __init__(self, app: App) -> None:
        self._app = app

    def accept(self, request: Request, session: Session | None) -> Any:
        """Speak WebSocket on this connection from now on."""
        assert session is not None
        factory: Any = WebSocketServerFactory()
        factory.protocol = lambda: self._protocol(session)
        factory.setProtocolOptions(
            maxFramePayloadSize=MESSAGE_LIMIT,
            maxMessagePayloadSize=MESSAGE_LIMIT,
            openHandshakeTimeout=10,
            closeHandshakeTimeout=5,
            autoPingInterval=BEAT,
            autoPingTimeout=20,
            failByDrop=True,
            tcpNoDelay=True,
            versions=[13],
        )
        return WebSocketResource(factory).render(request)

    def _protocol(self, session: Session) -> LiveProtocol:
        protocol = LiveProtocol()
        protocol.app, protocol.session = self._app, session
        return protocol


def _text(request: dict[str, Any], name: str) -> str:
    value = request.get(name, "")
    if not isinstance(value, str):
        raise InvalidArgument(reason=f"{name} must be a text.")
    return value.encode("utf-8", "replace").decode()


def _number(request: dict[str, Any], name: str) -> int:
    value = request.get(name, 0)
    return value if isinstance(value, int) and 0 <= value < 1 << 53 else 0
