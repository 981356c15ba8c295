"""Finding the command in the words of the command line. Nothing but the static table is needed for it."""

from __future__ import annotations

from collections.abc import Iterator

from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.groups import COMMON, GROUPS

_SWITCHES = {flag for flags, metavar, _ in COMMON if not metavar for flag in flags}
VALUED = {flag for flags, metavar, _ in COMMON if metavar for flag in flags}


class Line:
    """The command line, taken apart: which command, what else, and whether help is asked."""

    __slots__ = ("group", "help", "rest", "verb", "version")

    def __init__(self, words: list[str]) -> None:
        self.group = self.verb = ""
        self.help = self.version = False
        self.rest: list[str] = []
        waiting = iter(words)
        for word in waiting:
            if word in VALUED:
                self.rest += [word, *_following(waiting)]
            elif word in _SWITCHES or word.partition("=")[0] in VALUED or word[:2] in ("-p", "-o"):
                self.rest.append(word)
            elif word == "--version" and not self.group:
                self.version = True
            elif word.startswith("-"):
                self._refuse_option(word)
            elif self._takes(word):
                break
        self.rest += waiting
        before_end = self.rest[: self.rest.index("--")] if "--" in self.rest else self.rest
        self.help = "-h" in before_end or "--help" in before_end

    def _takes(self, word: str) -> bool:
        """Take a word as the group, or of the verb; whether the command is complete now."""
        if not self.group:
            if word not in GROUPS and not word.startswith("__") and not _learn(word):
                raise usage(f"There is no command “{word}”.", _perhaps(word) or "jp --help")
            self.group = word
            return not GROUPS.get(word, ("", ()))[1]
        verbs = [each for each in GROUPS[self.group][1] if not self.verb or each.startswith(f"{self.verb} ")]
        verb = f"{self.verb} {word}".strip()
        if verb not in verbs and not any(each.startswith(f"{verb} ") for each in verbs):
            rest = [each[len(verb) - len(word) :] for each in verbs]
            hint = nearest(word, rest) or f"jp {self.group} {self.verb}".rstrip() + f" has: {', '.join(rest)}."
            raise usage(f"There is no command “{self.group} {verb}”.", hint)
        self.verb = verb
        return verb in verbs

    def _refuse_option(self, word: str) -> None:
        place = f"jp {self.group}" if self.group else "jp"
        known = [*_SWITCHES, *VALUED, "--version"]
        raise usage(f"{place} has no option {word}.", nearest(word, known) or f"{place} --help")

    @property
    def complete(self) -> bool:
        """Whether a command is named."""
        verbs = GROUPS.get(self.group, ("", ()))[1]
        return bool(self.group) and (self.verb in verbs or not verbs)


def _following(waiting: Iterator[str]) -> list[str]:
    value = next(waiting, None)
    return [] if value is None else [value]


def _learn(word: str) -> bool:
    from sat_frontends.jp.extensions import learn

    return learn(word)


def _perhaps(word: str) -> str:
    """Who types ``jp send`` means ``jp message send``."""
    whole = [f"jp {group} {word}" for group, (_, verbs) in GROUPS.items() if word in verbs]
    return f"Did you mean {' or '.join(whole)}?" if whole else nearest(word, list(GROUPS))
