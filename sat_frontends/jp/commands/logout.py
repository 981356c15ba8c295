"""jp logout: go offline and stay so."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp


@command(
    "Go offline and stay so.",
    examples=("jp logout", "jp logout work"),
    name=positional("PROFILE", "which profile, if it is not the default one", many="?", complete="profile"),
)
async def logout(jp: Jp, name: str | None) -> None:
    """The profile is kept, with what is stored for it: jp profile delete forgets it, jp profile connect goes online."""
    name = name or await jp.profile_name()
    await (await jp.profile(name)).profile.disconnect()
    jp.out.say(f"{name} is offline.")
