"""How a command is declared: once, and its parser, help, examples, completion, manual and reference page follow.

``@command("What it does.", jid=positional("JID", "who"), ...)`` stands over a coroutine function whose parameters
after ``jp`` bear the names of the declared arguments. The module is the group, the function the verb; a group with many
verbs is a package of ``jp.commands`` that imports its modules. In a module of ours that is called ``group_part`` the
verbs have two words, ``part verb``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Run = Callable[..., Coroutine[Any, Any, int | None]]
"""Runs to its end; returns the exit code, if it is not 0."""


BEHIND = ("--",)
"""The flag of what stands behind all else."""
_OURS = "sat_frontends.jp.commands."


class Argument:
    """One argument (``flags`` empty) or option of a command.

    ``many`` is ``""`` (exactly one), ``"?"``, ``"*"`` or ``"+"``; an option with ``"*"`` may be repeated.
    ``complete`` says which values a shell offers (see ``complete.py``). ``kind`` is bool for a switch.
    """

    __slots__ = ("choices", "complete", "default", "flags", "help", "kind", "many", "metavar")

    def __init__(
        self,
        metavar: str,
        help: str,
        flags: tuple[str, ...] = (),
        kind: Callable[[str], Any] = str,
        default: Any = None,
        many: str = "",
        choices: tuple[str, ...] = (),
        complete: str = "",
    ) -> None:
        self.metavar, self.help, self.flags, self.kind = metavar, help, flags, kind
        self.default, self.many, self.choices, self.complete = default, many, choices, complete

    def switched(self, flag: str) -> bool:
        """What a switch says when it is given by this one of its flags."""
        return not (flag.startswith("--no-") and f"--{flag[5:]}" in self.flags)

    @property
    def usage(self) -> str:
        """How it stands in a line of usage."""
        if self.flags == BEHIND:
            return f"-- {self.metavar}…"
        if not all(map(self.switched, self.flags)):
            return f"[{'|'.join(self.flags)}]"
        if self.flags:
            shown = f"{self.flags[-1]} {self.metavar}" if self.metavar else self.flags[-1]
            return f"[{shown}]" + ("…" if self.many == "*" else "")
        return {"": self.metavar, "?": f"[{self.metavar}]", "*": f"[{self.metavar}…]", "+": f"{self.metavar}…"}[
            self.many
        ]


class Command:
    """A command as it was declared. ``verb`` is empty where the group is a command by itself."""

    __slots__ = ("arguments", "detail", "examples", "group", "run", "summary", "verb")

    def __init__(
        self,
        group: str,
        verb: str,
        summary: str,
        examples: tuple[str, ...],
        arguments: dict[str, Argument],
        run: Run,
        also: str = "",
    ) -> None:
        self.group, self.verb, self.summary = group, verb, summary
        self.detail = run.__doc__ or ""
        if also:  # it has no indent that both could lose
            self.detail = "\n".join([*map(str.strip, self.detail.split("\n")), also]).strip()
        self.arguments, self.examples, self.run = arguments, examples, run

    @property
    def name(self) -> str:
        """How it is called: ``roster add``."""
        return f"{self.group} {self.verb}".strip()

    @property
    def usage(self) -> str:
        """The line of usage."""
        positionals = [each.usage for each in self.arguments.values() if not each.flags]
        options = [each.usage for each in self.arguments.values() if each.flags]
        return " ".join(["jp", self.name, *positionals, *options])


_OURS = "sat_frontends.jp.commands."

COMMANDS: dict[str, dict[str, Command]] = {}
"""Group → verb → command, of the groups that are imported."""


def command(
    summary: str, also: str = "", /, *, examples: tuple[str, ...], **arguments: Argument
) -> Callable[[Run], Run]:
    """Declare a command. Its docstring tells what the summary does not, ``also`` what it has in common with others;
    examples are whole lines of shell."""

    def declare(run: Run) -> Run:
        group, part = _group(run.__module__)
        verb = run.__name__.strip("_").replace("_", "-")
        verb = f"{part} {verb}".strip() if verb != group else ""
        verbs = COMMANDS.setdefault(group, {})
        if verb in verbs:
            raise TypeError(f"two commands are called {group} {verb}")
        verbs[verb] = Command(group, verb, summary, examples, arguments, run, also)
        return run

    return declare


def _group(module: str) -> tuple[str, str]:
    """The group of a module's commands, and what their verbs begin with."""
    if not module.startswith(_OURS):
        return module.rpartition(".")[2].rstrip("_"), ""
    group, _, part = module.removeprefix(_OURS).partition(".")[0].rstrip("_").partition("_")
    return group, part


def positional(
    metavar: str, help: str, *, many: str = "", kind: Callable[[str], Any] = str, complete: str = ""
) -> Argument:
    """An argument known by its place."""
    return Argument(metavar, help, (), kind, [] if many in ("*", "+") else None, many, (), complete)


def option(
    *flags: str,
    metavar: str,
    help: str,
    kind: Callable[[str], Any] = str,
    default: Any = None,
    choices: tuple[str, ...] = (),
    complete: str = "",
) -> Argument:
    """An option with a value."""
    return Argument(metavar, help, flags, kind, default, "", choices, complete)


def repeated(*flags: str, metavar: str, help: str, complete: str = "") -> Argument:
    """An option that may be given several times; its value is the list of them."""
    return Argument(metavar, help, flags, str, None, "*", (), complete)


def switch(*flags: str, help: str) -> Argument:
    """An option without a value."""
    return Argument("", help, flags, bool, False)


def either(flag: str, *, help: str) -> Argument:
    """Two options without a value, ``--flag`` and ``--no-flag``; None where neither is given."""
    return Argument("", help, (flag, f"--no-{flag[2:]}"), bool)


def behind(metavar: str, help: str) -> Argument:
    """What stands behind ``--``, as it is: a command and its own options."""
    return Argument(metavar, help, BEHIND, str, None, "*")


YES = switch("-y", "--yes", help="do not ask whether you are sure")


def load(group: str) -> dict[str, Command]:
    """The commands of a group; only its module is imported, unless it is another package's and was already."""
    from importlib import import_module

    if group not in COMMANDS:
        import_module(_OURS + group)
    return COMMANDS[group]
