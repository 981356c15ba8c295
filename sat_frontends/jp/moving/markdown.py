"""Posts as Markdown files with front matter, written and read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument, SatError
from sat.api.posts import Draft, Translation
from sat_frontends.jp.moving.incoming import Found, plain
from sat_frontends.jp.moving.posts import Folder, Names, all_posts
from sat_frontends.jp.places import typed
from sat_frontends.jp.posting import of_file
from sat_frontends.quick_frontend import dates
from sat_frontends.quick_frontend.front_matter import from_draft

if TYPE_CHECKING:
    from sat.api.posts import Place, Post
    from sat_frontends.jp.context import Jp

_DATED = re.compile(r"(\d{4}-\d\d-\d\d)-(.+)")  # as Jekyll calls them, and so do we


async def export_markdown(jp: Jp, node: Place, folder: Folder) -> int:
    """A file for each post, as it was written where it is ours; how many."""
    from sat_frontends.jp.context import loaded

    own = (await loaded((await jp.profile()).profile)).jid.value.bare
    names, count = Names(), 0
    async for post in all_posts(jp, node):
        folder.write(f"{names.of_post(post)}.md", await _as_file(jp, post, own))
        count += 1
    return count


async def _as_file(jp: Jp, post: Post, own: str) -> str:
    others = [Translation(each.lang, each.title, each.html or each.text) for each in post.versions]
    shown = post.html or post.text
    draft = Draft(shown, post.title, bool(post.html), post.lang, post.tags, post.enclosures, translations=others)
    if post.author == own:
        try:
            draft = await (await jp.profile()).blog.source(post.place)
        except SatError as error:
            jp.out.say(f"{typed(post.place)} is written as it is shown: {error}")
    draft = draft._replace(slug=post.place.id, published=post.published)
    return from_draft(draft, author=post.author, **({"url": post.url} if post.url else {}))


def read_markdown(path: Path, found: Found) -> None:
    """Take the post of a file, also of one of another program: what its front matter does not say of its address and
    its day may be in its name. Errors: InvalidArgument; Failure."""
    draft, unfinished = of_file(str(path), strict=False)
    if not draft.body.strip() and not draft.title.strip():
        raise InvalidArgument(reason=f"{path} has no text.")
    dated = _DATED.fullmatch(path.stem)
    if dated and not draft.published:
        try:
            draft = draft._replace(published=dates.read(dated[1]))
        except ValueError:
            dated = None
    if not draft.slug:
        draft = draft._replace(slug=plain(dated[2] if dated else path.stem))
    found.add(draft, unfinished, str(path))
