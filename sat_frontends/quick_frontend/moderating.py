"""What moderators and owners do with those who are in a room, by forms, menus and commands alike (XEP-0045 §8, §9)."""

from __future__ import annotations

from enum import StrEnum

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Message, MessageKind
from sat.plugins.rooms.api import Affiliation, Occupant, Role, Room, RoomsApi
from sat_frontends.quick_frontend.text import clean_line

TAKING_BACK = "All who are in the room are told to delete it, and so does its archive. Who has read it has read it."
"""What to know before a message of somebody else is taken back."""


class Deed(StrEnum):
    """What can be done with somebody."""

    KICK = "kick"
    VOICE = "voice"
    MUTE = "mute"
    MODERATOR = "moderator"
    DEMOTE = "demote"
    BAN = "ban"


LABELS = {
    Deed.KICK: "Put out",
    Deed.VOICE: "Let write",
    Deed.MUTE: "Let only read",
    Deed.MODERATOR: "Make moderator",
    Deed.DEMOTE: "Moderator no longer",
    Deed.BAN: "Ban",
}
HELP = {
    Deed.KICK: "They can come back.",
    Deed.BAN: "They cannot come back until the ban is lifted.",
}
_DONE = {
    Deed.KICK: "{nick} was put out, and can come back.",
    Deed.VOICE: "{nick} may write here.",
    Deed.MUTE: "{nick} may only read here.",
    Deed.MODERATOR: "{nick} is a moderator.",
    Deed.DEMOTE: "{nick} is a moderator no longer.",
    Deed.BAN: "{nick} is banned from here.",
}
_ROLES = {
    Deed.VOICE: Role.PARTICIPANT,
    Deed.MUTE: Role.VISITOR,
    Deed.MODERATOR: Role.MODERATOR,
    Deed.DEMOTE: Role.PARTICIPANT,
}
_RANKS = list(Affiliation)
_HIGH = (Affiliation.ADMIN, Affiliation.OWNER)


def possible(own: Occupant | None, other: Occupant) -> list[Deed]:
    """What we may most likely do with somebody: the room decides, and its refusal is an error."""
    if own is None or other.own or own.role is not Role.MODERATOR:
        return []
    ours, theirs = _RANKS.index(own.affiliation), _RANKS.index(other.affiliation)
    if theirs > ours:
        return []
    deeds = [Deed.KICK]
    if other.role is Role.VISITOR:
        deeds.append(Deed.VOICE)
    elif other.role is Role.PARTICIPANT:
        deeds.append(Deed.MUTE)
    if own.affiliation in _HIGH:
        if other.role is not Role.MODERATOR:
            deeds.append(Deed.MODERATOR)
        elif other.affiliation not in _HIGH:
            deeds.append(Deed.DEMOTE)
        if theirs < ours and other.jid:
            deeds.append(Deed.BAN)
    return deeds


def can_take_back(room: Room | None, message: Message) -> bool:
    """Whether we may most likely take back what somebody else wrote in this room (XEP-0425)."""
    theirs = message.kind is MessageKind.GROUPCHAT and not message.outgoing and bool(message.sender.resource)
    return theirs and not message.retracted and room is not None and room.takes_back and room.role is Role.MODERATOR


async def carry_out(rooms: RoomsApi, room: JID, other: Occupant, deed: Deed, reason: str = "") -> str:
    """Do it; what came of it, in a sentence. Errors: InvalidArgument, NotInRoom, PeerError, RequestTimeout."""
    if deed is Deed.KICK:
        await rooms.kick(room, other.nick, reason)
    elif deed is Deed.BAN:
        if not other.jid:
            raise InvalidArgument(reason="The room does not tell who that is, so they cannot be banned, only put out.")
        await rooms.ban(room, other.jid, reason)
    else:
        await rooms.set_role(room, other.nick, _ROLES[deed], reason)
    return _DONE[deed].format(nick=clean_line(other.nick))


def meant(there: list[Occupant], text: str) -> tuple[Occupant, str]:
    """Whom the first words mean, and the rest: a nick may hold spaces. Errors: InvalidArgument."""
    text = text.strip()
    for as_written in (True, False):
        given = text if as_written else text.casefold()
        nicks = {each.nick if as_written else each.nick.casefold(): each for each in there}
        fitting = [nick for nick in nicks if f"{given} ".startswith(f"{nick} ")]
        if fitting:
            longest = max(fitting, key=len)
            return nicks[longest], text[len(longest) :].strip()
    raise InvalidArgument(reason=f"Nobody here is called “{text.partition(' ')[0]}”. /names shows who is.")
