"""What the global keys do. Each action of the key table that works everywhere has its ``do_`` method here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat_frontends.primitivus.view import Zone

if TYPE_CHECKING:
    from sat.api import JID
    from sat_frontends.primitivus.app import App


class Actions:
    """The actions of ``Where.GLOBAL``."""

    def __init__(self, app: App) -> None:
        self.app = app
        for number in range(1, 11):
            setattr(self, f"do_window_{number}", lambda number=number: self._go(app.windows.numbered(number)))

    def _go(self, peer: JID | None) -> None:
        if peer is not None:
            self.app.open_chat(peer)

    def do_help(self) -> None:
        from sat_frontends.primitivus.help import open_help

        open_help(self.app)

    def do_contacts(self) -> None:
        view = self.app.view
        if view.zone is Zone.CONTACTS:
            view.enter(Zone.INPUT)
        elif self.app.pane is not None:
            view.enter(Zone.CONTACTS)

    def do_details(self) -> None:
        app = self.app
        if app.view.zone is Zone.CONTACTS:
            app.people.open_details(app.pane.selected_contact if app.pane is not None else None)
        elif app.windows.current is None:
            app.notice("No conversation is open.")
        elif app.view.zone is Zone.OCCUPANTS:
            app.conversations.leave_occupants()
        elif app.conversations.occupants is not None:
            app.view.enter(Zone.OCCUPANTS)
        elif app.view.columns_shown(app.loop.size[0])[1] or app.loop.size[0] >= 120:
            app.view.details_shown = not app.view.details_shown
            app.view.refresh()
        else:
            app.people.read_details(app.windows.current)

    def do_timeline(self) -> None:
        if self.app.session.live is not None:
            self.app.posts.turn()

    def do_menu(self) -> None:
        from sat_frontends.primitivus.picking import open_menu

        open_menu(self.app)

    def do_goto(self) -> None:
        from sat_frontends.primitivus.picking import open_goto

        open_goto(self.app)

    def do_profiles(self) -> None:
        from sat_frontends.primitivus.picking import open_profiles

        open_profiles(self.app)

    def do_next_unread(self) -> None:
        live = self.app.session.live
        if live is None:
            return
        peer = live.next_unread(self.app.windows.current)
        if peer is None:
            self.app.notice("Nothing is unread.")
        self._go(peer)

    def do_next_window(self) -> None:
        self._go(self.app.windows.step(1))

    def do_previous_window(self) -> None:
        self._go(self.app.windows.step(-1))

    def do_last_window(self) -> None:
        self._go(self.app.windows.last)

    def do_close_window(self) -> None:
        peer = self.app.windows.current
        if peer is not None:
            self.app.close_chat(peer)

    def do_search(self) -> None:
        self.app.open_search("", None)

    def do_requests(self) -> None:
        self.app.people.open_requests()

    def do_encryption(self) -> None:
        from sat_frontends.primitivus.encryption import open_encryption

        open_encryption(self.app)

    def do_attach(self) -> None:
        from sat_frontends.primitivus.attaching import open_attach

        open_attach(self.app)

    def do_transfers(self) -> None:
        if self.app.session.live is not None:
            self.app.open_transfers()

    def do_settings(self) -> None:
        self.app.open_settings()

    def do_redraw(self) -> None:
        self.app.loop.screen.clear()

    def do_quit(self) -> None:
        self.app.quit()

    def do_scroll_up(self) -> None:
        self._scroll("page up")

    def do_scroll_down(self) -> None:
        self._scroll("page down")

    def _scroll(self, key: str) -> None:
        app = self.app
        if app.posts.shown:
            app.posts.scroll(app.loop.size, key)
            return
        size = app.view.conversation_size(app.loop.size)
        if app.view.zone is Zone.CONTACTS and app.pane is not None:
            app.pane.list.keypress((size[0], size[1]), key)
        elif app.conversation is not None:
            app.conversation.scroll(size, key)
            app.look()
