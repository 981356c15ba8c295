"""What ``jp blog export`` was asked for, carried out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sat_frontends.jp.failure import usage
from sat_frontends.jp.moving.posts import Folder, all_posts, write
from sat_frontends.quick_frontend.encoded import encoded

if TYPE_CHECKING:
    from sat.api.posts import Place
    from sat_frontends.jp.context import Jp


class Export(NamedTuple):
    """What is written, and where."""

    format: str
    to: str
    replace: bool
    title: str
    url: str
    pictures: bool
    comments: bool

    @property
    def to_files(self) -> bool:
        """Whether nothing goes to stdout."""
        return self.format in ("markdown", "site") or self.to not in ("", "-")

    def check(self) -> None:
        """Failure where the options do not fit together."""
        if self.format in ("markdown", "lines") and (self.title or self.url):
            raise usage("--title and --url go with --format atom, json and site.")
        if self.format != "site" and (self.pictures or not self.comments):
            raise usage("--pictures and --no-comments go with --format site.")
        if self.format == "site" and not self.to:
            raise usage("A site is many files.", "Say with --to in which folder they go.")

    async def run(self, jp: Jp, node: Place) -> int:
        """Write it; how many posts there are. Errors: Failure; those of ``BlogApi.get``."""
        if self.format == "markdown":
            from sat_frontends.jp.moving.markdown import export_markdown

            return await export_markdown(jp, node, Folder(Path(self.to or "."), self.replace))
        if self.format == "lines":
            lines = [encoded(post, False) + "\n" async for post in all_posts(jp, node)]
            self._put("".join(lines))
            return len(lines)
        return await self._for_the_web(jp, node)

    async def _for_the_web(self, jp: Jp, node: Place) -> int:
        from sat_frontends.jp.moving.feed_files import About, atom_feed, json_feed
        from sat_frontends.quick_frontend.post_words import harmless

        about = About(node, self.title, self.url)
        if self.url and not about.url:
            raise usage("--url is an address of the web, as https://blog.example.org is.")
        if self.format == "site":
            from sat_frontends.jp.moving.site import Site  # 40 ms

            folder = Folder(Path(self.to), self.replace)
            return await Site(jp, about, folder, pictures=self.pictures, comments=self.comments).write()
        posts = [post async for post in all_posts(jp, node)]
        if self.format == "atom":
            self._put(atom_feed(about, posts, lambda post: harmless(post.url)).decode() + "\n")
        else:
            self._put(encoded(json_feed(about, posts), True) + "\n")
        return len(posts)

    def _put(self, text: str) -> None:
        if self.to_files:
            write(Path(self.to), text, self.replace)
        else:
            sys.stdout.write(text)
