"""jp info: what a server or a program can do, and which program it is."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, Column
from sat_frontends.jp.people import reach

_JID = positional("ADDRESS", "a server, a contact, or a full address", complete="contact")


@command(
    "Ask what a server or a program can do.",
    examples=("jp info disco example.org", "jp info disco example.org --items", "jp info disco example.org -o json"),
    jid=_JID,
    node=option("--node", metavar="NODE", help="a node of it", default=""),
    items=switch("-i", "--items", help="what it has (services, rooms, nodes) instead of what it can do"),
)
async def disco(jp: Jp, jid: str, node: str, items: bool) -> None:
    """Columns in a pipe: the word identity or feature, and what it is; with --items: address, node, name."""
    profile = await jp.profile()
    address = await reach(profile, jid)
    if items:
        found = await profile.disco.get_items(address, node)
        columns = (Column("Address", BOLD), Column("Node", flexible=True), Column("Name", flexible=True))
        jp.out.table(found, columns, [tuple(each) for each in found])
        return
    info = await profile.disco.get_info(address, node)
    if jp.out.json:
        jp.out.value(info)
        return
    rows = [("identity", f"{each.category}/{each.kind} {each.name}".rstrip()) for each in info.identities]
    rows += [("feature", each) for each in sorted(info.features)]
    jp.out.table([], (Column("What"), Column("Value", flexible=True)), rows)


@command(
    "Ask which program somebody uses.",
    examples=("jp info version example.org", "jp info version bob", "jp info version bob@example.org/phone"),
    jid=_JID,
)
async def version(jp: Jp, jid: str) -> None:
    """A contact's program is that with which they are there now."""
    profile = await jp.profile()
    found = await profile.version.get_version(await reach(profile, jid))
    jp.out.record(found, [("name", found.name), ("version", found.version), ("os", found.os)])


@command(
    "Ask which time it is where somebody is.",
    examples=("jp info time bob", "jp info time example.org", "jp info time bob@example.org/phone"),
    jid=_JID,
)
async def time(jp: Jp, jid: str) -> None:
    """The time there, with its distance from UTC, as that program or server tells it."""
    from sat_frontends.quick_frontend.times import whole

    profile = await jp.profile()
    found = await profile.entity_time.get_time(await reach(profile, jid))
    jp.out.text(found, whole(found.utc, lambda _: found.offset))


@command(
    "Ask when somebody was last there.",
    examples=("jp info last bob", "jp info last example.org  # since when the server runs"),
    jid=_JID,
)
async def last(jp: Jp, jid: str) -> None:
    """Of who is there it is when their program was last used. Columns in a pipe: what, and the seconds or the text."""
    profile = await jp.profile()
    found = await profile.last_activity.get_last(await reach(profile, jid))
    jp.out.record(found, [("seconds", str(found.seconds)), ("status", found.status)])
