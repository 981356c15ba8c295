"""What the commands of a person open on the screen. A screen is loaded when it is opened first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.posts import Place
from sat_frontends.primitivus.over import Over

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class Opening(Over):
    """Opens it. ``app`` is what it is itself in the end."""

    app: App

    def open_search(self, text: str, peer: JID | None) -> None:
        """Search in all conversations, or in one."""
        from sat_frontends.primitivus.searching import Search

        Search.open(self.app, text, peer)

    def open_export(self, peer: JID, as_json: bool) -> None:
        """Write a conversation to a file."""
        from sat_frontends.primitivus.exporting import open_export

        open_export(self.app, peer, as_json)

    def open_room_settings(self, room: JID) -> None:
        """The settings of a room."""
        self.loop.spawn(self.app.rooms.open_settings(room))

    def open_found_rooms(self, words: str) -> None:
        """The rooms that words find."""
        self.loop.spawn(self.app.rooms.open_found(words))

    def open_services(self, jid: JID) -> None:
        """What is at an address."""
        from sat_frontends.primitivus.services import Services

        Services(self.app).open(jid)

    def open_timeline(self) -> None:
        """What is published by all that is followed."""
        self.app.posts.open_timeline()

    def open_blog(self, place: Place) -> None:
        """What is published there."""
        self.app.posts.open_blog(place)

    def open_blog_drafts(self) -> None:
        """The posts that are not published yet."""
        self.app.posts.open_drafts()

    def open_blog_answers(self) -> None:
        """What others have said of our posts."""
        self.app.posts.open_answers()

    def open_blog_discovery(self, service: JID) -> None:
        """What could be followed."""
        from sat_frontends.primitivus.discovering import open_discovery

        open_discovery(self.app, service)

    def open_about(self, jid: JID) -> None:
        """Who somebody is."""
        self.app.people.read_details(jid)

    def open_card(self) -> None:
        """What we tell of ourselves."""
        from sat_frontends.primitivus.about import open_card

        self.loop.spawn(open_card(self.app))

    def open_transfers(self) -> None:
        """What is on its way and what was."""
        from sat_frontends.primitivus.transfer_list import TransferList

        TransferList.open(self.app)

    def open_shares(self) -> None:
        """What we share."""
        from sat_frontends.primitivus.shared_files import open_shares

        self.loop.spawn(open_shares(self.app))

    def open_files(self, peer: JID) -> None:
        """What somebody shares with us."""
        from sat_frontends.primitivus.shared_files import SharedFiles

        SharedFiles(self.app, peer).open()

    def open_settings(self) -> None:
        """The settings."""
        from sat_frontends.primitivus.settings import SettingsScreen

        self.loop.spawn(SettingsScreen.open(self.app))
