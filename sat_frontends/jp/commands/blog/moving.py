"""Blogs as files."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.commands.blog.shared import BLOG, COMMUNITY
from sat_frontends.jp.context import Jp
from sat_frontends.jp.places import blog_of


@command(
    "Write a blog to files.",
    examples=(
        "jp blog export --to blog/",
        "jp blog export bob --format atom --to bob.atom",
        "jp blog export --format json | jq '.items[].title'",
        "jp blog export --format site --to site/ --title 'The balcony' --url https://blog.example.org",
        "jp blog export bob --format lines > bob.jsonl",
    ),
    blog=BLOG,
    format=option(
        "-f",
        "--format",
        metavar="FORMAT",
        help="markdown if not given",
        choices=("markdown", "atom", "json", "site", "lines"),
    ),
    to=option(
        "-t",
        "--to",
        metavar="PLACE",
        help="a folder for markdown (this one if not given) and site; else a file, or stdout",
        default="",
        complete="file",
    ),
    replace=switch("--replace", help="write files anew that are there"),
    title=option("--title", metavar="TEXT", help="what the blog is called, for atom, json and site", default=""),
    url=option("--url", metavar="URL", help="where it will be on the web, for atom, json and site", default=""),
    pictures=switch("--pictures", help="site: fetch the pictures too; else they stay where they are"),
    no_comments=switch("--no-comments", help="site: without the comments"),
)
async def export(
    jp: Jp,
    blog: str | None,
    format: str | None,
    to: str,
    replace: bool,
    title: str,
    url: str,
    pictures: bool,
    no_comments: bool,
) -> None:
    """markdown: a file with front matter for each post, which jp blog import reads; yours are as you wrote them. atom
    and json (JSON Feed 1.1): one file for news readers. site: pages for any web server, without scripts. lines: a JSON
    object a line, with everything that is known, as with -o json. Nothing is overwritten (code 19)."""
    from sat_frontends.jp.moving.export import Export

    wanted = Export(
        format or ("lines" if jp.out.json else "markdown"), to, replace, title, url, pictures, not no_comments
    )
    wanted.check()
    count = await wanted.run(jp, await blog_of(await jp.profile(), blog or "me"))
    if wanted.to_files:
        jp.out.say(f"{count} post{'' if count == 1 else 's'}.")


@command(
    "Publish the posts in files.",
    examples=(
        "jp blog import blog/",
        "jp blog import old.md older.md --dry-run",
        "jp blog import feed.atom",
        "jp blog import wordpress.xml --drafts",
    ),
    path=positional(
        "FILE",
        "Markdown, an Atom or RSS feed, what WordPress exports, or a folder with Markdown files",
        many="+",
        complete="file",
    ),
    dry=switch("--dry-run", help="only show which posts these would be"),
    drafts=switch("--drafts", help="what was not published there becomes drafts here (jp blog drafts)"),
    community=COMMUNITY,
)
async def import_(jp: Jp, path: list[str], dry: bool, drafts: bool, community: str) -> int:
    """The oldest first; each keeps its date. What has a slug that is there already is left out, so it can be begun
    again. Front matter of other programs is understood as far as a post has it. Comments are not imported. Code 17
    where a post was refused; the others are published."""
    from sat_frontends.jp.moving.publishing import Import, read_files

    node = await blog_of(await jp.profile(), community or "me")
    return await Import(jp, node, dry=dry, drafts=drafts).run(read_files(path))
