"""jp service: gateways to other networks, and directories of people."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional, repeated
from sat_frontends.jp.context import Jp
from sat_frontends.jp.filling import answers, filled, show_result
from sat_frontends.jp.output import tidy
from sat_frontends.jp.people import reach

_JID = positional("ADDRESS", "the service, as jp info disco SERVER --items shows it", complete="contact")
_SET = repeated("-s", "--set", metavar="NAME=VALUE", help="an answer to its form; may be repeated")


@command(
    "Register with a service, such as a gateway; or see what it wants to know.",
    examples=("jp service register irc.example.org", "jp service register irc.example.org -s nick=romeo"),
    jid=_JID,
    settings=_SET,
)
async def register(jp: Jp, jid: str, settings: list[str]) -> None:
    """Afterwards a gateway asks to see when you are there: see jp roster requests."""
    profile, given = await jp.profile(), answers(settings)
    address = await reach(profile, jid)
    model = filled(jp, await profile.services.get_registration(address), given)
    if model is None:
        return
    await profile.services.register(address, model.answers)
    jp.out.say(f"{tidy(address)} knows you now.")


@command(
    "Have a service forget you.",
    examples=("jp service unregister irc.example.org",),
    jid=_JID,
)
async def unregister(jp: Jp, jid: str) -> None:
    profile = await jp.profile()
    address = await reach(profile, jid)
    await profile.services.unregister(address)
    jp.out.say(f"{tidy(address)} has forgotten you.")


@command(
    "Search in a directory of people; or see what can be searched for.",
    examples=("jp service search users.example.org", "jp service search users.example.org -s first=Juliet"),
    jid=_JID,
    settings=_SET,
)
async def search(jp: Jp, jid: str, settings: list[str]) -> None:
    """Columns in a pipe: those of the directory."""
    profile, given = await jp.profile(), answers(settings)
    address = await reach(profile, jid)
    model = filled(jp, await profile.services.get_search(address), given)
    if model is None:
        return
    found = await profile.services.search(address, model.answers)
    show_result(jp, found)
    if not found.rows:
        jp.out.say("Nobody was found.")
