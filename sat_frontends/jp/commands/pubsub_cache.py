"""jp pubsub cache: items that are stored here, read without a connection."""

from __future__ import annotations

import time as clocks

from sat_frontends.jp.command import YES, command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.items import CELLS, MOST, show
from sat_frontends.jp.output import GREEN, Column, tidy
from sat_frontends.jp.places import blog_of, place_of, typed

_NODE = positional("NODE", "WHO/NODE, SERVICE/NODE, or xmpp:…", complete="contact")
_MOST = option("-m", "--max", metavar="NUMBER", help="at most so many, 50 if not given", kind=int, default=50)
_XML = switch("--xml", help="what is in them as XML, nothing else")
_DAY = 86400.0


@command(
    "Store the items of a node here, and keep them fresh.",
    examples=("jp pubsub cache sync pubsub.example.org/sensors",),
    node=_NODE,
)
async def sync(jp: Jp, node: str) -> None:
    """The newest thousand. You are subscribed to it, so that the service tells what changes. How many are stored is
    printed."""
    profile = await jp.profile()
    count = await profile.pubsub.sync(await blog_of(profile, node))
    jp.out.text(count, str(count))


@command("Show which nodes are stored here.", examples=("jp pubsub cache list", "jp pubsub cache list -o json"))
async def list_(jp: Jp) -> None:
    """Columns in a pipe: address, number of items."""
    found = await (await jp.profile()).pubsub.get_stored_nodes()
    columns = (Column("Address", GREEN, flexible=True), Column("Items"))
    jp.out.table(found, columns, [(typed(each.node), str(each.items)) for each in found])


@command(
    "Show stored items of a node, the newest first.",
    CELLS,
    examples=("jp pubsub cache get pubsub.example.org/sensors", "jp pubsub cache get me/notes -m 1 --xml"),
    what=positional("PLACE", "WHO/NODE, SERVICE/NODE, SERVICE/NODE/ID, or xmpp:…", complete="contact"),
    most=_MOST,
    before=option("--before", metavar="PLACE", help="the page behind that one, as it was told with it", default=""),
    xml=_XML,
)
async def get(jp: Jp, what: str, most: int, before: str, xml: bool) -> None:
    """Code 16 where the node is not stored."""
    profile = await jp.profile()
    place = await place_of(profile, what)
    page = await profile.pubsub.get_stored(place, _bounded(most), before)
    if jp.out.json:
        jp.out.value(page)
        return
    show(jp, place, page.items, xml=xml)
    if page.last:
        jp.out.say(f"More: --before {page.last}")


@command(
    "Find stored items that hold all the words.",
    CELLS,
    examples=("jp pubsub cache search kitchen", "jp pubsub cache search light --node bob -o json"),
    words=positional("WORD", "what to look for", many="+"),
    node=option("--node", metavar="NODE", help="only in this one", complete="contact"),
    most=_MOST,
    xml=_XML,
)
async def search(jp: Jp, words: list[str], node: str | None, most: int, xml: bool) -> None:
    """The newest first; the last word may be a beginning."""
    profile = await jp.profile()
    nodes = [] if node is None else [await blog_of(profile, node)]
    found = await profile.pubsub.search(" ".join(words), nodes, _bounded(most))
    if jp.out.json:
        jp.out.value(found)
        return
    for hit in found:
        show(jp, hit.place, [hit.item], xml=xml)


@command(
    "Forget what is stored here of a node, or of all.",
    examples=("jp pubsub cache purge pubsub.example.org/sensors", "jp pubsub cache purge --all --older 30"),
    node=positional("NODE", "WHO/NODE, SERVICE/NODE, or xmpp:…", many="?", complete="contact"),
    whole=switch("--all", help="of all nodes"),
    older=option("--older", metavar="DAYS", help="only what was stored before so many days", kind=float),
    yes=YES,
)
async def purge(jp: Jp, node: str | None, whole: bool, older: float | None, yes: bool) -> None:
    """What the services have stays there. A node of which all is forgotten is no longer kept fresh."""
    if (node is None) != whole:
        raise usage("Name a node, or say --all.")
    profile = await jp.profile()
    nodes = [] if node is None else [await blog_of(profile, node)]
    before = 0.0 if older is None else clocks.time() - older * _DAY
    if whole and older is None:
        jp.confirm("Forget all that is stored here?", yes)
    count = await profile.pubsub.forget(nodes, before)
    of = tidy(typed(nodes[0])) if nodes else "all"
    jp.out.say(f"{count} item{'' if count == 1 else 's'} of {of} forgotten.")


def _bounded(most: int) -> int:
    if not 0 < most <= MOST:
        raise usage(f"--max is between 1 and {MOST}.")
    return most
