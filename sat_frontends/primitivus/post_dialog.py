"""What is to become of a post that is written: published now or later, kept, written on; with files."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from time import time as now
from typing import TYPE_CHECKING, Any, NamedTuple

import urwid

from sat.api import SatError
from sat.api.posts import Draft, Enclosure, Place, Post
from sat.plugins.blog_drafts.api import Kept
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.primitivus.path_line import PathLine
from sat_frontends.quick_frontend.moments import HOW, read_moment, written
from sat_frontends.quick_frontend.post_files import described, in_text, is_picture
from sat_frontends.quick_frontend.post_words import node_name
from sat_frontends.quick_frontend.sending import paths, put_file
from sat_frontends.quick_frontend.text import clean, clean_line, moment, short, utc_offset

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

LINES = 3  # of the text that are shown


class Written(NamedTuple):
    """A draft and where it is to be published; with an id in the place it is a new text of that post. ``kept`` is the
    id of the draft that the daemon keeps of it, ``due`` when that is published, in seconds since 1970. ``changed``: it
    is not kept like that."""

    draft: Draft
    node: Place
    kept: str = ""
    due: float = 0.0
    changed: bool = False

    @classmethod
    def of(cls, kept: Kept) -> Written:
        """A draft that the daemon keeps."""
        return cls(kept.draft, kept.node, kept.id, kept.due)


class PostDialog:
    """The dialog. Whatever goes wrong, what is written is not lost: it is kept as a draft, or else the dialog stays.
    ``again`` opens the editor, ``published`` is told what became a post."""

    def __init__(
        self,
        app: App,
        written: Written,
        *,
        again: Callable[[Written], object],
        published: Callable[[Written, Post | None], Coroutine[Any, Any, None]],
    ) -> None:
        self.app, self.written = app, written
        self._again, self._published = again, published
        self._busy = False
        answers = [
            Answer("Publish", lambda: self._begin(self._publish)),
            Answer("Later", self._ask_when),
            Answer("Keep", lambda: self._begin(partial(self._keep, 0.0))),
            Answer("Attach", self._ask_file),
            Answer("Edit", self._edit),
            Answer("Discard", self._discard),
        ]
        what = "A new text of your post" if written.node.id else "Your post"
        name = short(clean_line(written.draft.title.strip()), 40, app.symbols.ellipsis)
        self._dialog = Dialog(
            f"{what}: {name}" if name else what, self._rows(), answers, kit=app.kit, cancel=self._leave
        )
        app.open_dialog(self._dialog, 74)

    def _rows(self) -> list[urwid.Widget | str]:
        draft, symbols = self.written.draft, self.app.symbols
        lines = [short(line, 200, symbols.ellipsis) for line in clean(draft.body).split("\n") if line.strip()]
        rows: list[urwid.Widget | str] = []
        rows += [urwid.Text(line, wrap="clip") for line in lines[:LINES]]
        rows += [symbols.ellipsis] if len(lines) > LINES else []
        rows += [urwid.Text(("mention", " ".join(f"#{clean_line(each)}" for each in draft.tags)))] * bool(draft.tags)
        rows += [urwid.Text(("strong", f"{symbols.file} {described(each)}")) for each in draft.enclosures]
        own, node = self.app.live.jid, self.written.node
        where = f"In: {node_name(node if node.node else Place(own), own)}"
        if self.written.due:
            where += f". It is published {moment(self.written.due, now())}; Keep makes it a draft again."
        return [*rows, urwid.Text(("hint", where))]

    # -- ending --------------------------------------------------------------------------------------------------

    def _close(self) -> None:
        self.app.close_dialog(self._dialog)

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it, unless something is being done: a key pressed twice publishes once."""
        if not self._busy:
            self._busy = True
            self.app.loop.spawn(self._guarded(work))

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except SatError as error:
            self._dialog.say(error)
        finally:
            self._busy = False

    def _leave(self) -> None:
        """Esc: nothing is lost."""
        if self.written.changed:
            self._begin(partial(self._keep, self.written.due))
        else:
            self._close()

    def _edit(self) -> None:
        self._close()
        self._again(self.written)

    def _discard(self) -> None:
        """What was written is not wanted; a draft that was kept before stays as it was."""
        if not self.written.changed:
            self._close()
            return

        async def do() -> None:
            self._close()

        words = "What you have just written is lost" + ("; the draft stays as it was." if self.written.kept else ".")
        self.app.ask("Throw it away", words, "Throw away", do)

    async def _store(self, due: float) -> None:
        draft, node, kept = self.written.draft, self.written.node, self.written.kept
        id = await self.app.live.apis.blog_drafts.keep(draft, node, kept, due)
        self.written = self.written._replace(kept=id, due=due, changed=False)

    async def _keep(self, due: float) -> None:
        await self._store(due)
        self._close()
        if due:
            self.app.telling.answer(f"It is published {moment(due, now())}, also if primitivus is closed.")
        else:
            self.app.telling.answer(f"It is kept as a draft: {self.app.keymap.shown('drafts')} shows them.")

    async def _publish(self) -> None:
        try:
            post = await self._send()
        except SatError as error:
            if self.written.changed or not self.written.kept:
                await self._store(0.0)
            self._close()
            self.app.telling.answer(f"It is kept as a draft: {self.app.keymap.shown('drafts')} shows them.")
            self.app.failed(error)
            return
        self._close()
        self.app.notice("Your post was changed." if self.written.node.id else "Your post is published.")
        await self._published(self.written, post)

    async def _send(self) -> Post | None:
        """Publish it; the post, where it is a new text of one that is shown."""
        apis, written = self.app.live.apis, self.written
        if written.kept:
            if written.changed:
                await self._store(0.0)
            await apis.blog_drafts.publish(written.kept)
            return None
        if written.node.id:
            return await apis.blog.edit(written.node, written.draft)
        await apis.blog.publish(written.draft, written.node)
        return None

    # -- later, and files ----------------------------------------------------------------------------------------

    def _ask_when(self) -> None:
        due = self.written.due
        when = self.app.kit.entry("When:", written(due, utc_offset) if due else "")

        async def do() -> None:
            await self._keep(read_moment(str(when.edit_text), now(), utc_offset))

        rows = [framed(when), f"Your local time, as {HOW}. The daemon publishes it, if it is online then."]
        ask_for(self.app, "Publish later", rows, [("Publish then", do), ("Cancel", None)])

    def _ask_file(self) -> None:
        live, kit = self.app.live, self.app.kit
        help = urwid.Text(("hint", "Tab completes the path."))

        def offer(found: list[str]) -> None:
            help.set_text(("hint", clean_line("  ".join(found))))

        path = PathLine([("hint", "File:"), " "], kit.keymap, lambda typed: paths(live, typed), offer)
        title = kit.entry("What it shows:")
        inside = urwid.CheckBox("Show the picture in the text", False)

        async def do() -> None:
            given, words = str(path.edit_text).strip(), " ".join(str(title.edit_text).split())
            file = await put_file(live, given)
            added = Enclosure(file.url, file.type, words or file.name, file.size)
            self._add(added, in_the_text=bool(inside.state) and is_picture(added))

        rows = [framed(path), help, framed(title), urwid.AttrMap(inside, None, "focus")]
        rows.append(urwid.Text(("hint", "What it shows is for those who do not see it.")))
        ask_for(self.app, "Attach a file", rows, [("Attach", do), ("Cancel", None)], enter_goes_on=True)

    def _add(self, file: Enclosure, in_the_text: bool) -> None:
        draft = self.written.draft
        if in_the_text:
            draft = draft._replace(body=f"{draft.body.rstrip()}\n\n{in_text(file)}".lstrip("\n"))
        else:
            draft = draft._replace(enclosures=[*draft.enclosures, file])
        self.written = self.written._replace(draft=draft, changed=True)
        self._dialog.set_rows(self._rows())
