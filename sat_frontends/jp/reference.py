"""The reference page and the manual page of ``jp``, written from the declarations.

``python -m sat_frontends.jp.reference [FILE]`` writes the page docs/reference/jp.md; with ``--man``, jp.1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sat_frontends.jp.command import Argument, Command, load
from sat_frontends.jp.failure import EXIT_CODES
from sat_frontends.jp.groups import COMMON, EXAMPLES, SECTIONS
from sat_frontends.jp.help import paragraphs
from sat_frontends.jp.topics import ENVIRONMENT, FORMATTING

_HEAD = """\
# jp, the command line

<!-- Written by `python -m sat_frontends.jp.reference docs/reference/jp.md`; do not edit. -->

`jp COMMAND [VERB] [ARGUMENTS]`. `jp --help` lists the commands, `jp COMMAND --help` explains one, and
`jp completion SHELL` makes your shell complete them."""


def page() -> str:
    """The reference page, as Markdown."""
    parts = [_HEAD, _shell(*(f"{line}  # {what}" for line, what in EXAMPLES)), "## Options for every command"]
    parts.append("\n".join(f"- {_flags(flags, metavar)}: {text}" for flags, metavar, text in COMMON))
    for section, groups in SECTIONS.items():
        parts.append(f"## {section}")
        for group in groups:
            parts += [_entry(command) for command in commands(group)]
    parts += ["## Exit codes", "| code | meaning |\n|---|---|\n" + _rows(EXIT_CODES)]
    parts += [
        "## Environment",
        "| variable | meaning |\n|---|---|\n" + _rows({f"`{k}`": v for k, v in ENVIRONMENT.items()}),
    ]
    parts += ["## Output", f"```text\n{FORMATTING}\n```"]
    return "\n\n".join(parts) + "\n"


def commands(group: str) -> list[Command]:
    """The commands of a group in the order of the help."""
    known = load(group)
    return [known[verb] for verb in _verbs(group) or ("",)]


def _verbs(group: str) -> tuple[str, ...]:
    return next(groups[group][1] for groups in SECTIONS.values() if group in groups)


def _entry(command: Command) -> str:
    parts = [f"### jp {command.name}", command.summary, _shell(command.usage)]
    if command.detail:
        parts.append("\n".join(paragraphs(command.detail)).replace("\\", "\\\\"))
    if command.arguments:
        parts.append("\n".join(f"- {_head(each)}: {_help(each)}" for each in command.arguments.values()))
    return "\n\n".join([*parts, "Examples:", _shell(*command.examples)])


def _head(argument: Argument) -> str:
    return _flags(argument.flags, argument.metavar) if argument.flags else f"`{argument.metavar}`"


def _flags(flags: tuple[str, ...], metavar: str) -> str:
    return ", ".join(f"`{flag} {metavar}`" if metavar else f"`{flag}`" for flag in flags)


def _help(argument: Argument) -> str:
    return f"{argument.help} ({', '.join(argument.choices)})" if argument.choices else argument.help


def _shell(*lines: str) -> str:
    return "```sh\n" + "\n".join(lines) + "\n```"


def _rows(entries: dict[str, str] | dict[int, str]) -> str:
    return "\n".join(f"| {name} | {text} |" for name, text in entries.items())


# -- the manual page -----------------------------------------------------------------------------------------


def manual() -> str:
    """jp(1), as man reads it (man(7))."""
    lines = ['.TH JP 1 "" "Salut à Toi"', ".SH NAME", "jp \\- Salut à Toi from the command line", ".SH SYNOPSIS"]
    lines += [".B jp", "COMMAND [VERB] [ARGUMENTS]", ".SH DESCRIPTION"]
    lines += ["jp talks to the daemon of Salut à Toi, which keeps your XMPP accounts online.", ".SH OPTIONS"]
    for flags, metavar, text in COMMON:
        lines += [".TP", roff(", ".join(flags) + (f" {metavar}" if metavar else "")), roff(text)]
    lines.append(".SH COMMANDS")
    for groups in SECTIONS.values():
        for group in groups:
            for command in commands(group):
                lines += _manual_entry(command)
    for title, entries in (("EXIT STATUS", EXIT_CODES), ("ENVIRONMENT", ENVIRONMENT)):
        lines.append(f".SH {title}")
        for name, text in entries.items():
            lines += [".TP", f".B {roff(str(name))}", roff(text)]
    lines += [".SH OUTPUT", ".nf", *(roff(line) for line in FORMATTING.split("\n")), ".fi"]
    return "\n".join(lines) + "\n"


def _manual_entry(command: Command) -> list[str]:
    lines = [f".SS {roff(command.usage)}", roff(command.summary)]
    lines += [roff(line) for line in paragraphs(command.detail)]
    for argument in command.arguments.values():
        head = ", ".join(argument.flags) + (f" {argument.metavar}" if argument.metavar else "")
        lines += [".TP", roff(head.strip() or argument.metavar), roff(_help(argument))]
    return [*lines, ".PP", ".nf", *(roff(f"  {example}") for example in command.examples), ".fi"]


def roff(text: str) -> str:
    """A line of text, safe from man."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def main(words: list[str]) -> None:
    """Write the page, to a file or to stdout."""
    text = manual() if "--man" in words else page()
    files = [word for word in words if not word.startswith("-")]
    if files:
        Path(files[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
