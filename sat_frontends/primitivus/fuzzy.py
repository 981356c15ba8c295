"""Find what a few letters mean: ``sd`` finds ``Souliane Dupont``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def score(pattern: str, text: str) -> int | None:
    """How well the letters of a pattern fit into a text, in their order; None when they do not. Higher is better:
    letters that follow each other count, and so do those that begin a word."""
    pattern, text = pattern.casefold().replace(" ", ""), text.casefold()
    if not pattern:
        return 0
    whole = text.find(pattern)
    if whole >= 0:
        begins_word = whole == 0 or not text[whole - 1].isalnum()
        return 1000 - min(whole, 200) + (500 if begins_word else 0)
    points, place = 0, -1
    for letter in pattern:
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        if found == place + 1:
            points += 8
        elif found == 0 or not text[found - 1].isalnum():
            points += 10
        points -= min(found - place - 1, 5)
        place = found
    return points


def best(pattern: str, things: Iterable[T], text: Callable[[T], str]) -> list[T]:
    """The things that fit, the best first; things that fit alike stay in their order."""
    scored = [(score(pattern, text(each)), each) for each in things]
    fitting = [(points, each) for points, each in scored if points is not None]
    return [each for _points, each in sorted(fitting, key=lambda pair: -pair[0])]
