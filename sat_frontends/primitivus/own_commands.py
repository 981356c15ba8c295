"""The user commands that only primitivus has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sat_frontends.quick_frontend.commands import Shell, command  # after those of all frontends

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


@command("keys", "", "Show every key with the name of its action, and what is wrong with them.")
async def _keys(shell: Shell, text: str) -> None:
    from sat_frontends.primitivus.help import open_keys

    open_keys(cast("App", shell))


@command("password", "", "Change the account's password, at its server and here.")
async def _password(shell: Shell, text: str) -> None:
    from sat_frontends.primitivus.account import open_password

    open_password(cast("App", shell))


@command("delete-account", "", "Have the server remove your account, for good.")
async def _delete_account(shell: Shell, text: str) -> None:
    from sat_frontends.primitivus.account import open_removal

    open_removal(cast("App", shell))
