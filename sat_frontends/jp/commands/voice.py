"""jp voice: to write in rooms where visitors only read."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, Column
from sat_frontends.jp.rooms import ours

_NUMBER = positional("NUMBER", "the request's, as jp voice list shows it")
_ROOM = positional("ROOM", "the address or name of a room of yours", complete="room")


@command("Ask the moderators of a room to let you write.", examples=("jp voice ask balcony",), room=_ROOM)
async def ask(jp: Jp, room: str) -> None:
    """Their answer is your role: jp room list shows it."""
    rooms = (await jp.profile()).rooms
    await rooms.ask_voice((await ours(rooms, room)).jid)
    jp.out.say("The moderators are asked.")


@command("Show the visitors who ask to write in rooms that you moderate.", examples=("jp voice list",))
async def list_(jp: Jp) -> None:
    """Columns in a pipe: number, room, nick, address (where the room tells it)."""
    found = await (await jp.profile()).rooms.get_voice_requests()
    columns = (Column("Number", BOLD), Column("Room"), Column("Nick", flexible=True), Column("Address", flexible=True))
    jp.out.table(found, columns, [tuple(each) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("None.")


@command("Let a visitor write who asks for it.", examples=("jp voice allow 1f0c2a9b77d3",), number=_NUMBER)
async def allow(jp: Jp, number: str) -> None:
    await (await jp.profile()).rooms.answer_voice(number, True)


@command("Do not let a visitor write who asks for it.", examples=("jp voice deny 1f0c2a9b77d3",), number=_NUMBER)
async def deny(jp: Jp, number: str) -> None:
    await (await jp.profile()).rooms.answer_voice(number, False)
