"""Settings of one room by its own form, and who is what to it; for its owners and administrators."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from libervia.server.filling import fill
from libervia.server.page import Answer, Html, Page, Redirect, Visit, unknown_form
from libervia.server.render import join_path, room_path, room_settings_path
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.plugins.avatars.api import LARGEST
from sat.plugins.rooms.api import Affiliation
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.owning import HEADINGS, LABELS, account, affiliate, ranked

REASON_AT_MOST = 2000


class Configure(Page):
    """``/configure/<address>``"""

    title = "Settings of the room"
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, as far as we may change it, and the lists."""
        desk = await visit.desk()
        if desk.live.contacts.room(_room(visit)) is None:
            return Redirect(join_path(_room(visit)))
        model = failure = None
        try:
            model = FormModel(await desk.apis.rooms.get_configuration(_room(visit)))
        except SatError as error:
            failure = error
        return await self._show(visit, model, failure)

    async def post(self, visit: Visit) -> Answer:
        """Save the settings, give it a picture, make somebody something to the room, or end it."""
        desk, room = await visit.desk(), _room(visit)
        rooms, form, model = desk.apis.rooms, visit.form, None
        reason = form.get("reason", "").strip()[:REASON_AT_MOST]
        try:
            if form.get("do") == "save":
                model = FormModel(await rooms.get_configuration(room))
                fill(visit, model)
                if not model.check():
                    return await self._show(visit, model, status=400)
                await rooms.set_configuration(room, model.changes)
                visit.notice("The settings of the room were changed." if model.changes else "Nothing was changed.")
            elif form.get("do") == "affiliate":
                jid = account(await rooms.get_occupants(room), form.get("jid", "").strip())
                visit.notice(await affiliate(rooms, room, jid, _rank(form.get("rank", "")), reason))
            elif form.get("do") == "picture":
                data = await asyncio.to_thread(_picture, visit)
                await desk.apis.room_avatars.set_room_picture(room, data)
                visit.notice("The room shows this picture now.")
            elif form.get("do") == "no-picture":
                await desk.apis.room_avatars.set_room_picture(room, b"")
                visit.notice("The room shows no picture any more.")
            elif form.get("do") == "destroy":
                if form.get("sure", "").strip() != room:
                    raise InvalidArgument(reason="To end the room, write its address below.")
                await rooms.destroy(room, reason)
                visit.notice(f"{room} is no more.")
                return Redirect(room_path(room))
            else:
                raise unknown_form()
        except SatError as error:
            if model is None:
                with suppress(SatError):
                    model = FormModel(await rooms.get_configuration(room))
            return await self._show(visit, model, error, error.http_status)
        return Redirect(room_settings_path(room))

    async def _show(
        self, visit: Visit, model: FormModel | None, error: SatError | None = None, status: int = 200
    ) -> Html:
        desk, room = await visit.desk(), _room(visit)
        people = []
        with suppress(SatError):  # who may not see them, does not
            people = ranked(await desk.apis.rooms.get_affiliations(room))
        values: dict[str, object] = {
            "room": room,
            "model": model,
            "people": people,
            "headings": HEADINGS,
            "ranks": LABELS,
            "contacts": desk.live.contacts.contacts(),
            "entered": visit.form if error else {},
        }
        return desk.page("configure/configure.html", values, error, status)


def _picture(visit: Visit) -> bytes:
    """The picture that was sent: what is larger than one may be is cut, and then refused by the daemon."""
    if visit.sent is None or not visit.sent.size:
        raise InvalidArgument(reason="Choose a picture first.")
    with open(visit.sent.path, "rb") as file:
        return file.read(LARGEST + 1)


def _rank(text: str) -> Affiliation:
    if text not in list(Affiliation):
        raise InvalidArgument(reason="Choose what they are to the room.")
    return Affiliation(text)


def _room(visit: Visit) -> JID:
    return JID.parse(visit.argument).bare
