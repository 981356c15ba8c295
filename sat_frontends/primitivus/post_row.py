"""A post in a list, and a post or a comment as it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import urwid

from sat.api.posts import NOWHERE, Enclosure, Post
from sat_frontends.primitivus.lines import Part, cut
from sat_frontends.primitivus.palette import nick_attribute
from sat_frontends.primitivus.pictures import Shown
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend.languages import languages
from sat_frontends.quick_frontend.post_files import described, files
from sat_frontends.quick_frontend.post_words import author, can_comment, counts, doubt, heading
from sat_frontends.quick_frontend.reacting import reactions
from sat_frontends.quick_frontend.text import clean, clean_line, moment, short
from sat_frontends.quick_frontend.timeline import is_story

LONGEST = 20_000  # characters drawn of one post: urwid lays all of it out
INDENT = 2  # columns of a step in the tree of comments
ROOM = 16  # columns of text that the tree leaves at least


class Look(NamedTuple):
    """What rows have in common: ``spoken`` gives a post in the language in which it is read, ``about`` what is said of
    it instead of who has written it and when, ``picture`` a picture of it, if it can be shown; ``turns`` is the key
    that shows it in another language."""

    symbols: Symbols
    spoken: Callable[[Post], Post]
    about: Callable[[Post], str]
    picture: Callable[[Post, Enclosure], Shown | None] | None = None
    turns: str = ""

    def dotted(self, words: str) -> str:
        """The words of a line with the dots that this terminal shows."""
        return words.replace(" · ", f" {self.symbols.middot} ")


class ListRow(urwid.Widget):
    """Two lines: what a post is called; who, when, and what was said of it."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False
    ROWS = 2

    def __init__(self, post: Post, look: Look, now: float, chosen: Callable[[], bool]) -> None:
        super().__init__()
        self.post, self.look, self.now, self.chosen = post, look, now, chosen

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return self.ROWS

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        return False

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        post, symbols = self.look.spoken(self.post), self.look.symbols
        mark = Part("unread", f"{symbols.changed} ") if post.unread else Part(None, "  ")
        title = Part("unread" if post.unread else "contact open", heading(post))
        lines = [[mark, title], [Part(None, "  "), *self._about(post)]]
        canvases = [self._line(line, size[0], focus) for line in lines]
        return urwid.CanvasCombine([(canvas, None, False) for canvas in canvases])

    def _about(self, post: Post) -> list[Part]:
        look = self.look
        if about := look.about(self.post):
            return [Part("hint", look.dotted(about))]
        doubted = [Part("failed", f"{look.symbols.doubt} ")] if doubt(post) else []
        who = Part(nick_attribute(post.author), short(author(post), 20, look.symbols.ellipsis))
        words = ["story" if is_story(post) else "", moment(post.published, self.now), counts(post)]
        return [*doubted, who, Part("hint", look.dotted("".join(f" · {each}" for each in words if each)))]

    def _line(self, parts: list[Part], columns: int, focus: bool) -> urwid.Canvas:
        ellipsis = self.look.symbols.ellipsis
        fitting = [(part.attribute, part.text) for part in cut(parts, columns, ellipsis) if part.text]
        text = urwid.Text(fitting, wrap="clip")
        if not self.chosen():
            return text.render((columns,))
        attributes = {part.attribute: "focus" for part in parts} | {None: "focus"}
        if not focus:  # what is chosen while the post is read
            attributes = {None: "bar current", **dict.fromkeys(attributes, "bar current")}
        return urwid.AttrMap(text, attributes).render((columns,))


class PostRow(urwid.WidgetWrap):
    """A post or a comment to be read; ``depth`` is how far it stands to the right."""

    def __init__(self, post: Post, look: Look, now: float, depth: int = -1) -> None:
        self.post, self.look, self.now, self.depth = post, look, now, depth
        self._spoken = look.spoken(post)
        head = urwid.AttrMap(urwid.Text(self._head()), None, self._focused())
        rows = [head, *self._body(), *self._files(), *map(urwid.Text, self._foot())]
        super().__init__(_Stepped(urwid.Pile([(urwid.PACK, each) for each in rows]), max(0, depth)))

    @property
    def is_comment(self) -> bool:
        """Whether it stands in the tree."""
        return self.depth >= 0

    def selectable(self) -> bool:
        return True

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def _focused(self) -> dict[str | None, str]:
        names = (None, "hint", "contact open", "failed", "mention", nick_attribute(self.post.author))
        return dict.fromkeys(names, "focus")

    def _head(self) -> list[tuple[str | None, str]]:
        post, look = self._spoken, self.look
        head: list[tuple[str | None, str]] = []
        if not self.is_comment and post.title.strip():
            head.append(("contact open", f"{clean_line(post.title.strip())}\n"))
        if about := look.about(self.post):
            return [*head, ("hint", look.dotted(about))]
        who = (nick_attribute(post.author), author(post))
        when = [moment(post.published, self.now)]
        if post.updated > post.published:
            when.append(f"changed {moment(post.updated, self.now)}")
        address = [clean_line(post.author)] if post.author and clean_line(post.author) != author(post) else []
        return [*head, who, ("hint", look.dotted("".join(f" · {each}" for each in [*address, *when])))]

    def _body(self) -> list[urwid.Widget]:
        post, look, symbols = self._spoken, self.look, self.look.symbols
        rows: list[tuple[str, str] | str] = []
        if doubted := doubt(post):
            rows.append(("failed", f"{symbols.doubt} {doubted}"))
        if post.via != NOWHERE:
            rows.append(("hint", f"repeated from {clean_line(post.via.service)}"))
        if post.tags:
            rows.append(("mention", " ".join(f"#{clean_line(each)}" for each in post.tags)))
        if post.versions:
            others = ", ".join(clean_line(each) or "another language" for each in languages(post)[1:])
            rows.append(("hint", look.dotted(f"{clean_line(post.lang)} · {look.turns}: {others}".removeprefix(" · "))))
        text = clean(post.text[:LONGEST]).replace("\t", "    ").strip("\n")
        if len(post.text) > LONGEST:
            text += f"\n{symbols.ellipsis}"
        rows += ["", text] if not self.is_comment else [text]
        return [urwid.Text(each) for each in rows]

    def _files(self) -> list[urwid.Widget]:
        """A line for each file, and below it what it shows."""
        rows: list[urwid.Widget] = []
        for file in files(self._spoken):
            shown = self.look.picture(self.post, file) if self.look.picture is not None else None
            found = (shown.fetched.width, shown.fetched.height, shown.fetched.size) if shown else (0, 0, 0)
            line = [("strong", f"{self.look.symbols.file} {described(file, *found)}"), ("hint", "  o open  s save")]
            rows += [urwid.Text(line), *([shown.drawn()] if shown else [])]
        return [urwid.Text(""), *rows] if rows else []

    def _foot(self) -> list[list[tuple[str, str]] | str]:
        post, look = self._spoken, self.look
        emojis: list[tuple[str, str]] = []
        for each in reactions(post):
            shown = each.emoji + (f" {each.people}" if each.people > 1 else "")
            emojis += [("hint", "  ")] * bool(emojis) + [("reaction own" if each.own else "reaction", shown)]
        rows: list[list[tuple[str, str]] | str] = [emojis] if emojis else []
        if self.is_comment or look.about(self.post):
            return rows
        said = look.dotted(counts(post)) or "no comment yet"
        liked = look.dotted(" · you like it") if post.liked else ""
        return ["", *rows, [("hint", f"{said if can_comment(post) else 'nobody can comment on it'}{liked}")]]


class EarlierRow(urwid.WidgetWrap):
    """Stands for the comments that are not loaded yet, above those that are."""

    def __init__(self, words: str) -> None:
        super().__init__(urwid.AttrMap(urwid.Text(("hint", words)), None, {"hint": "focus"}))

    def selectable(self) -> bool:
        return True

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key


class _Stepped(urwid.Widget):
    """Something some steps to the right, as far as there is room."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, inner: urwid.Widget, depth: int) -> None:
        super().__init__()
        self._inner, self._depth = inner, depth

    def _left(self, columns: int) -> int:
        return max(0, min(INDENT * self._depth, columns - ROOM))

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return int(self._inner.rows((size[0] - self._left(size[0]),), focus))

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        left = self._left(size[0])
        canvas = urwid.CompositeCanvas(self._inner.render((size[0] - left,), focus))
        canvas.pad_trim_left_right(left, 0)
        return canvas
