"""Help on a command or a group, made from the declarations. It ends with examples."""

from __future__ import annotations

from sat_frontends.jp.command import Command, load
from sat_frontends.jp.groups import GROUPS, common_help


def help_of(group: str, verb: str = "") -> str:
    """Help on a command; on a group where no verb is named."""
    commands = load(group)
    if verb not in commands:
        return group_help(group, verb)
    return command_help(commands[verb])


def group_help(group: str, part: str = "") -> str:
    """The verbs of a group, or of a part of it, and an example of each."""
    commands = load(group)
    purpose, verbs = GROUPS[group]
    verbs = tuple(each for each in verbs if each.startswith(f"{part} ".lstrip()))
    width = max(map(len, verbs))
    name = f"{group} {part}".strip()
    lines = [f"Usage: jp {name} VERB [ARGUMENTS]", "", f"{purpose[0].upper()}{purpose[1:]}.", ""]
    lines += [f"  {verb.ljust(width)}  {commands[verb].summary}" for verb in verbs]
    lines += ["", f"jp {name} VERB --help explains one.", "", "Examples"]
    lines += [f"  {commands[verb].examples[0]}" for verb in verbs]
    return "\n".join(lines)


def command_help(command: Command) -> str:
    """Everything about one command."""
    lines = [f"Usage: {command.usage}", "", command.summary]
    if command.detail:
        lines += ["", *paragraphs(command.detail)]
    rows = [_row(each.flags, each.metavar, each.help, each.choices) for each in command.arguments.values()]
    if rows:
        width = min(28, max(len(left) for left, _ in rows))
        lines += ["", "Arguments and options"]
        for left, text in rows:
            lines += (
                [f"  {left.ljust(width)}  {text}"] if len(left) <= width else [f"  {left}", f"  {'':{width}}  {text}"]
            )
    lines += ["", "Options for every command", *common_help(), "", "Examples"]
    lines += [f"  {example}" for example in command.examples]
    return "\n".join(lines)


def _row(flags: tuple[str, ...], metavar: str, text: str, choices: tuple[str, ...]) -> tuple[str, str]:
    left = ", ".join(flags) + (f" {metavar}" if metavar else "") if flags else metavar
    return left, f"{text} ({', '.join(choices)})" if choices else text


def paragraphs(text: str) -> list[str]:
    """The lines of a docstring without its indentation."""
    lines = text.strip("\n").split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    cut = min(indents, default=0)
    return [lines[0].strip(), *(line[cut:].rstrip() for line in lines[1:])] if lines else []
