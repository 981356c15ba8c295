"""The user commands with which one looks around. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat_frontends.quick_frontend.command_registry import Shell, command
from sat_frontends.quick_frontend.confirming import sentence


@command("services", "[ADDRESS]", "See what your server, or another address, has and can do.", aliases=("disco",))
async def _services(shell: Shell, text: str) -> None:
    shell.open_services(JID.parse(text) if text else JID(shell.live.apis.profile.jid.value.domain))


@command("confirm", "[NUMBER]", "Say that it is you whom a web site asks about; without a number, see who asks.")
async def _confirm(shell: Shell, text: str) -> None:
    confirmations = shell.live.confirmations
    if text:
        shell.show(await confirmations.answer(text, True))
    else:
        lines = [f"{each.number}: {sentence(each)}" for each in confirmations.waiting]
        shell.show("\n".join([*lines, "/confirm NUMBER or /notme NUMBER"]) if lines else "No web site asks anything.")


@command("notme", "[NUMBER]", "Say that it is not you whom a web site asks about.")
async def _notme(shell: Shell, text: str) -> None:
    shell.show(await shell.live.confirmations.answer(text, False))
