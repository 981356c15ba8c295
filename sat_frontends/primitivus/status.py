"""The lines around the conversation: title, banner, window bar, and the details on the right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api.profile import ConnectionState
from sat.plugins.presence.api import Show
from sat.plugins.roster.api import Subscription
from sat_frontends.primitivus.lines import Part, cut, total
from sat_frontends.primitivus.symbols import SHOWN
from sat_frontends.quick_frontend.text import clean, clean_line, doubtful, short

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

SEES = {
    Subscription.BOTH: "you see each other's presence",
    Subscription.TO: "you see their presence, they do not see yours",
    Subscription.FROM: "they see your presence, you do not see theirs",
    Subscription.NONE: "neither sees the other's presence",
}


class Status:
    """Draws what is known about the shown conversation and the account."""

    def __init__(self, app: App) -> None:
        self.app = app

    # -- title ---------------------------------------------------------------------------------------------------

    def title(self, columns: int) -> tuple[list[Part], list[Part]]:
        """Who, presence, resource, encryption on the left; the account and its state on the right."""
        right = self._account(columns)
        live, peer = self.app.session.live, self.app.windows.current
        if live is None or peer is None:
            return [Part(None, " primitivus")], right
        presence = live.contacts.presence(peer)
        sign = self.app.symbols.show(presence.show)[1]
        name = clean_line(live.contacts.label(peer))
        left = [Part("title", f" {short(name, max(8, columns // 3))} {sign} {SHOWN[presence.show]}")]
        if columns >= 60 and presence.jid.resource:
            left.append(Part("title dim", f" · {short(clean_line(presence.jid.resource), 16)}"))
        room = columns - total(left) - total(right) - 1
        secure = Part("title", "  not encrypted")
        if room >= 15:
            left.append(secure)
        else:
            left = [*cut(left, max(10, columns - 16 - total(right))), secure]
        return left, right

    def _account(self, columns: int) -> list[Part]:
        live = self.app.session.live
        if live is None:
            return []
        connection = live.connection
        state, sign = connection.state, ""
        if state is ConnectionState.ONLINE:
            sign = self.app.symbols.show(live.own.show if live.own.show is not Show.OFFLINE else Show.ONLINE)[1]
        elif state is ConnectionState.CONNECTING:
            sign = f"connecting{self.app.symbols.ellipsis}"
        elif state is ConnectionState.WAITING:
            sign = f"{self.app.symbols.gone} offline, tries again"
        else:
            sign = f"{self.app.symbols.gone} offline"
        if columns < 60:
            online = state is ConnectionState.ONLINE
            return [Part("title dim", f"{sign} " if online else f"{self.app.symbols.gone} ")]
        return [Part("title dim", f"{short(live.jid, columns // 3)} {sign} ")]

    def banner(self, columns: int) -> tuple[list[Part], list[Part]]:
        """The daemon is away."""
        return [Part("banner", " The daemon sat has stopped. Waiting for it to come back; sat start starts it.")], []

    # -- window bar ----------------------------------------------------------------------------------------------

    def bar(self, columns: int) -> tuple[list[Part], list[Part]]:
        """The open conversations with what is unread, what takes long, and how to get help."""
        app, live = self.app, self.app.session.live
        shown = live.jobs if live is not None and columns >= 60 else ()  # the windows are worth more
        right = [Part(None, f" {clean_line(job.text)} ") for job in shown]
        if live is not None and live.requests:
            noun = "request" if len(live.requests) == 1 else "requests"
            words = f" {len(live.requests)} {noun} ({app.keymap.shown('requests')}) "
            right.append(Part("bar unread", words, lambda: app.act("requests")))
        right.append(Part(None, f" {app.keymap.shown('help')} help ", lambda: app.act("help")))
        left: list[Part] = []
        if live is None:
            return left, right
        for number, peer in enumerate(app.windows.peers, 1):
            unread = live.contacts.unread(peer)
            name = short(clean_line(live.contacts.label(peer)), 14)
            current = peer == app.windows.current
            attribute = "bar current" if current else "bar unread" if unread else None
            label = f" {number} {name} {unread} " if unread and not current else f" {number} {name} "
            left.append(Part(attribute, label, partial(app.open_chat, peer)))
        open_unread = sum(live.contacts.unread(peer) for peer in app.windows.peers)
        elsewhere = live.unread - open_unread
        if elsewhere > 0:
            key = app.keymap.shown("next_unread")
            left.append(Part("bar unread", f" {elsewhere} unread ({key}) ", lambda: app.act("next_unread")))
        return self._window(left, columns - total(right) - 1), right

    def _window(self, parts: list[Part], columns: int) -> list[Part]:
        """The parts that fit, with the current conversation among them."""
        current = next((n for n, part in enumerate(parts) if part.attribute == "bar current"), 0)
        while total(parts) > columns and len(parts) > 1 and current > 0:
            parts, current = parts[1:], current - 1
        return parts

    # -- details -------------------------------------------------------------------------------------------------

    def details(self) -> list[tuple[str | None, str]]:
        """What is known of the contact, as lines with their attribute."""
        live, peer = self.app.session.live, self.app.windows.current
        if live is None or peer is None:
            return []
        contact = live.contacts.contact(peer)
        lines: list[tuple[str | None, str]] = [
            ("dialog title", clean_line(live.contacts.label(peer))),
            ("hint", clean_line(peer)),
        ]
        if warning := doubtful(peer):
            lines.append(("error", warning))
        lines.append((None, ""))
        resources = live.contacts.resources(peer)
        for presence in resources:
            attribute, sign = self.app.symbols.show(presence.show)
            lines.append((attribute, f"{sign} {clean_line(presence.jid.resource)} {SHOWN[presence.show]}"))
            if presence.status:
                lines.append((None, clean(presence.status)))
        if not resources:
            lines.append(("offline", f"{self.app.symbols.gone} offline"))
        lines.append((None, ""))
        if contact is None:
            lines.append(("hint", "Not in your contacts."))
            return lines
        if contact.groups:
            lines.append((None, "Groups: " + ", ".join(clean_line(group) for group in contact.groups)))
        lines.append(("hint", SEES[contact.subscription]))
        if contact.asked:
            lines.append(("hint", "asked; no answer yet"))
        return lines

    def details_widget(self) -> urwid.Widget:
        """The details as a column."""
        rows = [urwid.Text((attribute, line)) for attribute, line in self.details()]
        return urwid.ListBox(urwid.SimpleListWalker(rows))

    # -- the terminal's title ------------------------------------------------------------------------------------

    def terminal_title(self) -> str:
        """What the terminal shows in its own title: the unread count first, so that it is seen in a task list."""
        live = self.app.session.live
        unread = f"({live.unread}) " if live is not None and live.unread else ""
        return f"{unread}primitivus{f' – {live.name}' if live is not None else ''}"
