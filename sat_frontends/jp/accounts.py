"""What logging in, registering and the profile commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sat.api import JID, SatError, Secret
from sat.api.errors import AuthFailed, PasswordMissing
from sat.api.profile import Account, Connection, ConnectionState
from sat_frontends.jp.command import option, switch
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.failure import usage

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess

HOST = option("--host", metavar="HOST", help="the server's host, if DNS does not tell", default="")
PORT = option("--port", metavar="PORT", help="its port, with --host", kind=int, default=0)
PASSWORD_STDIN = switch("--password-stdin", help="read the password from stdin, one line")
PASSWORD_COMMAND = option(
    "--password-command", metavar="COMMAND", help="take the password from the first line that this prints", default=""
)
PIN = option(
    "--pin", metavar="FINGERPRINT", help="trust exactly this certificate, though no authority does", default=""
)
ACCOUNT = {
    "host": HOST,
    "port": PORT,
    "direct_tls": switch("--direct-tls", help="encrypt from the first byte (mostly port 5223), with --host"),
    "pin": PIN,
    "password_stdin": PASSWORD_STDIN,
    "password_command": PASSWORD_COMMAND,
    "lock": switch("--lock", help="ask for a password of the profile's own, to encrypt it with"),
}
"""What is said of an account that gets a profile."""
TRIES = 3


class Server(NamedTuple):
    """How the server is reached, where DNS does not tell, and which certificate of it is trusted."""

    host: str = ""
    port: int = 0
    direct_tls: bool = False
    pin: str = ""

    def check(self) -> None:
        """Failure where the options make no sense."""
        if not 0 <= self.port <= 65535:
            raise usage(f"{self.port} is no port.", "A port is a number from 1 to 65535.")
        if (self.port or self.direct_tls) and not self.host:
            raise usage("--port and --direct-tls need --host.")

    def changes(self) -> dict[str, Any]:
        """The fields of an account that something was said about."""
        place = {"host": self.host, "port": self.port, "direct_tls": self.direct_tls} if self.host else {}
        return place | ({"pin": self.pin} if self.pin else {})


class Given(NamedTuple):
    """The options of ``ACCOUNT`` as they were given."""

    host: str
    port: int
    direct_tls: bool
    pin: str
    password_stdin: bool
    password_command: str
    lock: bool

    @property
    def server(self) -> Server:
        """The server's part of it. Failure where the options make no sense."""
        server = Server(self.host, self.port, self.direct_tls, self.pin)
        server.check()
        return server

    def password(self, jp: Jp, question: str) -> Secret:
        """The account's password, asked for if no option tells it."""
        from sat_frontends.jp.ask import password

        return password(jp, question, self.password_stdin, self.password_command)

    def own_password(self, jp: Jp) -> Secret:
        """The password of the profile itself, chosen now if one is wanted."""
        if not self.lock:
            return Secret("")
        if not jp.asks:
            raise usage("There is nobody to ask for the profile's own password.")
        from sat_frontends.jp.ask import ask_new_secret

        return ask_new_secret("A password for the profile itself: ")


async def tell_server(profile: ProfileAccess, server: Server) -> bool:
    """Store how the server is reached, if something was said about it; whether that is new."""
    changes = server.changes()
    if not changes:
        return False
    account: Account = await profile.profile.get_account()
    wanted = account._replace(**changes)
    if wanted == account:
        return False
    await profile.profile.set_account(wanted)
    return True


async def connect(jp: Jp, name: str) -> None:
    """Connect a profile and say where it stands. The error of the first try is raised."""
    jp.out.detail(f"Connecting {name}…")
    profile = await jp.profile(name)
    await profile.profile.connect()
    await stand(jp, name)


async def log_in_asking(jp: Jp, name: str, password: Secret, typed: bool) -> None:
    """Connect a profile with a password, which is kept if the server takes it, and say where it stands. A person who
    typed a wrong one may type it again."""
    from sat_frontends.jp.ask import ask_secret

    jp.out.detail(f"Connecting {name}…")
    profile = await jp.profile(name)
    for tries_left in reversed(range(TRIES)):
        try:
            await profile.profile.log_in(password)
            break
        except AuthFailed as error:
            if not typed or not tries_left:
                raise
            jp.out.say(str(error))
        password = ask_secret("Password: ")
    await stand(jp, name)


async def create_and_connect(
    jp: Jp, name: str, jid: JID, password: Secret, lock: Secret, server: Server, *, typed: bool = False
) -> None:
    """Make a profile and connect it. If that fails nothing is left of it: who mistyped the address can start again."""
    await jp.manager.create_profile(name, jid, password, lock)
    try:
        await tell_server(await jp.profile(name), server)
        await log_in_asking(jp, name, password, typed)
    except BaseException:
        try:
            await jp.manager.delete_profile(name)
        except SatError as error:  # the first error tells more
            jp.out.detail(str(error))
        raise


async def change_and_connect(jp: Jp, name: str, password: Secret, server: Server, *, typed: bool) -> None:
    """Give a profile another password, or another way to its server, and connect it. A session that was made with what
    is no longer true is ended, so that what is said about the connection is."""
    profile = await jp.profile(name)
    changed = await tell_server(profile, server)
    try:
        await profile.profile.check_password(password)
    except (AuthFailed, PasswordMissing):
        changed = True
    if not changed:
        await connect(jp, name)
    else:
        await log_in_asking(jp, name, password, typed)


async def free_name(jp: Jp, jid: JID) -> str:
    """A name for a new profile: the part before the @; if it is taken, the whole address."""
    taken = {each.name for each in await jp.profiles()}
    return jid if jid.local in taken else jid.local


async def stand(jp: Jp, name: str) -> None:
    """Say how a profile stands to its server."""
    connection: Connection = (await loaded((await jp.profile(name)).profile)).connection.value
    if jp.out.json:
        jp.out.value({"profile": name, **connection._asdict()})
    else:
        jp.out.say(f"{name} {sentence(connection)}")


def sentence(connection: Connection) -> str:
    """A connection in words, to follow the profile's name."""
    if connection.state is ConnectionState.ONLINE:
        secured = f" ({connection.security})" if connection.security else ""
        return f"is online as {connection.jid}{secured}."
    reason = f" {why(connection)}" if connection.error else ""
    if connection.state is ConnectionState.CONNECTING:
        return f"is connecting.{reason}"
    if connection.state is ConnectionState.WAITING:
        return f"tries again in {connection.retry_in:.0f} s.{reason}"
    return f"is offline.{reason}"


def last_error(connection: Connection) -> SatError | None:
    """What ended the last connection, as the error it was."""
    from sat.api.errors import error_named

    return error_named(connection.error, connection.details) if connection.error else None


def why(connection: Connection) -> str:
    """What ended the last connection, as a sentence; or nothing."""
    error = last_error(connection)
    return str(error) if error else ""
