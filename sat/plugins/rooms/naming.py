"""Who is named in a text for a room: ``@nick`` anywhere, ``nick:`` where a word begins."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 50  # signs that are looked at


def named(nicks: Iterable[str], text: str) -> list[tuple[int, int, str]]:
    """Where somebody is named, and who; the longest nick that fits. The sign is no part of it."""
    known = {nick.lower(): nick for nick in nicks}
    lengths = sorted({len(nick) for nick in known}, reverse=True)
    found: list[tuple[int, int, str]] = []
    for sign, at in _signs(text):
        for length in lengths:
            begin = at + 1 if sign == "@" else at - length
            end = begin + length
            nick = known.get(text[begin:end].lower()) if begin >= 0 and end <= len(text) else None
            if nick is not None and _alone(text, sign, begin, end) and not (found and found[-1][1] > begin):
                found.append((begin, end, nick))
                break
    return found


def _signs(text: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for at, char in enumerate(text) if "@" in text or ":" in text else ():
        if char == "@" or (char == ":" and not text[at + 1 : at + 2].strip()):
            found.append((char, at))
            if len(found) == MOST:
                break
    return found


def _alone(text: str, sign: str, begin: int, end: int) -> bool:
    """Whether what is there is a word of its own."""
    start = begin - 1 if sign == "@" else begin
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before and (before.isalnum() or before in "_/.@")) and not (behind.isalnum() or behind == "_")
