"""jp pipe: what one program writes here, another one reads at a contact's."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.people import resolve

_ENCRYPT_OUT = option(
    "-e",
    "--encrypt",
    metavar="METHOD",
    help="send it only if it can be encrypted so (jp encryption methods); none: in clear; else as the conversation",
    default="",
)
_ENCRYPT_IN = option(
    "-e",
    "--encrypt",
    metavar="METHOD",
    help="take it only if it is encrypted; none: also in clear; else as the conversation with who sends",
    default="",
)
_NAME = option("--name", metavar="NAME", help="so that several are told apart", default="")


@command(
    "Send what comes on stdin to a contact who waits for it with jp pipe in.",
    examples=(
        "tar c photos | jp pipe out bob",
        "jp pipe out bob --name log < server.log",
        "jp pipe out bob@example.org/laptop < disk.img",
    ),
    contact=positional(
        "CONTACT", "a contact's name or address; with a resource, that program of theirs", complete="contact"
    ),
    name=_NAME,
    encrypt=_ENCRYPT_OUT,
    force=switch("--force", help="although stdin is a terminal"),
)
async def out(jp: Jp, contact: str, name: str, encrypt: str, force: bool) -> int:
    """It is read only as fast as it is taken there. This ends with code 0 when all of it was taken, with 18 when nobody
    waits for it there, with 20 when it was given up here or there, as by who closes what is read, and with 4 when it
    broke off. Ctrl-C gives it up. What comes is what was sent, in order, or an error: nothing is lost silently.

    Where what you write to them is encrypted, so is this; where it cannot be (code 18), nothing is sent."""
    from sat_frontends.jp.piping import no_terminal, pipe_out
    from sat_frontends.jp.transferring import program_of

    no_terminal(0, force)
    profile = await jp.profile()
    return await pipe_out(jp, profile, await program_of(profile, contact), name, encrypt)


@command(
    "Wait for what a contact sends with jp pipe out, and write it to stdout.",
    examples=(
        "jp pipe in bob | tar x",
        "jp pipe in --name log | less",
        "jp pipe in bob carol --timeout 60 > disk.img",
    ),
    contacts=positional("CONTACT", "who may send; nobody: anybody of your contacts", many="*", complete="contact"),
    name=_NAME,
    encrypt=_ENCRYPT_IN,
    timeout=option("--timeout", metavar="SECONDS", help="give up if nobody has begun by then", kind=float),
    force=switch("--force", help="although stdout is a terminal, which obeys what others write"),
)
async def in_(jp: Jp, contacts: list[str], name: str, encrypt: str, timeout: float | None, force: bool) -> int:
    """Nothing but what was sent is written to stdout, whatever --output says. The first who sends is taken; it ends
    with them. The codes are those of jp pipe out; 141 says that the reader of stdout has gone. Who reads must look at
    the code: what broke off is there up to that place. Of an encrypted one all that is written is what was sent: what
    was changed on its way is not, and ends it with code 4."""
    from sat_frontends.jp.piping import no_terminal, pipe_in

    no_terminal(1, force)
    profile = await jp.profile()
    peers = [(await resolve(profile, each)).bare for each in contacts]
    return await pipe_in(jp, profile, peers, name, encrypt, timeout)
