"""Invitations: to become a contact, or to have an account (XEP-0379, XEP-0401)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method


class Invite(NamedTuple):
    """A link to give to somebody. ``url`` is a web page that says the same to who has no program for it yet.
    ``expires``: in seconds since 1970; 0: it does not. ``account``: it lets them create an account, too."""

    uri: str
    url: str = ""
    expires: float = 0.0
    account: bool = False


class InvitationsApi(Api):
    """Links that make contacts of people without either having to type an address (XEP-0379, XEP-0401)."""

    @method
    async def invite(self) -> Invite:
        """A new link, for one person: who follows it becomes a contact, and may create an account where the server lets
        them. Errors: NotConnected, PeerError, RequestTimeout, StorageError."""

    @method
    async def invite_account(self, name: str = "") -> Invite:
        """A new link with which somebody creates an account on our server, of that name if one is given. Errors:
        FeatureMissing, NotConnected, PeerError, RequestTimeout."""

    @method
    async def follow(self, jid: JID, token: str, name: str = "", groups: list[str] = []) -> None:  # noqa: B006
        """Become a contact of who has invited us, by the ``preauth`` of their link. Errors: InvalidArgument,
        NotConnected, PeerError, RequestTimeout."""
