"""The lines around the conversation: title, banner, window bar, and the details on the right."""

from __future__ import annotations

import time as clocks
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api import JID
from sat.api.profile import ConnectionState
from sat.plugins.presence.api import Show
from sat.plugins.roster.api import Subscription
from sat_frontends.primitivus.lines import Part, cut, total
from sat_frontends.primitivus.symbols import SHOWN
from sat_frontends.primitivus.transfer_row import arrow
from sat_frontends.quick_frontend.about import ago
from sat_frontends.quick_frontend.amending import NEW, Purpose
from sat_frontends.quick_frontend.encryption_words import headline
from sat_frontends.quick_frontend.hidden import preview
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.room_words import kind, lines_about
from sat_frontends.quick_frontend.text import clean, clean_line, doubtful, short
from sat_frontends.quick_frontend.transfer_words import amount, percent, title

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
        """Who, presence, program, encryption on the left; the account and its state on the right."""
        right = self._account(columns)
        live, peer = self.app.session.live, self.app.windows.current
        if live is not None and self.app.posts.shown:
            return [Part("title", f" {self.app.posts.title}")], right
        if live is None or peer is None:
            return [Part(None, " primitivus")], right
        presence, symbols = live.contacts.presence(peer), self.app.symbols
        name = self._short(clean_line(live.contacts.label(peer)), max(8, columns // 3))
        place = live.contacts.room(peer)
        shown = (
            f"{symbols.show(presence.show)[1]} {SHOWN[presence.show]}"
            if self.app.session.daemon_there
            else f"{symbols.gone} unknown"
        )
        if place is not None and self.app.session.daemon_there:
            shown = f"{symbols.show(presence.show)[1]} {place.state}"
        left, more = [Part("title", f" {name} {shown}")], []
        if columns >= 60 and (program := live.programs.called(presence.jid)):
            more = [Part("title dim", f" {symbols.middot} {self._short(program, 16)}")]
        if place is not None:
            kind = "private room" if place.private else "public room"
            left.append(Part("title dim", f" {symbols.middot} {kind}, {place.occupants} there"))
        secure, action = self._encryption(live, peer)
        room = columns - total(right) - 1
        for fitting in ([*left, *more, secure, *action], [*left, secure, *action], [*left, secure]):
            if total(fitting) <= room:
                return fitting, right
        return [*cut(left, max(6, room - total([secure])), symbols.ellipsis), secure], right

    def _encryption(self, live: LiveProfile, peer: JID) -> tuple[Part, list[Part]]:
        """How the conversation is encrypted, and what is next to do; a click on it does that."""
        seal, text, action = headline(live.encrypting.state(peer), live.encrypting.comparing.asks(peer))
        attribute, sign = self.app.symbols.seal(seal)
        act = partial(self.app.act, "encryption")
        next_ = f" {self.app.symbols.middot} {self.app.keymap.shown('encryption')} {action}"
        shown = Part(attribute, f"  {sign} {text}" if sign else f"  {text}", act)
        return shown, [Part("title dim", next_, act)] if action else []

    def _short(self, text: str, columns: int) -> str:
        return short(text, columns, self.app.symbols.ellipsis)

    def _account(self, columns: int) -> list[Part]:
        live, there, symbols = self.app.session.live, self.app.session.daemon_there, self.app.symbols
        if live is None:
            return []
        state = live.connection.state
        online = there and state is ConnectionState.ONLINE
        if not there:
            sign = f"{symbols.gone} unknown"
        elif online:
            sign = symbols.show(live.own.show if live.own.show is not Show.OFFLINE else Show.ONLINE)[1]
        elif state is ConnectionState.CONNECTING:
            sign = f"connecting{symbols.ellipsis}"
        elif state is ConnectionState.WAITING:
            sign = f"{symbols.gone} offline, tries again"
        else:
            sign = f"{symbols.gone} offline"
        if columns < 60:
            return [Part("title dim", f"{sign} " if online else f"{symbols.gone} ")]
        return [Part("title dim", f"{self._short(live.jid, columns // 3)} {sign} ")]

    def banner(self, columns: int) -> tuple[list[Part], list[Part]]:
        """The daemon is away, or the bus that leads to it."""
        link = self.app.session.link
        if link is not None and not link.on_bus:
            sentence = "The D-Bus session is gone; the daemon cannot be reached until it is back."
        else:
            sentence = "The daemon sat has stopped. Waiting for it to come back; sat start starts it."
        return [Part("banner", f" {sentence}")], []

    # -- window bar ----------------------------------------------------------------------------------------------

    def bar(self, columns: int) -> tuple[list[Part], list[Part]]:
        """The open conversations with what is unread, what takes long, and how to get help. What is unread and not in
        it is counted."""
        app, live = self.app, self.app.session.live
        right = [Part(None, f" {app.keymap.shown('help')} help ", lambda: app.act("help"))]
        if live is None:
            return [], right
        jobs = live.jobs if columns >= 60 else ()  # the windows are worth more
        right = [*(Part(None, f" {clean_line(job.text)} ") for job in jobs), *right]
        right = [*self._elsewhere(columns), *self._under_way(live, columns), *right]
        if offers := len(live.transfers.asking):
            words = f" {offers} file{'' if offers == 1 else 's'} offered ({app.keymap.shown('transfers')}) "
            right = [Part("bar unread", words, lambda: app.act("transfers")), *right]
        for count, noun in (
            (len(live.rooms.invitations), "invitation"),
            (len(live.requests) + len(live.confirmations.waiting) + len(live.voices.waiting), "request"),
        ):
            if count:
                words = f" {count} {noun}{'' if count == 1 else 's'} ({app.keymap.shown('requests')}) "
                right = [Part("bar unread", words, lambda: app.act("requests")), *right]
        if unread := live.following.unread:
            key = f" ({app.keymap.shown('timeline')})" if columns >= 100 else ""
            noun = "post" if unread == 1 else "posts"
            right = [Part("bar unread", f" {unread} {noun}{key} ", lambda: app.act("timeline")), *right]
        windows = [self._window(number, peer) for number, peer in enumerate(app.windows.peers, 1)]
        room = columns - total(right) - 1
        shown, hidden = self._fitting(windows, live.unread, room)
        for _digits in range(2):  # what says how many are hidden takes room from the others
            if hidden > 0:
                rest = self._hidden(hidden, columns)
                shown, hidden = self._fitting(windows, live.unread, room - total([rest]))
        if hidden > 0:
            rest = self._hidden(hidden, columns)
            shown = [*cut(shown, room - total([rest]), app.symbols.ellipsis), rest]
        return shown, right

    def _under_way(self, live: LiveProfile, columns: int) -> list[Part]:
        """How far the files are that are on their way, the newest first, as many as there is room for."""
        files = live.transfers.under_way[::-1]
        most = 0 if columns < 60 else 1 if columns < 100 else 2
        told = []
        for each in files[:most]:
            words = f" {arrow(each, self.app.symbols)} {self._short(title(each), 16)} {percent(each) or amount(each)}"
            told.append(f"{words.rstrip()} ")
        if left := len(files) - len(told):
            told.append(f" +{left} " if told else f" {self.app.symbols.outgoing}{self.app.symbols.incoming}{left} ")
        return [Part(None, words, lambda: self.app.act("transfers")) for words in told]

    def _window(self, number: int, peer: JID) -> tuple[Part, int]:
        """A conversation in the bar, and how many unread ones of it are told there."""
        unread, worth = self.app.live.contacts.unread(peer), self.app.live.contacts.counts.worth(peer)
        name = self._short(clean_line(self.app.live.contacts.label(peer)), 14)
        current = peer == self.app.windows.current
        attribute = "bar current" if current else "bar unread" if worth else None
        label = f" {number} {name} {unread} " if unread and not current else f" {number} {name} "
        return Part(attribute, label, partial(self.app.open_chat, peer)), worth

    def _fitting(self, windows: list[tuple[Part, int]], unread: int, columns: int) -> tuple[list[Part], int]:
        """The conversations that fit, with the current one among them, and how many unread ones that leaves out."""
        first = next((n for n, (part, _unread) in enumerate(windows) if part.attribute == "bar current"), 0)
        end = min(first + 1, len(windows))
        room = columns - total([part for part, _unread in windows[first:end]])
        while first > 0 and total([windows[first - 1][0]]) <= room:
            first -= 1
            room -= total([windows[first][0]])
        while end < len(windows) and total([windows[end][0]]) <= room:
            room -= total([windows[end][0]])
            end += 1
        kept = windows[first:end]
        return [part for part, _unread in kept], unread - sum(count for _part, count in kept)

    def _hidden(self, unread: int, columns: int) -> Part:
        key = f" ({self.app.keymap.shown('next_unread')})" if columns >= 60 else ""
        return Part("bar unread", f" {unread} unread{key} ", lambda: self.app.act("next_unread"))

    def _elsewhere(self, columns: int) -> list[Part]:
        """How much is unread in other profiles, and how many files are offered to them."""
        profiles, key = self.app.session.profiles, self.app.keymap.shown("profiles")
        others = [row for row in profiles.rows if not row.current] if profiles is not None else []
        unread = sum(row.unread + row.offers for row in others)
        words = f" {unread} in other profiles ({key}) " if columns >= 60 else f" +{unread} {key} "
        return [Part("bar unread", words, lambda: self.app.act("profiles"))] if unread else []

    # -- what is written -----------------------------------------------------------------------------------------

    def purpose(self, columns: int) -> tuple[list[Part], list[Part]]:
        """What the text in the input is for, where it is no new message."""
        conversation = self.app.conversation
        composing = conversation.chat.composing if conversation is not None else NEW
        message = composing.message
        if message is None:
            return [], []
        about = "Correcting" if composing.purpose is Purpose.CORRECTION else "Answering"
        return [Part("bar current", f" {about}: {clean_line(preview(message)[:200])}")], [Part(None, " Esc: not so ")]

    # -- details -------------------------------------------------------------------------------------------------

    def details(self, peer: JID | None) -> list[tuple[str | None, str]]:
        """What is known of somebody, as lines with their attribute."""
        live = self.app.session.live
        if live is None or peer is None:
            return []
        if live.contacts.room(peer.bare) is not None:
            return self._in_room(live, peer)
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
            program = live.programs.described(presence.jid)
            lines.append((attribute, " ".join(filter(None, [sign, program, SHOWN[presence.show]]))))
            lines.append(("hint", clean_line(presence.jid)))
            if presence.idle_since:
                lines.append(("hint", f"last used {ago(clocks.time() - presence.idle_since)}"))
            if presence.status:
                lines.append((None, clean(presence.status)))
        if not resources:
            lines.append(("offline", f"{self.app.symbols.gone} offline"))
        lines.append((None, ""))
        if live.contacts.is_blocked(peer):
            lines.append(("error", "Blocked: nothing comes from them."))
        if contact is None:
            lines.append(("hint", "Not in your contacts."))
            return lines
        if contact.nickname:
            lines.append((None, f"Calls themselves: {clean_line(contact.nickname)}"))
        if contact.groups:
            lines.append((None, "Groups: " + ", ".join(clean_line(group) for group in contact.groups)))
        lines.append(("hint", SEES[contact.subscription]))
        if contact.asked:
            lines.append(("hint", "asked; no answer yet"))
        if contact.approved:
            lines.append(("hint", "approved: they see your presence as soon as they ask"))
        return lines

    def _in_room(self, live: LiveProfile, peer: JID) -> list[tuple[str | None, str]]:
        """What is known of a room, or of somebody in it."""
        room, there = live.contacts.room(peer.bare), live.contacts.occupants.get(peer)
        assert room is not None
        lines: list[tuple[str | None, str]] = [("dialog title", clean_line(live.contacts.label(peer)))]
        lines.append(("hint", clean_line(peer)))
        if peer.resource:
            return [*lines, (None, ""), *((None, line) for line in lines_about(there)[1:])] if there else lines
        lines += [(None, ""), (None, f"{kind(room).capitalize()}.")]
        if room.error:
            lines.append(("error", clean_line(room.error)))
        return [*lines, (None, f"{room.occupants} there"), (None, clean(room.subject))]

    def details_widget(self) -> urwid.Widget:
        """The details of the conversation's contact as a column."""
        rows = [urwid.Text((attribute, line)) for attribute, line in self.details(self.app.windows.current)]
        return urwid.ListBox(urwid.SimpleListWalker(rows))

    # -- the terminal's title ------------------------------------------------------------------------------------

    def terminal_title(self) -> str:
        """What the terminal shows in its own title: first what is unread or offered: it is seen in a task list."""
        live = self.app.session.live
        unread = f"({live.waiting}) " if live is not None and live.waiting else ""
        return f"{unread}primitivus{f' – {live.name}' if live is not None else ''}"
