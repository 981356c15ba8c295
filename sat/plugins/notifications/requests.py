"""What the desktop says of those who wait for an answer of ours: contacts, rooms and web sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sat.api import JID
from sat.plugins.http_auth.api import Confirmation, HttpAuthApi
from sat.plugins.presence.api import PresenceApi, Request
from sat.plugins.rooms.api import Invitation, RoomsApi

MOST = 50  # that are counted


class Asking(NamedTuple):
    """Somebody who waits, and what they want."""

    who: JID
    what: str


class Requests:
    """Those that are not told yet; ``came`` is called when there is one more, ``went`` with the names of those that
    have an answer."""

    def __init__(self, came: Callable[[], None], went: Callable[[str], None]) -> None:
        self.waiting: dict[str, Asking] = {}
        self._came, self._went = came, went

    def listen(
        self, presence: PresenceApi | None, rooms: RoomsApi | None, sites: HttpAuthApi | None
    ) -> Iterable[Callable[[], None]]:
        """Hear of them from now on; what ends that."""
        if presence is not None:
            yield presence.requested.connect(self._contact)
            yield presence.settled.connect(lambda jids: self._settled("contact", jids))
        if rooms is not None:
            yield rooms.invited.connect(self._invited)
            yield rooms.settled.connect(lambda jids: self._settled("room", jids))
        if sites is not None:
            yield sites.asked.connect(self._site)
            yield sites.settled.connect(lambda numbers: self._settled("site", numbers))

    def _contact(self, request: Request) -> None:
        self._note(f"contact {request.jid}", request.jid, "asks to see when you are online")

    def _invited(self, invitations: list[Invitation]) -> None:
        for each in invitations:
            sender = each.sender if each.sender.bare == each.room else each.sender.bare
            if each.direct:
                self._note(f"room {each.room}", sender, f"invites you to {each.room}")
            else:
                self._note(f"room {each.room}", each.room, f"says that {sender} invites you")

    def _site(self, asked: list[Confirmation]) -> None:
        for each in asked:
            self._note(f"site {each.number}", each.sender, "asks whether it is you who wants to log in")

    def _note(self, name: str, who: JID, what: str) -> None:
        if len(self.waiting) < MOST:
            self.waiting[name] = Asking(who, what)
            self._came()

    def _settled(self, kind: str, names: Iterable[str]) -> None:
        for each in names:
            self.waiting.pop(f"{kind} {each}", None)
            self._went(f"{kind} {each}")
