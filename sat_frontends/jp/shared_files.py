"""What is shared: by us with others, and by others with us."""

from __future__ import annotations

import time as clocks
from typing import TYPE_CHECKING

from sat.api.errors import NotFound
from sat.api.sizes import shown
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import NOT_FOUND, Failure, nearest, usage
from sat_frontends.jp.output import BOLD, DIM, Column, iso, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.jp.transferring import whole
from sat_frontends.quick_frontend.text import moment

ACTIONS = {"list": "what you share", "add": "share something", "remove": "share it no longer"}
_USAGE = "jp file share list, jp file share add PATH --with CONTACT, or jp file share remove NAME"

if TYPE_CHECKING:
    from sat.api import JID
    from sat.plugins.shares.api import Listed, Share
    from sat_frontends.bridge.access import ProfileAccess


async def list_own(jp: Jp) -> None:
    """What we share."""
    found = await (await jp.profile()).shares.get_own()
    columns = [Column("Name", BOLD), Column("Shared with", flexible=True), Column("Path", flexible=True)]
    columns.append(Column("Id", DIM))
    if jp.out.terminal:
        rows = [(each.name, audience(each), f"{each.path} (missing)" if each.missing else each.path) for each in found]
    else:
        rows = [(each.name, ",".join([*each.contacts, *each.groups]), each.path) for each in found]
    jp.out.table(found, columns, [(*row, each.id) for row, each in zip(rows, found, strict=True)])
    if not found and jp.out.terminal:
        jp.out.say("You share nothing. jp file share add FOLDER --with CONTACT")


async def change_own(jp: Jp, action: str, what: str | None, contacts: list[str], groups: list[str], name: str) -> None:
    """``jp file share``."""
    profile = await jp.profile()
    if action not in ACTIONS:
        raise usage(f"There is no “{tidy(action)}” of what is shared.", nearest(action, list(ACTIONS)) or _USAGE)
    if action == "list" and not what:
        await list_own(jp)
    elif action == "list" or not what:
        raise usage(f"{action} takes {'nothing more' if what else 'what it is about'}.", _USAGE)
    elif action == "remove":
        await profile.shares.unshare((await find_own(profile, what)).id)
    elif not contacts and not groups:
        raise usage("Say with whom it is to be shared.", "--with CONTACT, or --group GROUP")
    else:
        peers = [(await resolve(profile, each)).bare for each in contacts]
        try:
            new = await profile.shares.share(whole(what), peers, groups, name)
        except NotFound as error:
            raise Failure(str(error), await _groups_like(profile, groups), NOT_FOUND) from None
        if jp.out.json:
            jp.out.value(new)
        else:
            jp.out.detail(f"{new.name} is shared with {audience(new)}.")


async def _groups_like(profile: ProfileAccess, wanted: list[str]) -> str:
    """Which groups may be meant by those that are none, or all."""
    known = sorted({group for each in await profile.roster.get_contacts() for group in each.groups})
    found = [nearest(each, known) for each in wanted if each not in known]
    told = (
        f"Your groups: {', '.join(known)}" if known else "jp roster add ADDRESS --group GROUP puts somebody into one."
    )
    return tidy(next(filter(None, found), told))


def audience(share: Share) -> str:
    """With whom it is shared, for people."""
    groups = [f"the group {each}{' (nobody is in it)' if each in share.empty else ''}" for each in share.groups]
    return ", ".join([*share.contacts, *groups])


async def find_own(profile: ProfileAccess, text: str) -> Share:
    """The one of a name, or an id."""
    found = await profile.shares.get_own()
    for each in found:
        if text in (each.name, each.id):
            return each
    hint = nearest(text, [each.name for each in found]) or "jp file share list shows them."
    raise Failure(f"You share nothing that is called “{tidy(text)}”.", tidy(hint), NOT_FOUND)


async def list_theirs(jp: Jp, profile: ProfileAccess, peer: JID, path: str) -> None:
    """What is in a folder of theirs: folders first."""
    found = await profile.shares.browse(peer, path.strip("/"))
    found = sorted(found, key=lambda each: (not each.folder, each.name.casefold()))
    if jp.out.terminal:
        columns = [Column("Size"), Column("Changed", DIM), Column("Name"), Column("What it is", DIM, flexible=True)]
        rows = [_row(each) for each in found]
    else:
        columns = []
        rows = [_cells(each) for each in found]
    jp.out.table(found, columns, rows)
    if not found and jp.out.terminal:
        jp.out.say("It is empty." if path else "They share nothing with you.")


def _row(listed: Listed) -> tuple[str, ...]:
    size = "" if listed.folder else shown(listed.size)
    changed = moment(listed.modified, clocks.time()) if listed.modified else ""
    name = f"{listed.name}/" if listed.folder else listed.name
    return size, changed, name, listed.description or listed.type


def _cells(listed: Listed) -> tuple[str, ...]:
    changed = iso(listed.modified) if listed.modified else ""
    kind = "folder" if listed.folder else "file"
    return kind, str(listed.size), changed, listed.path, listed.type, listed.description
