"""Lists to pick from: go to somebody, the menu, profiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from sat.api import JID
from sat.api.profile import ConnectionState
from sat_frontends.primitivus.dialogs import Choice, Picker
from sat_frontends.primitivus.fuzzy import best
from sat_frontends.primitivus.keys import Binding, Where
from sat_frontends.primitivus.symbols import SHOWN
from sat_frontends.quick_frontend import commands
from sat_frontends.quick_frontend.amending import COMMON
from sat_frontends.quick_frontend.emojis import all_emojis, emoji_name
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

SHOWN_AT_MOST = 200
STATES = {
    ConnectionState.OFFLINE: "offline",
    ConnectionState.CONNECTING: "connecting",
    ConnectionState.ONLINE: "online",
    ConnectionState.WAITING: "offline, will try again",
}


def pick(app: App, title: str, choices: list[Choice], take: Callable[[Choice], object]) -> Picker:
    """Open a list that a few letters narrow down."""

    def taken(choice: Choice) -> None:
        app.close_dialog(picker)
        take(choice)

    def matching(text: str) -> list[Choice]:
        return best(text, choices, lambda each: f"{each.label} {each.about}")[:SHOWN_AT_MOST]

    picker = Picker(title, matching, taken, kit=app.kit, cancel=lambda: app.close_dialog(picker))
    app.open_dialog(picker, 70, min(24, app.limit()))
    return picker


def open_goto(app: App) -> None:
    """Contacts, conversations with others, and commands; those with something unread come first."""
    live = app.session.live
    if live is None:
        return
    contacts = live.contacts
    known = {*(contact.jid for contact in contacts.contacts()), *app.windows.peers, *contacts.strangers()}
    known |= {room.jid for room in contacts.rooms()}
    people = sorted(known, key=lambda jid: (-contacts.unread(jid), contacts.label(jid).casefold(), jid))
    choices, dot = [], f" {app.symbols.middot} "
    for jid in people:
        presence = contacts.presence(jid)
        sign = app.symbols.show(presence.show)[1]
        unread = contacts.unread(jid)
        about = dot.join([*([f"{unread} unread"] if unread else []), clean_line(jid), SHOWN[presence.show]])
        attribute = "unread" if unread else None
        choices.append(Choice(f"{sign} {clean_line(contacts.label(jid))}", about, jid, attribute))
    choices += [Choice(f"/{each.name}", each.help, each.name) for each in commands.COMMANDS.values()]

    def take(choice: Choice) -> None:
        if isinstance(choice.value, JID):
            app.open_chat(choice.value)
        else:
            app.input.put_command(f"/{choice.value} ")

    pick(app, "Go to", choices, take)


def open_entered(app: App) -> None:
    """What was entered before, in this conversation first."""
    choices = [Choice(clean_line(text), "", text) for text in app.windows.entered()]
    if choices:
        pick(app, "What you wrote", choices, lambda choice: app.input.replace(str(choice.value)))
    else:
        app.notice("Nothing was written here yet.")


def open_reactions(app: App, put: Mapping[str, bool], take: Callable[[str], object]) -> None:
    """The emojis: those that are ``put`` already, with whether they are ours, the common ones, and all others by their
    names."""
    first = dict.fromkeys([*put, *COMMON])
    choices = [
        Choice(clean_line(emoji), "take it away" if put.get(emoji) else emoji_name(emoji), emoji) for emoji in first
    ]
    choices += [Choice(emoji, name, emoji) for emoji, name in all_emojis() if emoji not in first]
    pick(app, "React", choices, lambda choice: take(str(choice.value)))


def open_contact_menu(app: App, name: str, actions: list[tuple[str, Callable[[], object]]]) -> None:
    """What can be done with somebody."""
    choices = [Choice(label, "", do) for label, do in actions]
    pick(app, name, choices, lambda choice: cast("Callable[[], object]", choice.value)())


def open_menu(app: App) -> None:
    """Everything that can be done, with its key: to find it without knowing the key."""
    choices = [
        Choice(f"{app.keymap.label(binding.keys[0]):<7} {binding.help}", "", binding)
        for where in (Where.GLOBAL, Where.CONTACTS)
        for binding in app.keymap.at(where)
        if binding.action in _IN_MENU
    ]

    def take(choice: Choice) -> None:
        binding = choice.value
        assert isinstance(binding, Binding)
        if binding.where is Where.GLOBAL:
            app.act(binding.action)
        else:
            app.people.act_on_current(binding.action)

    pick(app, "Menu", choices, take)


_IN_MENU = frozenset(
    [
        *(
            "help",
            "contacts",
            "details",
            "goto",
            "next_unread",
            "close_window",
            "search",
            "requests",
            "profiles",
            "timeline",
        ),
        *("settings", "redraw", "quit", "add_contact", "rename_contact", "contact_groups", "remove_contact"),
        *("block_contact", "encryption", "attach", "transfers"),
    ]
)


def open_profiles(app: App) -> None:
    """The profiles, and a way to add one."""
    profiles = app.session.profiles
    if profiles is None:
        return
    here, dot = app.symbols.here, f" {app.symbols.middot} "
    choices = []
    for row in profiles.rows:
        closed = "locked" if row.locked else str(row.error)
        state = closed if not row.open else STATES[row.state] if app.session.daemon_there else "unknown"
        counts = [f"{row.unread} unread"] if row.unread else []
        counts += [f"{row.offers} file{'' if row.offers == 1 else 's'} offered"] if row.offers else []
        about = dot.join([*counts, row.jid, state])
        shown = row.current and app.session.live is not None
        choices.append(Choice(f"{here if shown else ' '} {row.name}", about, row.name, "unread" if counts else None))
    choices.append(Choice("  Add an account", "log in, or create one", None))

    def take(choice: Choice) -> None:
        if choice.value is None:
            app.no_profile()
        else:
            app.loop.spawn(app.session.use(str(choice.value)))

    pick(app, "Profiles", choices, take)
