"""What our own other programs may have us do: be there in another way, leave rooms (XEP-0146)."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.forms import Choice, Field, FieldKind, Form
from sat.core.plugin import Plugin, needs, wants
from sat.plugins.ad_hoc.plugin import AdHoc, Served
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.rooms.api import RoomsApi, RoomState

NS = "http://jabber.org/protocol/rc"
SET_STATUS, LEAVE = f"{NS}#set-status", f"{NS}#leave-groupchats"
_SHOWS = {
    "online": (Show.ONLINE, "Online"),
    "chat": (Show.CHAT, "Glad to talk"),
    "away": (Show.AWAY, "Away"),
    "xa": (Show.XA, "Away for long"),
    "dnd": (Show.DND, "Do not disturb"),
    "invisible": (Show.OFFLINE, "Invisible"),
}


class RemoteControl(Plugin):
    """Be there in another way, or leave rooms, when another program of ours wants that (XEP-0146)."""

    xeps = ("0146",)
    ad_hoc = needs(AdHoc)
    presence = needs(PresencePlugin)
    rooms = wants(RoomsApi)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.undo(self.ad_hoc.serve(SET_STATUS, Served("Change the status", self._status_form, self._set_status)))
        if self.rooms is not None:
            self.undo(self.ad_hoc.serve(LEAVE, Served("Leave rooms", self._leave_form, self._leave)))

    async def _status_form(self) -> Form:
        own = self.presence.own.value
        now = next((name for name, (show, _label) in _SHOWS.items() if show is own.show), "online")
        choices = [Choice(name, label) for name, (_show, label) in _SHOWS.items()]
        fields = [
            _form_type(),
            Field("status", FieldKind.CHOICE, "Status", [now], required=True, choices=choices),
            Field("status-message", FieldKind.LINES, "Message", own.status.splitlines()),
        ]
        return Form("Change the status", "", fields)

    async def _set_status(self, answers: dict[str, list[str]]) -> str:
        name = "".join(answers.get("status", []))
        if name not in _SHOWS:
            raise InvalidArgument(reason=f"“{name[:100]}” is no status.")
        show, label = _SHOWS[name]
        await self.presence.set_presence(show, "\n".join(answers.get("status-message", [])))
        return f"The status is now: {label}."

    async def _leave_form(self) -> Form:
        choices = [Choice(room, room) for room in await self._inside()]
        return Form(
            "Leave rooms",
            "",
            [_form_type(), Field("groupchats", FieldKind.CHOICES, "Rooms", [], required=True, choices=choices)],
        )

    async def _leave(self, answers: dict[str, list[str]]) -> str:
        rooms, there = self.rooms, await self._inside()
        wanted = [each for each in there if each in answers.get("groupchats", [])]
        if rooms is None or not wanted:
            raise InvalidArgument(reason="Choose rooms that this program is in.")
        for room in wanted:
            await rooms.leave(room)
        return f"Left: {', '.join(wanted)}."

    async def _inside(self) -> list[JID]:
        found = await self.rooms.get_rooms() if self.rooms is not None else []
        return [each.jid for each in found if each.state is RoomState.JOINED]


def _form_type() -> Field:
    return Field("FORM_TYPE", FieldKind.HIDDEN, "", [NS])
