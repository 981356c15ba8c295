"""jp account: the account itself, at its server."""

from __future__ import annotations

from sat_frontends.jp.accounts import PASSWORD_COMMAND, PASSWORD_STDIN
from sat_frontends.jp.ask import password as ask_password
from sat_frontends.jp.command import YES, command
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.output import tidy


@command(
    "Change the account's password, at its server and here.",
    examples=("jp account password", "pass generate -n xmpp | tail -1 | jp account password --password-stdin"),
    password_stdin=PASSWORD_STDIN,
    password_command=PASSWORD_COMMAND,
)
async def password(jp: Jp, password_stdin: bool, password_command: str) -> None:
    """Your other programs have to be told."""
    profile = (await jp.profile()).profile
    new = ask_password(jp, "New password: ", password_stdin, password_command, new=True)
    await profile.change_password(new)
    jp.out.say("The password was changed.")


@command(
    "Have the server remove the account, for good.",
    examples=("jp account delete",),
    yes=YES,
)
async def delete(jp: Jp, yes: bool) -> None:
    """What is stored here stays: jp profile delete removes that."""
    profile = await loaded((await jp.profile()).profile)
    address = profile.jid.value
    jp.confirm(f"Remove the account {tidy(address)} from its server, for good?", yes)
    await profile.delete_account()
    jp.out.say(f"The account {tidy(address)} is no more. What you wrote is still here; jp profile delete removes it.")
