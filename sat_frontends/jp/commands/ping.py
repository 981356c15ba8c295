"""jp ping: ask for a sign of life."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import tidy
from sat_frontends.jp.people import reach


@command(
    "Ask for a sign of life.",
    examples=("jp ping example.org", "jp ping bob", "jp ping bob@example.org/phone -o json"),
    jid=positional("ADDRESS", "a server, a contact, or a full address", complete="contact"),
)
async def ping(jp: Jp, jid: str) -> None:
    """In a pipe only the milliseconds are printed."""
    profile = await jp.profile()
    address = await reach(profile, jid)
    seconds = await profile.ping.ping(address)
    took = f"{seconds * 1000:.0f}"
    text = f"{tidy(address)} answered in {took} ms" if jp.out.terminal else took
    jp.out.text({"jid": address, "seconds": seconds}, text)
