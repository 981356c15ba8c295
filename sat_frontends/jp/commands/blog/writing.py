"""Posts of ours: published, changed, taken back, and who can read them."""

from __future__ import annotations

from typing import Any

from sat_frontends.jp.command import YES, command, option, positional, repeated
from sat_frontends.jp.commands.blog.shared import COMMUNITY, POST
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.places import blog_of, post_of, typed
from sat_frontends.jp.posting import AT, DRAFT, KEEP, NEW, Given, attached, due_of, edited, keep, of_file, put
from sat_frontends.jp.posts import show
from sat_frontends.quick_frontend.front_matter import Written
from sat_frontends.quick_frontend.post_words import heading


@command(
    "Publish a post.",
    examples=(
        "jp blog set 'The *balcony* is open.'",
        "jp blog set --title 'What light' --tag balcony --tag night - < post.md",
        "jp blog set --file post.md --attach window.png",
        "jp blog set --community blogs.example.org/verona 'Peace, ho!'",
        "jp blog set --slug what-light --no-comments --language en 'But soft'",
        "jp blog set --file post.md --at 2027-05-01T08:00",
    ),
    attach=repeated(
        "-a", "--attach", metavar="FILE", help="a file to put on your server with it; may be repeated", complete="file"
    ),
    community=COMMUNITY,
    unfinished=KEEP,
    at=AT,
    **DRAFT,
)
async def set_(jp: Jp, attach: list[str], community: str, unfinished: bool, at: str, **given: Any) -> None:
    """Its address is printed; that of a draft is its id. A file may begin with front matter: title, tags, language,
    date, comments, draft (yes or no), slug, files and format (markdown or xhtml) between two lines ---; a line
    “--- lang: fr” begins the same in another language. Options count more. Who can read it: jp blog access."""
    profile = await jp.profile()
    due = due_of(at)
    draft, later = Given(**given).written()
    node = await blog_of(profile, community or "me")
    draft = draft._replace(enclosures=[*draft.enclosures, *await attached(jp, attach)])
    if later or unfinished or due:
        await keep(jp, draft, node, due=due)
    else:
        await put(jp, draft, node)


@command(
    "Show what a post would look like; nothing is published.",
    examples=("jp blog preview --file post.md", "jp blog preview '**soft**' -o json | jq -r .html"),
    **DRAFT,
)
async def preview(jp: Jp, **given: Any) -> None:
    profile = await jp.profile()
    draft = Given(**given).written().draft
    show(jp, [await profile.blog.preview(draft)])


@command(
    "Write a post in your editor, or change one of yours.",
    examples=(
        "jp blog edit",
        "jp blog edit me//what-light",
        "jp blog edit --draft",
        "jp blog edit me//what-light --file /tmp/jp-post-x.md",
    ),
    post=positional("POST", "the post; without it, a new one is written", many="?"),
    file=option(
        "-f", "--file", metavar="FILE", help="take it from there, without an editor", default="", complete="file"
    ),
    community=COMMUNITY,
    unfinished=KEEP,
    at=AT,
)
async def edit(jp: Jp, post: str | None, file: str, community: str, unfinished: bool, at: str) -> None:
    """$VISUAL or $EDITOR opens the post in Markdown, with front matter. Saved as it was, nothing is published, and this
    ends with code 20. Another slug gives it another address. Where it cannot be published, it is kept as a draft, or
    the file stays; which is told."""
    profile = await jp.profile()
    due = due_of(at)
    if post and community:
        raise usage("A post stays where it is: --community is for a new one.")
    place = await post_of(profile, post) if post else await blog_of(profile, community or "me")
    before = await profile.blog.source(place) if post else NEW

    async def publish(written: Written) -> None:
        if written.unfinished or unfinished or due:
            await keep(jp, written.draft, place, due=due)
        else:
            await put(jp, written.draft, place, before)

    if file:
        await publish(of_file(file, before))
    elif not jp.asks:
        raise usage("There is nobody to write in an editor.", "Give a file (--file), or use jp blog set.")
    else:
        await edited(jp, before, publish, place)


@command(
    "Give a post of yours another address.",
    examples=("jp blog rename me//what-light soft-light",),
    post=POST,
    slug=positional("SLUG", "its new id", complete="value"),
)
async def rename(jp: Jp, post: str, slug: str) -> None:
    """The new address is printed; the comments on it stay. Code 19 where another post has that address."""
    profile = await jp.profile()
    place = await profile.blog.rename(await post_of(profile, post), slug)
    jp.out.text(place, typed(place))


@command(
    "Take a post or a comment of yours back.",
    examples=("jp blog delete me//what-light", "jp blog delete me//what-light --yes"),
    post=POST,
    yes=YES,
)
async def delete(jp: Jp, post: str, yes: bool) -> None:
    """The comments on it go too, where they are yours to delete. Who has read it has read it."""
    profile = await jp.profile()
    place = await post_of(profile, post)
    if not yes:
        (found,) = (await profile.blog.get(place)).posts
        jp.confirm(f"Delete “{heading(found)}”?", yes)
    await profile.blog.delete(place)


@command(
    "Show or change who can read your blog.",
    examples=(
        "jp blog access",
        "jp blog access contacts",
        "jp blog access groups --group Friends --group Family",
        "jp blog access listed --contact bob --contact carol@example.org",
        "jp blog access everybody --community blogs.example.org/verona",
    ),
    audience=positional(
        "AUDIENCE", "everybody, contacts, groups or listed; without it, it is shown", many="?", complete="audience"
    ),
    group=repeated(
        "-g", "--group", metavar="GROUP", help="a group of your contacts; may be repeated", complete="group"
    ),
    contact=repeated("--contact", metavar="CONTACT", help="one who is listed; may be repeated", complete="contact"),
    community=COMMUNITY,
)
async def access(jp: Jp, audience: str | None, group: list[str], contact: list[str], community: str) -> None:
    """Columns in a pipe: audience, groups, addresses; the latter two with commas."""
    from sat_frontends.jp.audiences import change, show_access

    profile = await jp.profile()
    node = await blog_of(profile, community or "me")
    if audience is not None:
        await change(profile, node, audience, group, contact)
    elif group or contact:
        raise usage("Say “groups” or “listed” before them.")
    else:
        show_access(jp, await profile.blog.get_access(node))
