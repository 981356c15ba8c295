"""jp pubsub node: nodes of services and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api.errors import PeerError
from sat_frontends.jp.command import YES, command, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.items import options_of
from sat_frontends.jp.output import BOLD, GREEN, Column, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.jp.places import blog_of, typed

if TYPE_CHECKING:
    from sat.api import JID
    from sat_frontends.bridge.access import ProfileAccess

_NODE = positional("NODE", "WHO/NODE, SERVICE/NODE, or xmpp:…", complete="contact")
_CHANGES = "to change: {what} of this address; none takes it away"


@command(
    "Show the nodes of a service or an account.",
    examples=("jp pubsub node list pubsub.example.org", "jp pubsub node list bob"),
    who=positional("WHO", "a service, or somebody; without it, your account", many="?", complete="contact"),
)
async def list_(jp: Jp, who: str | None) -> None:
    """Columns in a pipe: address, name."""
    from sat.api.posts import Place

    profile = await jp.profile()
    found = await profile.pubsub.get_nodes(await resolve(profile, who or "me"))
    columns = (Column("Address", GREEN), Column("Name", flexible=True))
    jp.out.table(found, columns, [(typed(Place(each.jid, each.node)), each.name) for each in found])


@command(
    "Show the settings of a node of yours, or what another tells of itself.",
    examples=("jp pubsub node info pubsub.example.org/sensors", "jp pubsub node info pubsub.example.org --new"),
    node=_NODE,
    new=switch("--new", help="those that new nodes of the service get"),
)
async def info(jp: Jp, node: str, new: bool) -> None:
    """Columns in a pipe: name, value, possible values, label."""
    from sat_frontends.jp.filling import show_form

    profile = await jp.profile()
    place = (await blog_of(profile, node))._replace(id="")
    try:
        form = await profile.pubsub.get_configuration(place._replace(node="") if new else place)
    except PeerError:  # it is not ours
        forms = [] if new else (await profile.disco.get_info(place.service, place.node)).forms
        if not forms:
            raise
        form = forms[0]
    show_form(jp, form)


@command(
    "Make a node.",
    examples=(
        "jp pubsub node create pubsub.example.org/sensors -f access_model=open",
        "jp pubsub node create pubsub.example.org",
    ),
    node=positional("NODE", "WHO/NODE or SERVICE/NODE; of a service alone, it names the node", complete="contact"),
    field=repeated(
        "-f", "--field", metavar="NAME=VALUE", help="a setting (title=Sensors); may be repeated", complete="value"
    ),
)
async def create(jp: Jp, node: str, field: list[str]) -> None:
    """Its address is printed. Code 19 where it is there already."""
    profile = await jp.profile()
    place = await blog_of(profile, node)
    if "/" not in node and not node.startswith("xmpp:"):
        place = place._replace(node="")
    made = await profile.pubsub.create_node(place, options_of(field))
    jp.out.text(made, typed(made))


@command(
    "Change settings of a node of yours.",
    examples=("jp pubsub node set pubsub.example.org/sensors title=Sensors max_items=100",),
    node=_NODE,
    field=positional("NAME=VALUE", "a setting, as jp pubsub node info shows them", many="+"),
)
async def set_(jp: Jp, node: str, field: list[str]) -> None:
    """Others stay. A setting with several values is given several times."""
    profile = await jp.profile()
    await profile.pubsub.set_configuration(await blog_of(profile, node), options_of(field))


@command(
    "Delete a node of yours, with all that is in it.",
    examples=("jp pubsub node delete pubsub.example.org/sensors",),
    node=_NODE,
    yes=YES,
)
async def delete(jp: Jp, node: str, yes: bool) -> None:
    profile = await jp.profile()
    place = await blog_of(profile, node)
    jp.confirm(f"Delete {tidy(typed(place))} with all its items?", yes)
    await profile.pubsub.delete_node(place)


@command(
    "Delete all items of a node of yours.",
    examples=("jp pubsub node purge pubsub.example.org/sensors --yes",),
    node=_NODE,
    yes=YES,
)
async def purge(jp: Jp, node: str, yes: bool) -> None:
    profile = await jp.profile()
    place = await blog_of(profile, node)
    jp.confirm(f"Delete all items of {tidy(typed(place))}?", yes)
    await profile.pubsub.purge_node(place)


@command(
    "Show or change what everybody is at a node of yours.",
    examples=(
        "jp pubsub node affiliations pubsub.example.org/sensors",
        "jp pubsub node affiliations pubsub.example.org/sensors bob=publisher carol@example.org=none",
    ),
    node=_NODE,
    change=positional("WHO=WHAT", _CHANGES.format(what="owner, publisher, member, outcast"), many="*"),
)
async def affiliations(jp: Jp, node: str, change: list[str]) -> None:
    """Columns in a pipe: address, what they are."""
    profile = await jp.profile()
    place = await blog_of(profile, node)
    if change:
        await profile.pubsub.set_affiliations(place, await _changes(profile, change))
        return
    found = await profile.pubsub.get_affiliations(place)
    if jp.out.json:
        jp.out.value(found)
        return
    jp.out.table([], (Column("Address", GREEN), Column("What", BOLD)), [(who, what) for who, what in found.items()])


@command(
    "Show or change who is subscribed to a node of yours.",
    examples=(
        "jp pubsub node subscriptions pubsub.example.org/sensors",
        "jp pubsub node subscriptions pubsub.example.org/sensors bob=subscribed carol=none",
    ),
    node=_NODE,
    change=positional("WHO=STATE", _CHANGES.format(what="subscribed"), many="*"),
)
async def subscriptions(jp: Jp, node: str, change: list[str]) -> None:
    """Columns in a pipe: address, state, id of the subscription."""
    profile = await jp.profile()
    place = await blog_of(profile, node)
    if change:
        await profile.pubsub.set_subscriptions(place, await _changes(profile, change))
        return
    found = await profile.pubsub.get_subscriptions(place)
    columns = (Column("Address", GREEN), Column("State", BOLD), Column("Id"))
    jp.out.table(found, columns, [(each.jid, each.state, each.id) for each in found])


async def _changes(profile: ProfileAccess, given: list[str]) -> dict[JID, str]:
    found = {}
    for each in given:
        who, equals, what = each.rpartition("=")
        if not (who and equals and what):
            raise usage(f"A change is WHO=WHAT, not “{each}”.")
        found[await resolve(profile, who)] = what
    return found


@command(
    "Write a node to an XML file.",
    examples=(
        "jp pubsub node export pubsub.example.org/sensors > sensors.xml",
        "jp pubsub node export me --file b.xml",
    ),
    node=_NODE,
    file=option("--file", metavar="FILE", help="that file, a new one; else stdout", default="", complete="file"),
)
async def export(jp: Jp, node: str, file: str) -> None:
    """jp pubsub node import reads it. Nothing is overwritten (code 19)."""
    from sat_frontends.jp.item_files import write

    profile = await jp.profile()
    count = await write(profile.pubsub, await blog_of(profile, node), file)
    if file:
        jp.out.say(f"{count} item{'' if count == 1 else 's'}.")


@command(
    "Publish the items in an XML file.",
    examples=("jp pubsub node import pubsub.example.org/copy sensors.xml",),
    node=_NODE,
    file=positional("FILE", "as jp pubsub node export writes it", complete="file"),
)
async def import_(jp: Jp, node: str, file: str) -> None:
    """With their ids, in the order in which they stand; items that are there with these ids are replaced, so it can be
    begun again. They are published now, and by you."""
    from sat_frontends.jp.item_files import read

    profile = await jp.profile()
    place, count = await blog_of(profile, node), 0
    for id, xml in read(file):
        await profile.pubsub.publish(place._replace(id=id), xml, {})
        count += 1
    jp.out.say(f"{count} item{'' if count == 1 else 's'} published.")
