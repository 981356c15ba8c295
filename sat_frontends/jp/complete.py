"""What the word under the cursor may become. Asked by shells through the hidden ``jp __complete``; never fails loudly.

``jp __complete -- WORD… LAST`` (LAST may be empty) or ``jp __complete --line TEXT``. The first step reads only the
static table; only values that the daemon knows ask it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

from sat_frontends.jp.command import Argument, Command, load
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.groups import COMMON, GROUPS, SECTIONS, TOPICS
from sat_frontends.jp.output import Output, tidy
from sat_frontends.jp.parsing import COLOURS, OUTPUTS, Options
from sat_frontends.jp.words import Line

Found = list[tuple[str, str]]
FILES: Found = [(":files", "")]
LIMIT = 500  # possibilities shown


def answer(words: list[str]) -> int:
    """Print the possibilities; the exit code."""
    given = split(words[1]) if words[:1] == ["--line"] and len(words) > 1 else words[1:]
    *before, last = given or [""]
    try:
        found = possibilities(before, last)
    except Exception:  # a shell has no place for errors; the command itself will tell
        return 1
    if found == FILES:
        sys.stdout.write(":files\n")
        return 0
    fitting = [each for each in found if each[0].startswith(last)][:LIMIT]
    sys.stdout.write("".join(f"{tidy(word)}\t{tidy(help)}\n" for word, help in fitting))
    return 0


def _harmless(word: str) -> bool:
    """Whether a shell takes the word for nothing but a word: a contact may be called ``$(reboot)``, and bash puts what
    we answer into the line as it is."""
    return not word.startswith("-") and all(char.isalnum() or char in "@._+-/:%" for char in word)


def split(line: str) -> list[str]:
    """The words of a line of shell up to the cursor, without the program's name; the last may be unfinished."""
    import shlex

    try:
        words = shlex.split(line)
    except ValueError:  # an open quote
        words = line.split()
    if line[-1:].isspace():
        words.append("")
    return words[1:] or [""]


def possibilities(before: list[str], last: str) -> Found:
    """What may stand in place of ``last`` after these words."""
    common = {flag: "" for flags, metavar, _ in COMMON if metavar for flag in flags}
    if before and before[-1] in common:
        return _values(_COMMON_VALUES.get(before[-1], ""), before)
    try:
        line = Line([each for each in before if each not in ("-h", "--help")])
    except Failure:
        return []
    if not line.group:
        return (
            _options(None)
            if last.startswith("-")
            else [(name, GROUPS[name][0]) for each in SECTIONS.values() for name in each]
        )
    if not line.complete:
        commands = load(line.group)
        return [(verb, commands[verb].summary) for verb in GROUPS[line.group][1]]
    command = load(line.group)[line.verb]
    argument = _expected(command, line.rest)
    if argument is not None and (argument.flags or not last.startswith("-")):
        return [(each, "") for each in argument.choices] or _values(argument.complete, before)
    return _options(command) if last.startswith("-") else []


def _expected(command: Command, words: list[str]) -> Argument | None:
    """Which argument the next word belongs to."""
    by_flag = {flag: each for each in command.arguments.values() for flag in each.flags}
    if words and words[-1] in by_flag and by_flag[words[-1]].kind is not bool:
        return by_flag[words[-1]]
    valued = {flag for flags, metavar, _ in COMMON if metavar for flag in flags}
    valued |= {flag for flag, each in by_flag.items() if each.kind is not bool}
    place, waiting = 0, iter(words)
    for word in waiting:
        if word in valued:
            next(waiting, None)
        elif not word.startswith("-") or word == "-":
            place += 1
    places = [each for each in command.arguments.values() if not each.flags]
    if place < len(places):
        return places[place]
    return places[-1] if places and places[-1].many in ("*", "+") else None


def _options(command: Command | None) -> Found:
    own = [(flag, each.help) for each in (command.arguments.values() if command else ()) for flag in each.flags]
    return [*own, *((flag, text) for flags, _, text in COMMON for flag in flags), ("--version", "the version of jp")][
        : None if command is None else -1
    ]


def _values(kind: str, before: list[str]) -> Found:
    if kind in _STATIC:
        return _STATIC[kind]()
    if kind in _ASKED:
        profile = next((after for flag, after in pairwise(before) if flag in ("-p", "--profile")), "")
        jp = Jp(Options(profile=profile, no_input=True), Output(quiet=True))
        jp.starts = False  # a key must not wait for that
        found: Found = []
        from sat_frontends.bridge.blocking import run

        found.extend(each for each in run(_ASKED[kind](jp)) if _harmless(each[0]))
        return found
    return FILES if kind == "file" else []


# -- what only the daemon knows ------------------------------------------------------------------------------


async def _profiles(jp: Jp) -> Found:
    return [(each.name, each.jid) for each in await jp.profiles()]


async def _contacts(jp: Jp) -> Found:
    contacts = await (await jp.profile()).roster.get_contacts()
    return [(each.jid, each.name) for each in contacts] + [
        (each.name, each.jid) for each in contacts if each.name and " " not in each.name
    ]


async def _groups(jp: Jp) -> Found:
    contacts = await (await jp.profile()).roster.get_contacts()
    return [(group, "") for group in sorted({group for each in contacts for group in each.groups})]


async def _requests(jp: Jp) -> Found:
    return [(each.jid, each.status) for each in await (await jp.profile()).presence.get_requests()]


async def _settings(jp: Jp) -> Found:
    return [(each.key, each.label) for each in await (await jp.profile()).settings.get_settings()]


_ASKED: dict[str, Callable[[Jp], Coroutine[Any, Any, Found]]] = {
    "profile": _profiles,
    "contact": _contacts,
    "group": _groups,
    "request": _requests,
    "setting": _settings,
}


# -- what is known without it --------------------------------------------------------------------------------


def _shows() -> Found:
    from sat.plugins.presence.api import Show

    return [(each.value, "") for each in Show]


def _tabs() -> Found:
    from sat.api.settings import Tab

    return [(each.value, "") for each in Tab]


def _methods() -> Found:
    from sat_frontends.jp.interfaces import all_methods

    return all_methods()


_STATIC: dict[str, Callable[[], Found]] = {
    "output": lambda: [(each, "") for each in OUTPUTS],
    "color": lambda: [(each, "") for each in COLOURS],
    "shell": lambda: [("bash", ""), ("zsh", ""), ("fish", "")],
    "command": lambda: [*((name, purpose) for name, (purpose, _) in GROUPS.items()), *TOPICS.items()],
    "show": _shows,
    "tab": _tabs,
    "method": _methods,
}

_COMMON_VALUES = {"-p": "profile", "--profile": "profile", "-o": "output", "--output": "output", "--color": "color"}

KINDS = {*_STATIC, *_ASKED, "file", "value"}
"""What an argument's ``complete`` may say; ``value`` is completed by nobody."""
