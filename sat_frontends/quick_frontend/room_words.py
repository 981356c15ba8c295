"""What rooms are and what happens in them, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sat.plugins.rooms.api import (
    Affiliation,
    FoundRooms,
    Invitation,
    Occupant,
    PublicRoom,
    Role,
    Room,
    RoomEvent,
    RoomEventKind,
    RoomState,
)
from sat_frontends.quick_frontend.text import clean_line, short

LONGEST_NAME = 40  # columns of a nick in a sentence
LONGEST_REASON = 200

HEADINGS = {
    Role.MODERATOR: "Moderators",
    Role.PARTICIPANT: "Participants",
    Role.VISITOR: "Visitors, who may only read",
    Role.NONE: "Others",
}
AFFILIATIONS = {
    Affiliation.OWNER: "owner",
    Affiliation.ADMIN: "administrator",
    Affiliation.MEMBER: "member",
    Affiliation.OUTCAST: "banned",
}
STATES = {
    RoomState.JOINING: "being entered",
    RoomState.JOINED: "you are in it",
    RoomState.LEFT: "you are not in it",
    RoomState.FAILED: "it did not let you in",
}


class Piece(NamedTuple):
    """A part of a sentence: ``name`` where it is what somebody calls themselves. Clean."""

    text: str
    name: bool = False


def name(nick: str) -> Piece:
    """A nick in a sentence."""
    return Piece(short(clean_line(nick), LONGEST_NAME), True)


def joined(pieces: Sequence[Piece]) -> str:
    """The sentence."""
    return "".join(each.text for each in pieces)


def standing(occupant: Occupant) -> str:
    """What somebody is to the room and what it calls them, with commas. The role is that of the heading above."""
    hats = [clean_line(each) for each in occupant.hats]
    return ", ".join(
        [*(["you"] if occupant.own else []), *filter(None, [AFFILIATIONS.get(occupant.affiliation)]), *hats]
    )


def lines_about(occupant: Occupant) -> Sequence[str]:
    """What the room tells of somebody."""
    lines = [clean_line(occupant.nick), HEADINGS[occupant.role], standing(occupant)]
    lines += [clean_line(occupant.jid) or "The room does not tell who that is.", clean_line(occupant.status)]
    return [line for line in lines if line]


def kind(room: Room) -> str:
    """Who can come into a room, who is seen there, and what is kept."""
    words = ["private: only members can come in" if room.private else "open to everybody"]
    words.append("others see your nick only" if room.anonymous else "others see your address")
    if room.moderated:
        words.append("visitors may only read")
    if room.logged:
        words.append("what is written may be public")
    return "; ".join(words)


def invited(invitation: Invitation) -> list[Piece]:
    """Who wants us in which room. What a room says of who invites can be a lie."""
    in_room = invitation.sender.bare == invitation.room and invitation.sender.resource
    sender = in_room or invitation.sender.bare
    who = [name(sender), Piece(" invites you to ")] if sender else [Piece("You are invited to ")]
    said = "" if invitation.direct or not sender else " (so says the room)"
    reason = f": {short(clean_line(invitation.reason), LONGEST_REASON)}" if invitation.reason else ""
    return [*who, Piece(clean_line(invitation.room), True), Piece(f"{said}{reason}")]


_OUT = {
    RoomEventKind.KICKED: "put out",
    RoomEventKind.BANNED: "banned",
    RoomEventKind.REMOVED: "put out, because only members may be here",
}


def happened(event: RoomEvent) -> list[Piece]:
    """What happened in a room, as a sentence; nothing where it is told elsewhere: what puts us out is the room's
    state."""
    who = [Piece("You were") if event.own else name(event.nick), Piece(" " if event.own else " was ")]
    reason = [Piece(f": {short(clean_line(event.reason), LONGEST_REASON)}")] if event.reason else []
    if event.kind in _OUT:
        actor = [Piece(" by "), name(event.actor)] if event.actor else []
        return [*who, Piece(_OUT[event.kind]), *actor, *reason]
    if event.kind is RoomEventKind.NICK:
        before = [Piece("You are")] if event.own else [name(event.nick), Piece(" is")]
        return [*before, Piece(" called "), name(event.other), Piece(" now")]
    if event.kind is RoomEventKind.CONFIGURED:
        return [Piece("The settings of the room were changed")]
    if event.kind is RoomEventKind.DECLINED:
        return [name(event.actor or "Somebody"), Piece(" does not follow your invitation"), *reason]
    return []


def only_listed(found: FoundRooms) -> str:
    """That rooms of other servers were not searched for, as a sentence; nothing where they were. Clean."""
    if not found.listed:
        return ""
    where = clean_line(found.service)
    return f"Only the rooms that {where} lists were searched: your server has no search for those of others."


def listed(room: PublicRoom) -> str:
    """What a list says of a room beside its name. Clean."""
    there = f"{room.occupants} there" if room.occupants >= 0 else ""
    return " · ".join(clean_line(each) for each in (room.jid, there, room.description[:LONGEST_REASON]) if each)
