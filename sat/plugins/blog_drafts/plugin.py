"""Posts that are not published yet: kept on this machine for all frontends; what is due is published by itself."""

from __future__ import annotations

from math import inf
from typing import Any
from uuid import uuid4

from sat.api.errors import InvalidArgument, NotConnected, NotFound, PostExists, RequestTimeout, SatError
from sat.api.posts import NOWHERE, Draft, Place
from sat.core.plugin import Online, Plugin, needs, on_event
from sat.plugins.blog import atom, writing
from sat.plugins.blog.plugin import Blog
from sat.plugins.blog_drafts import rows
from sat.plugins.blog_drafts.api import MOST, BlogDraftsApi, Kept
from sat.plugins.blog_drafts.events import NotPublished
from sat.plugins.blog_drafts.rows import Row
from sat.xmpp.pubsub import Item

LARGEST = 1_000_000  # characters of a draft, with all its translations
OVERALL = 10_000_000  # of all drafts
LONGEST_ID = 64
RETRY = 300.0  # seconds until what got no answer is tried again
LOOK = 3600.0  # seconds: at least so often it is looked what is due, as clocks are set
LATEST = 4_102_444_800.0  # 2100


class BlogDrafts(Plugin, BlogDraftsApi):
    """Drafts of posts, and posts that are published later."""

    blog = needs(Blog)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._rows: dict[str, Row] = {}  # the one changed last at the end
        self._busy: set[str] = set()  # being published
        self._again: dict[str, float] = {}  # when to try again, in seconds since 1970
        self._working = False

    async def load(self) -> None:
        found = []
        for id, value in (await self.store.all()).items():
            try:
                found.append(rows.read(id, value))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                self.log.error("what is stored as the draft %s is damaged: %s", id, error)
        self._rows = {each.kept.id: each for each in sorted(found, key=lambda each: each.kept.changed)}

    # -- BlogDraftsApi ---------------------------------------------------------------------------------------------

    async def get_all(self) -> list[Kept]:
        return [each.kept for each in self._rows.values()][::-1]

    async def get(self, id: str) -> Kept:
        return self._row(id).kept

    async def keep(self, draft: Draft, node: Place = NOWHERE, id: str = "", due: float = 0.0) -> str:
        id = id or uuid4().hex
        self._check_free(id)
        if len(id) > LONGEST_ID or not id.isprintable():
            raise InvalidArgument(reason=f"The id of a draft has at most {LONGEST_ID} characters.")
        if not 0 <= due <= LATEST or not 0 <= draft.published <= LATEST:
            raise InvalidArgument(reason="That is no time.")
        node = Place(self.blog.own) if node == NOWHERE else node._replace(service=node.service.bare)
        if not node.service or not node.node:
            raise InvalidArgument(reason="Say in which blog.")
        if due:
            self.blog.checked(draft)
        before = self._rows.get(id)
        # What was tried before may have arrived, and is to be found there.
        tried = before.tried if before is not None and before.kept.node == node else ""
        row = Row(Kept(id, draft, node, self.session.now(), due), tried)
        others = [rows.size(each) for each in self._rows.values() if each.kept.id != id]
        if rows.size(row) > LARGEST or sum(others) + rows.size(row) > OVERALL or len(others) >= MOST:
            raise InvalidArgument(reason=f"There is place for {MOST} drafts, and not for so long ones.")
        await self._keep(row)
        self._again.pop(id, None)
        self._look()
        return id

    async def drop(self, id: str) -> None:
        self._row(id)
        self._check_free(id)
        await self._forget(id)

    async def publish(self, id: str) -> Place:
        self._row(id)
        self._check_free(id)
        return await self._publish(id)

    def _row(self, id: str) -> Row:
        if id not in self._rows:
            raise NotFound(what=f"draft {id}")
        return self._rows[id]

    def _check_free(self, id: str) -> None:
        if id in self._busy:
            raise InvalidArgument(reason="It is being published.")

    async def _keep(self, row: Row, *, told: bool = True) -> None:
        await self.store.set(row.kept.id, rows.write(row))
        if told:
            self._rows.pop(row.kept.id, None)
        self._rows[row.kept.id] = row
        if told:
            self._tell()

    async def _forget(self, id: str) -> None:
        await self.store.delete(id)
        self._rows.pop(id, None)
        self._again.pop(id, None)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit([each.kept for each in self._rows.values()][::-1])

    # -- publishing ------------------------------------------------------------------------------------------------

    async def _publish(self, id: str) -> Place:
        """Publish it, and forget it. Where it is not known whether that has worked, it remembers under which id the
        post would be: the next try finds it there, and does not publish it twice."""
        self._busy.add(id)
        try:
            row = self._rows[id]
            place = await self._send(row)
            await self._forget(id)
        except (NotConnected, RequestTimeout):
            raise
        except SatError:
            if id in self._rows and self._rows[id].tried:
                await self._keep(self._rows[id]._replace(tried=""), told=False)
            raise
        finally:
            self._busy.discard(id)
        return place

    async def _send(self, row: Row) -> Place:
        draft, node, tried = row.kept.draft, row.kept.node, row.tried
        if node.id:
            return (await self.blog.edit(node, draft)).place
        if not tried:
            first = await self.blog.preview(draft)
            slug = draft.slug.strip() or writing.slug_for(draft.title or first.text.partition("\n")[0])
            await self._keep(row._replace(tried=slug), told=False)
            return await self.blog.publish(draft._replace(slug=slug), node)
        try:
            return await self.blog.publish(draft._replace(slug=tried), node)
        except PostExists:
            return await self._found(draft, node._replace(id=tried))

    async def _found(self, draft: Draft, place: Place) -> Place:
        """There is a post where it would be. Errors: PostExists where that is another one."""
        (there,) = (await self.blog.get(place)).posts
        if there.author != self.blog.own:
            raise PostExists(slug=place.id)
        item = Item(place.id, atom.write(await self.blog.preview(draft)))
        wanted = atom.read(item, place.service, place.node, self.session.now())  # as it is found
        if wanted is not None and (there.title, there.text) == (wanted.title, wanted.text):
            return place
        if draft.slug:  # it can be one that was there before
            raise PostExists(slug=place.id)
        return (await self.blog.edit(place, draft)).place

    # -- what is due -----------------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        self._again.clear()
        self._look()

    def _look(self) -> None:
        if self.session.online and not self._working:
            self._working = True
            self.spawn(self._publish_due())

    async def _publish_due(self) -> None:
        try:
            while self.session.online and (id := self._next()):
                await self._try(id)
        finally:
            self._working = False
        wait = min((self._time(each) for each in self._rows.values()), default=inf) - self.session.now()
        if wait < inf:
            self.after(min(max(wait, 1.0), LOOK), self._look, key="due")

    def _next(self) -> str:
        now = self.session.now()
        due = [each for each in self._rows.values() if self._time(each) <= now]
        return min(due, key=lambda each: each.kept.due).kept.id if due else ""

    def _time(self, row: Row) -> float:
        """When to publish it, in seconds since 1970."""
        kept = row.kept
        waits = kept.due and not kept.problem and kept.id not in self._busy
        return max(kept.due, self._again.get(kept.id, 0.0)) if waits else inf

    async def _try(self, id: str) -> None:
        try:
            await self._publish(id)
        except (NotConnected, RequestTimeout):
            self._again[id] = self.session.now() + RETRY
        except SatError as error:
            self.log.warning("the draft %s could not be published: %s", id, error)
            if id not in self._rows:
                return
            row = self._rows[id]
            kept = row.kept._replace(problem=type(error).__name__, details=error.details)
            await self._keep(row._replace(kept=kept))
            self.session.emit(NotPublished(kept, str(error)))
