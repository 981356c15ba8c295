"""The user commands of who owns rooms, and of what is remembered of them. Each raises SatError, which the frontend
shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Affiliation
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.owning import account, affiliate, lines
from sat_frontends.quick_frontend.remembering import line, remember
from sat_frontends.quick_frontend.room_commands import shown_room
from sat_frontends.quick_frontend.room_words import kind
from sat_frontends.quick_frontend.text import clean_line

_AFFILIATIONS = [each.value for each in Affiliation]


@command("create", "[-p] ROOM [NICK]", "Make a room and go in; with -p, one that only members can enter.")
async def _create(shell: Shell, text: str) -> None:
    private = text == "-p" or text.startswith("-p ")
    address, _, nick = (text[2:].strip() if private else text).partition(" ")
    if not address:
        raise InvalidArgument(reason="Say how the room is called: /create ROOM, or /create -p ROOM for a private one.")
    room = await shell.live.rooms.create(address, nick, private)
    shell.open_chat(room.jid)
    shell.show(f"You have made {clean_line(room.jid)}, {kind(room)}. /configure changes its settings.")


@command("configure", "", "Change the settings of the room that is shown; for its owners.", aliases=("config",))
async def _configure(shell: Shell, text: str) -> None:
    shell.open_room_settings(shown_room(shell))


@command("affiliations", "", "See the owners, administrators and members of this room, and who is banned.")
async def _affiliations(shell: Shell, text: str) -> None:
    found = await shell.live.apis.rooms.get_affiliations(shown_room(shell))
    shell.show("\n".join(lines(found)) or "The room tells of nobody.")


def _ranks(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(f"{each} ") for each in _AFFILIATIONS if each.startswith(typed.lower())]


@command(
    "affiliate",
    "RANK WHO [TEXT]",
    "Make somebody owner, admin, member, none or outcast of the room that is shown.",
    _ranks,
)
async def _affiliate(shell: Shell, text: str) -> None:
    rank, _, rest = text.partition(" ")
    if rank.lower() not in _AFFILIATIONS:
        raise InvalidArgument(reason=f"“{rank}” is none of {', '.join(_AFFILIATIONS)}.")
    who, _, reason = rest.strip().partition(" ")
    if not who:
        raise InvalidArgument(reason="Say whom: /affiliate RANK WHO")
    room, rooms = shown_room(shell), shell.live.apis.rooms
    jid = account(await rooms.get_occupants(room), who)
    shell.show(await affiliate(rooms, room, jid, Affiliation(rank.lower()), reason.strip()))


@command("destroy", "ROOM [TEXT]", "End the room that is shown, for everybody; give its address.")
async def _destroy(shell: Shell, text: str) -> None:
    room = shown_room(shell)
    address, _, reason = text.partition(" ")
    if JID.parse(address).bare != room:
        raise InvalidArgument(reason=f"The room that is shown is {clean_line(room)}. Give its address to end it.")
    await shell.live.apis.rooms.destroy(room, reason.strip())
    shell.show(f"{clean_line(room)} is no more.")


# -- what is remembered ------------------------------------------------------------------------------------------


@command("bookmarks", "", "See the rooms that are remembered.")
async def _bookmarks(shell: Shell, text: str) -> None:
    found = await shell.live.apis.bookmarks.get_bookmarks()
    found.sort(key=lambda each: (each.name or each.room).casefold())
    shell.show("\n".join(map(line, found)) or "No room is remembered. /join ROOM goes into one, and remembers it.")


@command("bookmark", "[NAME]", "Remember the room that is shown, by this name.")
async def _bookmark(shell: Shell, text: str) -> None:
    shell.show(await remember(shell.live.apis.bookmarks, shown_room(shell), text or None))


@command("autojoin", "on|off", "Enter the room that is shown after each log-in, or only when you want.")
async def _autojoin(shell: Shell, text: str) -> None:
    if text not in ("on", "off"):
        raise InvalidArgument(reason="Say on or off: /autojoin on")
    shell.show(await remember(shell.live.apis.bookmarks, shown_room(shell), autojoin=text == "on"))


def _remembered(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(each.jid) for each in live.contacts.rooms() if each.jid.startswith(typed.casefold())]


@command("unbookmark", "[ROOM]", "Remember a room no longer, and leave it.", _remembered)
async def _unbookmark(shell: Shell, text: str) -> None:
    room = JID.parse(text).bare if text else shown_room(shell)
    await shell.live.apis.bookmarks.remove(room)
    shell.show(f"{clean_line(room)} is remembered no longer.")
