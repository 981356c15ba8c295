"""jp login: log in with an address you have."""

from __future__ import annotations

from typing import Any

from sat_frontends.jp.accounts import ACCOUNT, Given, change_and_connect, create_and_connect, free_name
from sat_frontends.jp.ask import ask
from sat_frontends.jp.command import command, option, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.quick_frontend.addresses import account_address


@command(
    "Log in with an address you have.",
    examples=(
        "jp login you@example.org",
        "jp login you@example.org --password-command 'pass show xmpp'",
        "jp login you@example.org --host 192.0.2.7 --port 5222 --name work",
        "echo 'your password' | jp login you@example.org --password-stdin",
        "jp login you@example.org --pin SHA256:1F:0C:…",
    ),
    jid=positional("ADDRESS", "your XMPP address", many="?"),
    name=option("-n", "--name", metavar="NAME", help="what to call the profile", default=""),
    **ACCOUNT,
)
async def login(jp: Jp, jid: str | None, name: str, **account: Any) -> None:
    """A profile is made for the account, and the daemon keeps it online from now on. If there is a profile of this
    address already, it gets the new password and is connected anew. If the first connection of a new profile fails,
    nothing is stored."""
    given = Given(**account)
    server = given.server
    if not jid and not jp.asks:
        raise usage("Which address?", "jp login you@example.org")
    address = account_address(jid or ask("Your address: "))
    known = next((each for each in await jp.profiles() if each.jid == address and name in ("", each.name)), None)
    secret = given.password(jp, f"Password of {address}: ")
    typed = jp.asks and not given.password_stdin and not given.password_command
    if known is None:
        own = given.own_password(jp)
        await create_and_connect(jp, name or await free_name(jp, address), address, secret, own, server, typed=typed)
        return
    await change_and_connect(jp, known.name, secret, server, typed=typed)
