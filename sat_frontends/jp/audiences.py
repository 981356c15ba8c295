"""Who can read a blog: shown, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api.posts import Audience, Place
from sat.plugins.blog.api import Access
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.output import BOLD, Column, tidy
from sat_frontends.jp.people import resolve

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess
    from sat_frontends.jp.context import Jp


def show_access(jp: Jp, found: Access) -> None:
    """Who can read it, as ``jp blog access`` shows it."""
    if jp.out.json:
        jp.out.value(found)
        return
    columns = (Column("Audience", BOLD), Column("Groups", flexible=True), Column("Listed", flexible=True))
    jp.out.table([found], columns, [(found.audience, ",".join(found.groups), ",".join(found.listed))])


async def change(profile: ProfileAccess, node: Place, audience: str, groups: list[str], contacts: list[str]) -> None:
    """Say who can read a blog. Failure where the words do not fit together."""
    if audience not in list(Audience):
        raise usage(f"“{tidy(audience)}” is none of {', '.join(Audience)}.", nearest(audience, list(Audience)))
    wanted = Audience(audience)
    if bool(groups) is not (wanted is Audience.GROUPS) or bool(contacts) is not (wanted is Audience.LISTED):
        raise usage("“groups” goes with --group, “listed” with --contact, the others with neither.")
    listed = [await resolve(profile, each) for each in contacts]
    await profile.blog.set_access(node, Access(wanted, groups, listed))
