"""The posts on the screen: the list, and beside it, or in its place where there is no room, the post that is read with
what was said of it."""

from __future__ import annotations

import time
from typing import Protocol

import urwid

from sat.api.posts import Enclosure, Place, Post
from sat_frontends.primitivus.pictures import Shown
from sat_frontends.primitivus.post_row import EarlierRow, ListRow, Look, PostRow
from sat_frontends.primitivus.row_walker import RowWalker
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend.languages import languages, spoken
from sat_frontends.quick_frontend.post_lists import CommentList, PostList
from sat_frontends.quick_frontend.post_words import Answer, threaded

BESIDE = 70  # columns from which both are shown
NEAR = 5  # posts from the end at which older ones are fetched


class Events(Protocol):
    """What the pane asks of the rest of the program."""

    language: str
    """In which posts are read where they can be."""

    def hint(self) -> str:
        """The keys that a person may want now."""

    def shown_key(self, action: str) -> str:
        """The key of an action, as people read it."""

    def picture(self, post: Post, file: Enclosure) -> Shown | None:
        """A picture of a post that is read, if it can be shown."""

    def load_older(self) -> None:
        """The end of the list comes near."""

    def load_earlier(self) -> None:
        """The first comments that are loaded are reached."""


class PostsPane(urwid.Widget):
    """Shows ``posts``, and ``comments`` where a post is read."""

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    ignore_focus = False

    def __init__(self, posts: PostList, symbols: Symbols, events: Events) -> None:
        super().__init__()
        self.posts, self.symbols, self._events = posts, symbols, events
        self.comments: CommentList | None = None
        self.opened: Post | None = None
        self.error = ""
        self._selected: Post | None = None
        self._upwards = False  # the last move
        self._languages: dict[Place, str] = {}  # in which a post is read that was chosen for it
        self._walker = RowWalker(lambda: self.posts.rows, self._list_row)
        self._list = urwid.ListBox(self._walker)
        self._read: urwid.SimpleFocusListWalker[urwid.Widget] = urwid.SimpleFocusListWalker([])
        self._reader = urwid.ListBox(self._read)

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def selected(self) -> Post | None:
        """The post that is chosen in the list."""
        posts = self.posts.rows
        return posts[self._walker.focus] if 0 <= self._walker.focus < len(posts) else None

    @property
    def current(self) -> Post | None:
        """What a key acts on: the comment or the post that is read, or the one that is chosen."""
        row = self._read.get_focus()[0] if self.opened is not None and self._read else None
        return row.post if isinstance(row, PostRow) else self.selected

    @property
    def spoken(self) -> Post | None:
        """The same in the language in which it is read."""
        post = self.current
        return self._spoken(post) if post is not None else None

    @property
    def on_comment(self) -> bool:
        """Whether that is a comment of the post that is read."""
        row = self._read.get_focus()[0] if self.opened is not None and self._read else None
        return isinstance(row, PostRow) and row.is_comment

    def show(self, posts: PostList) -> None:
        """Show another list, from its beginning."""
        self.posts, self.error, self._selected = posts, "", None
        self.close_post()
        self._walker.focus = 0
        self.refresh()

    def refresh(self) -> None:
        """The posts or the comments are others now; what was chosen stays so."""
        posts = self.posts.rows
        if self._selected is not None:
            found = (n for n, each in enumerate(posts) if each.place == self._selected.place)
            self._walker.focus = next(found, self._walker.focus)
        self._walker.focus = max(0, min(self._walker.focus, len(posts) - 1))
        self._selected = self.selected
        self._walker.forget()
        if self.opened is not None:
            now = next((each for each in posts if each.place == self.opened.place), self.opened)
            self.opened = now
        self._show_read()
        self._invalidate()

    def change(self, post: Post) -> None:
        """A post or a comment is another now."""
        if self.opened is not None and self.opened.place == post.place:
            self.opened = post
        if self.comments is not None:
            self.comments.replace(post)
        self.posts.replace(post)

    def open_post(self, post: Post, comments: CommentList) -> None:
        """Read a post."""
        self.opened, self.comments = post, comments
        self._read[:] = []
        self._show_read()
        self._invalidate()

    def close_post(self) -> bool:
        """Back to the list; whether a post was read."""
        was, self.opened, self.comments = self.opened is not None, None, None
        self._show_read()
        self._invalidate()
        return was

    def _show_read(self) -> None:
        """The post that is read, or chosen; the focus stays where it was."""
        post = self.opened or self.selected
        if post is None:
            self._read[:] = []
            return
        row = self._focused_row()
        place = row.post.place if isinstance(row, PostRow) else post.place
        answers = threaded(self.comments.posts) if self.comments is not None else []
        rows: list[urwid.Widget] = [PostRow(post, self._look(), time.time())]
        if self.comments is not None and not self.comments.loaded:
            rows.append(urwid.Text(("typing", f"loading{self.symbols.ellipsis}")))
        elif self.comments is not None and self.comments.has_older:
            rows += [urwid.Divider(), EarlierRow(f"earlier comments ({self._events.shown_key('earlier_comments')})")]
        first = len(rows) - 1 if isinstance(rows[-1], EarlierRow) else len(rows) + 1
        for answer in answers:
            rows += [urwid.Divider(), self._comment(answer)]
        self._read[:] = rows
        at = (n for n, each in enumerate(rows) if isinstance(each, PostRow) and each.post.place == place)
        self._read.set_focus(min(first, len(rows) - 1) if isinstance(row, EarlierRow) else next(at, 0))

    def _focused_row(self) -> urwid.Widget | None:
        """Where the person is: who came from below to the comments that are loaded now stays at those below them."""
        row = self._read.get_focus()[0] if self._read else None
        if isinstance(row, EarlierRow) and self._upwards:
            below = self._read[self._read.focus + 1 :]
            return next((each for each in below if isinstance(each, PostRow)), row)
        return row

    def _look(self) -> Look:
        picture = self._events.picture if self.opened is not None else None
        return Look(self.symbols, self._spoken, self.posts.about, picture, self._events.shown_key("other_language"))

    def _spoken(self, post: Post) -> Post:
        return spoken(post, self._languages.get(post.place, self._events.language))

    def turn_language(self) -> bool:
        """Show what is chosen in its next language; whether there is one."""
        post = self.current
        if post is None or not post.versions:
            return False
        known = languages(post)
        self._languages[post.place] = known[(known.index(self._spoken(post).lang) + 1) % len(known)]
        self.refresh()
        return True

    def _comment(self, answer: Answer) -> PostRow:
        look = self._look()._replace(about=lambda post: "")
        return PostRow(answer.post, look, time.time(), answer.depth)

    def _list_row(self, post: Post) -> ListRow:
        return ListRow(post, self._look(), time.time(), lambda: self.selected is post)

    # -- moving --------------------------------------------------------------------------------------------------

    def _box(self, size: tuple[int, int]) -> tuple[urwid.ListBox, tuple[int, int]]:
        """The list in which keys move, and its size."""
        reads = self.opened is not None
        inner = (self._widths(size[0])[-1 if reads else 0], size[1] - self._foot_rows(size))
        return (self._reader if reads else self._list), inner

    def move(self, size: tuple[int, int], key: str) -> None:
        """Move as a key of a list does: ``up``, ``page down`` …"""
        box, inner = self._box(size)
        if box.body:
            self._upwards = key in ("up", "page up")
            box.keypress(inner, key)
        self._moved()

    def to_end(self, size: tuple[int, int], last: bool) -> None:
        """To the beginning of the first one, or the end of the last one."""
        box, inner = self._box(size)
        count = len(self._read) if self.opened is not None else len(self.posts.rows)
        if count:
            box.body.set_focus(count - 1 if last else 0)  # ListBox.set_focus would do it when it is drawn
            self._moved()
            box.calculate_visible(inner, True)
            if not last:
                box.shift_focus(inner, 0)
            elif self._high(inner) > inner[1]:
                box.shift_focus(inner, inner[1] - box.body[box.body.focus].rows((inner[0],)))

    def _high(self, size: tuple[int, int]) -> int:
        """How many rows all need that stand in the list in which keys move."""
        if self.opened is None:
            return ListRow.ROWS * len(self.posts.rows)
        return sum(int(each.rows((size[0],))) for each in self._read)

    def _moved(self) -> None:
        if self.opened is None:
            self._selected = self.selected
            self._read[:] = []
            self._show_read()
            if self.posts.has_older and self._walker.focus >= len(self.posts.rows) - NEAR:
                self._events.load_older()
        elif self._read and isinstance(self._read.get_focus()[0], EarlierRow):
            self._events.load_earlier()
        self._walker.forget()
        self._invalidate()

    # -- drawing -------------------------------------------------------------------------------------------------

    def _widths(self, columns: int) -> tuple[int, ...]:
        if columns < BESIDE:
            return (columns,)
        left = max(26, min(44, columns * 2 // 5))
        return left, columns - left - 1

    def _foot(self) -> tuple[str, str]:
        if self.error:
            return "error", self.error
        waiting = len(self.posts.waiting)
        if waiting:
            return "new line", f"{waiting} new {'post' if waiting == 1 else 'posts'} (g)"
        return "hint", self._events.hint()

    def _foot_rows(self, size: tuple[int, int]) -> int:
        return min(int(urwid.Text(self._foot()).rows((size[0],))), max(0, size[1] - 2))

    def _parts(self, size: tuple[int, int]) -> list[tuple[urwid.Widget, int]]:
        """What is shown from left to right, with its columns."""
        widths = self._widths(size[0])
        empty = f"loading{self.symbols.ellipsis}" if not self.posts.loaded and not self.error else "There is no post."
        shown = self._list if self.posts.rows else urwid.Filler(urwid.Text(("hint", empty), align="center"))
        reader = self._reader if self._read else urwid.SolidFill(" ")
        if len(widths) == 1:
            return [(reader if self.opened is not None else shown, widths[0])]
        return [(shown, widths[0]), (reader, widths[1])]

    def _frame(self, size: tuple[int, int]) -> urwid.Widget:
        parts: list[tuple[object, ...]] = []
        for widget, columns in self._parts(size):
            if parts:
                parts.append((1, urwid.AttrMap(urwid.SolidFill(self.symbols.vertical), "divider")))
            parts.append((columns, widget))
        body = urwid.Columns(parts, focus_column=len(parts) - 1 if self.opened is not None else 0)
        foot = urwid.Text(self._foot())
        rows = self._foot_rows(size)
        return urwid.Frame(body, footer=foot) if rows else body

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        return urwid.CompositeCanvas(self._frame(size).render(size, focus))

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        return key

    def mouse_event(self, size: tuple[int, int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if urwid.util.is_mouse_press(event) and button in (4, 5):
            for _line in range(3):
                self.move(size, "up" if button == 4 else "down")
            return True
        if col < self._widths(size[0])[0] and len(self._widths(size[0])) > 1:
            self.close_post()  # a click on the list
        handled = bool(self._frame(size).mouse_event(size, event, button, col, row, focus))
        self._moved()
        return handled
