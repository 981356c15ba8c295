"""jp register: create an account on a server."""

from __future__ import annotations

from sat_frontends.jp.accounts import HOST, PASSWORD_COMMAND, PASSWORD_STDIN, PIN, PORT, Server
from sat_frontends.jp.ask import ask
from sat_frontends.jp.command import command, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage


@command(
    "Create an account on a server.",
    examples=(
        "jp register example.org",
        "jp register 'xmpp:example.org?register;preauth=5yzmkq'",
        "pass show xmpp | jp register example.org --field username=alice --password-stdin",
        "jp register example.org --form -o json",
    ),
    where=positional("SERVER", "the server, or the link of an invitation", many="?"),
    field=repeated(
        "-f", "--field", metavar="NAME=VALUE", help="the answer to a field of the server's form; may be repeated"
    ),
    form=switch("--form", help="only show what the server wants to know"),
    name=option("-n", "--name", metavar="NAME", help="what to call the profile", default=""),
    host=HOST,
    port=PORT,
    pin=PIN,
    password_stdin=PASSWORD_STDIN,
    password_command=PASSWORD_COMMAND,
)
async def register(
    jp: Jp,
    where: str | None,
    field: list[str],
    form: bool,
    name: str,
    host: str,
    port: int,
    pin: str,
    password_stdin: bool,
    password_command: str,
) -> None:
    """The server's form is asked for, and its fields one by one; then a profile is made and connected, as with jp
    login. If the server shows a picture, you are told the file that it is in; a script answers the picture of --form
    with all the fields of that form, the hidden ones too. If the server wants an answer that only its web page can
    take, you are told the page."""
    from sat_frontends.jp.registering import Registering
    from sat_frontends.quick_frontend.addresses import read_invitation

    server = Server(host, port, pin=pin)
    server.check()
    if not where and not jp.asks:
        raise usage("Which server?", "jp register example.org")
    known = read_invitation(where or ask("Server, or the link of an invitation: "))
    answers = dict(_answer(each) for each in field)
    registering = Registering(jp, known, answers, server)
    if form:
        await registering.show()
        return
    await registering.run(name, password_stdin, password_command)


def _answer(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise usage(f"--field is NAME=VALUE, not “{text}”.")
    return name, value
