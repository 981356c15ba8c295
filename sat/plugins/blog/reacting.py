"""What is put to posts besides comments: emojis, and that they were noticed (XEP-0470).

Each person has one item in a node that belongs to the post, under their own address. Whoever publishes a post makes
that node, unless the service does; nobody else may.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidAddress, InvalidArgument, PeerError, SatError
from sat.api.places import to_uri
from sat.api.posts import Place
from sat.core.emojis import check_emojis, is_emoji
from sat.plugins.blog.events import Put
from sat.storage.edit_values import EMOJIS
from sat.storage.post_rows import NOTHING, Attached
from sat.xmpp import xml
from sat.xmpp.pubsub import MOST, Item
from sat.xmpp.times import format_stamp
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.blog.plugin import Blog

NS = "urn:xmpp:pubsub-attachments:1"
KINDS = 50  # different emojis of a post that are counted
_ROOT = ("attachments", NS)
_HEARTS = ("♥", "❤")
_NO_PLACE = (
    "item-not-found",
    "forbidden",
    "not-allowed",
    "not-authorized",
    "feature-not-implemented",
    "service-unavailable",
)


def node_of(post: Place) -> str:
    """The node of what is put to a post, at the service of the post."""
    return f"{NS}/{to_uri(post)}"


def is_heart(emoji: str) -> bool:
    """Whether it says that somebody likes a post, as a comment of a heart alone does."""
    return emoji.rstrip("\N{VARIATION SELECTOR-16}") in _HEARTS


def read(items: list[Item], own: JID) -> Attached:
    """What is put to a post. Who publishes under another's address is not heard (§ Checking Validity)."""
    found: dict[JID, Element] = {}
    for item in items:
        author = _author(item)
        if author is not None and item.payload is not None and (item.payload.name, item.payload.uri) == _ROOT:
            found.setdefault(author, item.payload)
    emojis = {author: _emojis(each) for author, each in found.items()}
    hearts = [author for author, each in emojis.items() if any(map(is_heart, each))]
    counts = Counter(emoji for each in emojis.values() for emoji in each if not is_heart(emoji))
    noticed = sum(xml.child(each, "noticed", NS) is not None and not emojis[author] for author, each in found.items())
    return Attached(hearts, dict(counts.most_common(KINDS)), emojis.get(own, []), noticed)


def _author(item: Item) -> JID | None:
    try:
        author = JID.parse(item.id)
        publisher = JID.parse(item.publisher).bare if item.publisher else author
    except InvalidAddress:
        return None
    return author if author == publisher == author.bare else None


def _emojis(attachments: Element) -> list[str]:
    reactions = xml.child(attachments, "reactions", NS)
    if reactions is None:
        return []
    texts = (xml.text_of(each).strip() for each in xml.elements(reactions, "reaction", NS)[: 2 * EMOJIS])
    return list(dict.fromkeys(filter(is_emoji, texts)))[:EMOJIS]


class Reacting:
    """What is put to posts, by others and by us."""

    def __init__(self, plugin: Blog) -> None:
        self._plugin = plugin

    # -- a place for it --------------------------------------------------------------------------------------------

    async def make(self, post: Place) -> None:
        """Have a place for it with a post of our account, for those who may read that."""
        plugin = self._plugin
        try:
            if NS not in (await plugin.disco.get_info(plugin.own)).features:  # else the server does
                await plugin.nodes.have_open(node_of(post), post, NS)
        except SatError as error:
            plugin.log.info("there is no place for reactions to %s: %s", post.id, error)

    async def drop(self, post: Place) -> None:
        """The post is gone."""
        try:
            await self._plugin.pubsub.delete(None, node_of(post))
        except SatError as error:  # there was none, or the server deletes it
            self._plugin.log.debug("reactions to %s could not be deleted: %s", post.id, error)

    # -- looking ---------------------------------------------------------------------------------------------------

    async def look(self, post: Place) -> Attached:
        """What is put to a post, as far as that can be asked; whoever keeps the post is told."""
        plugin = self._plugin
        try:
            answer = await plugin.pubsub.items(plugin.at(post.service), node_of(post), most=MOST, before="")
            found = read(answer.items, plugin.own)
        except SatError as error:  # most posts have no place for it
            plugin.log.debug("reactions to %s cannot be asked for: %s", post, error)
            if error.details.get("condition") != "item-not-found":
                return NOTHING
            found = NOTHING
        plugin.session.emit(Put(post, found))
        return found

    # -- ours ------------------------------------------------------------------------------------------------------

    async def react(self, post: Place, reactions: list[str]) -> None:
        """Put these emojis to a post, and no others of ours. Errors: InvalidArgument, FeatureMissing."""
        check_emojis(reactions)
        plugin = self._plugin
        if not post.id:
            raise InvalidArgument(reason="Say which post.")
        ours = await self._ours(post)
        if ours is None and post.service == plugin.own:
            # A server would make a node itself, for others than those who can read the post.
            await plugin.pages.single(post)
            await self.make(post)
        await self._put(post, ours, list(dict.fromkeys(reactions)))

    async def take_hearts(self, post: Place) -> bool:
        """Take back that we like it; whether we have said so here."""
        ours = await self._ours(post)
        emojis = [] if ours is None else _emojis(ours)
        left = [each for each in emojis if not is_heart(each)]
        if left == emojis:
            return False
        await self._put(post, ours, left)
        return True

    async def _ours(self, post: Place) -> Element | None:
        plugin = self._plugin
        try:
            answer = await plugin.pubsub.items(plugin.at(post.service), node_of(post), ids=[plugin.own])
        except PeerError as error:
            if error.details.get("condition") not in _NO_PLACE:
                raise
            return None
        except FeatureMissing:
            return None
        found = (each.payload for each in answer.items if each.id == plugin.own and each.payload is not None)
        return next((each for each in found if (each.name, each.uri) == _ROOT), None)

    async def _put(self, post: Place, ours: Element | None, reactions: list[str]) -> None:
        """What other programs have put there for us, and we do not know, stays."""
        plugin, service, node = self._plugin, self._plugin.at(post.service), node_of(post)
        made = xml.element(*_ROOT)
        kept = [] if ours is None else xml.elements(ours)
        made.children += [each for each in kept if (each.name, each.uri) != ("reactions", NS)]
        if reactions:
            told = xml.add(made, "reactions", NS, timestamp=format_stamp(plugin.session.now()))
            for each in reactions:
                xml.add(told, "reaction", NS, each)
        if ours is None and not reactions:
            return
        try:  # even if nothing is left: some services (Prosody 0.12) let nobody take back what is theirs
            await plugin.pubsub.publish(service, node, made, id=plugin.own)
        except PeerError as error:
            if error.details.get("condition") not in _NO_PLACE:
                raise
            raise FeatureMissing(who=post.service.domain, feature="reactions to this post") from error
        await self.look(post)
