"""jp presence: who is there, and how available you are."""

from __future__ import annotations

from sat.plugins.presence.api import Presence, Show
from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.output import BOLD, DIM, Column
from sat_frontends.jp.people import resolve

_SHOWS = [each.value for each in Show]


@command(
    "Show who is there.",
    examples=("jp presence get", "jp presence get bob", "jp presence get me -o json"),
    contact=positional("CONTACT", "only this one; me for yourself", many="?", complete="contact"),
)
async def get(jp: Jp, contact: str | None) -> None:
    """Somebody can be there with several programs; each has its line. Columns in a pipe: full address, presence,
    status, priority."""
    profile = await jp.profile()
    if contact == "me":
        found = [(await loaded(profile.presence)).own.value]
    else:
        found = await profile.presence.get_presences()
        if contact is not None:
            peer = await resolve(profile, contact)
            found = [each for each in found if each.jid.bare == peer] or [Presence(peer, Show.OFFLINE)]
    columns = (Column("Address", BOLD), Column("Presence"), Column("Status", flexible=True), Column("Priority", DIM))
    jp.out.table(found, columns, [(each.jid, each.show, each.status, str(each.priority)) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("Nobody is there.")


@command(
    "Say how available you are.",
    examples=("jp presence set away", "jp presence set dnd 'writing'", "jp presence set online"),
    show=positional("PRESENCE", ", ".join(_SHOWS), complete="show"),
    status=positional("STATUS", "a few words for your contacts", many="*"),
)
async def set_(jp: Jp, show: str, status: list[str]) -> None:
    """It stays so until you change it, also over a new connection. chat is eager to talk, xa is away for long, dnd asks
    not to be disturbed, offline is invisible to contacts."""
    if show not in _SHOWS:
        raise usage(f"A presence is one of {', '.join(_SHOWS)}, not “{show}”.", nearest(show, _SHOWS))
    await (await jp.profile()).presence.set_presence(Show(show), " ".join(status))
