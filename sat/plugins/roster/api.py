"""The contact list (RFC 6121 §2)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, signal


class Subscription(StrEnum):
    """Who sees whose presence: FROM means that the contact sees ours."""

    NONE = "none"
    TO = "to"
    FROM = "from"
    BOTH = "both"


class Contact(NamedTuple):
    """Somebody in the contact list. ``asked`` means that we wait for their answer to our request; ``nickname`` is what
    they call themselves, empty where that could be taken for another; ``approved``: they may see our presence as soon
    as they ask (RFC 6121 §3.4)."""

    jid: JID
    name: str
    subscription: Subscription
    groups: list[str]
    asked: bool = False
    nickname: str = ""
    approved: bool = False

    @property
    def label(self) -> str:
        """What to call them."""
        return self.name or self.nickname or self.jid.local or self.jid

    @property
    def shows_presence(self) -> bool:
        """Whether we see their presence: then there is nothing to ask for."""
        return self.subscription in (Subscription.TO, Subscription.BOTH)

    @property
    def sees_presence(self) -> bool:
        """Whether they see ours."""
        return self.subscription in (Subscription.FROM, Subscription.BOTH)


class RosterApi(Api):
    """Look at the contact list and change it."""

    changed = signal(list[Contact], "Contacts that are new, or not as they were.")
    removed = signal(list[JID], "Who is no longer in the list.")

    @method
    async def get_contacts(self) -> list[Contact]:
        """The whole list, as the server last told it; also when offline."""

    @method
    async def add_contact(self, jid: JID, name: str = "", groups: list[str] = []) -> None:  # noqa: B006 - as the bus knows it, never changed
        """Put somebody in the list and ask to see their presence, unless they show it already. Who is in the list keeps
        the name and the groups where none are given. Errors: NotConnected, PeerError."""

    @method
    async def set_contact(self, jid: JID, name: str, groups: list[str]) -> None:
        """Change a contact's name and groups. Errors: NotFound, NotConnected, PeerError."""

    @method
    async def remove_contact(self, jid: JID) -> None:
        """Take somebody out of the list; neither sees the other's presence any more. Errors: NotFound, NotConnected."""
