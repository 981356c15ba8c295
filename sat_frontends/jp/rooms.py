"""Rooms on the command line: which one is meant, and the settings of one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sat.api import JID
from sat.api.forms import FieldKind, Form
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import NOT_FOUND, Failure, nearest, usage
from sat_frontends.jp.output import BOLD, DIM, Column, tidy

if TYPE_CHECKING:
    from sat.plugins.rooms.api import Room, RoomsApi
    from sat_frontends.bridge.access import ProfileAccess

E = TypeVar("E", bound=StrEnum)


def called(rooms: list[Room], text: str) -> list[Room]:
    """The rooms with this address or name; if there is none, with this before the @. Case does not matter."""
    wanted = text.casefold()
    return (
        [each for each in rooms if each.jid == wanted]
        or [each for each in rooms if each.name.casefold() == wanted]
        or [each for each in rooms if each.jid.local.casefold() == wanted]
    )


async def ours(rooms: RoomsApi, text: str) -> Room:
    """The room that is meant, of those that we are or want to be in. Failure where there is none, or several are."""
    all_of_them = await rooms.get_rooms()
    found = called(all_of_them, str(JID.parse(text).bare) if "@" in text else text)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(tidy(each.jid) for each in found[:8])
        raise usage(f"“{tidy(text)}” can be {several}.", "Give the address.")
    names = [name for each in all_of_them for name in (each.name, each.jid.local, each.jid) if name]
    raise Failure(
        f"No room of yours is called “{tidy(text)}”.",
        tidy(nearest(text, names)) or "jp room list shows them; jp room join enters another.",
        NOT_FOUND,
    )


async def wanted(rooms: RoomsApi, text: str) -> JID:
    """The room of that address; without an @, a room of our server."""
    if "@" in text:
        return JID.parse(text)
    found = called(await rooms.get_rooms(), text)
    if len(found) == 1:
        return found[0].jid
    services = await rooms.get_services()
    if not services:
        raise Failure("Your server has no rooms.", "Give the room's whole address: name@rooms.example.org", NOT_FOUND)
    return JID.parse(f"{text}@{services[0]}")


async def who(profile: ProfileAccess, room: JID, text: str) -> JID:
    """The account that is meant: an address, or the nick of an occupant whose address the room tells."""
    if "@" in text:
        return JID.parse(text).bare
    for each in await profile.rooms.get_occupants(room):
        if each.nick == text and each.jid:
            return each.jid
    raise Failure(f"The room does not tell the address of “{tidy(text)}”.", "Give the address.", NOT_FOUND)


def one_of(kind: type[E], text: str) -> E:
    """The word of a list that is meant. Failure where it is none."""
    known = [each.value for each in kind]
    if text not in known:
        raise usage(f"This is one of {', '.join(known)}, not “{text}”.", nearest(text, known))
    return kind(text)


def answers(fields: list[str]) -> dict[str, str]:
    """What ``--set NAME=VALUE`` says. A name may be given several times: those are the lines of its value."""
    found: dict[str, str] = {}
    for each in fields:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise usage(f"--set is NAME=VALUE, not “{each}”.")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def show_form(jp: Jp, form: Form) -> None:
    """The settings of a room."""
    fields = [each for each in form.fields if each.kind not in (FieldKind.FIXED, FieldKind.HIDDEN)]
    if jp.out.json:
        jp.out.value(form)
        return
    columns = (Column("Setting", BOLD), Column("Value"), Column("Possible", DIM), Column("Label", flexible=True))
    rows = [
        (
            each.name,
            "…" if each.kind is FieldKind.PASSWORD and any(each.values) else ", ".join(each.values),
            ", ".join(choice.value for choice in each.choices) or each.kind,
            each.label,
        )
        for each in fields
    ]
    jp.out.table(fields, columns, rows)
