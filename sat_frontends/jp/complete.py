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
from sat_frontends.jp.groups import COMMON, GROUPS, SECTIONS, TOPICS, VERSION
from sat_frontends.jp.output import Output, tidy
from sat_frontends.jp.parsing import COLOURS, OUTPUTS, Options
from sat_frontends.jp.words import VALUED, Line

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
    before = [each for each in before if each not in ("-h", "--help")]
    try:
        flag, equals, _ = last.partition("=")
        if equals and flag.startswith("-"):
            return [(f"{flag}={word}", text) for word, text in _values_of_option(before, flag) or []]
        if before and (values := _values_of_option(before[:-1], before[-1])) is not None:
            return values
        line = Line(before)
    except Failure:
        return []
    if not line.group:
        return _options(None) if last.startswith("-") else _all_groups()
    if not line.complete:
        return _verbs(line.group, line.verb)
    command = load(line.group)[line.verb]
    argument = _expected(command, line.rest)
    if argument is not None and not last.startswith("-"):
        return [(each, "") for each in argument.choices] or _values(argument.complete, before, last)
    return _options(command) if last.startswith("-") else []


def _values_of_option(before: list[str], flag: str) -> Found | None:
    """What may follow an option; None where ``flag`` is none that takes a value."""
    if flag in VALUED:
        return _values(_COMMON_VALUES.get(flag, ""), before)
    line = Line(before) if flag.startswith("-") else None
    if line is None or not line.complete:
        return None
    for argument in load(line.group)[line.verb].arguments.values():
        if flag in argument.flags and argument.kind is not bool:
            return [(each, "") for each in argument.choices] or _values(argument.complete, before)
    return None


def _all_groups() -> Found:
    from sat_frontends.jp.extensions import installed

    ours = [(name, groups[name][0]) for groups in SECTIONS.values() for name in groups]
    return ours + [(name, f"of {module.partition('.')[0]}") for name, module in sorted(installed().items())]


def _verbs(group: str, part: str) -> Found:
    """The next words of the verbs of a group, behind those that are there already."""
    commands, start = load(group), len(f"{part} ".lstrip())
    found: dict[str, str] = {}
    for verb in GROUPS[group][1]:
        if verb.startswith(f"{part} ".lstrip()):
            word, more, _ = verb[start:].partition(" ")
            found.setdefault(word, "" if more else commands[verb].summary)
    return list(found.items())


def _expected(command: Command, words: list[str]) -> Argument | None:
    """Which argument known by its place the next word is."""
    own = {flag for each in command.arguments.values() if each.kind is not bool for flag in each.flags}
    valued = VALUED | own
    place, waiting = 0, iter(words)
    for word in waiting:
        if word in valued:
            next(waiting, None)
        elif not word.startswith("-") or word == "-":
            place += 1
    places = [each for each in command.arguments.values() if not each.flags]
    many = next((each for each in places if each.many in ("*", "+")), None)
    if many is not None and place > places.index(many):
        # Of FILE… CONTACT it may be either; that there is one more file is typed, not completed.
        return places[-1]
    return places[place] if place < len(places) else None


def _options(command: Command | None) -> Found:
    own = [(flag, each.help) for each in (command.arguments.values() if command else ()) for flag in each.flags]
    common = COMMON if command else (*COMMON, VERSION)
    return [*own, *((flag, text) for flags, _, text in common for flag in flags)]


def _values(kind: str, before: list[str], last: str = "") -> Found:
    if kind == "command":
        return _explained(before)
    if kind == "share":  # what it may be depends on what is done with it
        kind = "file" if "add" in before else "own share" if "remove" in before else ""
    if kind == "setting" and ("-d" in before or "--daemon" in before):
        kind = "setting of the daemon"
    if kind in _STATIC:
        return _STATIC[kind]()
    if kind in _ASKED or kind == "their file":
        profile = next((after for flag, after in pairwise(before) if flag in ("-p", "--profile")), "")
        jp = Jp(Options(profile=profile, no_input=True), Output(quiet=True))
        jp.starts = False  # a key must not wait for that
        found: Found = []
        from sat_frontends.bridge.blocking import run

        asking = _their_files(jp, before, last) if kind == "their file" else _ASKED[kind](jp)
        found.extend(each for each in run(asking) if _harmless(each[0]))
        return found
    return FILES if kind == "file" else []


# -- what only the daemon knows ------------------------------------------------------------------------------


async def _profiles(jp: Jp) -> Found:
    return [(each.name, each.jid) for each in await jp.profiles()]


async def _contacts(jp: Jp) -> Found:
    addresses = await _addresses(jp)
    return [*addresses, *((name, jid) for jid, name in addresses if name and " " not in name), *await _rooms(jp)]


async def _addresses(jp: Jp) -> Found:
    return [(each.jid, each.name or each.nickname) for each in await (await jp.profile()).roster.get_contacts()]


async def _groups(jp: Jp) -> Found:
    contacts = await (await jp.profile()).roster.get_contacts()
    return [(group, "") for group in sorted({group for each in contacts for group in each.groups})]


async def _requests(jp: Jp) -> Found:
    return [(each.jid, each.status) for each in await (await jp.profile()).presence.get_requests()]


async def _rooms(jp: Jp) -> Found:
    return [(each.jid, each.name) for each in await (await jp.profile()).rooms.get_rooms()]


async def _known_rooms(jp: Jp) -> Found:
    from sat_frontends.jp.rooms import known

    return list((await known(await jp.profile())).items())


async def _bookmarks(jp: Jp) -> Found:
    return [(each.room, each.name) for each in await (await jp.profile()).bookmarks.get_bookmarks()]


async def _invitations(jp: Jp) -> Found:
    return [(each.room, each.reason) for each in await (await jp.profile()).rooms.get_invitations()]


async def _followed(jp: Jp) -> Found:
    from sat_frontends.jp.places import typed

    found = await (await jp.profile()).timeline.get_following()
    return [(typed(each.place), each.title) for each in found]


async def _drafts(jp: Jp) -> Found:
    found = await (await jp.profile()).blog_drafts.get_all()
    return [(each.id, each.draft.title or each.draft.body[:60]) for each in found]


async def _blocked(jp: Jp) -> Found:
    return [(each, "") for each in await (await jp.profile()).blocking.get_blocked()]


async def _transfers(jp: Jp) -> Found:
    found = await (await jp.profile()).transfers.get_all()
    return [(each.id, f"{each.name}, {each.state}") for each in found]


async def _shares(jp: Jp) -> Found:
    return [(each.name, each.path) for each in await (await jp.profile()).shares.get_own()]


async def _their_files(jp: Jp, before: list[str], last: str) -> Found:
    """What is in the folder of a contact's into which the word leads."""
    from sat_frontends.jp.transferring import program_of

    contact = next(word for word in Line(before).rest if not word.startswith("-"))
    folder = last.rpartition("/")[0]
    profile = await jp.profile()
    listed = await profile.shares.browse(await program_of(profile, contact), folder)
    return [(f"{each.path}/" if each.folder else each.path, each.description or each.type) for each in listed]


async def _settings(jp: Jp) -> Found:
    return [(each.key, each.label) for each in await (await jp.profile()).settings.get_settings()]


async def _settings_of_daemon(jp: Jp) -> Found:
    return [(each.key, each.label) for each in await jp.bridge.settings.get_settings()]


_ASKED: dict[str, Callable[[Jp], Coroutine[Any, Any, Found]]] = {
    "profile": _profiles,
    "address": _addresses,
    "contact": _contacts,
    "group": _groups,
    "room": _rooms,
    "known room": _known_rooms,
    "bookmark": _bookmarks,
    "invitation": _invitations,
    "request": _requests,
    "blocked": _blocked,
    "followed": _followed,
    "draft": _drafts,
    "transfer": _transfers,
    "own share": _shares,
    "setting": _settings,
    "setting of the daemon": _settings_of_daemon,
}


# -- what is known without it --------------------------------------------------------------------------------


def _shows() -> Found:
    from sat.plugins.presence.api import Show

    return [(each.value, "") for each in Show]


def _roles() -> Found:
    from sat.plugins.rooms.api import Role

    return [(each.value, "") for each in Role]


def _affiliations() -> Found:
    from sat.plugins.rooms.api import Affiliation

    return [(each.value, "") for each in Affiliation]


def _audiences() -> Found:
    from sat.api.posts import Audience

    return [(each.value, "") for each in Audience]


def _draft_actions() -> Found:
    from sat_frontends.jp.commands.blog.unpublished import ACTIONS

    return [(each, "") for each in ACTIONS]


def _tabs() -> Found:
    from sat.api.settings import Tab

    return [(each.value, "") for each in Tab]


def _explained(before: list[str]) -> Found:
    """What ``jp help`` explains: a group or a topic, then a verb of the group."""
    named = [word for word in Line(before).rest if not word.startswith("-")]
    if not named:
        return [*_all_groups(), *TOPICS.items()]
    if named[0] in TOPICS:
        return []
    line = Line(named)
    return _verbs(line.group, line.verb) if line.group and not line.complete else []


def _sharing() -> Found:
    from sat_frontends.jp.shared_files import ACTIONS

    return list(ACTIONS.items())


def _methods() -> Found:
    from sat_frontends.jp.interfaces import all_methods

    return all_methods()


_STATIC: dict[str, Callable[[], Found]] = {
    "output": lambda: [(each, "") for each in OUTPUTS],
    "color": lambda: [(each, "") for each in COLOURS],
    "sharing": _sharing,
    "shell": lambda: [("bash", ""), ("zsh", ""), ("fish", "")],
    "show": _shows,
    "tab": _tabs,
    "audience": _audiences,
    "draft action": _draft_actions,
    "role": _roles,
    "affiliation": _affiliations,
    "method": _methods,
}

_COMMON_VALUES = {"-p": "profile", "--profile": "profile", "-o": "output", "--output": "output", "--color": "color"}

KINDS = {*_STATIC, *_ASKED, "command", "file", "share", "their file", "value"}
"""What an argument's ``complete`` may say; ``value`` is completed by nobody."""
