"""jp room: rooms, where many talk. What is written there: jp message."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.errors import RoomPasswordWrong
from sat.api.values import ANYBODY
from sat.plugins.rooms.api import Affiliation, Role, Room
from sat_frontends.jp.accounts import PASSWORD_COMMAND, PASSWORD_STDIN
from sat_frontends.jp.command import YES, command, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.filling import answers, show_form
from sat_frontends.jp.output import BOLD, DIM, Column, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.jp.rooms import found_by, one_of, ours, wanted, who
from sat_frontends.quick_frontend.room_words import only_listed

_ANY = positional("ROOM", "the room's address; a name is one of your server", complete="known room")
_ROOM = positional("ROOM", "the address or name of a room of yours", complete="room")
_NICK = option("-n", "--nick", metavar="NICK", help="your nickname there, else that of the settings", default="")
_REASON = option("-r", "--reason", metavar="TEXT", help="why, for those who ask", default="")
_SET = repeated("-s", "--set", metavar="NAME=VALUE", help="a setting, as config shows it; may be repeated")
_WHO = positional("WHO", "an address, or the nick of somebody whose address the room tells")


@command(
    "Enter a room, now and after each reconnection.",
    examples=(
        "jp room join balcony@rooms.example.org",
        "jp room join balcony --nick Romeo",
        "pass show balcony | jp room join balcony@rooms.example.org --password-stdin",
    ),
    room=_ANY,
    nick=_NICK,
    password_stdin=PASSWORD_STDIN,
    password_command=PASSWORD_COMMAND,
)
async def join(jp: Jp, room: str, nick: str, password_stdin: bool, password_command: str) -> None:
    """Ends when you are in. A room that does not exist is not made: see jp room create. If the room wants a password,
    you are asked for it. It is remembered, sealed."""
    from sat_frontends.jp.ask import password

    profile = await jp.profile()
    rooms, address = profile.rooms, await wanted(profile, room)
    secret = Secret("")
    if password_stdin or password_command:
        secret = password(jp, "", password_stdin, password_command)
    try:
        joined = await rooms.join(address, nick, secret)
    except RoomPasswordWrong:
        if secret or not jp.asks:
            raise
        joined = await rooms.join(address, nick, password(jp, f"Password of {tidy(address)}: ", False, ""))
    _say_joined(jp, joined)


def _say_joined(jp: Jp, room: Room) -> None:
    if jp.out.json:
        jp.out.value(room)
    else:
        jp.out.say(f"You are {room.nick} in {room.jid}; {_people(room.occupants)} there.")


def _people(count: int) -> str:
    return "1 person is" if count == 1 else f"{count} people are"


@command(
    "Leave a room, for good.",
    examples=("jp room leave balcony", "jp room leave balcony@rooms.example.org --reason 'good night'"),
    room=_ROOM,
    reason=_REASON,
)
async def leave(jp: Jp, room: str, reason: str) -> None:
    """What was written there stays in your history. A bookmark that entering has made goes; another one stays, and has
    no program of yours enter any more."""
    rooms = (await jp.profile()).rooms
    found = await ours(rooms, room)
    await rooms.leave(found.jid, reason)
    jp.out.say(f"You have left {found.jid}.")


@command(
    "Show the rooms that you are in or want to be in.",
    examples=("jp room list", "jp room list -o json"),
)
async def list_(jp: Jp) -> None:
    """Columns in a pipe: address, name, your nick, state, how many are there, subject or what is wrong."""
    found = sorted(await (await jp.profile()).rooms.get_rooms(), key=lambda each: each.jid)
    columns = (
        Column("Room", BOLD),
        Column("Name", flexible=True),
        Column("Nick"),
        Column("State", DIM),
        Column("There"),
        Column("Subject", flexible=True),
    )
    rows = [
        (each.jid, each.name, each.nick, each.state, str(each.occupants), each.error or each.subject) for each in found
    ]
    jp.out.table(found, columns, rows)
    if not found and jp.out.terminal:
        jp.out.say("None. To enter one: jp room join name@rooms.example.org")


@command(
    "Show who is in a room.",
    examples=("jp room occupants balcony", "jp room occupants balcony -o json | jq -r '.[].nick'"),
    room=_ROOM,
)
async def occupants(jp: Jp, room: str) -> None:
    """Columns in a pipe: nick, role, affiliation, presence, address (where the room tells it), hats, status."""
    rooms = (await jp.profile()).rooms
    found = sorted(
        await rooms.get_occupants((await ours(rooms, room)).jid), key=lambda each: (each.nick.casefold(), each.nick)
    )
    columns = (
        Column("Nick", BOLD, flexible=True),
        Column("Role"),
        Column("Affiliation", DIM),
        Column("Presence", DIM),
        Column("Address", flexible=True),
        Column("Hats", flexible=True),
        Column("Status", flexible=True),
    )
    rows = [
        (each.nick, each.role, each.affiliation, each.show, each.jid, ", ".join(each.hats), each.status)
        for each in found
    ]
    jp.out.table(found, columns, rows)


@command(
    "Show or change what a room is about.",
    examples=("jp room subject balcony", "jp room subject balcony 'What can be seen'", "jp room subject balcony ''"),
    room=_ROOM,
    text=positional("TEXT", "the new subject", many="*"),
)
async def subject(jp: Jp, room: str, text: list[str]) -> None:
    """An empty text takes the subject away."""
    rooms = (await jp.profile()).rooms
    found = await ours(rooms, room)
    if text:
        await rooms.set_subject(found.jid, " ".join(text))
    else:
        jp.out.text(found.subject, found.subject)


@command(
    "Be called otherwise in a room.",
    examples=("jp room nick balcony Romeo",),
    room=_ROOM,
    nick=positional("NICK", "the new nickname"),
)
async def nick(jp: Jp, room: str, nick: str) -> None:
    rooms = (await jp.profile()).rooms
    await rooms.set_nick((await ours(rooms, room)).jid, nick)


# -- invitations -------------------------------------------------------------------------------------------------


@command(
    "Invite somebody to a room.",
    examples=("jp room invite balcony bob", "jp room invite balcony bob@example.org --reason 'come and see' --direct"),
    room=_ROOM,
    contact=positional("CONTACT", "a contact's name or address", complete="contact"),
    reason=_REASON,
    direct=switch("--direct", help="by yourself, not through the room"),
)
async def invite(jp: Jp, room: str, contact: str, reason: str, direct: bool) -> None:
    """Through the room they are let in where only members may enter."""
    profile = await jp.profile()
    found = await ours(profile.rooms, room)
    await profile.rooms.invite(found.jid, await resolve(profile, contact), reason, direct)


@command(
    "Show the invitations that have no answer.",
    examples=("jp room invitations", "jp room invitations -o json"),
)
async def invitations(jp: Jp) -> None:
    """To follow one: jp room join. Who sent it is what the room says, unless it is direct. Columns in a pipe: room,
    who invites, direct (yes or no), reason."""
    found = await (await jp.profile()).rooms.get_invitations()
    columns = (Column("Room", BOLD), Column("From"), Column("Direct", DIM), Column("Reason", flexible=True))
    rows = [(each.room, each.sender, "yes" if each.direct else "no", each.reason) for each in found]
    jp.out.table(found, columns, rows)
    if not found and jp.out.terminal:
        jp.out.say("None.")


@command(
    "Do not follow an invitation.",
    examples=("jp room decline balcony@rooms.example.org --reason 'no time'",),
    room=positional("ROOM", "the room's address", complete="invitation"),
    reason=_REASON,
)
async def decline(jp: Jp, room: str, reason: str) -> None:
    await (await jp.profile()).rooms.decline(JID.parse(room), reason)


# -- moderating --------------------------------------------------------------------------------------------------


@command(
    "Put somebody out of a room; they may come back.",
    examples=("jp room kick balcony Tybalt --reason 'no fighting here'",),
    room=_ROOM,
    nick=positional("NICK", "their nick"),
    reason=_REASON,
)
async def kick(jp: Jp, room: str, nick: str, reason: str) -> None:
    rooms = (await jp.profile()).rooms
    await rooms.kick((await ours(rooms, room)).jid, nick, reason)


@command(
    "Put somebody out of a room for good.",
    examples=("jp room ban balcony tybalt@example.org --reason spam", "jp room ban balcony Tybalt"),
    room=_ROOM,
    who=_WHO,
    reason=_REASON,
)
async def ban(jp: Jp, room: str, who: str, reason: str) -> None:
    """To let them in again: jp room set-affiliation ROOM WHO none."""
    await _affiliate(jp, room, who, Affiliation.OUTCAST, reason)


async def _affiliate(jp: Jp, room: str, text: str, affiliation: Affiliation, reason: str) -> None:
    profile = await jp.profile()
    address = (await ours(profile.rooms, room)).jid
    await profile.rooms.set_affiliation(address, await who(profile, address, text), affiliation, reason)


@command(
    "Let somebody do more or less as long as they are in a room.",
    examples=("jp room set-role balcony Tybalt visitor  # may no longer write",),
    room=_ROOM,
    nick=positional("NICK", "their nick"),
    role=positional("ROLE", "visitor, participant or moderator", complete="role"),
    reason=_REASON,
)
async def set_role(jp: Jp, room: str, nick: str, role: str, reason: str) -> None:
    rooms = (await jp.profile()).rooms
    chosen = one_of(Role, role)
    await rooms.set_role((await ours(rooms, room)).jid, nick, chosen, reason)


@command(
    "Show the owners, admins, members and outcasts of a room.",
    examples=("jp room affiliations balcony", "jp room affiliations balcony -o json"),
    room=_ROOM,
)
async def affiliations(jp: Jp, room: str) -> None:
    """As far as the room tells you. Columns in a pipe: address, affiliation, nick, reason."""
    rooms = (await jp.profile()).rooms
    found = await rooms.get_affiliations((await ours(rooms, room)).jid)
    columns = (Column("Address", BOLD), Column("Affiliation"), Column("Nick", DIM), Column("Reason", flexible=True))
    jp.out.table(found, columns, [tuple(each) for each in found])


@command(
    "Make somebody a member, an admin, an owner, an outcast or nobody of a room.",
    examples=("jp room set-affiliation balcony juliet@example.org admin",),
    room=_ROOM,
    who=_WHO,
    affiliation=positional("AFFILIATION", "owner, admin, member, none or outcast", complete="affiliation"),
    reason=_REASON,
)
async def set_affiliation(jp: Jp, room: str, who: str, affiliation: str, reason: str) -> None:
    await _affiliate(jp, room, who, one_of(Affiliation, affiliation), reason)


@command(
    "Take back the message of another in a room.",
    examples=("jp room moderate r000637a1b2c3d4e5 --reason spam",),
    id=positional("ID", "its id, as jp message history -o json tells"),
    reason=_REASON,
)
async def moderate(jp: Jp, id: str, reason: str) -> None:
    """For moderators, where the room can do it (XEP-0425)."""
    await (await jp.profile()).rooms.moderate(id, reason)


# -- owning ------------------------------------------------------------------------------------------------------


@command(
    "Make a room and enter it.",
    examples=(
        "jp room create balcony --private",
        "jp room create balcony@rooms.example.org -s 'muc#roomconfig_roomname=The balcony'",
    ),
    room=_ANY,
    nick=_NICK,
    private=switch("--private", help="only members come in, and see who the others are"),
    settings=_SET,
)
async def create(jp: Jp, room: str, nick: str, private: bool, settings: list[str]) -> None:
    """Without settings it is as the server makes rooms; see jp room config."""
    profile = await jp.profile()
    _say_joined(jp, await profile.rooms.create(await wanted(profile, room), nick, answers(settings), private))


@command(
    "Show or change the settings of a room.",
    examples=(
        "jp room config balcony",
        "jp room config balcony -s muc#roomconfig_membersonly=1 -s muc#roomconfig_publicroom=0",
    ),
    room=_ROOM,
    settings=_SET,
)
async def config(jp: Jp, room: str, settings: list[str]) -> None:
    """For owners. What is not given stays as it is. Columns in a pipe: name, value, possible values, label."""
    rooms = (await jp.profile()).rooms
    address = (await ours(rooms, room)).jid
    if settings:
        await rooms.set_configuration(address, answers(settings))
    else:
        show_form(jp, await rooms.get_configuration(address))


@command(
    "Put everybody out of a room and end it.",
    examples=("jp room destroy balcony --reason 'the play is over' --yes",),
    room=_ROOM,
    reason=_REASON,
    other=option("--other", metavar="ROOM", help="the address of the room where it goes on", default=""),
    yes=YES,
)
async def destroy(jp: Jp, room: str, reason: str, other: str, yes: bool) -> None:
    rooms = (await jp.profile()).rooms
    address, elsewhere = (await ours(rooms, room)).jid, JID.parse(other) if other else ANYBODY
    jp.confirm(f"Destroy {tidy(address)}, for everybody?", yes)
    await rooms.destroy(address, reason, elsewhere)


@command(
    "Find rooms: by words those of many servers, else those that a server lists.",
    examples=(
        "jp room search play",
        "jp room search globe theatre --service search.example.org",
        "jp room search --service rooms.example.org -m play  # what that server lists",
    ),
    words=positional("WORDS", "what to search for", many="*"),
    service=option("--service", metavar="ADDRESS", help="where to look", default=""),
    match=option("-m", "--match", metavar="TEXT", help="only those with this in the name or address", default=""),
    limit=option(
        "-n", "--limit", metavar="NUMBER", help="at most so many that words find, 50 if not given", kind=int, default=50
    ),
)
async def search(jp: Jp, words: list[str], service: str, match: str, limit: int) -> None:
    """The words are told to the service: without --service it is that of the setting rooms.search_service, else one of
    your own server; where that has none, its list of rooms is looked through. Columns in a pipe: address, name, people
    (where that is told), description."""
    rooms = (await jp.profile()).rooms
    where = JID.parse(service) if service else ANYBODY
    if words:
        found, last = await found_by(rooms, " ".join(words), where, limit)
        if last.listed:
            jp.out.say(only_listed(last))
    else:
        found = await rooms.get_public_rooms(where)
    text = match.casefold()
    found = [each for each in found if text in each.name.casefold() or text in each.jid]
    columns = (
        Column("Room", BOLD),
        Column("Name", flexible=True),
        Column("People", DIM),
        Column("About", flexible=True),
    )
    people = [str(each.occupants) if each.occupants >= 0 else "" for each in found]
    rows = [(each.jid, each.name, count, each.description) for each, count in zip(found, people, strict=True)]
    jp.out.table(found, columns, rows)


@command(
    "Give a room a picture.",
    examples=("jp room avatar balcony view.png", "jp room avatar balcony --remove"),
    room=_ROOM,
    file=positional("FILE", "a PNG, JPEG, WebP or GIF picture", many="?", complete="file"),
    remove=switch("--remove", help="have it show none any more"),
)
async def avatar(jp: Jp, room: str, file: str | None, remove: bool) -> None:
    """Its owners can. It has at most 256 KiB and 4096 pixels on a side; jp roster avatar gives it back."""
    from sat.plugins.avatars.api import LARGEST
    from sat_frontends.jp.files import read

    if remove == (file is not None):
        raise usage("Give a file, or --remove.")
    profile = await jp.profile()
    jid = await wanted(profile, room)
    await profile.room_avatars.set_room_picture(jid, read(file, LARGEST) if file is not None else b"")
    jp.out.say(f"{jid} shows {'this' if file is not None else 'no'} picture now.")
