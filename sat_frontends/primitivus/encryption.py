"""How a conversation is encrypted, whose keys are trusted, and comparing them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

import urwid

from sat.api import JID, SatError
from sat.api.messages import Trust
from sat.plugins.encryption.api import Key
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.quick_frontend import encryption_words as words
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

WIDTH = 78  # a fingerprint of 64 digits in groups of 8 fits into its frame
_DECISIONS = {"t": Trust.VERIFIED, "d": Trust.DISTRUSTED}
_ATTRIBUTES = {Trust.VERIFIED: "online", Trust.BLIND: "body", Trust.UNDECIDED: "unread", Trust.DISTRUSTED: "error"}
CODE = "white", "black"
"""The colours of a code that is scanned: what is light has to be it, whatever the terminal's colours are."""


class KeyRow(urwid.WidgetWrap):
    """A key: what it belongs to, what is thought of it, its digits."""

    def __init__(self, key: Key, decide: Callable[[Key, Trust], object], remove: Callable[[Key], object]) -> None:
        self.key, self._decide, self._remove = key, decide, remove
        attribute = ("online" if key.here else _ATTRIBUTES[key.trust]) if key.active else "hint"
        lines = [
            ("strong", f"{words.title(key.method)} {words.device(key)}"),
            (attribute, f"  {words.standing(key)}"),
            ("body", f"\n  {words.grouped(key.fingerprint)}"),
        ]
        names = ("strong", "body", "hint", *_ATTRIBUTES.values())
        super().__init__(urwid.AttrMap(urwid.Text(lines), None, dict.fromkeys(names, "focus")))

    def selectable(self) -> bool:
        return True

    def is_same(self, other: KeyRow) -> bool:
        """Whether that is about the same key, perhaps as it was before."""
        return (self.key.owner, self.key.fingerprint) == (other.key.owner, other.key.fingerprint)

    def keypress(self, size: tuple[int], key: str) -> str | None:
        if key == "x" and self.key.own:
            self._remove(self.key)
            return None
        if key not in _DECISIONS:
            return key
        self._decide(self.key, _DECISIONS[key])
        return None


class Encryption(Dialog):
    """The dialog of one conversation."""

    def __init__(self, app: App, peer: JID) -> None:
        self._app, self._peer, self._live = app, peer, app.live
        self._encrypting = app.live.encrypting
        self._comparing = app.live.encrypting.comparing
        self._keys: tuple[list[Key], list[Key]] = ([], [])
        self._looking = True  # whether the keys are being asked for
        self._label = app.live.contacts.label(peer)
        title = f"Encryption: {clean_line(self._label)}"
        super().__init__(title, self._rows(), self._answers(), kit=app.kit, cancel=self._close)
        self._undo = self._encrypting.changed.connect(self._changed)

    def open(self) -> None:
        """Show it, and ask for the keys."""
        self._app.open_dialog(self, WIDTH, closed=lambda _result: self._undo())
        self._begin(self._load(refresh=True))

    def _close(self) -> None:
        self._app.close_dialog(self)

    def _begin(self, work: Coroutine[Any, Any, str | None]) -> None:
        """Do something; what came of it, or what went wrong, is shown."""

        async def guarded() -> None:
            try:
                said = await work
            except SatError as error:
                self.say(error)
            else:
                self.say("")
                if said:
                    self._app.telling.answer(said)
            self._app.loop.redraw()

        self._app.loop.spawn(guarded())

    # -- what is shown -------------------------------------------------------------------------------------------

    async def _load(self, refresh: bool = False) -> None:
        found = None
        try:
            if refresh:
                self._show(await self._encrypting.keys(self._peer))  # what is known here, at once
            found = await self._encrypting.keys(self._peer, refresh)
        finally:
            self._looking = False
            self._show(found or self._keys)

    def _changed(self, peer: JID) -> None:
        if peer.bare in (self._peer.bare, self._live.jid):
            self._begin(self._load())

    def _show(self, keys: tuple[list[Key], list[Key]]) -> None:
        focus, were, self._keys = self._list.focus, any(self._keys), keys
        self.answers = self._answers()
        self.set_rows(self._rows())  # now the first key has the focus
        if isinstance(focus, KeyRow):
            places = [n for n, row in enumerate(self._walker) if isinstance(row, KeyRow) and row.is_same(focus)]
            self._list.set_focus(next(iter(places), self._list.focus_position))
        elif were or not self._state_method:
            self._list.set_focus(len(self._walker) - 1)

    @property
    def _state_method(self) -> str:
        state = self._encrypting.state(self._peer)
        return state.method if state is not None else ""

    def _rows(self) -> list[urwid.Widget | str]:
        rows: list[urwid.Widget | str] = [*words.explained(self._encrypting.state(self._peer), self._label)]
        if under_way := self._comparing.state(self._peer):
            rows += ["", urwid.Text(("strong", words.compared(under_way, self._label)))]
        theirs, ours = self._keys
        own = self._peer.bare == self._live.jid
        none = f"looking{self._app.symbols.ellipsis}" if self._looking else "none are known"
        groups = [("Your keys", ours)] if own else [(f"Keys of {clean_line(self._label)}", theirs), ("Yours", ours)]
        for heading, keys in groups:
            rows += ["", urwid.Text(("dialog title", heading))]
            rows += [KeyRow(key, self._decide, self._remove) for key in keys] or [urwid.Text(("hint", none))]
        if any(not key.here for keys in self._keys for key in keys):
            rows += ["", urwid.Text(("hint", f"t trusts the selected key, d distrusts it. {words.HOW_TO_COMPARE}"))]
        if any(map(words.is_removable, ours)):
            rows += [urwid.Text(("hint", "x takes one of yours off your account's list."))]
        return rows

    def _answers(self) -> list[Answer]:
        state = self._encrypting.state(self._peer)
        asked = state.asked if state is not None else ""
        offered = [each for each in state.offered if each not in (state.method, asked)] if state is not None else []
        ways = [Answer(f"Encrypt ({words.title(each)})", partial(self._encrypt, each)) for each in offered]
        answers = ways
        if self._state_method:
            answers = [Answer("Begin anew", self._repair), Answer("Write in clear", self._end)]
        if asked:
            yes = Answer(f"Yes, {words.title(asked)}", partial(self._encrypt, asked))
            answers = [yes, Answer("No", self._refuse), *answers]
        if self._comparing.asks(self._peer):
            answers = [Answer("Give the secret", self._answer), *answers]
        if self._comparing.state(self._peer) is not None:
            answers = [*answers, Answer("Do not compare", self._abort)]
        elif self._comparing.can(state):
            answers = [*answers, Answer("Compare a secret", self._compare)]
        if self._keys[1]:
            answers = [*answers, Answer("My code", self._show_code)]
        answers = [*answers, Answer("Verify an address", self._verify), *(ways if self._state_method else [])]
        return [*answers, Answer("Close", self._close)]

    # -- what is done --------------------------------------------------------------------------------------------

    def _decide(self, key: Key, trust: Trust) -> None:
        async def do() -> str:
            return words.decided(await self._encrypting.trust(key, trust), self._encrypting.label(key))

        if key.here:
            self.say("This is the key of this program.")
        else:
            self._begin(do())

    def _remove(self, key: Key) -> None:
        async def do() -> None:
            await self._encrypting.remove(key)
            self._app.telling.answer(words.removed(key))

        if words.is_removable(key):
            rows = [words.removal(key), "", words.WHAT_REMOVING_DOES]
            ask_for(self._app, "Remove a device", rows, [("Take it off", do), ("Cancel", None)])
        else:
            self.say("This is the key of this program." if key.here else "It is not on the list any more.")

    def _encrypt(self, method: str) -> None:
        async def do() -> None:
            self._app.telling.answer(words.begun(await self._encrypting.begin(self._peer, method), self._label))
            self._close()  # Alt-v, Enter: and one writes on

        self._begin(do())

    def _end(self) -> None:
        async def do() -> None:
            await self._encrypting.end(self._peer)
            self._app.telling.answer(words.ended(self._label))
            self._close()

        self._begin(do())

    def _refuse(self) -> None:
        async def do() -> None:
            if method := await self._encrypting.refuse(self._peer):
                self._app.telling.answer(words.refused(method, self._label))
            self._close()

        self._begin(do())

    def _repair(self) -> None:
        async def do() -> str:
            await self._encrypting.repair(self._peer)
            return words.repaired(self._label)

        self._begin(do())

    def _compare(self) -> None:
        question, secret = self._app.kit.entry("Question:"), self._app.kit.entry("Secret:", "", secret=True)

        async def do() -> None:
            await self._comparing.compare(self._peer, str(secret.edit_text), str(question.edit_text).strip())

        rows = [words.HOW_SECRETS_ARE_COMPARED, "", framed(question), framed(secret)]
        ask_for(self._app, "Compare a secret", rows, [("Ask them", do), ("Cancel", None)], enter_goes_on=True)

    def _answer(self) -> None:
        secret, asked = self._app.kit.entry("Secret:", "", secret=True), self._comparing.state(self._peer)

        async def do() -> None:
            await self._comparing.answer(self._peer, str(secret.edit_text))

        rows = [words.compared(asked, self._label) if asked else "", "", framed(secret)]
        ask_for(self._app, "Give the secret", rows, [("Answer", do), ("Cancel", None)])

    def _abort(self) -> None:
        async def do() -> None:
            await self._comparing.abort(self._peer)

        self._begin(do())

    def _show_code(self) -> None:
        async def do() -> None:
            self._app.read("My code", self._code(await self._encrypting.uri()), WIDTH)

        self._begin(do())

    def _code(self, uri: str) -> list[str | urwid.Widget]:
        """The code, as far as the terminal can show it, and the address that is in it."""
        from sat_frontends.quick_frontend.qr import half_blocks

        lines: list[str | urwid.Widget] = []
        if not self._app.symbols.file.isascii():
            attribute = urwid.AttrSpec(*CODE)
            lines = [urwid.Text((attribute, line), align="center", wrap="clip") for line in half_blocks(uri)]
            lines += ["", "Somebody scans this with their own program, to know that these keys are yours."]
            if len(lines) + 4 > self._app.limit():
                lines.append("If it does not fit on the screen, make the terminal larger.")
        return [*lines, "", "Or they verify this address:", uri]

    def _verify(self) -> None:
        entry = self._app.kit.entry("Address:")

        async def do() -> None:
            found = await self._encrypting.verify(str(entry.edit_text).strip())
            self._app.telling.answer(words.verified(found, self._encrypting.label(found[0])))

        about = "Paste the address with keys that they show you: xmpp:…?omemo-sid-…"
        ask_for(self._app, "Verify keys", [about, framed(entry)], [("Verify", do), ("Cancel", None)])


def open_encryption(app: App) -> None:
    """How the conversation that is shown is encrypted."""
    if app.peer is None or app.session.live is None:
        app.notice("No conversation is open.")
    else:
        Encryption(app, app.peer).open()
