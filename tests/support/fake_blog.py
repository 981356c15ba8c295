"""Blogs and a timeline in memory: a test puts posts there, and everything else is as people would see it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from sat.api import JID
from sat.api.errors import InvalidArgument, NoComments, NotFound, PostExists
from sat.api.posts import MICROBLOG, NOWHERE, Audience, Draft, Place, Post, Version
from sat.api.values import ANYBODY
from sat.plugins.blog.api import Access, BlogApi, Page
from sat.plugins.blog_drafts.api import BlogDraftsApi, Kept
from sat.plugins.timeline.api import Followed, Found, Response, TimelineApi
from support.fakes import Failing

START = 1_750_000_000.0


class Blogs:
    """What all services have: the posts of nodes, the newest last."""

    def __init__(self, own: JID) -> None:
        self.own = own.bare
        self.nodes: dict[Place, list[Post]] = {}
        self.drafts: dict[Place, Draft] = {}
        self.number = 0

    def put(self, author: JID, text: str, title: str = "", *, node: str = MICROBLOG, id: str = "", **more: Any) -> Post:
        """Somebody has published something."""
        self.number += 1
        service = more.pop("service", author.bare)
        place = Place(service, node, id or f"post-{self.number}")
        values: dict[str, Any] = {
            "html": f"<p>{escape(text)}</p>",
            "published": START + 60.0 * self.number,
            "updated": START + 60.0 * self.number,
            "verified": True,
            "name": author.local.title(),
            "order": self.number,
            "comments": Place(service, f"{MICROBLOG}:comments/{place.id}"),
            **more,
        }
        post = Post(place, author.bare, title=title, text=text, **values)
        self.nodes.setdefault(place._replace(id=""), []).append(post)
        return post

    def say(self, post: Post, author: JID, text: str, **more: Any) -> Post:
        """Somebody has commented on a post."""
        place = post.comments
        more = {"answers": post.place, **more}
        return self.put(author, text, node=place.node, service=place.service, comments=NOWHERE, **more)

    def find(self, place: Place) -> Post:
        for each in self.nodes.get(place._replace(id=""), ()):
            if each.place == place:
                return self.seen(each)
        raise NotFound(what=f"post {place.id}")

    def seen(self, post: Post) -> Post:
        """With what is said of it."""
        said = self.nodes.get(post.comments, [])
        likes = [each for each in said if each.text == "♥"]
        own = any(each.author == self.own for each in likes)
        return post._replace(likes=len(likes), liked=own, said=len(said) - len(likes))

    def replace(self, place: Place, /, **values: Any) -> Post:
        posts = self.nodes[place._replace(id="")]
        at = next(n for n, each in enumerate(posts) if each.place == place)
        posts[at] = posts[at]._replace(**values)
        return posts[at]


def _page(posts: list[Post], older: str, count: int) -> Page:
    """The newest first; ``older`` is the id of the last that is known."""
    newest = posts[::-1]
    start = next((n + 1 for n, each in enumerate(newest) if each.place.id == older), 0) if older else 0
    found = newest[start : start + count]
    more = start + count < len(newest)
    return Page(found, found[-1].place.id if more else "", len(posts))


class Blog(Failing, BlogApi):
    def __init__(self, blogs: Blogs) -> None:
        super().__init__()
        self.blogs = blogs
        self.access: dict[Place, Access] = {}

    async def publish(self, draft: Draft, node: Place) -> Place:
        await self.called("publish", draft, node)
        if not draft.body.strip() and not draft.title.strip():
            raise InvalidArgument(reason="The post is empty.")
        if draft.slug and any(each.place.id == draft.slug for each in self.blogs.nodes.get(node, ())):
            raise PostExists(slug=draft.slug)
        values: dict[str, Any] = {"tags": list(draft.tags), "lang": draft.lang, "enclosures": list(draft.enclosures)}
        if not draft.comments:
            values["comments"] = NOWHERE
        if draft.published:
            values |= {"published": draft.published, "updated": draft.published}
        values["versions"] = [Version(*each, f"<p>{escape(each.body)}</p>") for each in draft.translations]
        post = self.blogs.put(
            self.blogs.own, draft.body, draft.title, node=node.node, id=draft.slug, service=node.service, **values
        )
        self.blogs.drafts[post.place] = draft
        return post.place

    async def edit(self, place: Place, draft: Draft) -> Post:
        await self.called("edit", place, draft)
        self.blogs.find(place)
        self.blogs.drafts[place] = draft
        html = f"<p>{escape(draft.body)}</p>"
        return self.blogs.replace(place, title=draft.title, text=draft.body, html=html, tags=list(draft.tags))

    async def delete(self, place: Place) -> None:
        await self.called("delete", place)
        post = self.blogs.find(place)
        self.blogs.nodes.pop(post.comments, None)
        self.blogs.nodes[place._replace(id="")] = [
            each for each in self.blogs.nodes[place._replace(id="")] if each.place != place
        ]

    async def source(self, place: Place) -> Draft:
        await self.called("source", place)
        post = self.blogs.find(place)
        known = Draft(post.text, post.title, lang=post.lang, tags=post.tags, comments=post.comments != NOWHERE)
        return self.blogs.drafts.get(place, known)

    async def preview(self, draft: Draft) -> Post:
        await self.called("preview", draft)
        html = f"<p>{escape(draft.body)}</p>"
        return Post(NOWHERE, self.blogs.own, title=draft.title, text=draft.body, html=html, tags=list(draft.tags))

    async def get(self, place: Place, older: str = "", count: int = 20) -> Page:
        await self.called("get", place, older, count)
        if place.id:
            return Page([self.blogs.find(place)], "", 1)
        if place not in self.blogs.nodes:
            raise NotFound(what=f"blog of {place.service}")
        return _page([self.blogs.seen(each) for each in self.blogs.nodes[place]], older, count)

    async def get_comments(self, place: Place, older: str = "", count: int = 50) -> Page:
        await self.called("get_comments", place, older, count)
        post = self.blogs.find(place)
        said = [each for each in self.blogs.nodes.get(post.comments, []) if each.text != "♥"]
        page = _page(said, older, count)
        return page._replace(posts=page.posts[::-1])

    async def comment(self, place: Place, body: str, answers: str = "") -> Place:
        await self.called("comment", place, body, answers)
        post = self.blogs.find(place)
        if post.comments == NOWHERE:
            raise NoComments()
        if not body.strip():
            raise InvalidArgument(reason="The comment is empty.")
        about = post.comments._replace(id=answers) if answers else post.place
        return self.blogs.say(post, self.blogs.own, body, answers=about).place

    async def like(self, place: Place, like: bool = True) -> None:
        await self.called("like", place, like)
        post = self.blogs.find(place)
        if post.comments == NOWHERE:
            raise NoComments()
        if like and not post.liked:
            self.blogs.say(post, self.blogs.own, "♥")
        elif not like:
            said = self.blogs.nodes.get(post.comments, [])
            self.blogs.nodes[post.comments] = [
                each for each in said if each.text != "♥" or each.author != self.blogs.own
            ]

    async def react(self, place: Place, reactions: list[str]) -> None:
        await self.called("react", place, reactions)
        post = self.blogs.find(place)
        counts = dict(post.reactions)
        for each in post.reacted:
            counts[each] = counts.get(each, 1) - 1
        for each in reactions:
            counts[each] = counts.get(each, 0) + 1
        left = {key: count for key, count in counts.items() if count > 0}
        self.blogs.replace(place, reactions=left, reacted=list(reactions))

    async def rename(self, place: Place, slug: str) -> Place:
        await self.called("rename", place, slug)
        self.blogs.find(place)
        if any(each.place.id == slug for each in self.blogs.nodes[place._replace(id="")]):
            raise PostExists(slug=slug)
        return self.blogs.replace(place, place=place._replace(id=slug)).place

    async def repeat(self, place: Place, body: str = "") -> Place:
        await self.called("repeat", place, body)
        post = self.blogs.find(place)
        return self.blogs.put(self.blogs.own, f"{body}{post.text}", post.title, via=post.place).place

    async def get_access(self, node: Place) -> Access:
        await self.called("get_access", node)
        return self.access.get(node, Access(Audience.EVERYBODY))

    async def set_access(self, node: Place, access: Access) -> None:
        await self.called("set_access", node, access)
        if access.audience is Audience.GROUPS and not access.groups:
            raise InvalidArgument(reason="Say which groups of your contacts may read it.")
        self.access[node] = access


class BlogDrafts(Failing, BlogDraftsApi):
    """Drafts in memory; what is due is published when a test says so."""

    def __init__(self, blog: Blog, *kept: Kept) -> None:
        super().__init__()
        self.blog = blog
        self.kept = {each.id: each for each in kept}

    def _tell(self) -> None:
        self.changed.emit(list(self.kept.values())[::-1])

    async def get_all(self) -> list[Kept]:
        await self.called("get_all")
        return list(self.kept.values())[::-1]

    async def get(self, id: str) -> Kept:
        await self.called("get", id)
        if id not in self.kept:
            raise NotFound(what=f"draft {id}")
        return self.kept[id]

    async def keep(self, draft: Draft, node: Place = NOWHERE, id: str = "", due: float = 0.0) -> str:
        await self.called("keep", draft, node, id, due)
        id = id or f"draft-{len(self.kept) + 1}"
        self.kept.pop(id, None)
        self.kept[id] = Kept(id, draft, node, START + len(self.kept), due)
        self._tell()
        return id

    async def drop(self, id: str) -> None:
        await self.called("drop", id)
        if self.kept.pop(id, None) is None:
            raise NotFound(what=f"draft {id}")
        self._tell()

    async def publish(self, id: str) -> Place:
        await self.called("publish", id)
        kept = await self.get(id)
        if kept.node.id:
            place = (await self.blog.edit(kept.node, kept.draft)).place
        else:
            place = await self.blog.publish(kept.draft, kept.node)
        del self.kept[id]
        self._tell()
        return place


class Timeline(Failing, TimelineApi):
    """``follows`` are what is followed; ``arrive`` has something come there."""

    def __init__(self, blogs: Blogs, follows: Iterable[Place] = ()) -> None:
        super().__init__()
        self.blogs = blogs
        self.follows = list(follows)
        self.unread: set[Place] = set()
        self.found: list[Found] = []  # what can be discovered
        self.stories: list[Post] = []
        self.responses: list[Response] = []

    def arrive(self, post: Post) -> Post:
        """Something that was put into the blogs is told."""
        self.unread.add(post.place)
        post = self._shown(post)
        self.published.emit([post])
        return post

    def goes(self, place: Place) -> None:
        """Something is gone."""
        node = place._replace(id="")
        self.blogs.nodes[node] = [each for each in self.blogs.nodes[node] if each.place != place]
        self.retracted.emit([place])

    def _shown(self, post: Post) -> Post:
        return self.blogs.seen(post)._replace(unread=post.place in self.unread)

    def _followed(self) -> list[Followed]:
        return [
            Followed(each, str(each.service), sum(one._replace(id="") == each for one in self.unread))
            for each in self.follows
        ]

    async def follow(self, node: Place, follow: bool = True) -> None:
        await self.called("follow", node, follow)
        if follow and node not in self.follows:
            self.follows.append(node)
        elif not follow and node in self.follows:
            self.follows.remove(node)
        self.following_changed.emit(self._followed())

    async def get_following(self) -> list[Followed]:
        await self.called("get_following")
        return self._followed()

    def _all(self) -> list[Post]:
        posts = [self._shown(post) for node in self.follows for post in self.blogs.nodes.get(node, ())]
        return sorted(posts, key=lambda each: each.order, reverse=True)

    async def get_timeline(self, before: int = 0, count: int = 20, unread: bool = False, tag: str = "") -> list[Post]:
        await self.called("get_timeline", before, count, unread, tag)
        found = [each for each in self._all() if not before or each.order < before]
        found = [each for each in found if (each.unread or not unread) and (not tag or tag in each.tags)]
        return found[:count]

    async def get_answers(self, before: int = 0, count: int = 20) -> list[Response]:
        await self.called("get_answers", before, count)
        return [each for each in self.responses if not before or each.post.order < before][:count]

    async def discover(self, service: JID = ANYBODY) -> list[Found]:
        await self.called("discover", service)
        return [each for each in self.found if not service or each.place.service == service]

    async def get_stories(self) -> list[Post]:
        await self.called("get_stories")
        return list(self.stories)

    async def mark_read(self, places: list[Place]) -> None:
        await self.called("mark_read", places)
        self.stories = [each._replace(unread=each.unread and each.place not in places) for each in self.stories]
        seen = set(places) or set(self.unread)
        told = [self.blogs.find(each) for each in seen & self.unread]
        self.unread -= seen
        self.published.emit(told)
        self.following_changed.emit(self._followed())

    async def search(self, text: str, before: int = 0, count: int = 20) -> list[Post]:
        await self.called("search", text, before, count)
        words = text.lower().split()
        found = [each for each in self._all() if all(word in f"{each.title} {each.text}".lower() for word in words)]
        return [each for each in found if not before or each.order < before][:count]
