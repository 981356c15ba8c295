"""The user commands with which one looks around. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat_frontends.quick_frontend.command_registry import Shell, command


@command("services", "[ADDRESS]", "See what your server, or another address, has and can do.", aliases=("disco",))
async def _services(shell: Shell, text: str) -> None:
    shell.open_services(JID.parse(text) if text else JID(shell.live.apis.profile.jid.value.domain))
