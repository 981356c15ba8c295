"""The user commands of rooms. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from collections.abc import Iterable

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Occupant, Role, Room, RoomState
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.moderating import Deed, carry_out, meant
from sat_frontends.quick_frontend.room_words import invited, joined, kind
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.voices import ASKED, asks

_MOST = 300  # occupants that are listed


@command(
    "join",
    "ROOM [NICK]",
    "Go into a room: its address, or its name on your server; then your nick there.",
    aliases=("j",),
)
async def _join(shell: Shell, text: str) -> None:
    address, _, nick = text.partition(" ")
    room = await shell.live.rooms.join(address, nick)
    shell.open_chat(room.jid)
    shell.show(_entered(room))


@command("leave", "[TEXT]", "Leave the room that is shown; what you write is your farewell.", aliases=("part",))
async def _leave(shell: Shell, text: str) -> None:
    room = shown_room(shell)
    await shell.live.apis.rooms.leave(room, text)
    shell.show(f"You have left {clean_line(room)}. Its conversation stays here.")


@command("topic", "[TEXT]", "Say what the room is about; without a text, see it.")
async def _topic(shell: Shell, text: str) -> None:
    room = shown_room(shell)
    if text:
        await shell.live.apis.rooms.set_subject(room, text)
        return
    found = next((each for each in await shell.live.apis.rooms.get_rooms() if each.jid == room), None)
    shell.show(clean_line(found.subject) if found is not None and found.subject else "The room has no topic.")


@command("nick", "NICK", "Be called otherwise in the room that is shown.")
async def _nick(shell: Shell, text: str) -> None:
    await shell.live.apis.rooms.set_nick(shown_room(shell), text)


@command("names", "", "See who is in the room that is shown.", aliases=("who",))
async def _names(shell: Shell, text: str) -> None:
    there = await _there(shell)
    ordered = sorted(there, key=lambda each: (each.role is not Role.MODERATOR, each.nick.casefold()))
    lines = [f"{clean_line(each.nick)}{'' if each.role is Role.PARTICIPANT else f' ({each.role})'}" for each in ordered]
    more = f"\n… and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    shell.show("\n".join(lines[:_MOST]) + more)


@command("rooms", "", "See the rooms that you are in.")
async def _rooms(shell: Shell, text: str) -> None:
    rooms = await shell.live.apis.rooms.get_rooms()
    shell.show("\n".join(_line(each) for each in rooms) or "You are in no room. /join ROOM goes into one.")


@command("find-rooms", "WORDS", "Find rooms of many servers; the service that knows them learns your words.")
async def _find_rooms(shell: Shell, text: str) -> None:
    if not text:
        raise InvalidArgument(reason="Say what to search for: /find-rooms WORDS")
    shell.open_found_rooms(text)


@command("invite", "CONTACT [TEXT]", "Invite somebody into the room that is shown.")
async def _invite(shell: Shell, text: str) -> None:
    from sat_frontends.quick_frontend import addressees

    jid, reason = addressees.split(shell.live.contacts, text)
    await shell.live.apis.rooms.invite(shown_room(shell), jid, reason)
    shell.show(f"{clean_line(jid)} is invited.")


@command("invitations", "", "See who wants you in a room.")
async def _invitations(shell: Shell, text: str) -> None:
    waiting = await shell.live.apis.rooms.get_invitations()
    shell.show("\n".join(joined(invited(each)) for each in waiting) or "Nobody has invited you.")


@command("decline", "ROOM [TEXT]", "Do not follow an invitation; what you write is your answer.")
async def _decline(shell: Shell, text: str) -> None:
    address, _, reason = text.partition(" ")
    room = JID.parse(address).bare
    await shell.live.rooms.decline(room, reason.strip())
    shell.show(f"You do not go into {clean_line(room)}.")


# -- with one of those who are there -----------------------------------------------------------------------------


def nicks(live: LiveProfile, room: JID, text: str) -> list[Completion]:
    """Who may be meant by the last word of a text for a room; at its beginning, they are spoken to."""
    before, space, word = text.rpartition(" ")
    before, end = before + space, " " if space else ": "
    return [Completion(f"{before}{nick}{end}") for nick in _beginning(live, [room], word)] if word else []


def _nicks(live: LiveProfile, typed: str) -> list[Completion]:
    """Those of the rooms whose conversations are open."""
    return [Completion(f"{nick} ") for nick in _beginning(live, live.chats, typed)]


def _beginning(live: LiveProfile, rooms: Iterable[JID], typed: str) -> list[str]:
    """The nicks of others in these rooms that begin so, each once. One that has to be cleaned stands for nobody."""
    wanted = typed.casefold()
    there = [each for room in rooms for each in live.contacts.occupants.of(room) if not each.own]
    found = [each.nick for each in there if each.nick.casefold().startswith(wanted)]
    return [nick for nick in dict.fromkeys(found) if clean_line(nick) == nick]


@command("pm", "NICK [TEXT]", "Write to somebody in the room that is shown, and nobody else.", _nicks, ("whisper",))
async def _pm(shell: Shell, text: str) -> None:
    other, body = meant(await _there(shell), text)
    peer = shown_room(shell).with_resource(other.nick)
    shell.open_chat(peer)
    if body:
        await shell.live.send(peer, body)


def _deed(name: str, usage: str, help: str, deed: Deed, aliases: tuple[str, ...] = ()) -> None:
    @command(name, usage, help, _nicks, aliases)
    async def run(shell: Shell, text: str) -> None:
        other, reason = meant(await _there(shell), text)
        shell.show(await carry_out(shell.live.apis.rooms, shown_room(shell), other, deed, reason))


_deed("kick", "NICK [TEXT]", "Put somebody out of the room; what you write is the reason.", Deed.KICK)
_deed("ban", "NICK [TEXT]", "Put somebody out for good; what you write is the reason.", Deed.BAN)
_deed("mute", "NICK", "Let somebody only read in the room.", Deed.MUTE, ("devoice",))
_deed("op", "NICK", "Make somebody a moderator of the room.", Deed.MODERATOR)
_deed("deop", "NICK", "Make somebody a moderator no longer.", Deed.DEMOTE)


@command("voice", "[NICK]", "Let somebody write in the room; without a nick, ask to be let, or see who asks.", _nicks)
async def _voice(shell: Shell, text: str) -> None:
    room = shown_room(shell)
    if text:
        other, _ = meant(await _there(shell), text)
        shell.show(await carry_out(shell.live.apis.rooms, room, other, Deed.VOICE))
        return
    found = shell.live.contacts.room(room)
    if found is not None and found.role is Role.MODERATOR:
        waiting = [joined(asks(each)) for each in shell.live.voices.waiting if each.room == room]
        shell.show("\n".join([*waiting, "/voice NICK lets them."]) if waiting else shell.live.voices.nobody)
        return
    await shell.live.apis.rooms.ask_voice(room)
    shell.show(ASKED)


async def _there(shell: Shell) -> list[Occupant]:
    return await shell.live.apis.rooms.get_occupants(shown_room(shell))


def shown_room(shell: Shell) -> JID:
    """The room that is shown, or in which the private conversation is. The daemon says so when it is none."""
    if shell.peer is None:
        raise InvalidArgument(reason="No room is shown. Open one first: /join ROOM")
    return shell.peer.bare


def _entered(room: Room) -> str:
    if room.state is not RoomState.JOINED:
        return f"You will be in {clean_line(room.name or room.jid)} as soon as it can be reached."
    return f"You are in {clean_line(room.name or room.jid)}, {kind(room)}."


def _line(room: Room) -> str:
    state = "" if room.state is RoomState.JOINED else f" ({room.state})"
    return f"{clean_line(room.jid)}{state} {clean_line(room.subject)}".rstrip()
