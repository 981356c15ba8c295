"""One message on the screen, with what stands above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import urwid

from sat.api.messages import Message, MessageKind, MessageState
from sat_frontends.primitivus.late_row import LateRow
from sat_frontends.primitivus.palette import NICKS, nick_attribute
from sat_frontends.primitivus.pictures import Shown
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend import styling, text
from sat_frontends.quick_frontend.attachments import described
from sat_frontends.quick_frontend.attention import asked
from sat_frontends.quick_frontend.chat import Row
from sat_frontends.quick_frontend.encryption_words import Mark, Seal, mark, unreadable
from sat_frontends.quick_frontend.hidden import cover
from sat_frontends.quick_frontend.room_words import joined
from sat_frontends.quick_frontend.translations import also

NARROW = 48  # columns of a conversation below which the name gets a line of its own
NAME_WIDTH = 12
INDENT = 6  # columns before a picture: it begins below the name
EXCERPT = 60  # columns of a quoted message
TOLD = 240  # columns of what is told of a link
LONGEST = 6000  # characters drawn of one message; `i` shows all of it
MOST_LINES = 200


class Style(NamedTuple):
    """What all rows of a conversation have in common."""

    symbols: Symbols
    own_name: str
    peer_name: str
    nick_colours: bool = True
    found: str = ""
    picture: Callable[[Message, int], Shown | None] | None = None

    def name(self, message: Message) -> tuple[str, str]:
        """The attribute and the name of who wrote a message."""
        if message.kind is MessageKind.GROUPCHAT and message.sender.resource:
            own = "nick own" if message.outgoing else nick_attribute(message.sender) if self.nick_colours else "nick"
            return own, text.clean_line(message.sender.resource)
        if message.outgoing:
            return "nick own", self.own_name
        return (nick_attribute(message.peer) if self.nick_colours else "nick"), self.peer_name


_DRAWN = (
    None, "body", "quote", "time", "nick", "nick own", "receipt", "receipt seen", "failed", "hint", "dialog title",
    "reaction", "reaction own", "strong", "emphasis", "strike", "code", "mention", "mention own", "unreadable",
)  # fmt: skip
FOCUS_MAP = dict.fromkeys([*_DRAWN, *(f"nick {index}" for index in range(NICKS))], "focus")


def body_lines(message: Message) -> tuple[str, bool]:
    """The cleaned text to draw, and whether it was shortened."""
    body = message.text
    cut = len(body) > LONGEST
    shown = text.clean(body[:LONGEST])
    lines = shown.split("\n")
    if len(lines) > MOST_LINES:
        lines, cut = lines[:MOST_LINES], True
    return "\n".join(lines).rstrip("\n"), cut


def _marked(line: str, attribute: str, found: str) -> list[tuple[str, str]]:
    """A line with the searched word set off."""
    if not found:
        return [(attribute, line)]
    pieces: list[tuple[str, str]] = []
    folded, start = line.lower(), 0
    if len(folded) != len(line):  # a letter that changes its length in lower case: leave the line alone
        return [(attribute, line)]
    while (hit := folded.find(found, start)) >= 0:
        pieces += [(attribute, line[start:hit]), ("found", line[hit : hit + len(found)])]
        start = hit + len(found)
    return [*pieces, (attribute, line[start:])]


def markup(message: Message, style: Style, opened: bool = False, secured: Mark | None = None) -> list[tuple[str, str]]:
    """The body with its subject, quotes, what is not as one would think of how it came (``secured``), and the reason of
    a failure. A spoiler is hidden unless it is ``opened``."""
    parts: list[tuple[str, str]] = []
    if message.subject:
        parts.append(("dialog title", text.clean_line(message.subject) + "\n"))
    if message.kind is MessageKind.HEADLINE and not message.extra.attention:
        parts.append(("hint", "(announcement) "))
    elif message.kind is MessageKind.ERROR:
        parts.append(("failed", "(error) "))
    if message.quote:
        parts.append(("quote", f"{style.symbols.vertical} {_excerpt(message.quote, style)}\n"))
    elif message.reply:
        parts.append(("quote", f"{style.symbols.vertical} (a message that was taken back)\n"))
    if message.retracted:
        return [*parts, ("hint", "(taken back)")]
    if why := unreadable(message):
        return [*parts, ("unreadable", text.clean_line(why))]
    if wanted := asked(message, style.peer_name):
        parts.append(("mention own", wanted + ("\n" if message.body else "")))
    parts += _body(message, style, opened)
    parts += _files(message, style)
    if languages := also(message):
        parts.append(("hint", f" ({text.clean_line(languages)})"))
    if message.edited:
        parts.append(("hint", " (corrected)"))
    if secured is not None and secured.seal is not Seal.LOCKED:
        parts.append(("failed", f" ({style.symbols.doubt} {secured.words})"))
    if message.edit_state is MessageState.PENDING:
        parts.append(("hint", f" {style.symbols.pending}"))
    if MessageState.FAILED in (message.state, message.edit_state) and message.error:
        refused = "" if message.state is MessageState.FAILED else "This change was refused. "
        parts.append(("failed", f"\n{style.symbols.failed} {refused}{text.clean_line(message.error)}"))
    parts += _reactions(message)
    return [part for part in parts if part[1]] or [("body", "")]


def _files(message: Message, style: Style) -> list[tuple[str, str]]:
    """A line for each file that came with it."""
    parts: list[tuple[str, str]] = []
    for number, each in enumerate(message.attachments):
        shown = style.picture(message, number) if style.picture else None
        found = (shown.fetched.width, shown.fetched.height, shown.fetched.size) if shown else (0, 0, 0)
        start = "\n" if number or message.text else ""
        parts += [("strong", f"{start}{style.symbols.file} {text.clean_line(described(each, *found))}")]
        parts += [("hint", "  s save" if each.is_encrypted else "  o open  s save")]
    return parts


def _body(message: Message, style: Style, opened: bool) -> list[tuple[str, str]]:
    """The text, or what stands for a text that is hidden."""
    parts: list[tuple[str, str]] = []
    if hidden := text.clean_line(cover(message)):
        parts.append(("dialog title", f"{hidden}\n" if opened else f"{hidden} "))
        if not opened:
            return [*parts, ("hint", "(Esc, h shows it)")]
    shown, was_cut = body_lines(message)
    # Places in what was cleaned may be others.
    extra = message.extra if message.body.startswith(shown) else styling.without_places(message.extra)
    before = len(shown)
    if did := styling.action(shown):
        shown = f"* {style.name(message)[1]} {did}"
    parts += _styled(styling.message_lines(shown, extra, len(shown) - before), style.found.lower())
    if was_cut:
        parts.append(("hint", f"\n{style.symbols.ellipsis} (Esc, i shows all of it)"))
    for _, title, description in message.extra.links:
        told = text.clean_line(f"{title}: {description}" if description else title)
        parts.append(("quote", f"\n{style.symbols.vertical} {text.short(told, TOLD, style.symbols.ellipsis)}"))
    return parts


def _styled(lines: Iterable[styling.Line], found: str) -> list[tuple[str, str]]:
    """The text with its styles (XEP-0393); the searched word is set off."""
    parts: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        start = "\n" if number else ""
        if line.depth and not line.code:
            whole = line.prefix + "".join(span.text for span in line.spans)
            parts += _marked(start + whole, "quote", found)
            continue
        parts += _marked(start + line.prefix, "quote", found) if start or line.prefix else []
        for span in line.spans:
            attribute = "code" if line.code else span.styles[-1] if span.styles else "body"
            parts += _marked(span.text, attribute, found)
    return parts


def _excerpt(quote: str, style: Style) -> str:
    return text.short(text.clean_line(quote), EXCERPT, style.symbols.ellipsis)


def _reactions(message: Message) -> list[tuple[str, str]]:
    """A line with the emojis, and how many people put each; ours are set off."""
    parts: list[tuple[str, str]] = []
    for each in message.reactions:
        count = len(each.senders) + each.own
        shown = text.clean_line(each.emoji) + (f" {count}" if count > 1 else "")
        parts += [("hint", "  " if parts else "\n"), ("reaction own" if each.own else "reaction", shown)]
    return parts


def rule(label: str, sign: str, attribute: str) -> urwid.Widget:
    """A line across with words in it."""
    return urwid.AttrMap(
        urwid.Columns(
            [urwid.Divider(sign), (urwid.PACK, urwid.Text(f" {label} ")), urwid.Divider(sign)],
        ),
        attribute,
    )


def columns_before(time: str, name: tuple[str, str], style: Style, widest: int = 0) -> list[tuple[int, urwid.Widget]]:
    """The time and the name that stand before what is said; a name is ``widest``, or as that of one of the two."""
    widest = widest or max(map(text.width, (style.own_name, style.peer_name)))
    room = min(NAME_WIDTH, max(widest, 3))
    shown = (name[0], text.short(name[1], room, style.symbols.ellipsis))
    return [(5, urwid.Text(("time", time), wrap="clip")), (room, urwid.Text(shown, wrap="clip"))]


class MessageRow(LateRow):
    """A message as a row of the list. Its parts are built when it is first drawn at a width."""

    def __init__(self, row: Row, style: Style, now: float, opened: bool = False) -> None:
        super().__init__()
        self.row, self.style, self.now, self.opened = row, style, now, opened

    def _build(self, columns: int) -> urwid.Widget:
        row, symbols = self.row, self.style.symbols
        parts: list[urwid.Widget] = []
        if row.day:
            parts.append(rule(text.day(row.message.time, self.now), symbols.rule, "day"))
        if row.unread:
            noun = "new message" if row.unread == 1 else "new messages"
            parts.append(rule(f"{row.unread} {noun}", symbols.dots, "new line"))
        message = self._narrow() if columns < NARROW else self._wide()
        parts.append(urwid.AttrMap(message, None, FOCUS_MAP))
        focus = len(parts) - 1
        left, find = 0 if columns < NARROW else INDENT, self.style.picture
        parts += [
            urwid.Padding(shown.drawn(), left=left)
            for number in range(len(row.message.attachments))
            if find and (shown := find(row.message, number))
        ]
        if row.passage:
            parts.append(urwid.Text(("hint", joined(row.passage)), align="center"))
        return parts[0] if len(parts) == 1 else urwid.Pile([(urwid.PACK, part) for part in parts], focus_item=focus)

    def _heading(self) -> tuple[str, tuple[str, str]]:
        """The time, and the name with its attribute; empty where the message continues the one above."""
        if not self.row.heading:
            return "", ("nick", "")
        return text.clock(self.row.message.time), self.style.name(self.row.message)

    def _receipt(self) -> tuple[str, str]:
        message = self.row.message
        return self.style.symbols.receipt(message.state) if message.outgoing else ("receipt", "")

    def _wide(self) -> urwid.Widget:
        widest = NAME_WIDTH if self.row.message.kind is MessageKind.GROUPCHAT else 0
        before = columns_before(*self._heading(), self.style, widest)
        return urwid.Columns([*before, *self._said()], dividechars=1)

    def _said(self) -> list[urwid.Widget | tuple[int, urwid.Widget]]:
        """The text, a lock where it was encrypted, and how far it came."""
        secured = mark(self.row.message, self.row.in_clear)
        locked = secured is not None and secured.seal is Seal.LOCKED
        return [
            urwid.Text(markup(self.row.message, self.style, self.opened, secured)),
            *([(2, urwid.Text(("receipt", self.style.symbols.lock), wrap="clip"))] if locked else []),
            (2, urwid.Text(self._receipt(), align="right", wrap="clip")),
        ]

    def _narrow(self) -> urwid.Widget:
        time, (attribute, name) = self._heading()
        body = urwid.Columns(
            [(1, urwid.Text("")), *self._said()],
            dividechars=1,
        )
        if not time:
            return body
        heading = urwid.Text([("time", time), " ", (attribute, name)], wrap="clip")
        return urwid.Pile([(urwid.PACK, heading), (urwid.PACK, body)])
