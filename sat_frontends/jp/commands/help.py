"""jp help: help on a command, or on a topic."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.extensions import learn_all
from sat_frontends.jp.failure import usage
from sat_frontends.jp.groups import GROUPS, TOPICS, full_help
from sat_frontends.jp.help import help_of
from sat_frontends.jp.topics import topic
from sat_frontends.jp.words import Line


@command(
    "Help on a command, or on a topic.",
    examples=("jp help", "jp help message send", "jp help exit-codes", "jp help formatting"),
    words=positional("COMMAND", "a command, or exit-codes, environment, formatting", many="*", complete="command"),
)
async def help_(jp: Jp, words: list[str]) -> None:
    if not words:
        jp.out.line(full_help(learn_all()))
    elif words[0] in TOPICS:
        jp.out.line(topic(words[0]))
    else:
        line = Line(words)
        if line.rest or line.group not in GROUPS:
            raise usage(f"There is no help on “{' '.join(words)}”.", "jp help")
        jp.out.line(help_of(line.group, line.verb))
