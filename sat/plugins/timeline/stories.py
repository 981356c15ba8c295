"""Stories: pictures and films that contacts show for a day (XEP-0501). Few and short, so they are kept as they came."""

from __future__ import annotations

from collections.abc import Iterable
from random import uniform
from typing import TYPE_CHECKING, Any, NamedTuple

from sat.api import JID
from sat.api.errors import PeerError, SatError
from sat.api.posts import Place, Post
from sat.plugins.blog import atom
from sat.plugins.pubsub.plugin import Event
from sat.plugins.timeline.looking import FIRST
from sat.xmpp import xml
from sat.xmpp.pubsub import Item

if TYPE_CHECKING:
    from sat.plugins.timeline.plugin import Timeline

NODE = "urn:xmpp:pubsub-social-feed:stories:0"
DAY = 86400.0  # seconds that a story is shown where its node does not say how long
LONGEST = 7 * DAY
MOST = 200  # stories that are kept
OF_ONE = 20  # that are asked for at once
LARGEST = 20_000  # characters of one
AUTHORS = 500  # contacts of whom it is remembered that they have had one


class Story(NamedTuple):
    """A story, how it came, and when it expires, in seconds since 1970."""

    post: Post
    item: Item
    expires: float


class Stories:
    """Stories of our contacts, and our own."""

    def __init__(self, plugin: Timeline) -> None:
        self._plugin = plugin
        self._stories: dict[Place, Story] = {}
        self._lives: dict[JID, float] = {}  # seconds that the stories of somebody are shown

    async def load(self) -> None:
        """Read what is stored."""
        store = self._plugin.store
        self._lives = dict(await store.rows("story_lives", _life))
        for story in filter(None, await store.rows("stories", self._from_row)):
            self._stories[story.post.place] = story

    def _from_row(self, row: Any) -> Story | None:
        service, id, text, expires, unread = row
        item = Item(str(id), xml.parse(str(text).encode()))
        post = self._read(JID.parse(service), item)
        return None if post is None else Story(post._replace(unread=bool(unread)), item, float(expires))

    async def _keep(self) -> None:
        self._drop_old()
        rows = [
            [each.post.place.service, each.item.id, _text(each.item), each.expires, each.post.unread]
            for each in self._stories.values()
        ]
        await self._plugin.store.set_many({"stories": rows, "story_lives": self._lives})

    def _drop_old(self) -> None:
        now = self._plugin.session.now()
        self._stories = {place: each for place, each in self._stories.items() if each.expires > now}
        while len(self._stories) > MOST:
            del self._stories[min(self._stories, key=lambda place: self._stories[place].post.published)]

    # -- what is told --------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """In a new session: ask who has had stories what they have now; the others tell by themselves."""
        plugin = self._plugin

        def ask() -> None:
            plugin.spawn(plugin.discovering.each(list(self._lives), self._ask))

        plugin.after(uniform(*FIRST), ask, key="stories")  # noqa: S311 - nobody gains by guessing it

    async def _ask(self, jid: JID) -> None:
        plugin = self._plugin
        if not plugin.following.follows(Place(jid)):
            return
        try:
            items = (await plugin.pubsub.items(plugin.blog.at(jid), NODE, most=OF_ONE, before="")).items
        except PeerError as error:
            if error.details.get("condition") != "item-not-found":
                raise
            items = []
        there = {each.id for each in items}
        gone = [place for place in self._stories if place.service == jid and place.id not in there]
        await self._change(jid, items, gone)

    def heard(self, event: Event) -> None:
        """A contact, or our own account, tells of stories."""
        if not self._plugin.following.follows(Place(event.owner)):
            return
        news, of_them = event.news, [place for place in self._stories if place.service == event.owner]
        gone = [place for place in of_them if news.gone or place.id in news.retracted]
        self._plugin.spawn(self._change(event.owner, news.items, gone))

    async def _change(self, jid: JID, items: list[Item], gone: list[Place]) -> None:
        read = [(post, each) for each in items if (post := self._read(jid, each)) is not None]
        life = await self._life(jid) if read else DAY
        now = self._plugin.session.now()
        for place in gone:
            self._stories.pop(place, None)
        for post, item in read:
            before = self._stories.get(post.place)
            expires = (post.published or now) + life if before is None or post.published else before.expires
            unread = post.author != self._plugin.own if before is None else before.post.unread
            if expires > now and len(_text(item)) <= LARGEST:
                self._stories[post.place] = Story(post._replace(unread=unread), item, expires)
        if read or gone:
            await self._keep()

    def _read(self, jid: JID, item: Item) -> Post | None:
        """The story of an item, which has a picture or a film; in the node of an account only its owner publishes."""
        post = atom.read(item, jid, NODE, self._plugin.session.now())
        if post is None or not post.enclosures or (item.publisher and post.author != jid):
            return None
        return post._replace(author=jid, verified=True)

    async def _life(self, jid: JID) -> float:
        """How long stories of somebody are shown."""
        if jid in self._lives:
            return self._lives[jid]
        life = DAY
        try:
            info = await self._plugin.disco.get_info(jid, NODE)
        except SatError as error:
            self._plugin.log.debug("%s does not say how long stories are shown: %s", jid, error)
        else:
            said = {each.name: each.values[0] for form in info.forms for each in form.fields if each.values}
            seconds = said.get("pubsub#item_expire", "")
            if seconds.isascii() and seconds.isdigit() and len(seconds) < 10:
                life = min(max(float(seconds), 1.0), LONGEST)
        self._lives[jid] = life
        while len(self._lives) > AUTHORS:
            del self._lives[next(iter(self._lives))]
        return life

    # -- what a person asks for ----------------------------------------------------------------------------------

    def current(self, blocked: set[JID]) -> list[Post]:
        """Those that have not expired, the newest first."""
        self._drop_old()
        posts = (each.post for each in self._stories.values())
        shown = (each for each in posts if self._plugin.following.follows(Place(each.place.service)))
        wanted = (each for each in shown if not blocked & {each.author, JID(each.author.domain)})
        return sorted(wanted, key=lambda each: each.published, reverse=True)

    async def mark_read(self, places: Iterable[Place]) -> None:
        """These were seen; none: all."""
        seen = set(places) or set(self._stories)
        new = {place for place in seen & self._stories.keys() if self._stories[place].post.unread}
        for place in new:
            story = self._stories[place]
            self._stories[place] = story._replace(post=story.post._replace(unread=False))
        if new:
            await self._keep()


def _text(item: Item) -> str:
    return "" if item.payload is None else xml.to_text(item.payload)


def _life(row: Any) -> tuple[JID, float]:
    jid, seconds = row
    return JID.parse(jid), float(seconds)
