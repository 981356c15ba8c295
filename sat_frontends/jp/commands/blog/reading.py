"""Posts of blogs and communities, read."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional
from sat_frontends.jp.commands.blog.shared import BLOG, LANGUAGE, LIMIT, POST, at_least_one
from sat_frontends.jp.context import Jp
from sat_frontends.jp.places import blog_of, place_of, post_of
from sat_frontends.jp.posts import CELLS, show, show_comments, show_list


@command(
    "Show the posts of a blog or a community, a line each, the newest first.",
    CELLS,
    examples=("jp blog list", "jp blog list bob", "jp blog list blogs.example.org/verona -n 50 -o json"),
    blog=BLOG,
    limit=LIMIT,
    language=LANGUAGE,
)
async def list_(jp: Jp, blog: str | None, limit: int, language: str) -> None:
    """Without a blog, yours."""
    profile = await jp.profile()
    place = await blog_of(profile, blog or "me")
    page = await profile.blog.get(place, "", at_least_one(limit))
    show_list(jp, page.posts, "There is no post.", language)
    if page.older and jp.out.terminal:
        jp.out.detail(f"There are older ones: {max(page.total, limit + 1)} in all.")


@command(
    "Read a post, or the last ones of a blog.",
    CELLS,
    examples=(
        "jp blog get bob -n 3",
        "jp blog get bob//what-light",
        "jp blog get bob//what-light --lang fr",
        "jp blog get 'xmpp:bob@example.org?;node=urn%3Axmpp%3Amicroblog%3A0;item=what-light'",
        "jp blog get bob//what-light -o json | jq -r '.[0].html'",
    ),
    what=positional("PLACE", "whose blog, SERVICE/NODE, bob//ID, SERVICE/NODE/ID, or xmpp:…", complete="contact"),
    limit=option("-n", "--limit", metavar="NUMBER", help="at most so many, 5 if not given", kind=int, default=5),
    language=LANGUAGE,
)
async def get(jp: Jp, what: str, limit: int, language: str) -> None:
    """✓ stands where the service vouches for the author."""
    profile = await jp.profile()
    show(jp, (await profile.blog.get(await place_of(profile, what), "", at_least_one(limit))).posts, language)


@command(
    "Show the comments on a post.",
    CELLS,
    examples=("jp blog comments bob//what-light", "jp blog comments bob//what-light -o json | jq length"),
    post=POST,
    limit=option("-n", "--limit", metavar="NUMBER", help="at most so many, 50 if not given", kind=int, default=50),
)
async def comments(jp: Jp, post: str, limit: int) -> None:
    """On a terminal those that answer another one stand below it."""
    profile = await jp.profile()
    place = await post_of(profile, post)
    show_comments(jp, (await profile.blog.get_comments(place, "", at_least_one(limit))).posts)
