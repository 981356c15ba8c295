"""What somebody is to a room, also while they are not in it: seen and changed (XEP-0045 §5.2, §9, §10)."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.rooms.api import Affiliated, Affiliation, Occupant, RoomsApi
from sat_frontends.quick_frontend.text import clean_line

RANKS = (Affiliation.OWNER, Affiliation.ADMIN, Affiliation.MEMBER, Affiliation.OUTCAST)
"""In the order in which they are shown."""
HEADINGS = {
    Affiliation.OWNER: "Owners, who may change its settings and end it",
    Affiliation.ADMIN: "Administrators, who may ban, and say who is a member",
    Affiliation.MEMBER: "Members",
    Affiliation.OUTCAST: "Banned",
}
LABELS = {
    Affiliation.OWNER: "Owner",
    Affiliation.ADMIN: "Administrator",
    Affiliation.MEMBER: "Member",
    Affiliation.NONE: "Nothing of that",
    Affiliation.OUTCAST: "Banned",
}
_DONE = {
    Affiliation.OWNER: "{who} is an owner of the room.",
    Affiliation.ADMIN: "{who} is an administrator of the room.",
    Affiliation.MEMBER: "{who} is a member of the room.",
    Affiliation.NONE: "{who} is nothing special to the room.",
    Affiliation.OUTCAST: "{who} is banned from the room.",
}


def ranked(found: list[Affiliated]) -> list[tuple[Affiliation, list[Affiliated]]]:
    """Those who are something to a room, by what they are; the highest first."""
    ordered = sorted(found, key=lambda each: each.jid)
    groups = [(rank, [each for each in ordered if each.affiliation is rank]) for rank in RANKS]
    return [(rank, people) for rank, people in groups if people]


def lines(found: list[Affiliated]) -> list[str]:
    """The same as lines of text. Clean."""
    shown = []
    for rank, people in ranked(found):
        shown.append(f"{HEADINGS[rank]}:")
        for each in people:
            nick = f" ({clean_line(each.nick)})" if each.nick else ""
            reason = f": {clean_line(each.reason)}" if each.reason else ""
            shown.append(f"  {clean_line(each.jid)}{nick}{reason}")
    return shown


def account(there: list[Occupant], text: str) -> JID:
    """Whom an address means, or the nick of somebody whose address the room tells. Errors: InvalidAddress,
    InvalidArgument."""
    if "@" in text:
        return JID.parse(text).bare
    for each in there:
        if each.nick == text and each.jid:
            return each.jid.bare
    raise InvalidArgument(reason=f"The room does not tell the address of “{text[:100]}”. Give the address.")


async def affiliate(rooms: RoomsApi, room: JID, jid: JID, affiliation: Affiliation, reason: str = "") -> str:
    """Make somebody something to a room; what came of it, in a sentence. Errors: NotInRoom, PeerError,
    RequestTimeout."""
    await rooms.set_affiliation(room, jid, affiliation, reason)
    return _DONE[affiliation].format(who=clean_line(jid))
