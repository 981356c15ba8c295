"""Message styling (XEP-0393): which parts of a text are strong, emphasised, struck through, code or quoted.

Nothing is taken away: the texts of all parts together are the text that was given, directives included (§8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sat.api.messages import Extra

STYLES = {"*": "strong", "_": "emphasis", "~": "strike", "`": "code"}
FENCE = "```"
DEEPEST = 5  # quotations in quotations that are told apart
ME = "/me "


class Span(NamedTuple):
    """A part of a line, and its styles, the outermost first."""

    text: str
    styles: tuple[str, ...] = ()


class Line(NamedTuple):
    """A line: how deep it is quoted, the signs of quotation before it, whether it belongs to a block of code, its
    parts."""

    depth: int
    prefix: str
    code: bool
    spans: list[Span]


def action(text: str) -> str:
    """What somebody does, as they say with a text (XEP-0245); nothing where they only say something."""
    return text[len(ME) :] if text.startswith(ME) else ""


def message_lines(text: str, extra: Extra, moved: int = 0) -> Iterator[Line]:
    """The lines of a message's text as it is meant: unstyled (§7) perhaps, with what is marked beside it (XEP-0071),
    and with who is named in it (XEP-0372). The text may be ``moved`` by what was put before it."""
    found = (Line(0, "", False, [Span(line)]) for line in text.split("\n")) if extra.unstyled else lines(text)
    for style in dict.fromkeys(each.style for each in extra.marks):
        if style in STYLES.values():
            ranges = sorted((each.begin + moved, each.end + moved) for each in extra.marks if each.style == style)
            found = _with_ranges(found, [Range(max(0, begin), end, style) for begin, end in ranges])
    if not extra.mentions:
        return found
    mentions = sorted((each.begin + moved, each.end + moved, each.own) for each in extra.mentions)
    names = {True: "mention own", False: "mention"}
    return _with_ranges(found, [Range(max(0, begin), end, names[own]) for begin, end, own in mentions])


def without_places(extra: Extra) -> Extra:
    """What goes with a text, where it is shown as another: places in that may be others."""
    return extra._replace(mentions=[], marks=[])


class Range(NamedTuple):
    """Where in a text something has a style."""

    begin: int
    end: int
    style: str


def _with_ranges(found: Iterator[Line], ranges: list[Range]) -> Iterator[Line]:
    at = 0
    for line in found:
        at += len(line.prefix)
        spans: list[Span] = []
        for span in line.spans:
            spans += [span] if line.code else _split(span, at, ranges)
            at += len(span.text)
        at += 1  # the newline
        yield line._replace(spans=spans)


def _split(span: Span, start: int, ranges: list[Range]) -> Iterator[Span]:
    """A span as the parts that are in a range, and those between them."""
    end, at = start + len(span.text), start
    for each in ranges:
        begin, stop = max(each.begin, at), min(each.end, end)
        if begin >= stop or each.style in span.styles:
            continue
        if at < begin:
            yield Span(span.text[at - start : begin - start], span.styles)
        yield Span(span.text[begin - start : stop - start], (*span.styles, each.style))
        at = stop
    if at < end or not span.text:
        yield Span(span.text[at - start :], span.styles)


def lines(text: str) -> Iterator[Line]:
    """The lines of a text."""
    fence: int | None = None  # how deep the block of code is quoted that we are in
    for line in text.split("\n"):
        prefix = _quoted(line, DEEPEST)
        depth = prefix.count(">")
        if fence is not None and depth < fence:
            fence = None  # the quotation that it stood in is over
        if fence is not None:
            prefix = _quoted(line, fence)
            rest = line[len(prefix) :]
            fence = None if rest == FENCE else fence
            yield Line(prefix.count(">"), prefix, True, [Span(rest)])
            continue
        rest = line[len(prefix) :]
        if rest.startswith(FENCE):
            fence = depth
            yield Line(depth, prefix, True, [Span(rest)])
        else:
            yield Line(depth, prefix, False, spans(rest))


def _quoted(line: str, deepest: int) -> str:
    """The signs of quotation that a line begins with, each with the space behind it (§5.1.3)."""
    end = 0
    for _ in range(deepest):
        if not line.startswith(">", end):
            break
        end += 2 if line[end + 1 : end + 2].isspace() else 1
    return line[:end]


def spans(line: str) -> list[Span]:
    """The parts of one line (§6)."""
    found: list[Span] = []
    _parse(line, (), found)
    return found


def _parse(text: str, styles: tuple[str, ...], found: list[Span]) -> None:
    plain = place = 0
    last = {sign: _last_closing(text, sign) for sign in STYLES}
    while place < len(text):
        sign = text[place]
        if sign not in STYLES or not (place == 0 or text[place - 1].isspace()):
            place += 1
            continue
        if text[place + 1 : place + 2] == sign:  # nothing in between: neither means anything
            place += 2
            continue
        end = _closing(text, sign, place, last[sign])
        if end < 0:
            place += 1
            continue
        if plain < place:
            found.append(Span(text[plain:place], styles))
        _add(text[place + 1 : end], sign, (*styles, STYLES[sign]), found)
        plain = place = end + 1
    if plain < len(text):
        found.append(Span(text[plain:], styles))


def _add(inside: str, sign: str, styles: tuple[str, ...], found: list[Span]) -> None:
    """A styled part with its directives, which look as it does."""
    if sign == "`":  # nothing is styled in code
        found.append(Span(f"{sign}{inside}{sign}", styles))
        return
    found.append(Span(sign, styles))
    _parse(inside, styles, found)
    found.append(Span(sign, styles))


def _last_closing(text: str, sign: str) -> int:
    """The last place where a styled part could end: behind it nobody needs to look for one."""
    end = text.rfind(sign)
    while end > 0 and text[end - 1].isspace():
        end = text.rfind(sign, 0, end)
    return end


def _closing(text: str, sign: str, opening: int, last: int) -> int:
    """Where the part ends that begins at a directive, −1 if it is none."""
    if last <= opening + 1 or text[opening + 1].isspace():
        return -1
    end = text.find(sign, opening + 2)
    while end >= 0 and text[end - 1].isspace():
        end = text.find(sign, end + 1)
    return end
