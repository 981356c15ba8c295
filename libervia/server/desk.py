"""One profile on the web: its models, and what changes in them told to its open pages as HTML."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from libervia.server import zones
from libervia.server.feed import Feed
from libervia.server.moving import anchor as row_of
from libervia.server.moving import in_conversation, transfer_item, with_transfers
from libervia.server.page import Html
from libervia.server.posts import anchor, post_item
from libervia.server.room_view import BESIDE, there
from libervia.server.view import ContactItems, MessageItem, contact_items, message_items
from sat.api import JID, SatError
from sat.api.errors import StorageDamaged, StorageError
from sat.api.messages import Message
from sat.api.posts import Place, Post
from sat.api.transfers import Transfer
from sat.plugins.timeline.api import Response
from sat_frontends.quick_frontend.chat import Chat, ChatChange, Row, What
from sat_frontends.quick_frontend.live import LiveChange, LiveProfile
from sat_frontends.quick_frontend.loop import Later
from sat_frontends.quick_frontend.ringing import answers_told, offer_told, offer_worth_it, told, worth_it
from sat_frontends.quick_frontend.text import clean
from sat_frontends.quick_frontend.timeline import PAGE as POSTS
from sat_frontends.quick_frontend.timeline import is_comment

if TYPE_CHECKING:
    from libervia.server.daemon import Daemon
    from libervia.server.render import Renderer
    from libervia.server.tasks import Spawn

TOGETHER = 0.1
"""Seconds for which changes of the contact list are collected before the pages are told."""
TOGETHER_IN_ROOMS = 0.5
"""The same for who is in a room: in a large one, somebody comes or goes all the time."""
TOGETHER_ON_THE_WAY = 0.5
"""The same for files: how far they are is seen well enough so."""
PAGE = 50
"""Messages on a page."""
CHATS_AT_MOST = 100
"""Conversations kept in memory though no page shows them."""


class Desk:
    """The models of a profile, shared by all browsers that are logged in to it."""

    def __init__(self, name: str, daemon: Daemon, renderer: Renderer, spawn: Spawn, later: Later) -> None:
        self.name, self.apis, self._daemon = name, daemon.profile(name), daemon
        apis = self.apis
        self.feed = Feed()
        self._start: asyncio.Future[None] | None = None
        self.live = LiveProfile(name, apis, spawn=spawn, later=later, offset=zones.offset)
        self._renderer, self._later, self._spawn = renderer, later, spawn
        self._watched: dict[JID, int] = {}
        self._shown_by: dict[JID, int] = {}
        self._chats: dict[JID, Callable[[], None]] = {}
        self._waiting: set[str] = set()
        self._shown: dict[str, str] = {}
        self._peers: dict[JID, str] = {}
        self._rooms: set[JID] = set()
        self._moved: dict[str, None] = {}
        self._waiting_told = 0
        self.live.changed.connect(self._changed)
        self.live.arrived.connect(self._arrived)
        self.live.following.answered.connect(self._answered)
        self.live.contacts.changed.connect(lambda jids: self._soon("contacts"))
        self.live.contacts.occupants.changed.connect(self._occupants_changed)
        self.live.encrypting.changed.connect(lambda peer: self._tell_peer(peer) if peer in self._chats else None)
        self._undo = [
            daemon.manager.notices.changed.connect(lambda notices: self._soon("status")),
            apis.messages.edited.connect(self._edited),
            apis.timeline.published.connect(self._published),
            apis.timeline.retracted.connect(self._retracted),
            self.live.transfers.changed.connect(self._transfer_changed),
            self.live.transfers.offered.connect(self._offered),
        ]

    async def started(self) -> None:
        """Load the models; for all but the first who asks, wait until they are."""
        if self._start is None:
            self._start = asyncio.ensure_future(self._load())
        await asyncio.shield(self._start)

    async def _load(self) -> None:
        await self._daemon.follow(self.apis)
        await self.live.start()

    def gone(self) -> None:
        """The daemon went away."""
        self.feed.publish("page", "gone")

    async def resync(self) -> None:
        """The daemon was away: load again, and have all pages look again."""
        await self._daemon.follow(self.apis)
        await self.live.resync()
        self.feed.publish("page", "refresh")

    def close(self) -> None:
        """Hear nothing any more."""
        for undo in self._undo:
            undo()
        self.live.close()
        self._daemon.leave(self.apis)

    @property
    def notices(self) -> list[SatError]:
        """What is wrong with the daemon's disk. What is wrong in sat.conf is no concern of who only visits."""
        found = [notice.meaning for notice in self._daemon.manager.notices.value]
        return [error for error in found if isinstance(error, StorageError | StorageDamaged)]

    async def connect(self) -> None:
        """Go online; if that fails, the pages show why."""
        with contextlib.suppress(SatError):
            await self.apis.profile.connect()

    def peer(self, text: str) -> JID:
        """The conversation that an address leads to. Errors: InvalidAddress."""
        return self.live.contacts.conversation(JID.parse(text))

    async def chat(self, peer: JID) -> Chat:
        """A conversation, loaded, whose changes the pages are told from now on."""
        chat = self.live.chat(peer)
        if peer not in self._chats:
            self._make_room()
            self._chats[peer] = chat.changed.connect(lambda change: self._chat_changed(chat, change))
        if self.live.encrypting.state(peer) is None:  # a page must not say that it is in clear before that is known
            await self.live.encrypting.look(peer)
        await chat.load()
        if chat.loading:  # for another page
            await _loaded(chat)
        return chat

    def page(
        self,
        template: str,
        values: dict[str, object],
        error: SatError | None = None,
        status: int | None = None,
        pictures: bool = False,
    ) -> Html:
        """A page of this profile, with what is wrong; its status is that of the ``error``, unless it is given."""
        if status is None:
            status = error.http_status if error else 200
        values = {"live": self.live, "notices": self.notices, "error": error} | values
        return Html(template, values, status, pictures)

    def draw(self, macro: str, *values: object) -> str:
        """A part of a page."""
        return self._renderer.fragment(macro, *values)

    def show(self, peer: JID, shown: bool) -> None:
        """One more page, or one less, shows a conversation."""
        self._shown_by[peer] = self._shown_by.get(peer, 0) + (1 if shown else -1)
        if self._shown_by[peer] <= 0:
            del self._shown_by[peer]

    def _make_room(self) -> None:
        idle = [peer for peer in self._chats if peer not in self._shown_by]
        for peer in idle[: max(0, len(idle) + 1 - CHATS_AT_MOST)]:
            self._chats.pop(peer)()
            self._peers.pop(peer, None)
            self._watched.pop(peer, None)
            self.live.close_chat(peer)

    def watch(self, peer: JID, watching: bool) -> None:
        """One more page, or one less, has the end of a conversation in view."""
        if peer not in self._chats:
            return
        count = max(0, self._watched.get(peer, 0) + (1 if watching else -1))
        self._watched[peer] = count
        self.live.chat(peer).look(count > 0)

    def chat_html(self, chat: Chat) -> str:
        """The newest messages of a conversation."""
        rows = [chat.row(position) for position in range(max(chat.first, chat.end - PAGE), chat.end)]
        older = rows[0].message.order if rows and (len(rows) == PAGE or chat.has_older) else 0
        items = with_transfers(self.live, chat.peer, message_items(self.live, rows), whole=not older)
        return self.draw("chat/parts.html:messages", chat.peer, items, older)

    # -- telling the pages ----------------------------------------------------------------------------------------

    def _changed(self, change: LiveChange) -> None:
        if change in (LiveChange.CONNECTION, LiveChange.OWN_PRESENCE, LiveChange.JOBS):
            self._soon("status")
        elif change in (LiveChange.UNREAD, LiveChange.REQUESTS, LiveChange.INVITATIONS):
            self._soon("menu")
        elif change is LiveChange.FOLLOWING:
            self._soon("timeline")

    def _arrived(self, messages: list[Message]) -> None:
        """The browser may tell of what came where nobody looks."""
        wanted = worth_it(self.live, messages)
        if wanted:
            self.feed.publish("page", "ring", text=told(self.live, wanted))

    def _answered(self, responses: list[Response]) -> None:
        if text := answers_told(self.live, responses):
            self.feed.publish("page", "ring", text=text)

    def _offered(self, transfer: Transfer) -> None:
        if offer_worth_it(self.live, transfer):
            self.feed.publish("page", "ring", text=offer_told(self.live, transfer))

    def _transfer_changed(self, id: str) -> None:
        self._moved[id] = None
        self._soon("transfers", TOGETHER_ON_THE_WAY)

    def _occupants_changed(self, room: JID) -> None:
        if room in self._chats:  # a page that shows it may not have told us yet
            self._rooms.add(room)
            self._soon("rooms", TOGETHER_IN_ROOMS)

    def _soon(self, what: str, seconds: float = TOGETHER) -> None:
        if what not in self._waiting:
            self._waiting.add(what)
            self._later(seconds, lambda: self._tell(what))

    def _tell(self, what: str) -> None:
        self._waiting.discard(what)
        if what == "contacts":
            self._tell_contacts()
        elif what == "rooms":
            for room in self._rooms:
                html = self.draw("room/parts.html:beside", there(self.live.contacts, room, BESIDE))
                self.feed.publish(f"chat/{room}", "there", html)
            self._rooms.clear()
        elif what == "posts":
            self._spawn(self._look_at_posts())
        elif what == "transfers":
            self._tell_transfers()
        elif what == "timeline":
            self.feed.publish("timeline", "replace", self.draw("parts.html:badge", self.live.following.unread))
        elif what == "status":
            self.feed.publish("status", "replace", self.draw("parts.html:status", self.live))
            self.feed.publish("trouble", "replace", self.draw("parts.html:trouble", self.live, self.notices))
        else:
            self._waiting_told = self.live.waiting
            self.feed.publish(
                "unread",
                "count",
                self.draw(
                    "parts.html:requests",
                    len(self.live.requests),
                    len(self.live.rooms.invitations),
                    len(self.live.confirmations.waiting),
                    len(self.live.voices.waiting),
                ),
                count=self.live.waiting,
            )

    def _published(self, posts: list[Post]) -> None:
        """Posts are new or have changed. A comment changes what stands at its post."""
        told = [each for each in posts if not is_comment(each)]
        if len(told) <= POSTS:
            self._tell_posts(told)
        if len(told) != len(posts) or len(told) > POSTS:
            self._soon("posts")

    def _retracted(self, places: list[Place]) -> None:
        for place in places:
            self.feed.publish("posts", "retracted", id=anchor(place))
        self._soon("posts")

    def _tell_transfers(self) -> None:
        moved, self._moved = self._moved, {}
        if self._waiting_told != self.live.waiting:
            self._soon("menu")
        for id in moved:
            transfer = self.live.transfers.find(id)
            if transfer is None:
                self.feed.publish("transfers", "gone", id=row_of(id), replaces=id)
            else:
                html = self.draw("files/parts.html:row", transfer_item(self.live, transfer))
                peer = in_conversation(self.live, transfer)
                self.feed.publish("transfers", "row", html, id=row_of(id), peer=peer, replaces=id)
        html = self.draw("parts.html:offered", len(self.live.transfers.asking))
        self.feed.publish("files", "replace", html, replaces="files")

    def _tell_posts(self, posts: list[Post]) -> None:
        for post in posts:
            item = post_item(self.live, post, short=True)
            html = self.draw("posts.html:buttons", item)
            self.feed.publish("posts", "post", html, id=item.anchor, order=post.order, unread=post.unread)

    async def _look_at_posts(self) -> None:
        with contextlib.suppress(SatError):  # it stands on the page as it was
            self._tell_posts(await self.apis.timeline.get_timeline(0, POSTS))

    def _tell_contacts(self) -> None:
        """Single rows where only they differ, else the whole list."""
        items = contact_items(self.live)
        before, self._shown = self._shown, self._draw(items)
        changed = {item for item in items if before.get(item.key) != self._shown[item.key]}
        if list(before) != list(self._shown) or any(not item.jid for item in changed):
            self.feed.publish("contacts", "replace", self.draw("chat/parts.html:contacts", items, ""))
        else:
            for item in changed:
                self.feed.publish("contacts", "row", self._shown[item.key], key=item.key)
        for peer in self._chats:
            self._tell_peer(peer)

    def _draw(self, items: ContactItems) -> dict[str, str]:
        return {item.key: self.draw("chat/parts.html:contact", item, "") for item in items}

    def _tell_peer(self, peer: JID) -> None:
        html = self.draw("chat/parts.html:peer", self.live, peer)
        if self._peers.get(peer) != html:
            self._peers[peer] = html
            self.feed.publish(f"chat/{peer}", "peer", html)

    def _edited(self, messages: list[Message]) -> None:
        """What is not among the newest messages may be on a page all the same."""
        for message in messages:
            if message.peer in self._chats and self.live.chat(message.peer).find(message.id) is None:
                item = message_items(self.live, [Row(message, day=False, heading=False)])[0]
                self._publish_message(item, "update", apart=True)

    def _publish_message(self, item: MessageItem, op: str, **more: bool) -> None:
        told: dict[str, Any] = {"id": item.id, **more}
        self.feed.publish(f"chat/{item.peer}", op, self.draw("chat/parts.html:message", item), **told)

    def _chat_changed(self, chat: Chat, change: ChatChange) -> None:
        topic = f"chat/{chat.peer}"
        if change.what is What.ADDED and change.end == chat.end:
            rows = [chat.row(position) for position in range(max(change.first, chat.first), change.end)]
            for item in message_items(self.live, rows):
                self._publish_message(item, "append")
        elif change.what is What.UPDATED:
            rows = [chat.row(position) for position in range(max(change.first, chat.first), min(change.end, chat.end))]
            for item in message_items(self.live, rows):
                self._publish_message(item, "update")
        elif change.what in (What.ADDED, What.RESET):
            self.feed.publish(topic, "log", self.chat_html(chat))
        elif change.what is What.DRAFT:
            self.feed.publish(topic, "draft", body=clean(chat.draft))
        elif change.what is What.TYPING:
            self.feed.publish(topic, "typing", self.draw("chat/parts.html:typing", self.live, chat))
        elif change.what is What.ERROR and chat.error is not None:
            self.feed.publish(topic, "error", self.draw("parts.html:failure", chat.error))


async def _loaded(chat: Chat) -> None:
    done = asyncio.Event()
    undo = chat.changed.connect(lambda change: None if chat.loading else done.set())
    try:
        await done.wait()
    finally:
        undo()
