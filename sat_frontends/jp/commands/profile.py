"""jp profile: your accounts as the daemon knows them."""

from __future__ import annotations

from typing import Any

from sat.api import Secret
from sat.api.errors import ProfileNotFound
from sat.api.manager import ProfileInfo
from sat.api.profile import ConnectionState
from sat_frontends.jp.accounts import (
    ACCOUNT,
    PASSWORD_COMMAND,
    PASSWORD_STDIN,
    Given,
    connect,
    stand,
    tell_server,
    why,
)
from sat_frontends.jp.command import YES, command, either, option, positional, repeated, switch
from sat_frontends.jp.context import Jp, loaded
from sat_frontends.jp.failure import usage
from sat_frontends.jp.output import BOLD, DIM, Column, tidy

_NAME = positional("PROFILE", "which one, if not the default one", many="?", complete="profile")
_WHICH = positional("PROFILE", "which one", complete="profile")


@command(
    "Show the profiles.",
    examples=("jp profile list", "jp profile list -o json"),
)
async def list_(jp: Jp) -> None:
    """Columns in a pipe: name, address, yes or no for: default, locked, connects by itself; and why it is closed."""
    found = await jp.profiles()
    columns = (
        Column("Profile", BOLD),
        Column("Address"),
        Column("Default"),
        Column("Locked"),
        Column("Autoconnect"),
        Column("", DIM, flexible=True),
    )
    jp.out.table(found, columns, [_cells(each) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("There is no profile yet. To make one: jp login you@example.org")


def _cells(info: ProfileInfo) -> tuple[str, ...]:
    flags = (info.default, info.locked, info.autoconnect)
    closed = "" if info.locked or info.obstacle is None else str(info.obstacle)
    return info.name, info.jid, *("yes" if flag else "no" for flag in flags), closed


async def _info(jp: Jp, name: str) -> ProfileInfo:
    for each in await jp.profiles():
        if each.name == name:
            return each
    raise ProfileNotFound(profile=name)


@command(
    "Show an account and its connection.",
    examples=("jp profile info", "jp profile info work -o json"),
    name=_NAME,
)
async def info(jp: Jp, name: str | None) -> None:
    known = await _info(jp, name or await jp.profile_name())
    pairs = [("profile", known.name), ("address", known.jid)]
    value = known._asdict()
    if (obstacle := known.obstacle) is not None:
        pairs.append(("error", str(obstacle)))
    else:
        profile = await jp.profile(known.name)
        account = await profile.profile.get_account()
        connection = (await loaded(profile.profile)).connection.value
        value |= {"account": account, "connection": connection}
        pairs += [
            ("state", connection.state),
            ("connected as", connection.jid),
            ("security", connection.security),
            ("error", why(connection)),
            ("host", account.host or "by DNS"),
            ("port", str(account.port or "by DNS")),
            ("certificate to trust", account.pin),
            ("WebSocket", account.websocket),
            ("resource", account.resource),
        ]
        flags = (("direct TLS", account.direct_tls), ("require TLS", account.require_tls))
        pairs += [(name, "yes" if flag else "no") for name, flag in (*flags, ("autoconnect", account.autoconnect))]
    pairs += [(name, "yes" if flag else "no") for name, flag in (("default", known.default), ("locked", known.locked))]
    jp.out.record(value, pairs)


@command(
    "Store an account, without connecting.",
    examples=("jp profile create work you@example.org", "jp profile create work you@example.org --lock"),
    name=positional("PROFILE", "what to call it"),
    jid=positional("ADDRESS", "the account's address"),
    **ACCOUNT,
)
async def create(jp: Jp, name: str, jid: str, **account: Any) -> None:
    """jp login does this and connects."""
    from sat_frontends.quick_frontend.addresses import account_address

    given = Given(**account)
    server = given.server
    address = account_address(jid)
    secret = given.password(jp, f"Password of {tidy(address)}: ")
    made = await jp.manager.create_profile(name, address, secret, given.own_password(jp))
    await tell_server(await jp.profile(name), server)
    if jp.out.json:
        jp.out.value(made)
    jp.out.detail(f"The profile {name} is stored.")


@command(
    "Change how the server of an account is reached.",
    examples=(
        "jp profile set --host 192.0.2.7 --port 5222",
        "jp profile set work --host '' --port 0  # as DNS tells",
        "jp profile set work --resource laptop --no-autoconnect",
        "jp profile set --pin ''  # trust the authorities only",
    ),
    name=_NAME,
    host=option("--host", metavar="HOST", help="the server's host; empty: as DNS tells"),
    port=option("--port", metavar="PORT", help="its port; 0: as DNS tells, or the usual one", kind=int),
    direct_tls=either("--direct-tls", help="encrypt from the first byte (mostly port 5223), where host or port is set"),
    require_tls=either("--require-tls", help="never go on without encryption (--no-…: on this machine)"),
    pin=option(
        "--pin",
        metavar="FINGERPRINT",
        help="the certificate to trust though no authority does, if its administrator confirms it; empty: none",
    ),
    websocket=option("--websocket", metavar="URL", help="only through this WebSocket (wss://…); empty: not"),
    resource=option("--resource", metavar="NAME", help="what the server calls this program; empty: it chooses"),
    autoconnect=either("--autoconnect", help="go online when the daemon starts; connecting and disconnecting set it"),
)
async def set_(
    jp: Jp,
    name: str | None,
    host: str | None,
    port: int | None,
    direct_tls: bool | None,
    require_tls: bool | None,
    pin: str | None,
    websocket: str | None,
    resource: str | None,
    autoconnect: bool | None,
) -> None:
    """What is not given stays as it is; jp profile info shows it. It holds from the next connection on: who is trying
    to connect tries anew, who is online stays so."""
    fields = {
        "host": host,
        "port": port,
        "direct_tls": direct_tls,
        "require_tls": require_tls,
        "pin": pin,
        "websocket": websocket,
        "resource": resource,
        "autoconnect": autoconnect,
    }
    given: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    if not given:
        raise usage("There is nothing to change.", "jp profile set --help")
    name = name or await jp.profile_name()
    profile = (await jp.profile(name)).profile
    state = (await loaded(profile)).connection.value.state
    await profile.set_account((await profile.get_account())._replace(**given))
    jp.out.say(f"The account of {name} was changed.")
    if state in (ConnectionState.CONNECTING, ConnectionState.WAITING):
        await (stand if autoconnect is False else connect)(jp, name)
    elif state is ConnectionState.ONLINE and given.keys() != {"autoconnect"}:
        jp.out.say(f"It is online; to connect anew: jp profile disconnect {name}; jp profile connect {name}")


@command(
    "Forget a profile and all that is stored for it.",
    examples=("jp profile delete work", "jp profile delete work --yes"),
    name=_WHICH,
    yes=YES,
)
async def delete(jp: Jp, name: str, yes: bool) -> None:
    """Its messages and settings are gone then. The account on the server stays; while it is online, what others encrypt
    for it is taken back there (its OMEMO device), so that nobody encrypts for it any more."""
    known = await _info(jp, name)
    jp.confirm(f"Forget the profile {tidy(name)} ({tidy(known.jid)}) and all its messages?", yes)
    await jp.manager.delete_profile(name)
    jp.out.say(f"The profile {name} is gone.")


@command(
    "Connect a profile, and keep it online.",
    examples=("jp profile connect", "jp profile connect work"),
    name=_NAME,
)
async def connect_(jp: Jp, name: str | None) -> None:
    await connect(jp, name or await jp.profile_name())


@command(
    "Go offline with a profile, and stay so.",
    examples=("jp profile disconnect", "jp profile disconnect work"),
    name=_NAME,
)
async def disconnect(jp: Jp, name: str | None) -> None:
    name = name or await jp.profile_name()
    await (await jp.profile(name)).profile.disconnect()
    jp.out.say(f"{name} is offline.")


@command(
    "Choose the profile that is used when none is named.",
    examples=("jp profile default work",),
    name=_WHICH,
)
async def default(jp: Jp, name: str) -> None:
    await jp.manager.set_default_profile(name)


@command(
    "Open a profile that has a password of its own.",
    examples=("jp profile unlock work", "pass show sat/work | jp profile unlock work --password-stdin"),
    name=_NAME,
    password_stdin=PASSWORD_STDIN,
    password_command=PASSWORD_COMMAND,
)
async def unlock(jp: Jp, name: str | None, password_stdin: bool, password_command: str) -> None:
    from sat_frontends.jp.ask import password

    known = await _info(jp, name or await jp.profile_name())
    name = known.name
    lock = Secret("")  # of one that is closed for another reason: it is tried again
    if known.locked or known.obstacle is None:
        lock = password(jp, f"Password of the profile {tidy(name)}: ", password_stdin, password_command)
    await jp.manager.unlock_profile(name, lock)
    jp.out.say(f"The profile {name} is open.")


@command(
    "Give a profile a password of its own, change it or take it away.",
    examples=("jp profile lock", "jp profile lock work --remove"),
    name=_NAME,
    remove=switch("--remove", help="have no password of its own any more"),
)
async def lock(jp: Jp, name: str | None, remove: bool) -> None:
    """It is asked for when the daemon has been started again; what is stored of the account's password is encrypted
    with it."""
    from sat_frontends.jp.ask import ask_new_secret, ask_secret

    name = name or await jp.profile_name()
    if not jp.asks:
        raise usage("There is nobody to ask for the profile's own password.", "Do this on a terminal.")
    old = ask_secret("Its password now (Enter if it has none): ")
    new = Secret("") if remove else ask_new_secret("The new password: ")
    await (await jp.profile(name)).profile.set_lock(old, new)
    jp.out.say(f"The profile {name} has {'no password of its own' if remove else 'its new password'} now.")


@command(
    "Show or change what you call yourself.",
    examples=("jp profile nick", "jp profile nick Alice", "jp profile nick ''  # none any more"),
    name=positional("NAME", "what to call yourself; empty for nothing", many="?"),
)
async def nick(jp: Jp, name: str | None) -> None:
    """Contacts see it who have given you no name of their own. It is kept by the server, for all your programs."""
    nickname = (await jp.profile()).nickname
    if name is None:
        own = (await loaded(nickname)).own.value
        jp.out.text(own, own)
        return
    await nickname.set_own(name)
    jp.out.say(f"You call yourself {tidy(name.strip())} now." if name.strip() else "You call yourself nothing now.")


@command(
    "Show a picture of yourself to your contacts.",
    examples=("jp profile avatar me.png", "jp profile avatar --remove"),
    file=positional("FILE", "a PNG, JPEG, WebP or GIF picture", many="?", complete="file"),
    remove=switch("--remove", help="show none any more"),
)
async def avatar(jp: Jp, file: str | None, remove: bool) -> None:
    """It has at most 256 KiB and 4096 pixels on a side. The server keeps it; jp roster avatar me gives it back."""
    from sat.plugins.avatars.api import LARGEST
    from sat_frontends.jp.files import read

    if remove == (file is not None):
        raise usage("Give a file, or --remove.")
    data = read(file, LARGEST) if file is not None else b""
    await (await jp.profile()).avatars.set_own(data)
    jp.out.say("Your contacts see your picture." if data else "Your contacts see no picture of you any more.")


@command(
    "Show or change what you tell of yourself.",
    examples=(
        "jp profile card",
        "jp profile card --set name='Alice Liddell' --set emails=alice@example.org",
        "jp profile card --set phones=+44-1 --set phones=+44-2  # two of them",
        "jp profile card --set note=  # nothing any more",
    ),
    given=repeated("-s", "--set", metavar="NAME=VALUE", help="change this; what is not given stays; may be repeated"),
)
async def card(jp: Jp, given: list[str]) -> None:
    """The names are name, nickname, organisation, title, birthday, emails, phones, addresses, urls and note. Your
    contacts can read it; on most servers also everybody who knows your address, unless the setting vcard.for_all is
    off."""
    from sat_frontends.jp.cards import show
    from sat_frontends.jp.filling import answers, check_used
    from sat_frontends.quick_frontend.cards import LABELS, card_of

    profile = await jp.profile()
    jid = (await loaded(profile.profile)).jid.value
    changes = answers(given)
    check_used(changes, list(LABELS))
    known = await profile.vcard.get_card(jid)
    if not changes:
        show(jp, known)
        return
    new = card_of(changes)
    await profile.vcard.set_own(known._replace(**{name: getattr(new, name) for name in changes}))
    jp.out.say("Your card was changed.")


@command(
    "Accept that a server offers weaker ways to log in than it used to.",
    examples=("jp profile forget-security work --yes",),
    name=_NAME,
    yes=YES,
)
async def forget_security(jp: Jp, name: str | None, yes: bool) -> None:
    """Do this only when the server's administrator confirms the change: else somebody may be in between."""
    name = name or await jp.profile_name()
    jp.confirm(f"Accept weaker ways to log in for {tidy(name)}?", yes)
    await (await jp.profile(name)).profile.forget_security()
