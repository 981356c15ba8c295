"""Looking around: what an address is, what it has, and what can be done there (XEP-0030, 0050, 0055, 0077, 0045)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from sat.api import JID, SatError
from sat.api.disco import Identity, Item
from sat.api.errors import InvalidAddress
from sat.api.forms import FieldKind, Form
from sat.plugins.ad_hoc.api import Action, Command, NoteKind, Stage
from sat_frontends.quick_frontend.text import clean, clean_line

if TYPE_CHECKING:
    from sat_frontends.quick_frontend.apis import ProfileApis

REGISTER, SEARCH, ROOMS = "jabber:iq:register", "jabber:iq:search", "http://jabber.org/protocol/muc"
COMMANDS = "http://jabber.org/protocol/commands"
ACTIONS = {Action.NEXT: "Go on", Action.COMPLETE: "Finish", Action.PREV: "Back"}
"""What the buttons say."""
_KINDS = {
    ("account", "registered"): "an account",
    ("client", ""): "a program",
    ("component", ""): "a part of a server",
    ("conference", "text"): "rooms",
    ("directory", ""): "a directory",
    ("gateway", ""): "a gateway",
    ("proxy", "bytestreams"): "a proxy for files",
    ("pubsub", "collection"): "publications",
    ("pubsub", "leaf"): "publications",
    ("pubsub", "pep"): "publications of an account",
    ("pubsub", "service"): "a service for publications",
    ("server", "im"): "a server",
    ("store", "file"): "a store for files",
}


class Place(NamedTuple):
    """An address, or a node of it. ``what`` says in words what it is; ``room``: it can be entered."""

    jid: JID
    node: str
    name: str
    what: str
    items: list[Item]
    commands: list[Command]
    registers: bool = False
    searches: bool = False
    room: bool = False


async def look(apis: ProfileApis, jid: JID, node: str = "") -> Place:
    """Ask what is there. What it has may be refused all the same. Errors: those of asking what it is."""
    own = apis.profile.jid.value.bare  # registering with its server is something else
    info = await apis.disco.get_info(jid, node)
    items: list[Item] = []
    commands: list[Command] = []
    with suppress(SatError):
        items = [each for each in await apis.disco.get_items(jid, node) if (each.jid, each.node) != (jid, node)]
    if not node and COMMANDS in info.features:
        with suppress(SatError):
            commands = await apis.ad_hoc.get_commands(jid)
    named = next((each.name for each in info.identities if each.name), "")
    room = ROOMS in info.features and bool(jid.local)
    return Place(
        jid,
        node,
        clean_line(named),
        "a room" if room else words(info.identities),
        items,
        commands,
        not node and REGISTER in info.features and jid != own.domain,
        not node and SEARCH in info.features,
        room and not node,
    )


def words(identities: list[Identity]) -> str:
    """What something is."""
    found = dict.fromkeys(_word(each) for each in identities)
    return ", ".join(found) or "something that does not say what it is"


def _word(identity: Identity) -> str:
    if identity.category == "gateway":
        return f"a gateway to {clean_line(identity.kind)}"
    for kind in (identity.kind, ""):
        if (identity.category, kind) in _KINDS:
            return _KINDS[identity.category, kind]
    return clean_line(f"{identity.category}/{identity.kind}")


def item_label(item: Item) -> str:
    """What an item is called."""
    return clean_line(item.name or item.node or item.jid)


def item_place(item: Item) -> str:
    """Where it is."""
    return clean_line(f"{item.jid} {item.node}".strip())


def notes(stage: Stage) -> list[str]:
    """What a command says, line by line; serious things say so."""
    serious = {NoteKind.WARN: "Careful: ", NoteKind.ERROR: "That did not work: "}
    return [f"{serious.get(each.kind, '')}{clean(each.text)}" for each in stage.notes]


def found_people(form: Form) -> list[tuple[JID, str]]:
    """Who is in the rows that a directory has found, and what else these say of them; clean."""
    found = []
    for row in form.rows:
        jid = next(filter(None, map(address, row)), None)
        if jid is not None:
            about = [clean_line(each).strip() for each in row if address(each) != jid]
            found.append((jid, ", ".join(filter(None, about))))
    return found


def address(text: str) -> JID | None:
    """The account whose address a text is, and nothing else."""
    with suppress(InvalidAddress):
        jid = JID.parse(text.strip()) if "@" in text else None
        return jid.bare if jid is not None and jid.local else None
    return None


def result_lines(form: Form) -> list[str]:
    """What came of a form, as lines of text: its values, then its rows, each with its columns."""
    lines = [clean(text) for text in (form.title, form.instructions) if text]
    for field in form.fields:
        if field.kind is FieldKind.FIXED:
            lines += [clean(value) for value in field.values]
        elif field.kind is not FieldKind.HIDDEN:
            lines.append(f"{clean_line(field.label or field.name)}: {clean(', '.join(field.values))}")
    for row in form.rows:
        pairs = zip(form.columns, row, strict=False)
        lines.append("; ".join(f"{clean_line(name)}: {clean_line(value)}" for name, value in pairs if value))
    return lines
