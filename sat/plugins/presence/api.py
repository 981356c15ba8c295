"""Who is there, and who may see that we are (RFC 6121 §3 and §4)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, prop, signal


class Show(StrEnum):
    """How available somebody is (RFC 6121 §4.7.2.1); ONLINE is the plain state, OFFLINE is not there."""

    CHAT = "chat"
    ONLINE = "online"
    AWAY = "away"
    XA = "xa"
    DND = "dnd"
    OFFLINE = "offline"


class Presence(NamedTuple):
    """The presence of one resource (``jid`` is a full address), or ours. ``idle_since`` is when it was last used, in
    seconds since 1970 UTC (XEP-0319); 0: it is used, or does not tell."""

    jid: JID
    show: Show
    status: str = ""
    priority: int = 0
    idle_since: float = 0


class Request(NamedTuple):
    """Somebody asks to see our presence. ``status`` is what they wrote along."""

    jid: JID
    status: str = ""


class PresenceApi(Api):
    """Say how available we are, see who is there, answer who asks to see us."""

    own = prop(Presence, Presence(JID(""), Show.OFFLINE), "What contacts see of us.")
    changed = signal(list[Presence], "Who came, went, or is available in another way.")
    requested = signal(Request, "Somebody asks to see our presence.")
    settled = signal(list[JID], "Whose requests have an answer now, from here or elsewhere, or were taken back.")

    @method
    async def set_presence(self, show: Show, status: str = "") -> None:
        """Be available like this, now and after each reconnection; OFFLINE is invisible to contacts but connected."""

    @method
    async def get_presences(self) -> list[Presence]:
        """Every resource of every contact that is there; nobody when the session with the server is over."""

    @method
    async def get_requests(self) -> list[Request]:
        """Who asked to see our presence and has no answer yet."""

    @method
    async def subscribe(self, jid: JID) -> None:
        """Ask to see a contact's presence."""

    @method
    async def unsubscribe(self, jid: JID) -> None:
        """No longer see a contact's presence, or no longer ask to see it. Errors: NotConnected."""

    @method
    async def approve(self, jid: JID) -> None:
        """Let somebody see our presence; who has not asked yet, as soon as they ask. Errors: FeatureMissing, where the
        server knows that only of those who have asked; NotConnected."""

    @method
    async def refuse(self, jid: JID) -> None:
        """Do not let somebody see our presence, or no longer."""
