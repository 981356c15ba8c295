"""From the words after a command's name to its arguments.

Written here because argparse costs a tenth of what ``jp`` may cost (imports, gettext, a formatter for each argument)
and does not take options between the words of a message: docs/decisions/007-jp-reads-its-command-line-itself.md.
The rules are the usual ones: ``--name value``, ``--name=value``, ``-n value``, ``-nvalue``, ``-qv``; ``--`` ends the
options, ``-`` is a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sat_frontends.jp.command import Argument, Command
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.groups import COMMON

OUTPUTS = ("simple", "json", "json-raw")
COLOURS = ("auto", "always", "never")
_DEFAULTS = {"profile": "", "output": "simple", "color": "auto"}
_CHOICES = {"output": OUTPUTS, "color": COLOURS}


class Options:
    """The options that every command has."""

    __slots__ = ("color", "debug", "no_input", "output", "profile", "quiet", "verbose")

    def __init__(
        self,
        profile: str = "",
        output: str = "simple",
        color: str = "auto",
        no_input: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        debug: bool = False,
    ) -> None:
        self.profile, self.output, self.color = profile, output, color
        self.no_input, self.quiet, self.verbose, self.debug = no_input, quiet, verbose, debug


def parse(command: Command, words: list[str]) -> tuple[Options, dict[str, Any]]:
    """Read the words. Failure (wrong usage) says what is wrong, and what was perhaps meant."""
    return _Parser(command).parse(words)


class _Parser:
    def __init__(self, command: Command) -> None:
        self.command = command
        self.common: dict[str, Any] = {}
        self.values: dict[str, Any] = {}
        self.places: list[str] = []
        self.flags: dict[str, tuple[dict[str, Any], str, Argument]] = {}
        for flags, metavar, text in COMMON:
            name = flags[-1][2:].replace("-", "_")
            if name != "help":
                kind = str if metavar else bool
                argument = Argument(metavar, text, flags, kind, choices=_CHOICES.get(name, ()))
                self._declare(self.common, name, argument, _DEFAULTS.get(name, False))
        for name, argument in command.arguments.items():
            if argument.flags:
                self._declare(self.values, name, argument, argument.default)

    def _declare(self, into: dict[str, Any], name: str, argument: Argument, default: Any) -> None:
        into[name] = [] if argument.many else default
        for flag in argument.flags:
            self.flags[flag] = (into, name, argument)

    def parse(self, words: list[str]) -> tuple[Options, dict[str, Any]]:
        waiting = iter(words)
        for word in waiting:
            if word == "--" and "--" in self.flags:
                into, name, _ = self.flags["--"]
                into[name] = list(waiting)
            elif word == "--":
                self.places += waiting
            elif not word.startswith("-") or word == "-" or _is_number(word):
                self.places.append(word)
            elif word.startswith("--"):
                flag, equals, value = word.partition("=")
                self._option(flag, value if equals else None, waiting)
            else:
                self._short(word, waiting)
        self._fill_places()
        return Options(**self.common), self.values

    @property
    def _takes_words(self) -> bool:
        """Whether ``--`` makes a word of what begins with a hyphen."""
        return "--" not in self.flags and any(not each.flags for each in self.command.arguments.values())

    def _short(self, word: str, waiting: Iterator[str]) -> None:
        """``-q``, ``-qv``, ``-n5``."""
        flag, rest = word[:2], word[2:]
        known = self.flags.get(flag)
        if known is None and rest and self._takes_words:
            hint = f"What begins with - and is no option stands behind --: jp {self.command.name} -- {word}"
            raise usage(f"jp {self.command.name} has no option {flag}.", hint)
        if known is not None and known[2].kind is not bool:
            self._option(flag, rest.removeprefix("=") if rest else None, waiting)
            return
        self._option(flag, None, waiting)
        if rest:
            self._short(f"-{rest}", waiting)

    def _option(self, flag: str, value: str | None, waiting: Iterator[str]) -> None:
        known = self.flags.get(flag)
        if known is None:
            hint = nearest(flag, list(self.flags)) or f"jp {self.command.name} --help"
            raise usage(f"jp {self.command.name} has no option {flag}.", hint)
        into, name, argument = known
        if argument.kind is bool:
            if value is not None:
                raise usage(f"{flag} takes no value.")
            into[name] = argument.switched(flag)
            return
        if value is None:
            value = next(waiting, None)
        if value is None:
            raise usage(f"{flag} needs a value: {flag} {argument.metavar}", f"jp {self.command.name} --help")
        if argument.choices and value not in argument.choices:
            hint = nearest(value, list(argument.choices))
            raise usage(f"{flag} is one of {', '.join(argument.choices)}, not “{value}”.", hint)
        if argument.many:
            into[name].append(value)
        else:
            into[name] = _converted(argument, value, flag)

    def _fill_places(self) -> None:
        left = self.places
        places = {name: each for name, each in self.command.arguments.items() if not each.flags}
        for name, argument in places.items():
            if argument.many in ("*", "+"):
                # What stands behind needs the last ones: FILE… CONTACT.
                taken = max(0, len(left) - (len(places) - 1 - list(places).index(name)))
                self.values[name], left = left[:taken], left[taken:]
                missing = argument.many == "+" and not self.values[name]
            else:
                missing = not left and not argument.many
                self.values[name] = _converted(argument, left[0], argument.metavar) if left else argument.default
                left = left[1:]
            if missing:
                raise usage(f"{argument.metavar} is missing: {argument.help}.", self.command.usage)
        if left:
            raise usage(f"“{left[0]}” is one argument too many for jp {self.command.name}.", self.command.usage)


def _is_number(word: str) -> bool:
    return word[1:2].isdigit()


def _converted(argument: Argument, text: str, where: str) -> Any:
    if argument.kind is str:
        return text
    try:
        return argument.kind(text)
    except ValueError:
        wanted = "whole number" if argument.kind is int else "number"
        raise usage(f"{where}: “{text}” is no {wanted}.") from None
