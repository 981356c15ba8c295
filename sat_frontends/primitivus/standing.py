"""What is told once, and taken back when it is no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from sat.api import JID, SatError
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.room_words import invited, joined
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.voices import asks

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class Standing:
    """Why there is no connection, what is wrong with the daemon, who asks to see our presence, who invites us."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._offline: urwid.Notification | None = None
        self._wrong: dict[SatError, urwid.Notification] = {}
        self._asking: set[JID] = set()
        self._sites: set[str] = set()
        self._voices: set[str] = set()
        self._invited: set[JID] = set()

    def connection(self, live: LiveProfile) -> None:
        """Why there is none, until it is another reason or there is one."""
        error = live.connection_error
        if self._offline is not None and (error is not None or live.online):
            self._app.frame.notices.dismiss(self._offline)
        self._offline = self._app.telling.failed(error) if error is not None else self._offline

    def daemon(self, errors: list[SatError]) -> None:
        """What is not as it should be in the daemon, all of it."""
        for error in self._wrong.keys() - set(errors):
            self._app.frame.notices.dismiss(self._wrong.pop(error))
        for error in errors:
            if error not in self._wrong:
                self._wrong[error] = self._app.telling.failed(error)

    def requests(self, live: LiveProfile, tell: bool = True) -> None:
        """Who asks, and did not before. The window bar counts those that are not told."""
        before, self._asking = self._asking, {request.jid for request in live.requests}
        new = [request.jid for request in live.requests if request.jid not in before]
        if new and tell:
            key = self._app.keymap.shown("requests")
            self._app.notice(f"{clean_line(new[-1])} asks to see your presence. {key} answers.")
        known, self._sites = self._sites, {each.number for each in live.confirmations.waiting}
        if self._sites - known and tell:
            self._app.notice(f"A web site asks whether it is you. {self._app.keymap.shown('requests')} answers.")

        heard, self._voices = self._voices, {each.number for each in live.voices.waiting}
        asking = [each for each in live.voices.waiting if each.number not in heard]
        if asking and tell:
            self._app.notice(f"{joined(asks(asking[-1]))}. {self._app.keymap.shown('requests')} answers.")

    def invitations(self, live: LiveProfile, tell: bool = True) -> None:
        """Who invites us, and did not before."""
        before, self._invited = self._invited, {invitation.room for invitation in live.rooms.invitations}
        new = [invitation for invitation in live.rooms.invitations if invitation.room not in before]
        if new and tell:
            key = self._app.keymap.shown("requests")
            self._app.notice(f"{joined(invited(new[-1]))}. {key} answers.")

    def forget(self) -> None:
        """The daemon is another one: what was told of it is not true any more."""
        self._app.frame.notices.clear()
        self._wrong.clear()
