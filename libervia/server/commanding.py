"""User commands on the web: what is typed after a slash in the composer, with or without scripts."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from libervia.server.posts import view_path
from libervia.server.render import chat_end, contact_path, export_path, files_path, room_settings_path, services_path
from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.posts import Place
from sat_frontends.quick_frontend.command_registry import NAMES, Command
from sat_frontends.quick_frontend.live import LiveProfile

LEAVING = "Close this page whenever you like: you stay online. “Log out” ends the session in this browser."


def names_files(command: Command) -> bool:
    """Whether a command names files of the machine on which it runs. That is the daemon's, not that of who looks at a
    page: they would read and send what is not theirs."""
    return re.search(r"\b(FILE|FOLDER|PATH)\b", command.usage) is not None


def check(command: Command) -> None:
    """Whether a page may carry it out. Errors: InvalidArgument."""
    if names_files(command):
        raise InvalidArgument(
            reason=f"/{command.name} takes a file of the machine on which sat runs, so it is not for a web page. "
            "Files of yours are sent below what you write."
        )


def may(line: str) -> bool:
    """Whether a page may carry out what a line becomes: nothing of the machine's files is told either."""
    command = NAMES.get(line[1:].partition(" ")[0].lower())
    return command is None or not names_files(command)


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

    def open_export(self, peer: JID, as_json: bool) -> None:
        """Go to the conversation as a file."""
        self.where = export_path(peer, as_json)

    def open_room_settings(self, room: JID) -> None:
        """Go to the settings of a room."""
        self.where = room_settings_path(room)

    def open_found_rooms(self, words: str) -> None:
        """Go to the rooms that words find."""
        self.where = "/rooms?" + urlencode({"find": words})

    def open_services(self, jid: JID) -> None:
        """Go to what is at an address."""
        self.where = services_path(jid)

    def open_timeline(self) -> None:
        """Go to what is published by all that is followed."""
        self.where = "/timeline"

    def open_blog(self, place: Place) -> None:
        """Go to what is published there."""
        self.where = view_path(place)

    def open_blog_drafts(self) -> None:
        """Go to the posts that are not published yet."""
        self.where = "/blog/drafts"

    def open_blog_answers(self) -> None:
        """Go to what others have said of our posts."""
        self.where = "/timeline?answers=1"

    def open_blog_discovery(self, service: JID) -> None:
        """Go to what could be followed."""
        self.where = "/blog/discover" + ("?" + urlencode({"service": service}) if service else "")

    def open_about(self, jid: JID) -> None:
        """Go to who somebody is."""
        self.where = contact_path(jid)

    def open_card(self) -> None:
        """Go to what we tell of ourselves."""
        self.where = "/card"

    def open_transfers(self) -> None:
        """Go to what is on its way."""
        self.where = "/files"

    def open_shares(self) -> None:
        """Go to what is on its way, and shared."""
        self.where = "/files"

    def open_files(self, peer: JID) -> None:
        """Go to what a contact shares."""
        self.where = files_path(peer)

    def open_settings(self) -> None:
        """Go to the settings."""
        self.where = "/settings"

    def quit(self) -> None:
        """There is nothing to end."""
        self.show(LEAVING)
