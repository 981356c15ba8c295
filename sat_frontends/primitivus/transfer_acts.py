"""What is done with a file on its way: in its conversation, and in the list of all. Each action of the key table for
files has its ``do_`` method here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api import SatError
from sat.api.sizes import shown
from sat.api.transfers import Transfer, TransferState
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import framed
from sat_frontends.primitivus.file_acts import open_address
from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.path_line import PathLine
from sat_frontends.primitivus.ringing import sound
from sat_frontends.primitivus.transfer_row import home, opens
from sat_frontends.quick_frontend.offering import whole
from sat_frontends.quick_frontend.ringing import offer_told, offer_worth_it
from sat_frontends.quick_frontend.sending import paths
from sat_frontends.quick_frontend.text import clean_line, moment
from sat_frontends.quick_frontend.transfer_words import Action, actions, folder, state, title, way, who

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

AGAIN = 2.0  # seconds between two looks at the speed
NOT_HERE = "It is not here, or not whole."


class TransferActs:
    """The actions of ``Where.FILES``."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._looks_again = False
        self._told: dict[str, urwid.Notification] = {}  # offers that were told, until somebody answers

    def key(self, transfer: Transfer, key: str) -> bool:
        """A key while a file is selected; whether it means something there."""
        action = self.app.keymap.action(Where.FILES, key)
        if action:
            handler: Callable[[Transfer], object] = getattr(self, f"do_{action}")
            handler(transfer)
        return bool(action)

    def changed(self, id: str) -> None:
        """One has come further, or is no longer told. While one moves, its speed is looked at now and then: where it
        has stopped, nobody tells anything."""
        self.app.conversations.file_changed(id)
        transfer = self.app.live.transfers.find(id)
        if id in self._told and (transfer is None or not transfer.asks):
            self.app.frame.notices.dismiss(self._told.pop(id))
        if transfer is not None and transfer.state is TransferState.RUNNING and not self._looks_again:
            self._looks_again = True
            self.app.loop.later(AGAIN, self._look_again)

    def _look_again(self) -> None:
        self._looks_again = False
        if self.app.session.live is not None:
            self.app.session.live.transfers.look_again()

    def offered(self, transfer: Transfer) -> None:
        """Somebody has just offered a file: open their window, and ring where nobody looks at it."""
        app, live = self.app, self.app.live
        peer = live.contacts.conversation(transfer.peer)
        app.conversations.open_beside(peer)
        app.look()
        if peer in live.chats and live.chats[peer].watched:
            return
        size = f" ({shown(transfer.size)})" if transfer.size else ""
        name = clean_line(live.contacts.label(peer))
        words = f"{name} offers {title(transfer)}{size}. {app.keymap.shown('transfers')} answers."
        self._told[transfer.id] = app.telling.notice(words)
        if offer_worth_it(live, transfer):
            sound(app, offer_told(live, transfer))

    # -- what the keys do ------------------------------------------------------------------------------------------

    def do_take_file(self, transfer: Transfer) -> None:
        if self._can(transfer, Action.ACCEPT, "Only what is offered to you can be taken."):
            self.app.loop.spawn(self._act(transfer, Action.ACCEPT))

    def do_take_file_as(self, transfer: Transfer) -> None:
        if not self._can(transfer, Action.ACCEPT, "Only what is offered to you can be taken."):
            return
        live = self.app.live
        line = PathLine(
            ("hint", "Where: "), self.app.keymap, partial(paths, live), lambda names: dialog.say("  ".join(names))
        )

        async def take() -> None:
            await live.transfers.act(transfer.id, Action.ACCEPT, whole(str(line.edit_text)))

        rows = [f"{title(transfer)}: into a folder, or under the name of a new file. Tab completes.", framed(line)]
        dialog = ask_for(self.app, "Take the file", rows, [("Take it", take), ("Cancel", None)])

    def do_stop_file(self, transfer: Transfer) -> None:
        if Action.DECLINE in actions(transfer):
            self.app.loop.spawn(self._act(transfer, Action.DECLINE))
        elif self._can(transfer, Action.CANCEL, f"It is over; {self._key('forget_file')} takes it out of the list."):
            self.app.loop.spawn(self._act(transfer, Action.CANCEL))

    def do_resume_file(self, transfer: Transfer) -> None:
        if self._can(transfer, Action.RESUME, "There is nothing here that could be gone on with."):
            self.app.loop.spawn(self._act(transfer, Action.RESUME))

    def do_open_received(self, transfer: Transfer) -> None:
        if transfer.quarantined:
            key = self._key("open_folder")
            self.app.notice(f"It could be run, so it was put apart and is not opened here; {key} opens its folder.")
        elif opens(transfer):
            self.app.loop.spawn(open_address(self.app, transfer.path))
        else:
            self.app.notice(NOT_HERE)

    def do_open_folder(self, transfer: Transfer) -> None:
        if place := folder(transfer):
            self.app.loop.spawn(open_address(self.app, place))
        else:
            self.app.notice(NOT_HERE)

    def do_copy_path(self, transfer: Transfer) -> None:
        if not transfer.path:
            self.app.notice(NOT_HERE)
            return
        if hasattr(self.app.loop.screen, "copy_to_clipboard"):
            self.app.loop.screen.copy_to_clipboard(clean_line(transfer.path))
        self.app.notice("Copied, if the terminal allows it (OSC 52).")

    def do_forget_file(self, transfer: Transfer) -> None:
        if not self._can(transfer, Action.FORGET, f"It is not over; {self._key('stop_file')} stops it."):
            return
        if transfer.partial:
            question = f"The part of {title(transfer)} that is here is deleted, too."
            self.app.ask("Forget it", question, "Forget", lambda: self._act(transfer, Action.FORGET))
        else:
            self.app.loop.spawn(self._act(transfer, Action.FORGET))

    def do_about_file(self, transfer: Transfer) -> None:
        label = self.app.live.contacts.label(transfer.peer) if transfer.peer else ""
        hashes = [f"{clean_line(name)}: {clean_line(value)}" for name, value in transfer.hashes.items()]
        size = f"{shown(transfer.size)} ({transfer.size} bytes)" if transfer.size >= 1024 else shown(transfer.size)
        told = [
            ("", f"{title(transfer)} {who(transfer, label)}"),
            ("Address: ", clean_line(transfer.peer)),
            ("", state(transfer)),
            ("Size: ", size if transfer.size else ""),
            ("Type: ", clean_line(transfer.type)),
            ("Goes ", way(transfer)),
            ("They say: ", clean_line(transfer.description)),
            ("Where: ", home(transfer.path) if transfer.path else ""),
            ("Begun: ", moment(transfer.begun, transfer.begun) if transfer.begun else ""),
            ("Ended: ", moment(transfer.ended, transfer.begun) if transfer.ended else ""),
        ]
        self.app.read("File", [*(f"{label}{text}" for label, text in told if text.strip()), *hashes])

    # -- inside ------------------------------------------------------------------------------------------------------

    def _key(self, action: str) -> str:
        return self.app.keymap.shown(action)

    def _can(self, transfer: Transfer, action: Action, otherwise: str) -> bool:
        if action not in actions(transfer):
            self.app.notice(otherwise)
            return False
        return True

    async def _act(self, transfer: Transfer, action: Action) -> None:
        self.app.telling.answer()
        try:
            await self.app.live.transfers.act(transfer.id, action)
        except SatError as error:
            self.app.telling.answer(error)
