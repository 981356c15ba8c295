"""Elements for those who have them in no stream: as XML by itself, or only their words; within bounds."""

from __future__ import annotations

from sat.xmpp.xml import Element, write


def bounded_text(element: Element, longest: int) -> str:
    """An element by itself, for those who read XML; empty where it has more characters. What was short in a stanza may
    be long there: each element may have a namespace of its own."""
    parts: list[str] = []
    size = 0

    def put(text: str) -> None:
        nonlocal size
        size += len(text)
        if size > longest:
            raise OverflowError
        parts.append(text)

    try:
        write(element, put, "", element.uri or "")
    except OverflowError:
        return ""
    return "".join(parts)


def words(element: Element, longest: int) -> str:
    """All text in an element, that of different ones apart, up to so many characters."""
    parts: list[str] = []
    size, waiting = 0, [element]
    while waiting and size <= longest:
        each = waiting.pop()
        if isinstance(each, str):
            parts.append(each.strip())
            size += len(each)
        else:
            waiting.extend(reversed(each.children))
    return " ".join(filter(None, parts))[:longest]
