"""Rooms: those that we are in, those that we are invited to, those that a service lists; join one, leave one."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from libervia.server.desk import Desk
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.render import chat_end, room_settings_path
from sat.api import JID, SatError
from sat.plugins.bookmarks.api import Bookmark
from sat.plugins.rooms.api import FoundRooms, PublicRoom
from sat_frontends.quick_frontend.room_words import STATES, invited, kind, only_listed
from sat_frontends.quick_frontend.voices import asks

LISTED_AT_MOST = 200
WORDS_AT_MOST = 500
ADDRESS_AT_MOST = 3071
"""Characters of an address (RFC 7622 §3)."""


class Rooms(FormPage):
    """``/rooms``, ``/rooms?join=address``, ``/rooms?service=address`` (of our server, if it is empty),
    ``/rooms?find=words``, with ``&at=address`` there, ``&after=`` what was found before"""

    title = "Rooms"
    menu = 4

    async def take(self, visit: Visit) -> str:
        """Go into a room or out of it, make one, forget one, let a visitor write, or do not follow an
        invitation."""
        desk = await visit.desk()
        what, form = visit.form.get("do", ""), visit.form
        address, reason = form.get("room", "").strip(), form.get("reason", "").strip()
        if what == "join":
            room = await desk.live.rooms.join(address, form.get("nick", ""), form.get("password", ""))
            return chat_end(room.jid)
        if what == "create":
            room = await desk.live.rooms.create(address, form.get("nick", ""), bool(form.get("private")))
            visit.notice(f"You have made {room.jid}, {kind(room)}.")
            return room_settings_path(room.jid)
        if what in ("voice", "no-voice"):
            visit.notice(await desk.live.voices.answer(form.get("number", "?"), what == "voice"))
            return self.path
        jid = JID.parse(address).bare
        if what == "leave":
            label = desk.live.contacts.label(jid)
            await desk.apis.rooms.leave(jid, reason)
            visit.notice(f"You have left {label}. Its conversation stays.")
        elif what == "forget":
            await desk.apis.bookmarks.remove(jid)
            visit.notice(f"{jid} is remembered no longer.")
        elif what == "decline":
            await desk.live.rooms.decline(jid, reason)
            visit.notice(f"You do not go into {jid}.")
        else:
            raise unknown_form()
        return self.path

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """What there is."""
        desk = await visit.desk()
        listed: list[PublicRoom] | None = None
        not_listed: SatError | None = None
        not_found: SatError | None = None
        if "service" in visit.query:
            try:
                listed = await desk.live.rooms.directory(visit.query["service"])
            except SatError as failure:
                not_listed = failure
        words, at = visit.query.get("find", "").strip()[:WORDS_AT_MOST], visit.query.get("at", "")[:ADDRESS_AT_MOST]
        searched: FoundRooms | None = None
        if words:
            try:
                searched = await desk.live.rooms.search(words, at, visit.query.get("after", "")[:ADDRESS_AT_MOST])
            except SatError as failure:
                not_found = failure
        text = visit.query.get("q", "").strip()[:200]
        found = [each for each in listed or [] if text.casefold() in f"{each.name} {each.jid}".casefold()]
        values: dict[str, object] = {
            "invitations": [(each, invited(each)) for each in desk.live.rooms.invitations],
            "voices": [(each, asks(each)) for each in desk.live.voices.waiting],
            "states": STATES,
            "not_listed": not_listed,
            "not_found": not_found,
            "entered": visit.form if visit.form.get("do") == "join" else {"room": visit.query.get("join", "")},
            "making": visit.form if visit.form.get("do") == "create" else {},
            "remembered": await _elsewhere(desk),
            "service": visit.query.get("service", "")[:ADDRESS_AT_MOST],
            "q": text,
            "find": words,
            "at": at,
            "searched": searched,
            "only_listed": only_listed(searched) if searched else "",
            "outside": "" if error else _outside(desk, visit.query.get("join", "")),
            "most": LISTED_AT_MOST,
            "further": _further(words, searched) if searched is not None and searched.more else "",
            "looked": listed is not None,
            "listed": found[:LISTED_AT_MOST],
            "more": max(0, len(found) - LISTED_AT_MOST),
        }
        failed = error or not_listed or not_found
        return desk.page("rooms/rooms.html", values, error, failed.http_status if failed else None)


def _further(words: str, found: FoundRooms) -> str:
    """Where the next ones are."""
    return "/rooms?" + urlencode({"find": words, "at": found.service, "after": found.more}) + "#searching"


def _outside(desk: Desk, address: str) -> str:
    """The room that was asked for, as far as we are not in it."""
    with suppress(SatError):
        room = JID.parse(address).bare
        return "" if desk.live.contacts.room(room) else room
    return ""


async def _elsewhere(desk: Desk) -> list[Bookmark]:
    """The rooms that are remembered, and not among those that we are in or want to be in."""
    found = await desk.apis.bookmarks.get_bookmarks()
    others = [each for each in found if desk.live.contacts.room(each.room) is None]
    return sorted(others, key=lambda each: (each.name or each.room).casefold())
