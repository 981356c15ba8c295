"""What we share, and what others share with us."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from sat.api import JID, SatError
from sat.plugins.shares.api import Listed, Share, Transfer
from sat_frontends.primitivus.dialogs import Choice, Picker
from sat_frontends.primitivus.fuzzy import best
from sat_frontends.primitivus.picking import SHOWN_AT_MOST, pick
from sat_frontends.quick_frontend.sharing import (
    in_order,
    listed_about,
    listed_name,
    parent,
    share_line,
    with_whom,
)
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.transfer_words import title

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


async def open_shares(app: App) -> None:
    """What we share: to be ended, or to share more."""
    live = app.live
    try:
        own = await live.apis.shares.get_own()
    except SatError as error:
        app.telling.answer(error)
        return
    choices = [Choice(clean_line(each.name), share_line(each, live.contacts.label), each) for each in own]
    choices.append(Choice("Share something", "a folder or a file, with contacts or groups", None))

    def take(choice: Choice) -> None:
        if not isinstance(choice.value, Share):
            app.input.put_command("/share ")
            return
        share = choice.value
        name, whom = clean_line(share.name), with_whom(share, live.contacts.label)
        question = f"Share {name} with {whom} no longer? What is on its way arrives."
        app.ask("Share no longer", question, "No longer", lambda: _unshare(app, share))

    pick(app, "What you share", choices, take)


async def _unshare(app: App, share: Share) -> None:
    try:
        await app.live.apis.shares.unshare(share.id)
    except SatError as error:
        app.telling.answer(error)
    else:
        app.telling.answer(f"{clean_line(share.name)} is shared no longer.")


class SharedFiles:
    """The files of somebody: Enter opens a folder, or fetches a file, or the whole folder; the list stays."""

    def __init__(self, app: App, peer: JID) -> None:
        self.app, self.peer, self.live = app, peer, app.live
        self._path = ""
        self._choices: list[Choice] = []
        self._picker: Picker | None = None

    def open(self, path: str = "") -> None:
        """Look into a folder."""
        self.app.loop.spawn(self._open(path))

    async def _open(self, path: str) -> None:
        try:
            listed = await self.live.apis.shares.browse(self.peer, path)
        except SatError as error:
            self.app.telling.answer(error)
            return
        name = clean_line(self.live.contacts.label(self.peer))
        if not listed and not path:
            self.app.telling.answer(f"{name} shares nothing with you.")
            return
        self._path = path
        self._choices = []
        if path:
            self._choices.append(Choice("../", "the folder around this one", parent(path)))
            self._choices.append(Choice("Fetch the whole folder", "with all that is in the folders in it", None))
        self._choices += map(self._choice, in_order(listed))
        if self._picker is not None:
            self.app.close_dialog(self._picker)
        title = clean_line(f"Files of {name}: /{path}" if path else f"Files of {name}")
        self._picker = Picker(title, self._fitting, self._take, kit=self.app.kit, cancel=self._close)
        self.app.open_dialog(self._picker, 76, min(24, self.app.limit()))

    def _close(self) -> None:
        self.app.close_dialog(self._picker)
        self._picker = None

    def _choice(self, listed: Listed) -> Choice:
        dot = f" {self.app.symbols.middot} "
        return Choice(listed_name(listed), dot.join(listed_about(listed)), listed, "group" if listed.folder else None)

    def _fitting(self, text: str) -> list[Choice]:
        return best(text, self._choices, lambda each: each.label)[:SHOWN_AT_MOST]

    def _take(self, choice: Choice) -> None:
        if choice.value is None:
            self.app.loop.spawn(self._begin(self.live.apis.shares.fetch_folder(self.peer, self._path)))
        elif isinstance(choice.value, str):
            self.open(choice.value)
        elif isinstance(choice.value, Listed) and choice.value.folder:
            self.open(choice.value.path)
        elif isinstance(choice.value, Listed):
            self.app.loop.spawn(self._begin(self.live.apis.shares.fetch(self.peer, choice.value.path)))

    async def _begin(self, work: Coroutine[Any, Any, Transfer]) -> None:
        self.app.telling.answer()
        try:
            begun = await work
        except SatError as error:
            self.app.telling.answer(error)
        else:
            key = self.app.keymap.shown("transfers")
            self.app.telling.answer(f"{title(begun)} is being fetched; {key} shows how far it is.")
