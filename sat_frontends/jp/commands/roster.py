"""jp roster: your contacts."""

from __future__ import annotations

from sat.api import JID
from sat.plugins.roster.api import Contact
from sat_frontends.jp.command import YES, command, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.output import BOLD, DIM, Column, tidy
from sat_frontends.jp.people import resolve

_CONTACT = positional("CONTACT", "a contact's name or address", complete="contact")
_GROUP = repeated("-g", "--group", metavar="GROUP", help="a group to put them in; may be repeated", complete="group")


@command(
    "Show your contacts.",
    examples=(
        "jp roster list",
        "jp roster list --group Friends",
        "jp roster list -o json | jq -r '.[].jid'",
        "jp roster list --online",
    ),
    group=option("-g", "--group", metavar="GROUP", help="only those in this group", complete="group"),
    online=switch("--online", help="only those who are there now"),
)
async def list_(jp: Jp, group: str | None, online: bool) -> None:
    """The list is the one that the server told last, also while you are offline. Columns in a pipe: address, name (what
    they call themselves where you have given none), subscription, groups (separated by commas), whether an answer is
    awaited (yes or no)."""
    profile = await jp.profile()
    contacts = await profile.roster.get_contacts()
    if online:
        from sat.plugins.presence.api import Show

        there = {each.jid.bare for each in await profile.presence.get_presences() if each.show is not Show.OFFLINE}
        contacts = [each for each in contacts if each.jid in there]
    if group is not None:
        contacts = [each for each in contacts if group in each.groups]
    contacts = sorted(contacts, key=lambda each: each.label.casefold())
    columns = (
        Column("Address", BOLD),
        Column("Name", flexible=True),
        Column("Subscription", DIM),
        Column("Groups", flexible=True),
        Column("Asked", DIM),
    )
    jp.out.table(contacts, columns, [_cells(each) for each in contacts])
    if not contacts and jp.out.terminal:
        jp.out.say("Nobody. To add somebody: jp roster add name@example.org")


def _cells(contact: Contact) -> tuple[str, ...]:
    groups = ",".join(contact.groups)
    return contact.jid, contact.name or contact.nickname, contact.subscription, groups, "yes" if contact.asked else "no"


@command(
    "Put somebody in your contact list, and ask to see their presence.",
    examples=(
        "jp roster add bob@example.org",
        "jp roster add bob@example.org --name Bob -g Friends -g Work",
        "jp roster add 'xmpp:bob@example.org?roster;preauth=1tMFqYDdKhfe2pwp'",
    ),
    jid=positional("ADDRESS", "their address, or the link of their invitation", complete="address"),
    name=option("-n", "--name", metavar="NAME", help="what to call them", default=""),
    group=_GROUP,
)
async def add(jp: Jp, jid: str, name: str, group: list[str]) -> None:
    """Who is in the list already keeps the name and the groups that are not given, and is asked only if they do not
    show their presence."""
    from sat_frontends.quick_frontend.inviting import add

    profile = await jp.profile()
    known = {each.jid: each for each in await profile.roster.get_contacts()}
    jp.out.say(await add(profile, known.get, jid, name, group))


@command(
    "Make a link with which somebody becomes your contact, or has an account.",
    examples=("jp roster invite", "jp roster invite --account dora -o json | jq -r .uri"),
    account=option("--account", metavar="NAME", help="let them create an account of that name ('': of any)"),
)
async def invite(jp: Jp, account: str | None) -> None:
    """For one person. The link of a web page, if the server has one, else the one that programs open; with --verbose
    both."""
    from sat_frontends.quick_frontend.inviting import lines

    invitations = (await jp.profile()).invitations
    made = await (invitations.invite() if account is None else invitations.invite_account(account))
    if jp.out.json:
        jp.out.value(made)
        return
    *links, sentence = lines(made)
    for link in links if jp.out.verbose else links[:1]:
        jp.out.line(link)
    if account is None:
        jp.out.say(sentence)


@command(
    "Change a contact's name and groups.",
    examples=(
        "jp roster set bob --name Robert",
        "jp roster set bob -g Friends  # in this group only",
        "jp roster set bob --no-group",
    ),
    contact=_CONTACT,
    name=option("-n", "--name", metavar="NAME", help="what to call them from now on; empty for no name"),
    group=_GROUP,
    no_group=switch("--no-group", help="take them out of all groups"),
)
async def set_(jp: Jp, contact: str, name: str | None, group: list[str], no_group: bool) -> None:
    """What is not given stays as it is."""
    if name is None and not group and not no_group:
        raise usage("There is nothing to change.", "Give --name, --group or --no-group.")
    if group and no_group:
        raise usage("--group and --no-group exclude each other.")
    profile = await jp.profile()
    address = await resolve(profile, contact)
    now = await _contact(jp, address)
    groups = group if group or no_group else now.groups
    await profile.roster.set_contact(address, now.name if name is None else name, groups)
    jp.out.say(f"{address} was changed.")


async def _contact(jp: Jp, address: JID) -> Contact:
    from sat.api.errors import NotFound

    for each in await (await jp.profile()).roster.get_contacts():
        if each.jid == address:
            return each
    raise NotFound(what=f"{address} in your contact list")


@command(
    "Take somebody out of your contact list.",
    examples=("jp roster remove bob", "jp roster remove bob@example.org --yes"),
    contact=_CONTACT,
    yes=YES,
)
async def remove(jp: Jp, contact: str, yes: bool) -> None:
    """Neither of you sees the other's presence any more. The history stays."""
    profile = await jp.profile()
    address = await resolve(profile, contact)
    jp.confirm(f"Remove {tidy(address)} from your contact list?", yes)
    await profile.roster.remove_contact(address)
    jp.out.say(f"{address} is no longer in your contact list.")


@command(
    "Show who asks to see your presence.",
    examples=("jp roster requests", "jp roster requests -o json", "jp roster requests --sent"),
    sent=switch("--sent", help="whom you asked yourself and who has not answered"),
)
async def requests(jp: Jp, sent: bool) -> None:
    if sent:
        waited = [each for each in await (await jp.profile()).roster.get_contacts() if each.asked]
        rows = [(each.jid, each.name or each.nickname) for each in waited]
        jp.out.table(waited, (Column("Address", BOLD), Column("Name", flexible=True)), rows)
        if not waited and jp.out.terminal:
            jp.out.say("Nobody is asked.")
        return
    found = await (await jp.profile()).presence.get_requests()
    jp.out.table(found, (Column("Address", BOLD), Column("Message", flexible=True)), [tuple(each) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("Nobody asks.")


@command(
    "Let somebody see your presence.",
    examples=("jp roster approve bob@example.org", "jp roster approve bob@example.org --add"),
    jid=positional("ADDRESS", "who asked", complete="request"),
    add=switch("--add", help="put them in your contact list too, and ask to see theirs"),
)
async def approve(jp: Jp, jid: str, add: bool) -> None:
    """Somebody who has not asked yet is approved in advance, where the server knows how; jp roster refuse takes that
    back."""
    profile = await jp.profile()
    address = await resolve(profile, jid)
    asked = any(each.jid.bare == address for each in await profile.presence.get_requests())
    await profile.presence.approve(address)
    if add:
        await profile.roster.add_contact(address)
    jp.out.say(f"{address} can see your presence{'' if asked else ' as soon as they ask'}.")


@command(
    "Ask no longer to see somebody's presence, or see it no longer.",
    examples=("jp roster withdraw bob@example.org",),
    jid=positional("CONTACT", "whom", complete="contact"),
)
async def withdraw(jp: Jp, jid: str) -> None:
    """They stay in your contact list."""
    profile = await jp.profile()
    address = await resolve(profile, jid)
    await profile.presence.unsubscribe(address)
    jp.out.say(f"{address} is no longer asked for their presence.")


@command(
    "Do not let somebody see your presence, or no longer.",
    examples=("jp roster refuse bob@example.org",),
    jid=positional("ADDRESS", "who asked", complete="request"),
)
async def refuse(jp: Jp, jid: str) -> None:
    profile = await jp.profile()
    address = await resolve(profile, jid)
    await profile.presence.refuse(address)
    jp.out.say(f"{address} cannot see your presence.")


@command(
    "Hear nothing more of somebody, and be invisible to them.",
    examples=(
        "jp roster block bob",
        "jp roster block spam.example  # everybody there",
        "jp roster block eve@example.org --report spam --text 'sells watches'",
        "jp roster block eve@example.org --report spam --message @eve@example.org",
    ),
    contact=_CONTACT,
    report=option(
        "--report", metavar="WHY", help="tell the server's administrator: spam or abuse", choices=("spam", "abuse")
    ),
    text=option("--text", metavar="TEXT", help="what to tell them", default=""),
    message=repeated(
        "--message", metavar="ID", help="a message of theirs that shows it; @CONTACT is their last one; may be repeated"
    ),
)
async def block(jp: Jp, contact: str, report: str | None, text: str, message: list[str]) -> None:
    """The server keeps it, for all your programs. A server's address stands for all of its accounts. What a report
    names, the administrator can look up in the server's archive."""
    from sat.plugins.blocking.api import Report
    from sat_frontends.jp.messages import find

    if (text or message) and report is None:
        raise usage("--text and --message go to nobody without --report.")
    profile = await jp.profile()
    address = await resolve(profile, contact)
    named = [(await find(jp, each)).id for each in message]
    await profile.blocking.block(address, Report(report) if report else Report.NONE, text, named)
    jp.out.say(f"{address} is blocked.")


@command(
    "Hear again of somebody whom you blocked.",
    examples=("jp roster unblock bob@example.org",),
    contact=positional("CONTACT", "whom", complete="blocked"),
)
async def unblock(jp: Jp, contact: str) -> None:
    profile = await jp.profile()
    address = await resolve(profile, contact)
    await profile.blocking.unblock(address)
    jp.out.say(f"{address} is blocked no longer.")


@command(
    "Show whom you block.",
    examples=("jp roster blocked", "jp roster blocked -o json"),
)
async def blocked(jp: Jp) -> None:
    found = await (await jp.profile()).blocking.get_blocked()
    jp.out.table(found, (Column("Address", BOLD),), [(each,) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("Nobody.")


@command(
    "Write a contact's picture to a file.",
    examples=("jp roster avatar bob --file bob.png", "jp roster avatar bob > bob.png", "jp roster avatar me"),
    contact=_CONTACT,
    file=option("-f", "--file", metavar="FILE", help="where to write it", complete="file"),
)
async def avatar(jp: Jp, contact: str, file: str | None) -> None:
    """Without a file it goes where the output goes, unless that is a terminal: then it is only described."""
    from sat_frontends.jp.files import Picture, give

    profile = await jp.profile()
    picture = await profile.avatars.get_picture(await resolve(profile, contact))
    give(jp, file, Picture(picture.type, picture.data, picture.id), picture)


@command(
    "Show what somebody tells of themselves.",
    examples=("jp roster card bob", "jp roster card bob@example.org -o json | jq -r '.emails[]'"),
    contact=_CONTACT,
)
async def card(jp: Jp, contact: str) -> None:
    """Their names, and where they can be reached, as they have written it: nobody has checked it. Columns in a pipe:
    what it is, and the value."""
    from sat_frontends.jp.cards import show

    profile = await jp.profile()
    show(jp, await profile.vcard.get_card(await resolve(profile, contact)))


@command(
    "Show or choose of which messages of a conversation you want to be told.",
    examples=("jp roster notify bob", "jp roster notify balcony never", "jp roster notify balcony default"),
    contact=positional("CONTACT", "a contact or a room", complete="contact"),
    choice=positional("WHAT", "always, mention, never or default", many="?"),
)
async def notify(jp: Jp, contact: str, choice: str | None) -> None:
    """What is chosen for a room that is remembered holds for all programs of the account (XEP-0492). By default it is
    always, but in a room that everybody can enter: mention."""
    from sat.plugins.notify_settings.api import Notify

    profile = await jp.profile()
    jid = await resolve(profile, contact)
    if choice is None:
        found = {each.jid: each.notify for each in await profile.notify_settings.get_choices()}
        jp.out.text(found.get(jid, Notify.DEFAULT), found.get(jid, Notify.DEFAULT))
    elif choice in list(Notify):
        await profile.notify_settings.choose(jid, Notify(choice))
        jp.out.say(f"For {jid} it is {choice} now.")
    else:
        raise usage(f"“{tidy(choice)}” is none of {', '.join(Notify)}.")
