"""User commands: what can be typed after a slash, the same in all frontends.

They are declared in ``command_set``; here a typed line is read, completed and carried out.
"""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend import (  # noqa: F401 - they declare the commands
    blog_commands,
    command_set,
    encryption_commands,
    file_commands,
    message_commands,
    owning_commands,
    room_commands,
    sending,
    service_commands,
)
from sat_frontends.quick_frontend.command_registry import (
    COMMANDS,
    NAMES,
    Command,
    Complete,
    Completion,
    Run,
    Shell,
    command,
    find,
    help_text,
)
from sat_frontends.quick_frontend.live import LiveProfile

__all__ = [
    "COMMANDS",
    "Command",
    "Complete",
    "Completion",
    "Line",
    "Run",
    "Shell",
    "command",
    "complete",
    "enter",
    "find",
    "help_text",
    "parse",
    "run",
]


class Line(NamedTuple):
    """What a typed line is: a command with its arguments, or a text to send."""

    command: Command | None
    text: str


def parse(line: str) -> Line:
    """Read a typed line. ``/away lunch`` is a command; ``//etc`` is the text ``/etc``; ``/me`` stays a text (XEP-0245).
    InvalidArgument for an unknown command says which one was perhaps meant."""
    if not line.startswith("/") or line.startswith("/me "):
        return Line(None, line)
    if line.startswith("//"):
        return Line(None, line[1:])
    words = line[1:].split(maxsplit=1)
    return Line(find(words[0] if words else ""), words[1].strip() if len(words) > 1 else "")


async def enter(shell: Shell, line: str) -> None:
    """Carry out a typed line: run the command, or send the text to ``shell.peer``. Raises SatError, to be shown.
    A text that could not be sent is in the conversation's draft again."""
    typed = parse(line)
    if typed.command is not None:
        await run(shell, typed)
    elif typed.text.strip():
        if shell.peer is None:
            raise InvalidArgument(reason="No conversation is open, so nobody would read this. Open one first.")
        await shell.live.send(shell.peer, typed.text)


async def run(shell: Shell, line: Line) -> None:
    """Carry out a command. Raises SatError, to be shown: InvalidArgument where something is missing, or too much."""
    command, text = line
    assert command is not None
    if not text and command.usage and not command.usage.startswith("["):
        raise InvalidArgument(reason=f"Something is missing: {command.synopsis}")
    if text and not command.usage:
        raise InvalidArgument(reason=f"{command.synopsis} takes nothing more: what does “{text}” mean?")
    await command.run(shell, text)


def complete(live: LiveProfile | None, line: str, peer: JID | None = None) -> list[Completion]:
    """What the line, up to the cursor, may become: each text replaces the whole line. In a text for a room, ``peer``,
    that is a nick."""
    if not line.startswith("/") or line.startswith("//"):
        return room_commands.nicks(live, peer, line) if live is not None and peer is not None else []
    name, space, arguments = line[1:].partition(" ")
    if not space:
        return [
            Completion(f"/{each.name} " if each.usage else f"/{each.name}", each.help)
            for each in COMMANDS.values()
            if any(candidate.startswith(name.lower()) for candidate in (each.name, *each.aliases))
        ]
    found = NAMES.get(name.lower())
    if found is None or found.complete is None or live is None:
        return []
    return [Completion(f"/{name} {each.text}", each.help) for each in found.complete(live, arguments.lstrip())]
