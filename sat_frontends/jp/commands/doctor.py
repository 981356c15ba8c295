"""jp doctor: find out what does not work, and why."""

from __future__ import annotations

import os
from typing import NamedTuple

from sat.api import SatError
from sat.api.errors import NoBus, NoDaemon
from sat.api.manager import PluginState, ProfileInfo
from sat.api.profile import ConnectionState
from sat_frontends.jp.accounts import last_error, sentence
from sat_frontends.jp.command import command
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.output import DIM, GREEN, RED, tidy


class Check(NamedTuple):
    """One thing that was looked at."""

    check: str
    ok: bool
    text: str
    advice: str = ""
    code: int = 0


@command(
    "Find out what does not work, and why.",
    examples=("jp doctor", "jp doctor -o json | jq '.[] | select(.ok | not)'"),
)
async def doctor(jp: Jp) -> int:
    """It looks at the bus, the daemon, the plugins, what the daemon has noticed about its disk and sat.conf, each
    profile and its server, in this order; ✓ is well, ✗ is not and has advice. The exit code is 0 if all is well, else
    that of the first ✗. Columns in a pipe: ok or bad, what was looked at, what was found, advice."""
    checks: list[Check] = []
    await _look(jp, checks)
    _show(jp, checks)
    return next((each.code for each in checks if not each.ok), 0)


async def _look(jp: Jp, checks: list[Check]) -> None:
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    try:
        manager = await loaded(jp.manager)
    except NoBus as error:
        checks.append(_failed("bus", error))
        return
    except NoDaemon as error:
        checks += [Check("bus", True, f"D-Bus answers{f' at {address}' if address else ''}."), _failed("daemon", error)]
        return
    except SatError as error:
        checks.append(_failed("daemon", error))
        return
    checks.append(Check("bus", True, "D-Bus answers."))
    checks.append(_version(manager.version.value, manager.ready.value))
    for plugin in await jp.manager.list_plugins():
        if plugin.state is PluginState.FAILED:
            checks.append(Check("plugin", False, f"{plugin.name}: {plugin.reason}", "sat log tells more.", 1))
    checks += [Check("plugins", True, "All plugins that are switched on work.")] if len(checks) == 2 else []
    checks += [_failed("notice", notice.meaning) for notice in manager.notices.value]
    profiles = await jp.profiles()
    if not profiles:
        checks.append(Check("profiles", False, "There is no profile yet.", "jp login you@example.org", 16))
    for info in profiles:
        checks += await _profile(jp, info)


def _failed(check: str, error: SatError) -> Check:
    return Check(check, False, str(error), error.advice, error.exit_code)


def _version(daemon: str, ready: bool) -> Check:
    from sat import __version__

    if daemon != __version__:
        text = f"The daemon is version {daemon}, jp is {__version__}."
        return Check("daemon", False, text, "Start the daemon again: sat stop; sat start", 1)
    if not ready:
        return Check("daemon", False, "The daemon is still starting.", "Try again in a moment.", 5)
    return Check("daemon", True, f"The daemon answers (version {daemon}).")


async def _profile(jp: Jp, info: ProfileInfo) -> list[Check]:
    if (obstacle := info.obstacle) is not None:
        return [_failed("profile", obstacle)]
    profile = await jp.profile(info.name)
    try:
        connection = (await loaded(profile.profile)).connection.value
    except SatError as error:
        return [_failed("profile", error)]
    text = f"{info.name} {sentence(connection)}"
    if connection.state is not ConnectionState.ONLINE:
        known = last_error(connection)
        advice = known.advice if known and known.advice else f"jp profile connect {info.name}"
        return [Check("profile", False, text, advice, known.exit_code if known else 7)]
    checks = [Check("profile", True, text)]
    try:
        seconds = await profile.ping.ping(info.jid.__class__(info.jid.domain))
        checks.append(Check("server", True, f"{info.jid.domain} answers in {seconds * 1000:.0f} ms."))
    except SatError as error:
        checks.append(_failed("server", error))
    return checks


def _show(jp: Jp, checks: list[Check]) -> None:
    if jp.out.json or not jp.out.terminal:
        rows = [("ok" if each.ok else "bad", each.check, each.text, each.advice) for each in checks]
        jp.out.table([{**each._asdict()} for each in checks], (), rows)
        return
    for each in checks:
        mark = jp.out.paint("✓", GREEN) if each.ok else jp.out.paint("✗", RED)
        jp.out.line(f"{mark} {tidy(each.text)}")
        if each.advice and not each.ok:
            jp.out.line(f"  {jp.out.paint('→', DIM)} {tidy(each.advice)}")
