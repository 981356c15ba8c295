"""jp pubsub: items of nodes. Those of nodes themselves are in ``pubsub_node``, those of what is stored here in
``pubsub_cache``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat_frontends.jp.command import YES, behind, command, option, positional, repeated, switch
from sat_frontends.jp.commands import pubsub_cache, pubsub_node  # noqa: F401 - they belong to this group
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.items import CELLS, MOST, every, options_of, show, show_event, xml_of
from sat_frontends.jp.output import BOLD, GREEN, Column, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.jp.places import blog_of, place_of, post_of, typed

if TYPE_CHECKING:
    from sat.plugins.pubsub.api import Entry, Place

_PLACE = positional("PLACE", "WHO/NODE, SERVICE/NODE, SERVICE/NODE/ID, or xmpp:…", complete="contact")
_NODE = positional("NODE", "WHO/NODE, SERVICE/NODE, or xmpp:…", complete="contact")
_ITEM = positional("ITEM", "WHO/NODE/ID, SERVICE/NODE/ID, or xmpp:…", complete="contact")
_FILE = option("--file", metavar="FILE", help="take the XML from there; - is stdin", default="", complete="file")
_OPTIONS = repeated(
    "-f",
    "--field",
    metavar="NAME=VALUE",
    help="what the node has to be like (access_model=open); may be repeated",
    complete="value",
)
_COMMAND = behind("COMMAND", "the program and its arguments; it is run without a shell")
_WATCHED = positional("NODE", "WHO/NODE, SERVICE/NODE, or xmpp:…; without any, all", many="*", complete="contact")
_COUNT = option("-n", "--count", metavar="NUMBER", help="end after so many", kind=int)
_TIMEOUT = option("--timeout", metavar="SECONDS", help="end after so long, with code 4", kind=float)


@command(
    "Show items of a node.",
    CELLS,
    examples=(
        "jp pubsub get pubsub.example.org/sensors",
        "jp pubsub get pubsub.example.org/sensors/kitchen --xml",
        "jp pubsub get me/http://jabber.org/protocol/tune/ -m 1",
        "jp pubsub get bob --all -o json | jq length",
    ),
    what=_PLACE,
    item=repeated("-i", "--item", metavar="ID", help="the item with this id; may be repeated", complete="value"),
    most=option("-m", "--max", metavar="NUMBER", help="at most so many, 20 if not given", kind=int, default=20),
    after=option("--after", metavar="PLACE", help="the page behind that one, as it was told with it", default=""),
    before=option("--before", metavar="PLACE", help="the page before that one", default=""),
    oldest=switch("--oldest", help="begin with the oldest ones, not with the newest"),
    whole=switch("--all", help="all of them, the oldest first"),
    xml=switch("--xml", help="what is in them as XML, nothing else"),
)
async def get(
    jp: Jp, what: str, item: list[str], most: int, after: str, before: str, oldest: bool, whole: bool, xml: bool
) -> None:
    """On a terminal posts are shown by title and author, forms by their fields, everything else as indented XML. A node
    with / in its name ends with / where no item is meant. Where a page goes on is told on stderr; in JSON it is
    first and last. Without a node, the blog of somebody."""
    from sat.plugins.pubsub.api import Page

    api = (await jp.profile()).pubsub
    place = await place_of(await jp.profile(), what)
    if not 0 < most <= MOST:
        raise usage(f"--max is between 1 and {MOST}.")
    if whole and (place.id or item or after or before):
        raise usage("--all stands alone.")
    if whole:
        if not jp.out.json:
            async for each in every(api, place):
                show(jp, place, [each], xml=xml)
            return
        page = Page([each async for each in every(api, place)])
    else:
        page = await api.get_items(place, item, after, before, most, oldest)
    if jp.out.json:
        jp.out.value(page)
        return
    show(jp, place, page.items, xml=xml)
    for name, where in (("before", page.first), ("after", page.last)):
        if where:
            jp.out.say(f"More: --{name} {where}")


@command(
    "Publish an item.",
    examples=(
        "echo '<temperature xmlns=\"urn:example\">21</temperature>' | jp pubsub set pubsub.example.org/sensors/kitchen",
        "jp pubsub set me/notes --file note.xml -f access_model=whitelist -f persist_items=true",
    ),
    place=_PLACE,
    file=_FILE,
    field=_OPTIONS,
)
async def set_(jp: Jp, place: str, file: str, field: list[str]) -> None:
    """Its address is printed. It replaces the item with that id; without an id the service gives it one. The XML is one
    element, in a namespace. A node that is not as -f says is left alone, and nothing is published."""
    profile = await jp.profile()
    at = await profile.pubsub.publish(await place_of(profile, place), xml_of(file), options_of(field))
    jp.out.text(at, typed(at))


@command(
    "Change an item in your editor, or write a new one.",
    examples=("jp pubsub edit pubsub.example.org/sensors/kitchen", "jp pubsub edit me/notes --file /tmp/jp-item-x.xml"),
    place=_PLACE,
    file=option("--file", metavar="FILE", help="take it from there, without an editor", default="", complete="file"),
)
async def edit(jp: Jp, place: str, file: str) -> None:
    """$VISUAL or $EDITOR opens the XML. Saved as it was, nothing is published, and this ends with code 20; where it
    cannot be published, the file stays and its name is told."""
    from sat_frontends.jp.editing import in_editor
    from sat_frontends.jp.item_views import indented

    profile = await jp.profile()
    where = await place_of(profile, place)

    async def publish(path: str) -> None:
        at = await profile.pubsub.publish(where, xml_of(path), {})
        jp.out.text(at, typed(at))

    if file:
        await publish(file)
        return
    if not jp.asks:
        raise usage("There is nobody to write in an editor.", "Give a file (--file), or use jp pubsub set.")
    before = ""
    if where.id:
        (found,) = (await profile.pubsub.get_items(where, [])).items
        before = indented(found.xml)
    await in_editor(jp, f"{before}\n", "item", ".xml", publish)


@command(
    "Take items back.",
    examples=("jp pubsub delete pubsub.example.org/sensors/kitchen", "jp pubsub delete me/notes/1 me/notes/2 --yes"),
    item=positional("ITEM", "WHO/NODE/ID, SERVICE/NODE/ID, or xmpp:…", many="+", complete="contact"),
    quiet=switch("--no-notify", help="have nobody told"),
    yes=YES,
)
async def delete(jp: Jp, item: list[str], quiet: bool, yes: bool) -> None:
    """Who has read them has read them."""
    profile = await jp.profile()
    places = [await post_of(profile, each, "item") for each in item]
    jp.confirm(f"Delete {', '.join(tidy(typed(each)) for each in places)}?", yes)
    await profile.pubsub.retract(places, not quiet)


@command(
    "Give an item another id.",
    examples=("jp pubsub rename pubsub.example.org/sensors/kitchen oven",),
    item=_ITEM,
    id=positional("ID", "the new id"),
)
async def rename(jp: Jp, item: str, id: str) -> None:
    """It is published again, then the old one is taken back. Its new address is printed. Code 19 where there is an item
    with that id."""
    profile = await jp.profile()
    at = await profile.pubsub.rename(await post_of(profile, item, "item"), id)
    jp.out.text(at, typed(at))


@command(
    "Find items of a node at its service.",
    CELLS,
    examples=(
        "jp pubsub search pubsub.example.org/sensors --text kitchen",
        "jp pubsub search bob --xpath '//atom:category[@term=\"verona\"]'",
        "jp pubsub search me/notes --regex '^TODO' --exec 'wc -c'",
        "jp pubsub search me/notes --xpath '//n:due' --namespace n=urn:example:notes -o json",
    ),
    node=_NODE,
    text=repeated("-t", "--text", metavar="TEXT", help="words that an item holds; may be repeated", complete="value"),
    regex=option("-r", "--regex", metavar="PATTERN", help="a regular expression that fits its text", default=""),
    xpath=option("-x", "--xpath", metavar="XPATH", help="what it has, true or not empty", default=""),
    namespace=repeated(
        "--namespace", metavar="PREFIX=URI", help="for --xpath; atom, xhtml and x (forms) are known", complete="value"
    ),
    run=option("--exec", metavar="COMMAND", help="run this for each instead of showing it, without a shell"),
    xml=switch("--xml", help="show what is in them as XML, nothing else"),
)
async def search(
    jp: Jp, node: str, text: list[str], regex: str, xpath: str, namespace: list[str], run: str | None, xml: bool
) -> None:
    """All items are read, so a large node takes a while; for what is stored here: jp pubsub cache search. What is asked
    for must all be so. COMMAND gets the XML on stdin and the variables of jp pubsub hook; the first that ends
    with another code than 0 ends the search with code 1."""
    from sat_frontends.jp.item_search import Search
    from sat_frontends.jp.programs import Program, command_of

    wanted = Search(text, regex, xpath, namespace)
    profile = await jp.profile()
    program = None if run is None else Program(command_of(run), profile.name)
    place = await blog_of(profile, node)
    found: list[Entry] = []
    async for each in every(profile.pubsub, place):
        if not wanted.fits(each):
            continue
        if program is not None:
            if code := program.run(place._replace(id=each.id), each):
                raise Failure(f"{program.name} ended with {code} for {tidy(each.id)}.", code=1)
        elif jp.out.json:
            found.append(each)
        else:
            show(jp, place, [each], xml=xml)
    if program is None and jp.out.json:
        jp.out.value(found)
    if wanted.skipped:
        jp.out.say(f"{wanted.skipped} were too large to be looked through.")


@command(
    "Have a program change the items of a node.",
    examples=(
        "jp pubsub transform me/notes -- sed s/Verona/Mantua/",
        "jp pubsub transform pubsub.example.org/sensors/kitchen --apply -- ./to-celsius",
    ),
    what=_PLACE,
    apply=switch("--apply", help="publish what has changed; else only the difference is shown"),
    words=_COMMAND,
)
async def transform(jp: Jp, what: str, apply: bool, words: list[str]) -> None:
    """It gets each item as XML on stdin, with the variables of jp pubsub hook, and writes the new one to stdout. Code
    0: that is taken, nothing or the same changes nothing; code 1: the item stays as it is; any other ends this with
    code 1. Addresses of what has changed are printed with --apply."""
    from sat_frontends.jp.item_views import difference
    from sat_frontends.jp.items import without_declaration
    from sat_frontends.jp.programs import Program

    profile = await jp.profile()
    api, place, program = profile.pubsub, await place_of(profile, what), Program(words, profile.name)
    entries = (await api.get_items(place, [])).items if place.id else [each async for each in every(api, place)]
    for each in entries:
        at = place._replace(id=each.id)
        code, new = program.output(at, each)
        if code not in (0, 1):
            raise Failure(f"{program.name} ended with {code} for {tidy(each.id)}.", code=1)
        new = without_declaration(new).strip()
        if code or not new or new == each.xml:
            continue
        if apply:
            jp.out.text(at, typed(await api.publish(at, new, {})))
        else:
            for line in difference(jp, typed(at), each.xml, new):
                jp.out.line(line)


async def _nodes(jp: Jp, node: list[str]) -> list[Place]:
    return [await blog_of(await jp.profile(), each) for each in node]


@command(
    "Show what happens in nodes, as it comes.",
    examples=("jp pubsub watch", "jp pubsub watch pubsub.example.org/sensors -n 1 --timeout 60 -o json"),
    node=_WATCHED,
    count=_COUNT,
    timeout=_TIMEOUT,
)
async def watch(jp: Jp, node: list[str], count: int | None, timeout: float | None) -> None:
    """Of what you have subscribed to (jp pubsub subscribe), and of your own account. Columns in a pipe: published,
    retracted, purged or deleted; address, publisher, XML; with either JSON output an object on a line. Ctrl-C ends it
    with code 130, a daemon that goes with code 5."""
    from sat_frontends.jp.item_watch import ItemWatch

    await ItemWatch(jp, await _nodes(jp, node), count, lambda *event: show_event(jp, *event)).run(timeout)


@command(
    "Run a program for each event of nodes, as long as this runs.",
    examples=(
        "jp pubsub hook pubsub.example.org/sensors -- ./note-temperature --unit C",
        "jp pubsub hook bob -n 1 -- notify-send 'A new post'",
    ),
    node=_WATCHED,
    count=_COUNT,
    timeout=_TIMEOUT,
    words=_COMMAND,
)
async def hook(jp: Jp, node: list[str], count: int | None, timeout: float | None, words: list[str]) -> None:
    """Of the nodes of jp pubsub watch. It gets the item as XML on stdin, and in its environment SAT_PROFILE, SAT_EVENT
    (published, retracted, purged or deleted), SAT_SERVICE, SAT_NODE, SAT_ITEM, SAT_PUBLISHER and SAT_URI. One
    runs after the other; that one failed is told, and does not end this."""
    from sat_frontends.jp.item_watch import ItemWatch
    from sat_frontends.jp.programs import Program

    program = Program(words, (await jp.profile()).name)

    def run(kind: str, place: Place, entry: Entry) -> None:
        if code := program.run(place, entry, kind):
            jp.out.say(f"{program.name} ended with {code} for {typed(place)}.")

    await ItemWatch(jp, await _nodes(jp, node), count, run).run(timeout)


@command(
    "Be told of what happens in a node, in all your programs.",
    examples=("jp pubsub subscribe pubsub.example.org/sensors",),
    node=_NODE,
)
async def subscribe(jp: Jp, node: str) -> None:
    """How it is now is printed: subscribed, or pending until its owner has said yes."""
    profile = await jp.profile()
    found = await profile.pubsub.subscribe(await blog_of(profile, node))
    jp.out.text(found, found.state)


@command("Be told no longer.", examples=("jp pubsub unsubscribe pubsub.example.org/sensors",), node=_NODE)
async def unsubscribe(jp: Jp, node: str) -> None:
    profile = await jp.profile()
    await profile.pubsub.unsubscribe(await blog_of(profile, node))


@command(
    "Show what you are subscribed to at a service, or what somebody tells of that.",
    examples=("jp pubsub subscriptions pubsub.example.org", "jp pubsub subscriptions bob --public"),
    who=positional("WHO", "a service, or somebody; without it, your account", many="?", complete="contact"),
    public=switch("--public", help="what they tell that they are subscribed to"),
)
async def subscriptions(jp: Jp, who: str | None, public: bool) -> None:
    """Columns in a pipe: address, state, id of the subscription."""
    profile = await jp.profile()
    jid = await resolve(profile, who or "me")
    if public:
        places = await profile.pubsub.get_public_subscriptions(jid)
        jp.out.table(places, (Column("Address", GREEN),), [(typed(each),) for each in places])
        return
    from sat.api.posts import Place

    found = await profile.pubsub.get_own_subscriptions(jid)
    columns = (Column("Address", GREEN, flexible=True), Column("State", BOLD), Column("Id"))
    jp.out.table(found, columns, [(typed(Place(jid, each.node)), each.state, each.id) for each in found])


@command(
    "Show what you are at the nodes of a service.",
    examples=("jp pubsub affiliations pubsub.example.org",),
    who=positional("WHO", "a service; without it, your account", many="?", complete="contact"),
)
async def affiliations(jp: Jp, who: str | None) -> None:
    """Columns in a pipe: address, owner, publisher, member…"""
    from sat.api.posts import Place

    profile = await jp.profile()
    jid = await resolve(profile, who or "me")
    found = await profile.pubsub.get_own_affiliations(jid)
    if jp.out.json:
        jp.out.value(found)
        return
    columns = (Column("Address", GREEN, flexible=True), Column("What", BOLD))
    jp.out.table([], columns, [(typed(Place(jid, node)), what) for node, what in found.items()])


@command(
    "Print the xmpp: address of a node or an item.",
    examples=("jp pubsub uri pubsub.example.org/sensors/kitchen", "jp pubsub uri me"),
    place=_PLACE,
)
async def uri(jp: Jp, place: str) -> None:
    """Programs and web pages know what that is."""
    from sat.api.places import to_uri

    found = to_uri(await place_of(await jp.profile(), place))
    jp.out.text(found, found)
