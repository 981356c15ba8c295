"""The user commands of rooms. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Role, Room, RoomState
from sat_frontends.quick_frontend.command_registry import Shell, command
from sat_frontends.quick_frontend.text import clean_line

_MOST = 300  # occupants that are listed


@command("join", "ROOM [NICK]", "Go into a room: its address, then how you want to be called there.", aliases=("j",))
async def _join(shell: Shell, text: str) -> None:
    address, _, nick = text.partition(" ")
    room = await shell.live.apis.rooms.join(JID.parse(address).bare, nick.strip())
    shell.open_chat(room.jid)
    shell.show(_entered(room))


@command("leave", "[TEXT]", "Leave the room that is shown; what you write is your farewell.", aliases=("part",))
async def _leave(shell: Shell, text: str) -> None:
    room = _room(shell)
    await shell.live.apis.rooms.leave(room, text)
    shell.show(f"You have left {clean_line(room)}. Its conversation stays here.")


@command("topic", "[TEXT]", "Say what the room is about; without a text, see it.")
async def _topic(shell: Shell, text: str) -> None:
    room = _room(shell)
    if text:
        await shell.live.apis.rooms.set_subject(room, text)
        return
    found = next((each for each in await shell.live.apis.rooms.get_rooms() if each.jid == room), None)
    shell.show(clean_line(found.subject) if found is not None and found.subject else "The room has no topic.")


@command("nick", "NICK", "Be called otherwise in the room that is shown.")
async def _nick(shell: Shell, text: str) -> None:
    await shell.live.apis.rooms.set_nick(_room(shell), text)


@command("names", "", "See who is in the room that is shown.", aliases=("who",))
async def _names(shell: Shell, text: str) -> None:
    there = await shell.live.apis.rooms.get_occupants(_room(shell))
    ordered = sorted(there, key=lambda each: (each.role is not Role.MODERATOR, each.nick.casefold()))
    lines = [f"{clean_line(each.nick)}{'' if each.role is Role.PARTICIPANT else f' ({each.role})'}" for each in ordered]
    more = f"\n… and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    shell.show("\n".join(lines[:_MOST]) + more)


@command("rooms", "", "See the rooms that you are in.")
async def _rooms(shell: Shell, text: str) -> None:
    rooms = await shell.live.apis.rooms.get_rooms()
    shell.show("\n".join(_line(each) for each in rooms) or "You are in no room. /join ROOM goes into one.")


@command("invite", "CONTACT [TEXT]", "Invite somebody into the room that is shown.")
async def _invite(shell: Shell, text: str) -> None:
    from sat_frontends.quick_frontend import addressees

    jid, reason = addressees.split(shell.live.contacts, text)
    await shell.live.apis.rooms.invite(_room(shell), jid, reason)
    shell.show(f"{clean_line(jid)} is invited.")


def _room(shell: Shell) -> JID:
    """The room that is shown. The daemon says so when it is none."""
    if shell.peer is None:
        raise InvalidArgument(reason="No room is shown. Open one first: /join ROOM")
    return shell.peer


def _entered(room: Room) -> str:
    if room.state is not RoomState.JOINED:
        return f"You will be in {clean_line(room.name or room.jid)} as soon as it can be reached."
    public = "private: only members can come in" if room.private else "open to everybody"
    seen = "others see your nick only" if room.anonymous else "others see your address"
    return f"You are in {clean_line(room.name or room.jid)}, {public}; {seen}."


def _line(room: Room) -> str:
    state = "" if room.state is RoomState.JOINED else f" ({room.state})"
    return f"{clean_line(room.jid)}{state} {clean_line(room.subject)}".rstrip()
