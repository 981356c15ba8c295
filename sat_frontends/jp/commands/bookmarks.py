"""jp bookmarks: rooms that are remembered, for all programs of the account."""

from __future__ import annotations

from sat.api.values import NO_SECRET
from sat.plugins.bookmarks.api import Bookmark
from sat_frontends.jp.accounts import PASSWORD_COMMAND, PASSWORD_STDIN
from sat_frontends.jp.command import command, either, option, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, DIM, Column
from sat_frontends.jp.rooms import remembered, wanted


@command(
    "Show the rooms that are remembered.",
    examples=("jp bookmarks list", "jp bookmarks list -o json | jq -r '.[] | select(.autojoin) | .room'"),
)
async def list_(jp: Jp) -> None:
    """Columns in a pipe: address, your name for it, your nick, whether it is entered after each log-in, whether a
    password is remembered (yes or no)."""
    found = sorted(await (await jp.profile()).bookmarks.get_bookmarks())
    columns = (
        Column("Room", BOLD),
        Column("Name", flexible=True),
        Column("Nick", flexible=True),
        Column("Autojoin"),
        Column("Password", DIM),
    )
    jp.out.table(found, columns, [_cells(each) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("None. To remember a room: jp bookmarks add name@rooms.example.org")


def _cells(bookmark: Bookmark) -> tuple[str, ...]:
    room, name, nick, *yes_or_no = bookmark
    return room, name, nick, *("yes" if each else "no" for each in yes_or_no)


@command(
    "Remember a room, or change what is remembered of it.",
    examples=(
        "jp bookmarks add balcony@rooms.example.org --name 'Her window'",
        "jp bookmarks add balcony --nick Romeo --autojoin",
        "jp bookmarks add balcony --no-autojoin  # leave it, and come back only by hand",
    ),
    room=positional("ROOM", "the room's address; a name is one of your server", complete="known room"),
    name=option("--name", metavar="NAME", help="what to call it; empty for what it calls itself"),
    nick=option("-n", "--nick", metavar="NICK", help="your nickname there; empty for the usual one"),
    autojoin=either("--autojoin", help="enter it now and after each log-in, or leave it"),
    password_stdin=PASSWORD_STDIN,
    password_command=PASSWORD_COMMAND,
)
async def add(
    jp: Jp,
    room: str,
    name: str | None,
    nick: str | None,
    autojoin: bool | None,
    password_stdin: bool,
    password_command: str,
) -> None:
    """What is not given stays as it is. All programs of your account follow: they enter the room or leave it."""
    from sat_frontends.jp.ask import password

    profile = await jp.profile()
    address = (await wanted(profile, room)).bare
    known = (each for each in await profile.bookmarks.get_bookmarks() if each.room == address)
    before = next(known, Bookmark(address))
    given = password_stdin or password_command
    await profile.bookmarks.add(
        address,
        before.name if name is None else name,
        before.nick if nick is None else nick,
        before.autojoin if autojoin is None else autojoin,
        password(jp, "", password_stdin, password_command) if given else NO_SECRET,
    )
    jp.out.say(f"{address} is remembered.")


@command(
    "Remember a room no longer, and leave it.",
    examples=("jp bookmarks remove balcony", "jp bookmarks remove balcony@rooms.example.org"),
    room=positional("ROOM", "the address or name of a room that is remembered", complete="bookmark"),
)
async def remove(jp: Jp, room: str) -> None:
    """All programs of your account leave it. What was written there stays in your history."""
    bookmarks = (await jp.profile()).bookmarks
    address = await remembered(bookmarks, room)
    await bookmarks.remove(address)
    jp.out.say(f"{address} is no longer remembered.")
