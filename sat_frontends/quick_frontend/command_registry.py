"""How user commands are declared, and what they may do with a frontend."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.posts import Place
from sat_frontends.quick_frontend.live import LiveProfile


class Shell(Protocol):
    """What a frontend lets commands do."""

    @property
    def live(self) -> LiveProfile:
        """The current profile. Errors: ProfileNotFound when there is none."""

    @property
    def peer(self) -> JID | None:
        """The conversation that is shown."""

    def show(self, text: str) -> None:
        """Show lines of text (help, an answer) that are no message. The text is clean."""

    def open_chat(self, peer: JID) -> None:
        """Show a conversation."""

    def close_chat(self, peer: JID) -> None:
        """Close a conversation."""

    def open_search(self, text: str, peer: JID | None) -> None:
        """Search in one conversation or in all, and show what is found."""

    def open_export(self, peer: JID, as_json: bool) -> None:
        """Have a conversation written to a file, as text or as JSON."""

    def open_room_settings(self, room: JID) -> None:
        """Show the settings of a room, to be changed."""

    def open_found_rooms(self, words: str) -> None:
        """Show the rooms of many servers that words find, to be entered."""

    def open_services(self, jid: JID) -> None:
        """Show what an address is, has and can do."""

    def open_timeline(self) -> None:
        """Show what is published by all that is followed."""

    def open_blog(self, place: Place) -> None:
        """Show what is published there; with an id in the place, that post."""

    def open_blog_drafts(self) -> None:
        """Show the posts that are not published yet."""

    def open_blog_answers(self) -> None:
        """Show what others have said of our posts, and who names us."""

    def open_blog_discovery(self, service: JID) -> None:
        """Show what could be followed: at an address, or, where that is empty, what contacts publish and follow."""

    def open_about(self, jid: JID) -> None:
        """Show who somebody is."""

    def open_card(self) -> None:
        """Show what we tell of ourselves, to be changed."""

    def open_transfers(self) -> None:
        """Show what is on its way and what was."""

    def open_shares(self) -> None:
        """Show what we share, and let it be ended."""

    def open_files(self, peer: JID) -> None:
        """Show what somebody shares with us, to be fetched."""

    def open_settings(self) -> None:
        """Show the settings."""

    def quit(self) -> None:
        """End the frontend. The daemon stays."""


class Completion(NamedTuple):
    """One possibility: the text that stands there afterwards, and what it is. Both are clean."""

    text: str
    help: str = ""


Run = Callable[[Shell, str], Coroutine[Any, Any, None]]
Complete = Callable[[LiveProfile, str], list[Completion]]
"""What the arguments, as far as they are typed, may become."""


class Command(NamedTuple):
    """A command: ``usage`` is its arguments (``CONTACT TEXT``), ``help`` one sentence."""

    name: str
    usage: str
    help: str
    run: Run
    complete: Complete | None = None
    aliases: tuple[str, ...] = ()

    @property
    def synopsis(self) -> str:
        """How it is typed: ``/msg CONTACT TEXT``."""
        return f"/{self.name} {self.usage}".rstrip()


COMMANDS: dict[str, Command] = {}
"""Every command under its name, without the slash, in the order of the help."""

NAMES: dict[str, Command] = {}
"""Every command under its name and its aliases."""


def command(
    name: str, usage: str, help: str, complete: Complete | None = None, aliases: tuple[str, ...] = ()
) -> Callable[[Run], Run]:
    """Register a command. TypeError where the name is taken."""

    def register(run: Run) -> Run:
        made = Command(name, usage, help, run, complete, aliases)
        for each in (name, *aliases):
            if each in NAMES:
                raise TypeError(f"two commands are called /{each}")
            NAMES[each] = made
        COMMANDS[name] = made
        return run

    return register


def find(name: str) -> Command:
    """The command of that name or alias, without the slash. InvalidArgument says which one was perhaps meant."""
    found = NAMES.get(name.lower())
    if found is None:
        from difflib import get_close_matches  # slow to import, and seldom needed

        near = get_close_matches(name.lower(), NAMES, 1, 0.6)
        meant = f"Did you mean /{near[0]}?" if near else "/help shows all commands, and // begins a text with a slash."
        raise InvalidArgument(reason=f"There is no command /{name}. {meant}")
    return found


def help_text(name: str = "") -> str:
    """The help of all commands, or of one."""
    if name:
        found = find(name.removeprefix("/"))
        also = f"\nAlso: {', '.join('/' + alias for alias in found.aliases)}" if found.aliases else ""
        return f"{found.synopsis}\n{found.help}{also}"
    column = max(len(each.synopsis) for each in COMMANDS.values())
    lines = [f"{each.synopsis:<{column}}  {each.help}" for each in COMMANDS.values()]
    return "\n".join([*lines, "/me TEXT says what you do. A line that begins with // is sent with one slash."])
