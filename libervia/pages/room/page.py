"""One room: what it is about, who is in it, what can be done with them."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote

from libervia.server.desk import Desk
from libervia.server.page import Answer, FormPage, Redirect, Visit, unknown_form
from libervia.server.render import join_path, room_path
from libervia.server.room_view import there
from sat.api import JID, SatError
from sat.api.errors import NotFound
from sat.plugins.bookmarks.api import Bookmark
from sat.plugins.rooms.api import Affiliated, Affiliation, Room, RoomState
from sat_frontends.quick_frontend.addressees import resolve
from sat_frontends.quick_frontend.moderating import Deed, carry_out
from sat_frontends.quick_frontend.remembering import bookmark_of, remember
from sat_frontends.quick_frontend.room_words import STATES, kind
from sat_frontends.quick_frontend.voices import ASKED

SHOWN_AT_MOST = 200
TEXT_AT_MOST = 5000
NAME_AT_MOST = 500


class AboutRoom(FormPage):
    """``/room/<address>``, ``/room/<address>?q=nick``"""

    title = "Room"
    argument = True

    async def take(self, visit: Visit) -> str:
        """One change to the room, or to somebody in it."""
        visit.notice(await self._change(visit))
        return room_path(_room(visit))

    async def _change(self, visit: Visit) -> str:
        """Do it; what came of it."""
        desk, room = await visit.desk(), _room(visit)
        what, text = visit.form.get("do", ""), visit.form.get("text", "").strip()[:TEXT_AT_MOST]
        rooms = desk.apis.rooms
        if what in list(Deed):
            nick = unquote(visit.form.get("nick", ""))
            await desk.live.rooms.look(room)
            other = desk.live.contacts.occupants.get(room.with_resource(nick)) if nick else None
            if other is None:
                raise NotFound(what=f"“{nick[:100]}” in the room any more")
            return await carry_out(rooms, room, other, Deed(what), text)
        if what == "topic":
            await rooms.set_subject(room, text)
            return "The topic was changed."
        if what == "ask-voice":
            await rooms.ask_voice(room)
            return ASKED
        if what == "nick":
            await rooms.set_nick(room, text)
            return f"You are called {text} in this room now."
        if what == "remember":
            return await remember(desk.apis.bookmarks, room, text[:NAME_AT_MOST], bool(visit.form.get("autojoin")))
        if what == "forgive":
            jid = JID.parse(visit.form.get("jid", "")).bare
            await rooms.set_affiliation(room, jid, Affiliation.NONE)
            return f"{jid} is banned no longer."
        if what == "invite":
            jid = resolve(desk.live.contacts, visit.form.get("jid", ""))
            await rooms.invite(room, jid, text)
            return f"{desk.live.contacts.label(jid)} is invited."
        raise unknown_form()

    async def show(self, visit: Visit, error: SatError | None = None) -> Answer:
        """The room; one that we are not in can be joined."""
        desk = await visit.desk()
        jid = _room(visit)
        room = desk.live.contacts.room(jid)
        if room is None:
            if error:  # it is gone since then
                visit.notice(str(error))
            return Redirect(join_path(jid))
        await desk.live.rooms.look(jid)
        text = visit.query.get("q", "").strip()[:200]
        values: dict[str, object] = {
            "room": room,
            "kind": kind(room),
            "state": STATES[room.state],
            "q": text,
            "there": there(desk.live.contacts, jid, SHOWN_AT_MOST, text),
            "bookmark": await bookmark_of(desk.apis.bookmarks, jid) or Bookmark(jid),
            "banned": await _banned(desk, room),
            "contacts": desk.live.contacts.contacts(),
            "entered": visit.form if error else {},
        }
        return desk.page("room/room.html", values, error)


async def _banned(desk: Desk, room: Room) -> list[Affiliated]:
    """Who is banned from a room, as far as we may know."""
    if room.state is not RoomState.JOINED or room.affiliation not in (Affiliation.ADMIN, Affiliation.OWNER):
        return []
    with suppress(SatError):
        found = await desk.apis.rooms.get_affiliations(room.jid)
        return [each for each in found if each.affiliation is Affiliation.OUTCAST]
    return []


def _room(visit: Visit) -> JID:
    return JID.parse(visit.argument).bare
