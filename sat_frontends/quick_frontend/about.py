"""What can be asked about somebody: what they tell of themselves, each question by itself, so that nobody waits for all
of them."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from sat.api import JID, SatError
from sat_frontends.quick_frontend import times
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.cards import told
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.programs import given

Pairs = list[tuple[str, str]]
"""Labels, and values as strangers wrote them: show these cleaned."""
Question = Coroutine[Any, Any, Pairs]


PROGRAMS = 3
"""Programs of one person that are asked."""
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def questions(apis: ProfileApis, contacts: ContactList, jid: JID) -> list[Question]:
    """What to ask about somebody, in the order in which the answers are shown. Where there is no answer, nothing is
    found."""
    there = [each.jid for each in contacts.resources(jid)][:PROGRAMS]
    asked = [_card(apis, jid)]
    for each in there:
        asked += [_program(apis, each), _clock(apis, each)]
    contact = contacts.contact(jid)
    if not there and contact is not None and contact.shows_presence:
        asked.append(_last(apis, jid.bare))
    return [_answered(each) for each in asked]


def ago(seconds: float) -> str:
    """How long ago something was: ``3 hours ago``."""
    for length, name in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


async def _answered(question: Question) -> Pairs:
    try:
        return await question
    except SatError:  # they do not say, or are not there
        return []


async def _card(apis: ProfileApis, jid: JID) -> Pairs:
    return list(told(await apis.vcard.get_card(jid.bare)))


async def _program(apis: ProfileApis, jid: JID) -> Pairs:
    found = await apis.version.get_version(jid)
    words = " ".join(filter(None, (found.name, found.version, f"({found.os})" if found.os else "")))
    return [("Program", f"{words}{_where(jid)}")] if words else []


async def _clock(apis: ProfileApis, jid: JID) -> Pairs:
    found = await apis.entity_time.get_time(jid)
    local = times.clock(found.utc, lambda _: found.offset)
    return [("Local time", f"{local}, {times.zone(found.offset)}{_where(jid)}")]


def _where(jid: JID) -> str:
    called = given(jid.resource)
    return f" ({called})" if called else ""


async def _last(apis: ProfileApis, jid: JID) -> Pairs:
    found = await apis.last_activity.get_last(jid)
    return [("Last there", f"{ago(found.seconds)}: {found.status}" if found.status else ago(found.seconds))]
