"""Publishing what was read from files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument, NotFound, PostExists, SatError
from sat_frontends.jp.failure import usage
from sat_frontends.jp.moving.incoming import Found, Incoming
from sat_frontends.jp.moving.markdown import read_markdown
from sat_frontends.jp.moving.posts import all_posts
from sat_frontends.jp.output import tidy
from sat_frontends.jp.places import typed

if TYPE_CHECKING:
    from sat.api.posts import Place
    from sat_frontends.jp.context import Jp

MARKDOWN = (".md", ".markdown", ".txt")
REFUSED = 17


def read_files(paths: list[str]) -> Found:
    """The posts in files and in the files of folders. Errors: InvalidArgument; Failure."""
    found = Found()
    for path in _files(paths):
        if path.suffix.lower() in MARKDOWN:
            read_markdown(path, found)
            continue
        from sat_frontends.jp.moving.feeds import read_feed  # 15 ms

        try:
            with path.open("rb") as stream:
                read_feed(stream, str(path), found)
        except OSError as error:
            raise usage(f"{tidy(str(path))} cannot be read: {error.strerror}.") from None
    return found


def _files(paths: list[str]) -> list[Path]:
    found = []
    for path in map(Path, paths):
        inside = sorted(each for each in path.iterdir() if each.suffix in MARKDOWN) if path.is_dir() else [path]
        if not inside:
            raise usage(f"There is no file {', '.join(MARKDOWN)} in {tidy(str(path))}.")
        found += inside
    return found


class Import:
    """Publishes posts in a blog, or only says which ``dry`` would be; the oldest first, so that the newest stands
    first there. What is there already is left out, so that it can be begun again. ``drafts``: what was not published
    elsewhere becomes drafts, else it is left out."""

    def __init__(self, jp: Jp, node: Place, *, dry: bool, drafts: bool) -> None:
        self.jp, self.node, self.dry, self.drafts = jp, node, dry, drafts
        self.published = self.kept = self.there = self.unfinished = self.refused = 0
        self._ids: set[str] = set()
        self._slugs: set[str] = set()  # of drafts

    async def run(self, found: Found) -> int:
        """Publish them; the exit code. Errors: those of ``BlogApi.publish`` that would come again with the next one."""
        await self._look()
        try:
            for post in sorted(found.posts, key=lambda each: each.draft.published):
                await self._take(post)
        finally:
            self._sum_up(found)
        return REFUSED if self.refused else 0

    async def _look(self) -> None:
        """What there is already."""
        with suppress(NotFound):  # there is no such blog yet
            self._ids = {each.place.id async for each in all_posts(self.jp, self.node)}
        if self.drafts:
            kept = await (await self.jp.profile()).blog_drafts.get_all()
            self._slugs = {each.draft.slug for each in kept if each.node._replace(id="") == self.node}

    async def _take(self, post: Incoming) -> None:
        draft = post.draft
        shown = tidy(draft.title or draft.slug or draft.body[:60])
        if draft.slug in self._ids or (post.unfinished and draft.slug in self._slugs):
            self.there += 1
            self.jp.out.detail(f"“{shown}” is there already.")
        elif post.unfinished and not self.drafts:
            self.unfinished += 1
        elif self.dry:
            self.jp.out.line(shown)
            self._count(post)
        else:
            await self._publish(post, shown)

    async def _publish(self, post: Incoming, shown: str) -> None:
        profile = await self.jp.profile()
        try:
            if post.unfinished:
                await profile.blog_drafts.keep(post.draft, self.node)
            else:
                self.jp.out.detail(f"{typed(await profile.blog.publish(post.draft, self.node))}: {shown}")
        except PostExists:
            self.there += 1
            self.jp.out.detail(f"“{shown}” is there already.")
        except InvalidArgument as error:
            self.refused += 1
            self.jp.out.say(f"“{shown}” is not taken: {error}")
        except SatError:
            self.jp.out.say(f"“{shown}” is not taken.")
            raise
        else:
            self._count(post)

    def _count(self, post: Incoming) -> None:
        if post.unfinished:
            self.kept += 1
        else:
            self.published += 1

    def _sum_up(self, found: Found) -> None:
        """What has come of it, on stderr."""
        would = "would be " if self.dry else ""
        parts = [f"{_many(self.published, 'post')} {would}published"]
        parts += [f"{_many(self.kept, 'draft')} {would}kept"] if self.kept else []
        parts += [f"{self.there} there already"] if self.there else []
        parts += [f"{self.refused} refused"] if self.refused else []
        parts += [f"{_many(self.unfinished, 'draft')} left out (--drafts keeps them)"] if self.unfinished else []
        parts += [f"{found.locked} with a password left out"] if found.locked else []
        parts += [f"{found.others} that are no posts left out"] if found.others else []
        self.jp.out.say(", ".join(parts) + ".")
        if found.comments:
            self.jp.out.say(f"{_many(found.comments, 'comment')} not imported: they would all be yours.")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
