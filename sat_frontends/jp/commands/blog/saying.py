"""What one says of a post."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional
from sat_frontends.jp.commands.blog.shared import POST
from sat_frontends.jp.context import Jp
from sat_frontends.jp.places import post_of, typed


@command(
    "Comment on a post.",
    examples=(
        "jp blog comment bob//what-light 'It is the east.'",
        "jp blog comment bob//what-light --answers comment-2 'No, the west.'",
        "jp blog comment bob//what-light - < comment.txt",
    ),
    post=POST,
    body=positional("TEXT", "the comment; - or nothing reads it from stdin", many="*"),
    answers=option("--answers", metavar="ID", help="the id of the comment that it answers", default=""),
)
async def comment(jp: Jp, post: str, body: list[str], answers: str) -> None:
    """Its address is printed. Code 1 where nobody can comment."""
    from sat_frontends.jp.messages import text_of

    profile = await jp.profile()
    place = await profile.blog.comment(await post_of(profile, post), text_of(jp, body), answers)
    jp.out.text(place, typed(place))


@command("Say that you like a post.", examples=("jp blog like bob//what-light",), post=POST)
async def like(jp: Jp, post: str) -> None:
    profile = await jp.profile()
    await profile.blog.like(await post_of(profile, post), True)


@command("Say so no longer.", examples=("jp blog unlike bob//what-light",), post=POST)
async def unlike(jp: Jp, post: str) -> None:
    profile = await jp.profile()
    await profile.blog.like(await post_of(profile, post), False)


@command(
    "Put emojis to a post.",
    examples=(
        "jp blog react bob//what-light 👍",
        "jp blog react bob//what-light 😀 🎉",
        "jp blog react bob//what-light",
    ),
    post=POST,
    emojis=positional(
        "EMOJI", "those that you put to it, in place of the ones before; none takes yours away", many="*"
    ),
)
async def react(jp: Jp, post: str, emojis: list[str]) -> None:
    """A ♥ is what jp blog like says, too. Code 18 where there is no place for them."""
    profile = await jp.profile()
    await profile.blog.react(await post_of(profile, post), emojis)


@command(
    "Publish somebody's post in your own blog, with their name and a link.",
    examples=("jp blog repeat bob//what-light", "jp blog repeat bob//what-light 'He is right:'"),
    post=POST,
    body=positional("TEXT", "what you say before it", many="*"),
)
async def repeat(jp: Jp, post: str, body: list[str]) -> None:
    """Its address is printed."""
    profile = await jp.profile()
    place = await profile.blog.repeat(await post_of(profile, post), " ".join(body))
    jp.out.text(place, typed(place))
