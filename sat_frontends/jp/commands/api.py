"""jp api: call any method of the daemon."""

from __future__ import annotations

from typing import Any

from sat.api.contract import describe, interface_name
from sat_frontends.jp.command import command, positional, switch
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.failure import usage
from sat_frontends.jp.interfaces import (
    ROOT_ONLY,
    UnknownInterface,
    all_methods,
    arguments,
    find,
    guessed,
    interfaces,
    introspected,
    schema,
)
from sat_frontends.jp.output import BOLD, Column


@command(
    "Call any method of the daemon, read any property, listen to any signal.",
    examples=(
        "jp api messages.get_history bob@localhost 0 10",
        "jp api messages.get_history peer=bob@localhost limit=5 -o json-raw",
        "jp api messages.unread",
        "jp api chat_states.changed  # shows each one as it comes",
        "jp api --list",
        "jp api --introspect roster",
    ),
    member=positional(
        "MEMBER", "interface.method, interface.property or interface.signal", many="?", complete="method"
    ),
    words=positional("ARGUMENT", "in order, or NAME=VALUE; lists and records as JSON", many="*"),
    all=switch("-l", "--list", help="list the methods"),
    introspect=switch("-i", "--introspect", help="explain an interface, or all of them"),
    daemon=switch("-d", "--daemon", help="the daemon's settings instead of the profile's"),
)
async def api(jp: Jp, member: str | None, words: list[str], all: bool, introspect: bool, daemon: bool) -> None:
    """What comes back is shown as JSON, a simple value as it is. A secret argument is given as - and typed, or piped
    in. What is on the bus as org.salutatoi.SAT1.Messages.GetHistory is messages.get_history here."""
    if all:
        methods = all_methods()
        columns = (Column("Method", BOLD), Column("Purpose", flexible=True))
        jp.out.table([{"method": name, "purpose": purpose} for name, purpose in methods], columns, methods)
    elif introspect:
        _introspect(jp, member)
    elif member is None:
        raise usage("Which method?", "jp api --list")
    else:
        await _use(jp, member, words, daemon)


def _introspect(jp: Jp, name: str | None) -> None:
    known = interfaces()
    wanted = [name.partition(".")[0]] if name else sorted(known)
    for each in wanted:
        if each not in known:
            find(f"{each}.")
    if jp.out.json:
        jp.out.value([schema(known[each]) for each in wanted])
    else:
        jp.out.line("\n\n".join(introspected(known[each]) for each in wanted))


async def _use(jp: Jp, text: str, words: list[str], daemon: bool) -> None:
    try:
        kind, name = find(text)
    except UnknownInterface as unknown:
        await _use_undeclared(jp, text, words, daemon, unknown)
        return
    described = describe(kind)
    interface = interface_name(kind)
    given = arguments(described.methods[name], words) if name in described.methods else {}
    if words and name not in described.methods:
        raise usage(f"{interface}.{name} takes no arguments.")
    of_daemon = daemon or interface in ROOT_ONLY
    client: Any = (jp.bridge if of_daemon else await jp.profile()).use(kind)
    if name in described.methods:
        _result(jp, await getattr(client, name)(**given))
    elif name in described.properties:
        _result(jp, getattr(await loaded(client), name).value)
    else:
        getattr(client, name).connect(lambda value: _heard(jp, value))
        await _listen(jp, name)


async def _use_undeclared(jp: Jp, text: str, words: list[str], daemon: bool, unknown: UnknownInterface) -> None:
    """What only the daemon knows is asked of it. Arguments are as JSON, and records have no names."""
    from sat.api.errors import NotFound
    from sat_frontends.bridge import generic

    path = "" if daemon else f"profile/{await jp.profile_name()}"
    try:
        member = generic.find(await generic.introspect(jp.bridge, path), text)
    except NotFound:
        raise unknown from None
    if member.kind == "method":
        _result(jp, await generic.call_by_name(jp.bridge, path, text, [guessed(word) for word in words]))
    elif words:
        raise usage(f"{text} takes no arguments.")
    elif member.kind == "property":
        _result(jp, await generic.get_by_name(jp.bridge, path, text))
    else:
        await generic.watch_by_name(jp.bridge, path, text, lambda values: _heard(jp, *values))
        await _listen(jp, member.name)


def _result(jp: Jp, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, str | int | float) and not jp.out.json:
        jp.out.text(value, str(value).lower() if isinstance(value, bool) else str(value))
    else:
        jp.out.value(value)


def _heard(jp: Jp, value: Any) -> None:
    from sat_frontends.quick_frontend.encoded import encoded

    jp.out.line(encoded(value, False))
    jp.out.flush()


async def _listen(jp: Jp, name: str) -> None:
    await jp.profiles()  # once it is answered, the bus knows that we listen
    jp.out.detail(f"Listening to {name}.")
    jp.listen(lambda: False)
