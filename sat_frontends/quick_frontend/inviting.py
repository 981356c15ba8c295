"""Contacts by address and by link, and links of one's own (XEP-0379, XEP-0401)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import time
from typing import TYPE_CHECKING

from sat.api import JID
from sat.plugins.invitations.api import Invite
from sat.plugins.roster.api import Contact
from sat_frontends.quick_frontend.addresses import added, wanted_contact
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.quick_frontend.apis import ProfileApis


async def add(
    apis: ProfileApis, find: Callable[[JID], Contact | None], text: str, name: str = "", groups: Sequence[str] = ()
) -> str:
    """Add who is meant by an address, or who has made the link of an invitation; what came of it, in a sentence.
    ``find`` finds who is a contact already. Errors: InvalidAddress, NoInvitation, those of the apis."""
    wanted = wanted_contact(text)
    before = find(wanted.jid)
    if wanted.token:
        await apis.invitations.follow(wanted.jid, wanted.token, name or wanted.name, list(groups))
    else:
        await apis.roster.add_contact(wanted.jid, name or wanted.name, list(groups))
    return clean_line(added(wanted.jid, before))


def lines(invite: Invite) -> list[str]:
    """What is said of an invitation that was made: its links first."""
    links = [each for each in (invite.url, invite.uri) if each]
    account = " It lets them create an account, too." if invite.account else ""
    days = round((invite.expires - time()) / 86_400)
    end = f" It is good for {days} day{'' if days == 1 else 's'}." if days > 0 else ""
    return [*map(clean_line, links), f"Give this to one person: who follows it becomes your contact.{account}{end}"]
