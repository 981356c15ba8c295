"""Following, and the timeline: what is told by services is stored, and shown from there."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from sat.api import JID
from sat.api.errors import SatError
from sat.api.places import to_uri
from sat.api.posts import MICROBLOG, Place, Post
from sat.api.values import ANYBODY
from sat.core.plugin import Ended, Online, Plugin, needs, on_event, wants
from sat.plugins.blocking.api import BlockingApi
from sat.plugins.blog import atom
from sat.plugins.blog.cleaning import cut
from sat.plugins.blog.events import Put, Said
from sat.plugins.blog.plugin import Blog
from sat.plugins.disco.plugin import Disco
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.plugins.roster.api import Contact
from sat.plugins.roster.plugin import Roster
from sat.plugins.timeline import stories, wire
from sat.plugins.timeline.api import Followed, Found, Response, TimelineApi
from sat.plugins.timeline.discovering import Discovering
from sat.plugins.timeline.events import Answered, Mentioned
from sat.plugins.timeline.following import Following
from sat.plugins.timeline.looking import Looking
from sat.xmpp.pubsub import Item

SOON = 0.2  # seconds in which what comes is told as one
AT_ONCE = 100  # posts of one signal
STORING = 200  # stanzas whose posts wait to be stored; of what comes on top the service is asked later
TITLE = 100  # characters of a post that has none
OWN = 20  # posts of ours whose comments we are told of


class Timeline(Plugin, TimelineApi):
    """What those whom we follow publish (XEP-0277, XEP-0330)."""

    xeps = ("0330", "0465", "0501")
    features = (stories.NODE,)
    pubsub = needs(Pubsub)
    roster = needs(Roster)
    disco = needs(Disco)
    blog = needs(Blog)
    blocking = wants(BlockingApi)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.own = session.account.jid.bare
        self.following = Following(self, self._began, self._left)
        self.looking = Looking(self)
        self.discovering = Discovering(self)
        self.stories = stories.Stories(self)
        self._comments: dict[Place, None] = {}  # nodes of comments on our posts, the newest post's last
        self._storing = 0
        self._changed: dict[Place, None] = {}  # what frontends are to be told of
        self._gone: dict[Place, None] = {}
        link = f'href="{to_uri(Place(self.own)).partition("?")[0]}'
        self._links = (f'{link}"', f"{link}?")  # in what names us
        self.undo(self.pubsub.listen(MICROBLOG, self._heard, self.name()))
        self.undo(self.pubsub.listen(wire.NODE, self._list_changed, self.name()))
        self.undo(self.pubsub.listen(stories.NODE, self.stories.heard, self.name()))
        self.undo(self.pubsub.watch(self._heard))
        self.undo(self.roster.changed.connect(self._contacts_changed))
        self.undo(self.roster.removed.connect(self._contacts_removed))

    async def load(self) -> None:
        await self.following.load()
        await self.looking.load()
        await self.stories.load()
        for post in reversed(await self.session.posts.own(OWN)):
            self._note_own(post)

    # -- the session ---------------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            self.looking.go_on()
            self.following.send()
        else:
            self.spawn(self.following.begin())
            self.looking.begin(self._all)
            self.stories.begin()

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self.following.end()
        self.looking.end()

    def _all(self) -> list[Place]:
        """What is to be asked for, what matters most first."""
        contacts = [each for each in self.following.contacts if self.looking.is_due(each)]
        first = [each for each in contacts if self.looking.has(each)]
        rest = [each for each in contacts if not self.looking.has(each)]
        return [Place(self.own), *self.following.chosen, *first, *reversed(self._comments), *rest]

    def _contacts_changed(self, contacts: list[Contact]) -> None:
        for contact in contacts:
            node = Place(contact.jid)
            if self.following.follows(node):
                if not self.looking.is_known(node):
                    self.looking.want(node)
            elif self.looking.has(node):
                self._left_by_itself(node)

    def _contacts_removed(self, contacts: list[JID]) -> None:
        for node in map(Place, contacts):
            if not self.following.follows(node) and self.looking.has(node):
                self._left_by_itself(node)

    def _began(self, node: Place) -> None:
        self.looking.forget(node)
        self.looking.want(node)
        self._tell_following()

    def _left_by_itself(self, node: Place) -> None:
        self.spawn(self.following.hear_no_more(node))
        self._left(node)

    def _left(self, node: Place) -> None:
        self.looking.forget(node)
        self.spawn(self._forget(node))

    async def _forget(self, node: Place) -> None:
        self._tell_gone(await self.session.posts.forget(node))
        self._tell_following()

    # -- what is told --------------------------------------------------------------------------------------------

    def is_comments(self, node: Place) -> bool:
        """Whether comments on posts of ours are there."""
        return node in self._comments and not self.following.follows(node)

    def _list_changed(self, event: Event) -> None:
        if event.owner == self.own:  # what others follow is not our business
            self.spawn(self.following.told(event.news))

    def _heard(self, event: Event) -> bool:
        """Whether the service has the right to tell us that: we follow this node of it."""
        node, news = Place(event.owner, event.news.node), event.news
        if not self.following.follows(node) and node not in self._comments:
            if self.roster.find(node.service) is None:
                return False
            return node.node == MICROBLOG  # a contact's, which is not wanted
        if news.gone:
            self.spawn(self.take_back([node]))
        if news.retracted:
            self.spawn(self.take_back([node._replace(id=each) for each in news.retracted if each]))
        told = [each for each in news.items if each.payload is not None]
        self.looking.hint(node._replace(id=each.id) for each in news.items if each.payload is None and each.id)
        if told and self._storing < STORING:
            self.spawn(self.take(node, self.read(node, told), self.looking.unread_since(node)))
        elif told:
            self.looking.want(node)
        return True

    def read(self, node: Place, items: list[Item]) -> list[Post]:
        """The posts that items hold."""
        now = self.session.now()
        read = (atom.read(each, node.service, node.node, now) for each in items)
        return [each for each in read if each is not None]

    async def take(self, node: Place, posts: list[Post], since: float) -> None:
        """Store what a node has, and tell what is new of it; unread is what was published since a time."""
        if not posts:
            return
        listed = self.following.follows(node)
        if listed or node in self._comments:
            self.looking.note_told(node)
        self._storing += 1
        try:
            changed = await self.session.posts.add(node, posts, listed=listed, unread_since=since)
        except SatError as error:
            self.log.error("posts of %s could not be stored: %s", node.service, error)
            return
        finally:
            self._storing -= 1
        for each in reversed(changed):
            if self._note_own(each):
                self.looking.want(each.comments)
        self._tell([each.place for each in changed])
        if listed:
            await self._tell_mentions([each for each in changed if each.unread])
        if changed and not listed:
            await self._tell_commented(node)
            await self._tell_answers(node, [each for each in changed if each.published >= since])

    async def take_back(self, places: list[Place]) -> None:
        """These are gone."""
        gone = await self.session.posts.remove(places)
        self._tell_gone(gone)
        for node in {each._replace(id="") for each in gone}:
            await self._tell_commented(node)

    async def _tell_commented(self, node: Place) -> None:
        """Of the posts that have other numbers of comments and likes now."""
        self._tell([each.place for each in await self.session.posts.commented(node)])

    async def _tell_answers(self, node: Place, comments: list[Post]) -> None:
        blocked = set(await self.blocked())
        wanted = [each for each in comments if each.author != self.own and not _is_of(each, blocked)]
        ours = await self._commented(node)
        if wanted and ours is not None:
            self.session.emit(Answered(ours, wanted))
            self.answered.emit([_response(each, ours) for each in wanted])

    async def _commented(self, node: Place) -> Post | None:
        """The post of ours whose comments are there."""
        found = await self.session.posts.commented(node)
        return next((each for each in found if self.session.posts.is_own(each)), None)

    async def _tell_mentions(self, posts: list[Post]) -> None:
        naming = [each for each in posts if any(link in each.html for link in self._links)]
        if naming:
            blocked = set(await self.blocked())
            naming = [each for each in naming if not _is_of(each, blocked)]
        if naming:
            self.session.emit(Mentioned(naming))
            self.answered.emit([Response(each) for each in naming])

    @on_event(Said)
    def _said(self, event: Said) -> None:
        if not self.following.follows(event.node):
            self.spawn(self._take_said(event))

    @on_event(Put)
    def _put(self, event: Put) -> None:
        self.spawn(self._take_put(event))

    async def _take_put(self, event: Put) -> None:
        self._tell([each.place for each in await self.session.posts.attach(*event)])

    async def _take_said(self, event: Said) -> None:
        """What was said of a post that is stored can be counted from now on, as far as it is known."""
        if event.gone:
            await self.take_back(event.gone)
        if event.posts and await self.session.posts.commented(event.node):
            await self.take(event.node, event.posts, inf)

    def _note_own(self, post: Post) -> bool:
        """Whether it is one of ours, and new: then we want to be told of its comments."""
        if not post.comments.node or not self.session.posts.is_own(post) or post.comments in self._comments:
            return False
        self._comments[post.comments] = None
        if len(self._comments) > OWN:
            del self._comments[next(iter(self._comments))]
        return True

    # -- telling frontends ---------------------------------------------------------------------------------------

    def _tell(self, places: Iterable[Place]) -> None:
        for place in places:
            self._changed[place] = None
            self._gone.pop(place, None)
        self._tell_soon()

    def _tell_gone(self, places: Iterable[Place]) -> None:
        for place in places:
            self._gone[place] = None
            self._changed.pop(place, None)
        self._tell_soon()

    def _tell_soon(self) -> None:
        if (self._changed or self._gone) and not self.tasks.waits("tell"):
            self.after(SOON, lambda: self.spawn(self._tell_now()), key="tell")

    async def _tell_now(self) -> None:
        changed, gone = list(self._changed), list(self._gone)
        self._changed.clear()
        self._gone.clear()
        if gone:
            self.retracted.emit(gone)
        blocked = set(await self.blocked())
        for start in range(0, len(changed), AT_ONCE):
            posts = await self.session.posts.get(changed[start : start + AT_ONCE])
            shown = [each for each in posts if not _is_of(each, blocked)]
            if shown:
                self.published.emit(shown)
        self._tell_following()

    def _tell_following(self) -> None:
        if not self.tasks.waits("following"):
            self.after(SOON, lambda: self.spawn(self._tell_following_now()), key="following")

    async def _tell_following_now(self) -> None:
        self.following_changed.emit(await self.get_following())

    async def blocked(self) -> list[JID]:
        """Of whom nothing is shown."""
        try:
            return [] if self.blocking is None else await self.blocking.get_blocked()
        except SatError:  # the server knows no blocking
            return []

    # -- TimelineApi ---------------------------------------------------------------------------------------------

    async def follow(self, node: Place, follow: bool = True) -> None:
        node = Place(node.service.bare, node.node)
        await (self.following.follow(node) if follow else self.following.unfollow(node))

    async def get_following(self) -> list[Followed]:
        unread = await self.session.posts.unread(await self.blocked())
        contacts = [each for each in self.following.contacts if self.looking.has(each)]
        nodes = [Place(self.own), *self.following.chosen, *contacts]
        return [Followed(each, self.following.title(each), unread.get(each, 0)) for each in nodes]

    async def get_timeline(self, before: int = 0, count: int = 20, unread: bool = False, tag: str = "") -> list[Post]:
        without = await self.blocked()
        return await self.session.posts.page(before, count, unread=unread, tag=tag, without=without)

    async def get_answers(self, before: int = 0, count: int = 20) -> list[Response]:
        without = await self.blocked()
        found = await self.session.posts.about_us(before, count, links=self._links, without=without)
        nodes = {each.place._replace(id="") for each in found}
        ours = {node: await self._commented(node) for node in nodes}
        return [_response(each, ours[each.place._replace(id="")]) for each in found]

    async def discover(self, service: JID = ANYBODY) -> list[Found]:
        if not service:
            return await self.discovering.contacts()
        if service.local:
            return await self.discovering.account(service.bare)
        return await self.discovering.service(service.bare)

    async def get_stories(self) -> list[Post]:
        return self.stories.current(set(await self.blocked()))

    async def mark_read(self, places: list[Place]) -> None:
        await self.stories.mark_read(places)
        self._tell([each.place for each in await self.session.posts.mark_read(places)])

    async def search(self, text: str, before: int = 0, count: int = 20) -> list[Post]:
        return await self.session.posts.search(text, before, count, await self.blocked())


def _response(post: Post, ours: Post | None) -> Response:
    """What a comment on a post of ours is, or a post that names us."""
    if ours is None:
        return Response(post)
    return Response(post, ours.title or cut(ours.text, TITLE) or ours.place.id, ours.place)


def _is_of(post: Post, accounts: set[JID]) -> bool:
    """Whether somebody of these has written it; servers stand for all of their accounts."""
    return bool(accounts & {post.author, JID(post.author.domain), post.place.service})
