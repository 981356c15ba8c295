"""Whether somebody is looking (XEP-0352)."""

from __future__ import annotations

from sat.api import Api, method, prop


class ClientStateApi(Api):
    """Say that somebody is looking, so that the server tells everything at once (XEP-0352)."""

    active = prop(bool, True, "Whether somebody is looking, as far as was told.")

    @method
    async def attend(self) -> None:
        """Somebody is looking at this profile, or does something with it. Call it each minute while that is so: five
        minutes after the last time nobody is, and the server may keep back what can wait."""
