"""jp status: the daemon, your profiles, what is unread."""

from __future__ import annotations

from typing import Any

from sat.api.errors import InvalidArgument
from sat.api.manager import ManagerApi, ProfileInfo
from sat_frontends.jp.accounts import sentence
from sat_frontends.jp.command import command, option
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.output import BOLD, DIM, GREEN, YELLOW, Column


@command(
    "Show the daemon, the profiles and what is unread.",
    examples=(
        "jp status",
        "jp status --format '{profile}: {state}, {unread} unread'",
        "jp -p work status --format '{unread}'  # for a status bar",
        "jp status -o json",
    ),
    format=option(
        "-f", "--format", metavar="TEXT", help="a line for each profile; {profile} {jid} {state} {unread} {version}"
    ),
)
async def status(jp: Jp, format: str | None) -> None:
    """With --profile only that profile is shown. Columns in a pipe: profile, address, state, unread, and the state in
    words. The states are offline, connecting, online, waiting (for the next try), locked (by the profile's own
    password), closed (what is stored of it cannot be opened). What the daemon has noticed about its disk or sat.conf
    goes to stderr. A daemon that does not run is not started."""
    jp.starts = False  # whether it runs is what was asked
    manager: ManagerApi = await loaded(jp.manager)
    only = jp.options.profile
    profiles = [await _profile(jp, each) for each in await jp.profiles() if only in ("", each.name)]
    if only and not profiles:
        from sat.api.errors import ProfileNotFound

        raise ProfileNotFound(profile=only)
    version = manager.version.value
    if format is not None:
        for each in profiles:
            jp.out.line(_filled(format, each, version))
        return
    notices = [(notice, str(notice.meaning)) for notice in manager.notices.value]
    if jp.out.json:
        told = [{**notice._asdict(), "text": text} for notice, text in notices]
        daemon = {"version": version, "ready": manager.ready.value, "notices": told}
        jp.out.value({"daemon": daemon, "profiles": profiles})
        return
    if jp.out.terminal:
        jp.out.line(f"The daemon runs (version {version}).")
    columns = (
        Column("Profile", BOLD),
        Column("Address"),
        Column("State", GREEN if all(each["state"] == "online" for each in profiles) else YELLOW),
        Column("Unread"),
        Column("", DIM, flexible=True),
    )
    rows = [(each["profile"], each["jid"], each["state"], str(each["unread"]), each["text"]) for each in profiles]
    jp.out.table(profiles, columns, rows)
    if not profiles:
        jp.out.say("There is no profile yet. To make one: jp login you@example.org")
    for _, text in notices:
        jp.out.say(text)


async def _profile(jp: Jp, info: ProfileInfo) -> dict[str, Any]:
    known = {"profile": info.name, "jid": info.jid, "default": info.default}
    if (obstacle := info.obstacle) is not None:
        state = "locked" if info.locked else "closed"
        return {**known, "state": state, "unread": 0, "text": str(obstacle), "connection": None}
    profile = await jp.profile(info.name)
    connection = (await loaded(profile.profile)).connection.value
    unread = (await loaded(profile.messages)).unread.value
    return {
        **known,
        "state": str(connection.state),
        "unread": unread,
        "text": sentence(connection),
        "connection": connection,
    }


def _filled(format: str, profile: dict[str, Any], version: str) -> str:
    from string import Formatter

    from sat_frontends.jp.output import tidy

    class Places(Formatter):
        """Takes a place by its name only: ``{profile.__class__}`` is none."""

        def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
            return kwargs[field_name], field_name

    places = {name: tidy(str(profile[name])) for name in ("profile", "jid", "state", "unread")}
    try:
        return Places().vformat(format, (), {**places, "version": tidy(version)})
    except (KeyError, ValueError):
        raise InvalidArgument(reason=f"“{format}” has a place that is not known; see jp status --help") from None
