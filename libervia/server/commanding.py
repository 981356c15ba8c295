"""User commands on the web: what is typed after a slash in the composer, with or without scripts."""

from __future__ import annotations

from urllib.parse import urlencode

from libervia.server.render import chat_end, room_settings_path, services_path
from sat.api import JID
from sat_frontends.quick_frontend.live import LiveProfile

LEAVING = "Close this page whenever you like: you stay online. “Log out” ends the session in this browser."


class WebShell:
    """What commands may do with a page that shows one conversation (``Shell`` of the commands): ``text`` is their
    answer, ``where`` the page that they lead to, if any."""

    def __init__(self, live: LiveProfile, peer: JID) -> None:
        self.live, self.peer = live, peer
        self.text = self.where = ""

    def show(self, text: str) -> None:
        """Lines to be shown above the composer."""
        self.text = f"{self.text}\n{text}".strip("\n")

    def open_chat(self, peer: JID) -> None:
        """Go to a conversation."""
        self.where = chat_end(peer)

    def close_chat(self, peer: JID) -> None:
        """Go to the list, from the conversation that is shown: on the web, none is kept open."""
        if peer == self.peer:
            self.where = "/chat"

    def open_search(self, text: str, peer: JID | None) -> None:
        """Go to what is found."""
        self.where = "/search?" + urlencode({"q": text} | ({"peer": peer} if peer is not None else {}))

    def open_room_settings(self, room: JID) -> None:
        """Go to the settings of a room."""
        self.where = room_settings_path(room)

    def open_found_rooms(self, words: str) -> None:
        """Go to the rooms that words find."""
        self.where = "/rooms?" + urlencode({"find": words})

    def open_services(self, jid: JID) -> None:
        """Go to what is at an address."""
        self.where = services_path(jid)

    def open_card(self) -> None:
        """Go to what we tell of ourselves."""
        self.where = "/card"

    def open_settings(self) -> None:
        """Go to the settings."""
        self.where = "/settings"

    def quit(self) -> None:
        """There is nothing to end."""
        self.show(LEAVING)
