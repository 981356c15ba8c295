"""The account at its server: another password, or its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import Secret
from sat.api.errors import InvalidArgument
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import framed
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def open_password(app: App) -> None:
    """Ask for a new password, twice."""
    first, again = app.kit.entry("New password:", secret=True), app.kit.entry("Once more:", secret=True)

    async def change() -> None:
        if str(first.edit_text) != str(again.edit_text):
            raise InvalidArgument(reason="The two are not the same.")
        await app.live.apis.profile.change_password(Secret(str(first.edit_text)))
        app.telling.answer("The password was changed. Your other programs have to be told.")

    ask_for(app, "Another password", [framed(first), framed(again)], [("Change", change), ("Cancel", None)])


def open_removal(app: App) -> None:
    """Ask for the account's address, so that it is no mistake."""
    address, sure = app.live.jid, app.kit.entry("Its address:")
    rows = [
        f"{clean_line(address)}, its contacts and all that the server keeps are removed, for good. What is stored here"
        " stays.",
        framed(sure),
    ]

    async def remove() -> None:
        if str(sure.edit_text).strip() != address:
            raise InvalidArgument(reason="To remove the account, write its address.")
        await app.live.apis.profile.delete_account()
        app.telling.answer(f"The account {clean_line(address)} is no more.")

    ask_for(app, "Remove the account", rows, [("Remove it", remove), ("Cancel", None)])
