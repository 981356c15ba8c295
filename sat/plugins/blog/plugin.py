"""Blogs: publish, read, comment, like, repeat (XEP-0277, XEP-0472)."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from html import escape
from typing import Any
from uuid import uuid4

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NoComments, NotFound, PeerError, PostExists, SatError
from sat.api.places import to_uri
from sat.api.posts import HEART, MICROBLOG, NOWHERE, Draft, Enclosure, Place, Post, Translation
from sat.core.plugin import Ended, Plugin, needs, on_event
from sat.plugins.blog import atom, cleaning, reacting, renaming, writing
from sat.plugins.blog.api import Access, BlogApi, Page
from sat.plugins.blog.events import Said
from sat.plugins.blog.nodes import COMMENTS, FEED, Nodes
from sat.plugins.blog.pages import Pages, blog_of, is_like, named
from sat.plugins.disco.plugin import Disco
from sat.plugins.nickname.plugin import Nickname
from sat.plugins.pubsub.plugin import Pubsub
from sat.plugins.roster.plugin import Roster
from sat.xmpp.xml import Element

SOON = 3.0  # seconds after a contact has changed; others may follow
KNOWN = 500  # posts of which is known where their comments are
_SAID = ("likes", "liked", "said", "reactions", "reacted", "noticed")


class Blog(Plugin, BlogApi):
    """Blogs and communities (XEP-0277, XEP-0472)."""

    xeps = ("0277", "0470", "0472")
    features = (FEED, MICROBLOG)
    pubsub = needs(Pubsub)
    disco = needs(Disco)
    nickname = needs(Nickname)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.nodes = Nodes(self)
        self.pages = Pages(self)
        self.reacting = reacting.Reacting(self)
        self._comments: OrderedDict[Place, Place] = OrderedDict()
        for signal in (self.roster.changed, self.roster.removed):
            self.undo(signal.connect(self._contacts_changed))

    async def load(self) -> None:
        await self.nodes.load()

    def _contacts_changed(self, _: Any) -> None:
        if self.nodes.of_groups and self.session.online:
            self.after(SOON, lambda: self.spawn(self.nodes.follow_groups()), key="groups")

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self.nodes.forget()
        self._comments.clear()

    @property
    def own(self) -> JID:
        """The address of our account."""
        return self.session.account.jid.bare

    def own_name(self) -> str:
        """What we call ourselves."""
        return self.nickname.own.value or self.own.local

    def at(self, service: JID) -> JID | None:
        """A service as ``Pubsub`` wants it: None is our account."""
        return None if service == self.own else service

    # -- publishing ------------------------------------------------------------------------------------------------

    async def publish(self, draft: Draft, node: Place) -> Place:
        draft = self.checked(draft)
        post = self._drawn(draft, _node(node))
        if draft.slug:
            await self._check_free(post.place)
        if post.place.service == self.own:
            await self.nodes.have(post.place.node)
        if draft.comments:
            post = post._replace(comments=await self.nodes.have_comments(post.place))
        try:
            await self.send(post, writing.fits(atom.write(post)))
        except (PeerError, NotFound, InvalidArgument):  # it is not there: others cannot comment on it
            await self._drop_comments(post)
            raise
        if draft.comments:
            self._have_reactions(post.place)
        await self._remember(post, draft)
        return post.place

    def _have_reactions(self, place: Place) -> None:
        """Soon, have a place for what is put to a post; in a community, that is up to its service."""
        if place.service == self.own and not place.node.startswith(COMMENTS):
            self.spawn(self.reacting.make(place))

    async def edit(self, place: Place, draft: Draft) -> Post:
        draft = self.checked(draft)
        before, entry = await self.pages.single(place)
        if before.author != self.own:
            raise InvalidArgument(reason="Only who has written a post can change it.")
        drawn = self._drawn(draft, place)
        comments = before.comments if draft.comments else NOWHERE
        if draft.comments and comments == NOWHERE and not place.node.startswith(COMMENTS):
            comments = await self.nodes.have_comments(place)
        post = drawn._replace(
            place=place,
            published=before.published or drawn.published,
            updated=round(self.session.now(), 3),
            url=before.url,
            comments=comments,
            via=before.via,
            answers=before.answers,
        )
        await self.send(post, writing.fits(atom.write(post, entry)))
        if draft.comments:
            self._have_reactions(place)
        await self._remember(post, draft)
        return post

    async def delete(self, place: Place) -> None:
        post, _ = await self.pages.single(place)
        await self.pubsub.retract(self.at(place.service), place.node, place.id)
        await self.store.delete(to_uri(place))
        self._comments.pop(place, None)
        if post.author == self.own and post.verified:
            await self._drop_comments(post)
            if place.service == self.own and not place.node.startswith(COMMENTS):
                self.spawn(self.reacting.drop(place))

    async def _drop_comments(self, post: Post) -> None:
        try:
            await self.nodes.drop_comments(post.comments, post.place)
        except SatError as error:
            self.log.warning("the comments on %s could not be deleted: %s", post.place.id, error)

    async def source(self, place: Place) -> Draft:
        post, _ = await self.pages.single(place)
        known = Draft(
            post.html,
            post.title,
            xhtml=True,
            lang=post.lang,
            tags=writing.tags_beside(post.tags, post.html),
            enclosures=post.enclosures,
            slug=place.id,
            comments=post.comments != NOWHERE,
            translations=[Translation(each.lang, each.title, each.html) for each in post.versions],
        )
        match await self.store.get(to_uri(place)):
            case [int() | float() as updated, str(body), bool(xhtml), *more] if updated == post.updated:
                bodies = dict(more[0]) if more else {}  # in other languages
                others = [each._replace(body=bodies.get(each.lang) or each.body) for each in known.translations]
                return known._replace(body=body or known.body, xhtml=xhtml, translations=others)
        return known  # it was written elsewhere, or has been changed there

    async def preview(self, draft: Draft) -> Post:
        return self._drawn(self.checked(draft), NOWHERE)._replace(place=NOWHERE)

    def checked(self, draft: Draft) -> Draft:
        """A draft that can be published. Errors: InvalidArgument."""
        return writing.checked(draft, self.session.now())

    def _drawn(self, draft: Draft, node: Place) -> Post:
        """The post that a draft becomes."""
        html = writing.html_of(draft.body, draft.xhtml)
        text = cleaning.words(html)
        now = round(draft.published or self.session.now(), 3)  # as precise as it is written
        enclosures = [Enclosure(each.url, each.type, each.title, max(0, each.size)) for each in draft.enclosures]
        return Post(
            node._replace(id=draft.slug or writing.slug_for(draft.title or text.partition("\n")[0])),
            self.own,
            self.own_name(),
            True,
            draft.title,
            text,
            html,
            draft.lang,
            now,
            now,
            writing.tags_of(draft, html),
            enclosures,
            versions=writing.versions_of(draft),
        )

    async def send(self, post: Post, entry: Element) -> None:
        """Publish an entry. Errors: NotFound, PeerError."""
        place = post.place
        try:
            await self.pubsub.publish(self.at(place.service), place.node, entry, id=place.id)
        except PeerError as error:
            raise named(error, blog_of(place)) from error
        self._learn(post)

    async def _check_free(self, place: Place) -> None:
        try:
            await self.pages.single(place)
        except NotFound:
            return
        raise PostExists(slug=place.id)

    async def _remember(self, post: Post, draft: Draft) -> None:
        """Keep what was written: the way from XHTML back to it would lose some of it."""
        bodies = {each.lang: each.body for each in draft.translations}
        await self.store.set(to_uri(post.place), [post.updated, draft.body, draft.xhtml, *([bodies] if bodies else [])])

    # -- reading ---------------------------------------------------------------------------------------------------

    async def get(self, place: Place, older: str = "", count: int = 20) -> Page:
        if place.id:
            post, _ = await self.pages.single(place)
            return Page([await self._counted(post)], total=1)
        page = await self.pages.page(place, older, count)
        for post in page.posts:
            self._learn(post)
        return page._replace(posts=await self._as_known(page.posts))

    async def _as_known(self, posts: list[Post]) -> list[Post]:
        """With how much is said of them and put to them, as far as it is stored here."""
        stored = {each.place: each for each in await self.session.posts.get([each.place for each in posts])}
        return [
            post._replace(**{name: getattr(stored[post.place], name) for name in _SAID})
            if post.place in stored
            else post
            for post in posts
        ]

    async def _counted(self, post: Post) -> Post:
        """With how much is said of it and put to it, as far as that can be asked."""
        self._learn(post)
        if post.place.node.startswith(COMMENTS):
            return post
        looking = Deferred.fromCoroutine(self.reacting.look(post.place))
        said = await self._said(post)
        attached = await looking
        likes = {each.author for each in said if is_like(each)}.union(attached.hearts)
        return post._replace(
            likes=len(likes),
            liked=self.own in likes,
            said=sum(not is_like(each) for each in said),
            reactions=attached.reactions,
            reacted=attached.reacted,
            noticed=attached.noticed,
        )

    async def _said(self, post: Post) -> list[Post]:
        if post.comments == NOWHERE:
            return []
        try:
            return await self.pages.said(post.comments)
        except SatError as error:
            self.log.info("the comments on %s cannot be counted: %s", post.place, error)
            return []

    async def get_comments(self, place: Place, older: str = "", count: int = 50) -> Page:
        comments = await self._comments_of(place)
        if comments == NOWHERE:
            return Page([], total=0)
        try:
            page = await self.pages.page(comments, older, count)
        except NotFound:  # nobody has said anything, or they are gone
            return Page([], total=0)
        self.session.emit(Said(comments, page.posts))
        return page._replace(posts=[each for each in page.posts[::-1] if not is_like(each)])

    def _learn(self, post: Post) -> None:
        self._comments[post.place] = post.comments
        self._comments.move_to_end(post.place)
        while len(self._comments) > KNOWN:
            self._comments.popitem(last=False)

    async def _comments_of(self, place: Place) -> Place:
        if place not in self._comments:
            self._learn((await self.pages.single(place))[0])
        return self._comments[place]

    # -- what we say of posts --------------------------------------------------------------------------------------

    async def comment(self, place: Place, body: str, answers: str = "") -> Place:
        body = body.strip()
        if not body or len(body) > cleaning.LONGEST:
            raise InvalidArgument(reason=f"A comment has between 1 and {cleaning.LONGEST} characters.")
        return await self._say(place, body, uuid4().hex, answers)

    async def like(self, place: Place, like: bool = True) -> None:
        if like:
            own = hashlib.sha256(f"{self.own} {to_uri(place)}".encode()).hexdigest()
            await self._say(place, HEART, own[:32])  # always the same: to like it twice changes nothing
            return
        if await self.reacting.take_hearts(place) and await self._comments_of(place) == NOWHERE:
            return
        comments = await self._place_for_comments(place)
        for each in await self.pages.said(comments):
            if is_like(each) and each.author == self.own:
                await self.pubsub.retract(self.at(comments.service), comments.node, each.place.id)
                self.session.emit(Said(comments, [], [each.place]))

    async def _say(self, place: Place, body: str, id: str, answers: str = "") -> Place:
        comments = await self._place_for_comments(place)
        now = round(self.session.now(), 3)
        post = Post(
            comments._replace(id=id),
            self.own,
            self.own_name(),
            True,
            text=body,
            html=cleaning.from_text(body),
            published=now,
            updated=now,
            answers=comments._replace(id=answers) if answers else place,
        )
        try:
            await self.send(post, writing.fits(atom.write(post)))
        except NotFound as error:
            raise NoComments() from error
        self.session.emit(Said(comments, [post]))
        return post.place

    async def _place_for_comments(self, place: Place) -> Place:
        """Errors: NotFound, NoComments."""
        comments = await self._comments_of(place)
        if comments == NOWHERE:
            raise NoComments()
        return comments

    async def repeat(self, place: Place, body: str = "") -> Place:
        original, _ = await self.pages.single(place)
        name, link = escape(original.name or original.author), escape(to_uri(place))
        said = writing.html_of(self.checked(Draft(body)).body, False) if body.strip() else ""
        quoted = f'<blockquote><p><cite><a href="{link}">{name}</a></cite></p>{original.html}</blockquote>'
        title = original.title or ("" if said else original.text.strip().partition("\n")[0])
        draft = Draft(
            said + quoted, cleaning.cut(title, atom.TITLE), True, original.lang, original.tags, original.enclosures
        )
        post = self._drawn(draft, Place(self.own))._replace(via=place, comments=original.comments)
        await self.nodes.have(post.place.node)
        await self.send(post, writing.fits(atom.write(post, repeated=original)))
        self._have_reactions(post.place)
        await self._remember(post, draft)
        return post.place

    async def react(self, place: Place, reactions: list[str]) -> None:
        await self.reacting.react(place, reactions)

    async def rename(self, place: Place, slug: str) -> Place:
        new = await renaming.rename(self, place, slug)
        self._comments.pop(place, None)
        return new

    # -- who may read ----------------------------------------------------------------------------------------------

    async def get_access(self, node: Place) -> Access:
        return await self.nodes.access(_node(node))

    async def set_access(self, node: Place, access: Access) -> None:
        await self.nodes.set_access(_node(node), access)


def _node(place: Place) -> Place:
    """Errors: InvalidArgument."""
    if not place.service or not place.node:
        raise InvalidArgument(reason="Say in which blog.")
    return place._replace(service=place.service.bare, id="")
