"""Addresses that a person enters where no list helps: of an account, of a new contact, of a server. ``jp`` imports it,
so it stays light."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress, NoInvitation
from sat.plugins.roster.api import Contact


class Invitation(NamedTuple):
    """Where to register: the server, the name that was chosen already, and the invitation's token."""

    server: str
    username: str = ""
    token: str = ""


def account_address(text: str) -> JID:
    """The address of an account: it has a name before the @, and no resource. Errors: InvalidAddress."""
    jid = JID.parse(text.strip()).bare
    if not jid.local:
        raise InvalidAddress(address=text.strip(), reason="the name before the @ is missing")
    return jid


def contact_address(text: str) -> JID:
    """The address of a new contact, in full: a server's name has a dot (a gateway), so a mere name is none. Errors:
    InvalidAddress."""
    jid = JID.parse(text.strip()).bare
    if not jid.local and "." not in jid.domain:
        raise InvalidAddress(address=text.strip(), reason="it has no @")
    return jid


def added(jid: JID, before: Contact | None) -> str:
    """What adding a contact has done, as a sentence. ``before`` is the contact as they were before it."""
    asked = before is None or not before.shows_presence
    return f"{jid} is in your contact list, and {'was asked to show you' if asked else 'shows you'} their presence."


def read_invitation(text: str) -> Invitation:
    """A server's name, perhaps with the name wanted there before an @; or the link of an invitation,
    ``xmpp:example.org?register;preauth=TOKEN`` or ``xmpp:friend@example.org?roster;preauth=TOKEN;ibr=y`` (XEP-0401
    §3.3, XEP-0445 §3). Errors: InvalidAddress, NoInvitation."""
    text = text.strip()
    if not text.lower().startswith("xmpp:"):
        address = JID.parse(text)
        return Invitation(address.domain, address.local)
    address, action, named = _link(text)
    if action not in ("register", "roster"):
        raise NoInvitation(link=text)
    # A link of somebody's (?roster) invites to their server; the name before the @ is theirs.
    username = address.local if action == "register" else ""
    return Invitation(address.domain, username, named.get("preauth", ""))


class Wanted(NamedTuple):
    """Who is to be a contact; with the token of their invitation and the name in it, if it has these."""

    jid: JID
    name: str = ""
    token: str = ""


def wanted_contact(text: str) -> Wanted:
    """The address of a new contact, or the link of somebody: ``xmpp:bob@example.org``, or an invitation to be their
    contact, ``xmpp:bob@example.org?roster;preauth=TOKEN`` (XEP-0379). Errors: InvalidAddress, NoInvitation."""
    text = text.strip()
    if not text.lower().startswith("xmpp:"):
        return Wanted(contact_address(text))
    address, action, named = _link(text)
    if action not in ("", "roster", "subscribe", "message"):
        raise NoInvitation(link=text)
    return Wanted(contact_address(address), named.get("name", ""), named.get("preauth", ""))


def _link(text: str) -> tuple[JID, str, dict[str, str]]:
    """The address, the action and the parameters of a link (RFC 5122)."""
    from urllib.parse import unquote  # slow to import, and seldom needed

    path, _, query = text[len("xmpp:") :].partition("?")
    action, *parameters = query.split(";")
    named = {name: unquote(value.replace("+", " ")) for name, _, value in (each.partition("=") for each in parameters)}
    return JID.parse(unquote(path.lstrip("/"))), action, named
