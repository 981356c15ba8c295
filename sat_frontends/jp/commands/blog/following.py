"""What is followed, and what was published there."""

from __future__ import annotations

from sat.api.values import ANYBODY
from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.commands.blog.shared import LANGUAGE, LIMIT, at_least_one
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.messages import when
from sat_frontends.jp.output import BOLD, DIM, GREEN, Column
from sat_frontends.jp.people import resolve
from sat_frontends.jp.places import blog_of, typed
from sat_frontends.jp.posts import CELLS, answer_cells, show, show_list, who
from sat_frontends.quick_frontend.post_words import heading, response

_FOLLOWED = positional("BLOG", "a contact's name or address, SERVICE/NODE, or xmpp:…", complete="contact")


@command(
    "Have what is published there in your timeline.",
    examples=("jp blog follow bob", "jp blog follow blogs.example.org/verona"),
    blog=_FOLLOWED,
)
async def follow(jp: Jp, blog: str) -> None:
    profile = await jp.profile()
    await profile.timeline.follow(await blog_of(profile, blog), True)


@command(
    "Have it there no longer.",
    examples=("jp blog unfollow bob",),
    blog=positional("BLOG", "as jp blog following shows it", complete="followed"),
)
async def unfollow(jp: Jp, blog: str) -> None:
    profile = await jp.profile()
    await profile.timeline.follow(await blog_of(profile, blog), False)


@command("Show what you follow.", examples=("jp blog following", "jp blog following -o json"))
async def following(jp: Jp) -> None:
    """Columns in a pipe: address, title, unread posts."""
    found = await (await jp.profile()).timeline.get_following()
    columns = (Column("Address", GREEN, flexible=True), Column("Title", BOLD, flexible=True), Column("Unread"))
    jp.out.table(found, columns, [(typed(each.place), each.title, str(each.unread)) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("Nothing. To follow somebody: jp blog follow bob@example.org")


@command(
    "Show what was published by all that you follow, the newest first.",
    CELLS,
    examples=(
        "jp blog timeline",
        "jp blog timeline --unread --mark-read",
        "jp blog timeline --tag balcony --before 1234",
        "jp blog timeline --watch -o json | jq -r .title",
        "jp blog timeline --mark-all-read",
    ),
    limit=option("-n", "--limit", metavar="NUMBER", help="at most so many: 20, with --watch without end", kind=int),
    before=option(
        "--before", metavar="ORDER", help="only posts before this place (order in JSON)", kind=int, default=0
    ),
    unread=switch("-u", "--unread", help="only those that you have not seen"),
    tag=option("--tag", metavar="TAG", help="only with this hashtag", default=""),
    mark=switch("-m", "--mark-read", help="you have seen what is shown"),
    mark_all=switch("--mark-all-read", help="you have seen all; nothing is shown"),
    watching=switch("-w", "--watch", help="show each new one as it comes, on a line"),
    said=switch("--comments", help="with --watch: comments too"),
    timeout=option("--timeout", metavar="SECONDS", help="with --watch: end after so long, with code 4", kind=float),
    no_wait=switch(
        "--no-wait", help="with --watch: end with code 5 when the daemon goes, instead of waiting for it to come back"
    ),
)
async def timeline(
    jp: Jp,
    limit: int | None,
    before: int,
    unread: bool,
    tag: str,
    mark: bool,
    mark_all: bool,
    watching: bool,
    said: bool,
    timeout: float | None,
    no_wait: bool,
) -> None:
    """It is kept here, so it can be read offline. * stands where a post is unread. --watch writes each line at once,
    with either JSON output an object; Ctrl-C ends it with code 130."""
    api = (await jp.profile()).timeline
    if limit is not None:
        at_least_one(limit)
    if mark_all:
        await api.mark_read([])
        return
    tag = tag.removeprefix("#")
    if watching:
        from sat_frontends.jp.post_watch import PostWatch

        watch = PostWatch(jp, tag=tag, comments=said, mark=mark, count=limit, timeout=timeout, patient=not no_wait)
        await watch.run()
        return
    if said or no_wait or timeout is not None:
        raise usage("--comments, --no-wait and --timeout go with --watch.")
    found = await api.get_timeline(before, limit or 20, unread, tag)
    show_list(
        jp, found, "Nothing is unread." if unread else "There is nothing. jp blog follow says what is to be here."
    )
    if mark and (seen := [each.place for each in found if each.unread]):
        jp.out.flush()
        await api.mark_read(seen)


@command(
    "Show what others have said of your posts, and posts that name you, the newest first.",
    examples=("jp blog answers", "jp blog answers -n 5 -o json"),
    limit=LIMIT,
    before=option(
        "--before", metavar="ORDER", help="only what is before this place (order in JSON)", kind=int, default=0
    ),
)
async def answers(jp: Jp, limit: int, before: int) -> None:
    """As far as it is kept here, so it can be read offline. Columns in a pipe: address, time, who, whether the service
    vouches for them (yes or no), comment, like or mention, text, what your post is called, its address."""
    found = await (await jp.profile()).timeline.get_answers(before, at_least_one(limit))
    columns = (
        Column("When", DIM),
        Column("Who", GREEN),
        Column("What", BOLD, flexible=True),
        Column("About", flexible=True),
        Column("Address", DIM),
    )
    if not jp.out.terminal or jp.out.json:
        jp.out.table(found, columns, [answer_cells(each) for each in found])
        return
    rows = [
        (
            when(jp, each.post.published),
            who(each.post),
            heading(each.post),
            response(each),
            typed(each.on if each.title else each.post.place),
        )
        for each in found
    ]
    jp.out.table(found, columns, rows)
    if not found:
        jp.out.say("Nobody has said anything yet.")


@command(
    "Find posts and comments of your timeline that hold all the words.",
    CELLS,
    examples=("jp blog search balcony light", "jp blog search balcony -n 5 -o json"),
    words=positional("WORD", "what to look for", many="+"),
    limit=LIMIT,
)
async def search(jp: Jp, words: list[str], limit: int) -> None:
    """The newest first."""
    found = await (await jp.profile()).timeline.search(" ".join(words), 0, at_least_one(limit))
    show_list(jp, found, "Nothing was found.")


@command(
    "Find blogs and communities that you could follow.",
    examples=("jp blog discover", "jp blog discover bob", "jp blog discover blogs.example.org -o json"),
    whom=positional(
        "WHOM",
        "a contact, whose blog and what they follow; or a service, its communities",
        many="?",
        complete="contact",
    ),
)
async def discover(jp: Jp, whom: str | None) -> None:
    """Without anybody: what your contacts publish and follow, as far as they tell. Columns in a pipe: address, title,
    description, followed or empty, which contacts follow it (with commas)."""
    profile = await jp.profile()
    found = await profile.timeline.discover(await resolve(profile, whom) if whom else ANYBODY)
    columns = (
        Column("Address", GREEN),
        Column("Title", BOLD, flexible=True),
        Column("Description", flexible=True),
        Column("Followed", DIM),
        Column("By", DIM, flexible=True),
    )
    rows = [
        (typed(each.place), each.title, each.description, "followed" if each.followed else "", ",".join(each.via))
        for each in found
    ]
    jp.out.table(found, columns, rows)
    if not found and jp.out.terminal:
        jp.out.say("Nobody tells of anything.")


@command(
    "Read the stories of your contacts, the newest first.",
    CELLS,
    examples=("jp blog stories", "jp blog stories --unread --mark-read", "jp blog stories -o json"),
    unread=switch("-u", "--unread", help="only those that you have not seen"),
    mark=switch("-m", "--mark-read", help="you have seen what is shown"),
    language=LANGUAGE,
)
async def stories(jp: Jp, unread: bool, mark: bool, language: str) -> None:
    """They are gone after a day, or whenever their authors want that."""
    api = (await jp.profile()).timeline
    found = [each for each in await api.get_stories() if each.unread or not unread]
    show(jp, found, language)
    if not found and jp.out.terminal and not jp.out.json:
        jp.out.say("There is none.")
    if mark and (seen := [each.place for each in found if each.unread]):
        jp.out.flush()
        await api.mark_read(seen)
