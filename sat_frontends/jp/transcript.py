"""Messages as lines: for people with names, colours and days; for scripts as cells."""

from __future__ import annotations

import sys
import time as clocks
from itertools import groupby
from typing import TYPE_CHECKING

from sat.api import JID, SatError
from sat.api.messages import Attachment, Message, MessageKind, MessageState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Output, iso, tidy, tidy_lines
from sat_frontends.quick_frontend.attention import asked
from sat_frontends.quick_frontend.hidden import cover
from sat_frontends.quick_frontend.text import clock, day
from sat_frontends.quick_frontend.translations import also

if TYPE_CHECKING:
    from sat_frontends.quick_frontend.styling import Line

_EXCERPT = 60  # characters of a quoted message
_UNSENT = {
    MessageState.PENDING: "(this change is not sent yet)",
    MessageState.FAILED: "(this change was refused)",
}
_MARKS = {
    MessageState.PENDING: "…",
    MessageState.SENT: "✓",
    MessageState.DELIVERED: "✓✓",
    MessageState.DISPLAYED: "✓✓ seen",
    MessageState.FAILED: "✗",
}


def cells(message: Message) -> tuple[str, ...]:
    """Time, address (in a room, that of who wrote it), direction, text, state."""
    address = message.sender if message.kind is MessageKind.GROUPCHAT and not message.outgoing else message.peer
    return iso(message.time), address, "out" if message.outgoing else "in", said(message), message.state


def said(message: Message) -> str:
    """The text; of a file that came without, its address, or its name where that is secret; of what cannot be read,
    why."""
    files = " ".join(each.name if each.is_encrypted else each.url for each in message.attachments)
    if message.body or files or not message.error:
        return message.body or files
    from sat_frontends.quick_frontend.encryption_words import unreadable

    return unreadable(message)


_STYLES = {
    "strong": BOLD,
    "emphasis": "3",
    "strike": "9",
    "code": CYAN,
    "mention": BOLD,
    "mention own": f"{BOLD};{YELLOW}",
}
"""How styles look (XEP-0393), and who is named."""


class Transcript:
    """Writes messages for people, with a line between days."""

    def __init__(self, out: Output, names: dict[JID, str]) -> None:
        self.out, self.names = out, names
        self._day = ""

    @classmethod
    async def of(cls, jp: Jp) -> Transcript:
        """With the names of the contact list; without them if it cannot be had."""
        try:
            contacts = await (await jp.profile()).roster.get_contacts()
        except SatError:
            contacts = []
        return cls(jp.out, {each.jid: each.label for each in contacts})

    def show(self, message: Message, *, with_day: bool = True) -> None:
        """Write one message."""
        today = day(message.time, clocks.time())
        if today != self._day and with_day:
            self.out.line(self.out.paint(f"── {today} ──", DIM))
        self._day = today
        self.out.line(self.line(message, "" if with_day else f"{today} "))
        sys.stdout.flush()

    def line(self, message: Message, day: str = "", *, one_line: bool = False) -> str:
        """A message: ``15:54 Bob: hello``, ours as ``15:55 → Bob: hi ✓✓``; further lines are indented, or joined."""
        time = day + clock(message.time)
        name = tidy(self._name(message))
        indent = "\n" + " " * (len(time) + 1)
        subject = f"[{tidy(message.subject)}] " if message.subject else ""
        body = subject + self._text(message, tidy("\n") if one_line else indent)
        if hidden := cover(message):
            body = f"{subject}({tidy(hidden)}; with -o json it is shown)"
        for each in message.attachments:
            body += f"{'' if not body else ' ' if one_line else indent}{self._attached(each)}"
        if wanted := asked(message, name):
            body = f"({wanted}) {body}".rstrip()
        if message.retracted:
            body = self.out.paint("(taken back)", DIM)
        if message.reply or message.quote:
            body = f"{self.out.paint(f'“{excerpt(message.quote)}”', DIM)} {'' if one_line else indent}{body}"
        body += self._changes(message) + self._secured(message)
        who = self.out.paint(f"→ {name}:", CYAN) if message.outgoing else self.out.paint(f"{name}:", f"{BOLD};{GREEN}")
        mark = f" {_MARKS[message.state]}" if message.outgoing and message.state in _MARKS else ""
        error = f" {self.out.paint(tidy(message.error), RED)}" if message.error else ""
        return f"{self.out.paint(time, DIM)} {who} {body}{self.out.paint(mark, DIM)}{error}"

    def _text(self, message: Message, newline: str) -> str:
        """The text, cleaned: what somebody does with their name (XEP-0245), and with its styles where there are
        colours."""
        shown = tidy_lines(message.text)
        acts = shown.startswith("/me ")
        if not acts and not self.out.coloured:
            return shown.replace("\n", newline)
        from sat_frontends.quick_frontend.styling import ME, message_lines, without_places

        # Places in what was cleaned may be others.
        extra = message.extra if shown == message.body else without_places(message.extra)
        before = len(shown)
        if acts:
            shown = f"* {tidy(self._doer(message))} {shown[len(ME) :]}"
        return newline.join(map(self._styled, message_lines(shown, extra, len(shown) - before)))

    def _styled(self, line: Line) -> str:
        codes = [_STYLES["code"]] if line.code else [DIM] if line.depth else []
        painted = [self.out.paint(line.prefix, DIM)]
        for styles, spans in groupby(line.spans, key=lambda span: span.styles):
            code = ";".join([*codes, *(_STYLES[each] for each in styles)])
            painted.append(self.out.paint("".join(span.text for span in spans), code))
        return "".join(painted)

    def _doer(self, message: Message) -> str:
        """Who does something: in a room and of ours as they are called there."""
        if message.kind is MessageKind.GROUPCHAT:
            return message.sender.resource or message.sender
        return message.sender.local if message.outgoing else self.names.get(message.peer, message.peer)

    def _secured(self, message: Message) -> str:
        if not message.encrypted.method:
            return ""
        from sat_frontends.quick_frontend.encryption_words import Seal, mark

        found = mark(message)
        if found is None:
            return ""
        locked = found.seal is Seal.LOCKED
        return self.out.paint(f" ({found.words})" if locked else f" (! {found.words})", DIM if locked else RED)

    def _name(self, message: Message) -> str:
        """Who it is from or for: in a room, their nick and the room's name."""
        name = self.names.get(message.peer, message.peer)
        if message.kind is not MessageKind.GROUPCHAT:
            return name
        room = message.peer.local or name
        return f"{message.sender.resource} ({room})" if message.sender.resource and not message.outgoing else room

    def _attached(self, attachment: Attachment) -> str:
        from sat_frontends.quick_frontend.attachments import SIGN, described

        told = f"{SIGN} {tidy(described(attachment))}"
        return told if attachment.is_encrypted else f"{told} {self.out.paint(tidy(attachment.url), DIM)}"

    def _changes(self, message: Message) -> str:
        """What happened to a message after it was written."""
        said = []
        if message.extra.bodies and (languages := also(message)):
            said.append(f"({languages})")
        if message.edited and not message.retracted:
            said.append("(corrected)")
        if message.edit_state in _UNSENT:
            said.append(_UNSENT[message.edit_state])
        for each in message.reactions:
            count = len(each.senders) + each.own
            said.append(each.emoji if count == 1 else f"{each.emoji}×{count}")
        return self.out.paint("".join(f" {tidy(each)}" for each in said), DIM) if said else ""


def excerpt(text: str) -> str:
    """The beginning of a quoted message, on one line."""
    line = tidy(text)
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"
