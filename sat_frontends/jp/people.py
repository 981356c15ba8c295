"""Whom a person means: an address, the name of a contact, or ``me``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat_frontends.jp.failure import NOT_FOUND, Failure, nearest, usage
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from sat.plugins.rooms.api import Room
    from sat.plugins.roster.api import Contact
    from sat_frontends.bridge.access import ProfileAccess


async def resolve(profile: ProfileAccess, text: str) -> JID:
    """The address of whom ``text`` names: of a contact or a room the bare one, of somebody in a room of ours the whole
    one. Failure where nobody is called so, or several are."""
    if "@" in text:
        address = JID.parse(text)
        if address.resource and any(each.jid == address.bare for each in await _rooms(profile)):
            return address
        return address.bare
    contacts = await profile.roster.get_contacts()
    found = called(contacts, text)
    if len(found) == 1:
        return found[0].jid
    if found:
        several = ", ".join(f"{tidy(each.label)} ({tidy(each.jid)})" for each in found[:8])
        raise usage(f"“{tidy(text)}” can be {several}.", "Give the address.")
    if text == "me":
        from sat_frontends.jp.context import loaded

        return JID((await loaded(profile.profile)).jid.value).bare
    if "." in text:  # a server or a gateway
        return JID.parse(text).bare
    from sat_frontends.jp import rooms

    meant = rooms.called(await _rooms(profile), text)
    if len(meant) == 1:
        return meant[0].jid
    names = [name for each in contacts for name in (each.label, each.jid.local) if name]
    raise Failure(
        f"No contact is called “{tidy(text)}”.", tidy(nearest(text, names)) or "jp roster list shows them.", NOT_FOUND
    )


async def _rooms(profile: ProfileAccess) -> list[Room]:
    from sat.api import SatError

    try:
        return await profile.rooms.get_rooms()
    except SatError:  # the daemon may have no rooms
        return []


async def reach(profile: ProfileAccess, text: str) -> JID:
    """Whom a question goes to: an address as it is, our own server, or the program with which somebody who is called
    so is there. Failure as for ``resolve``."""
    if "@" in text or "/" in text:
        return JID.parse(text)
    from sat_frontends.jp.context import loaded

    own = JID((await loaded(profile.profile)).jid.value)
    contacts = await profile.roster.get_contacts()
    if text.casefold() == own.domain and not called(contacts, text):
        return JID(own.domain)
    from sat.plugins.presence.api import Show

    address = await resolve(profile, text)
    seen = await profile.presence.get_presences()
    there = [each for each in seen if each.jid.bare == address and each.show is not Show.OFFLINE]
    return max(there, key=lambda each: each.priority).jid if there else address


def called(contacts: list[Contact], text: str) -> list[Contact]:
    """The contacts with this address or name; if there is none, with this before the @; else those who call themselves
    so. Case does not matter."""
    wanted = text.casefold()
    return (
        [each for each in contacts if each.jid == text]
        or [each for each in contacts if each.name.casefold() == wanted]
        or [each for each in contacts if each.jid.local.casefold() == wanted]
        or [each for each in contacts if not each.name and each.nickname.casefold() == wanted]
    )
