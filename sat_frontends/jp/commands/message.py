"""jp message: write to contacts and read them. Watching is in ``watch``."""

from __future__ import annotations

from functools import partial

from sat.api import JID
from sat.api.messages import UNENCRYPTED, Extra, MessageKind, MessageState
from sat_frontends.jp.command import YES, command, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.messages import (
    PAGE,
    find,
    in_languages,
    is_online,
    last_text,
    look_back,
    positive,
    search_all,
    show,
    tell_sent,
    text_of,
    warn_offline,
    when,
)
from sat_frontends.jp.output import BOLD, DIM, Column, tidy, tidy_lines
from sat_frontends.jp.people import resolve

_CONTACT = positional("CONTACT", "a contact's or room's name or address, or me", complete="contact")
_LIMIT = option("-n", "--limit", metavar="NUMBER", help="at most so many, 20 if not given", kind=int, default=20)


@command(
    "Write to a contact.",
    examples=(
        "jp message send bob 'see you at eight'",
        "uptime | jp message send me",
        "jp message send bob@example.org --wait delivered 'call me'",
        "jp message send bob - < letter.txt",
        "jp message send bob --reply @bob 'so do I'",
        "jp message send bob --lang en --also fr=salut hello",
        "jp message send bob --unstyled '2*3*4 > _5_'",
        "jp message send bob --spoiler 'how it ends' 'They both die.'",
        "jp message send balcony@rooms.example.org 'good evening, all'",
        "jp message send balcony@rooms.example.org/Juliet 'only for you'",
        "jp message send bob --attach photo.png 'what do you think of it?'",
        "jp message send bob --encrypt omemo 'only for you'",
    ),
    contact=_CONTACT,
    body=positional("TEXT", "the message; - or nothing reads it from stdin", many="*"),
    subject=option("-s", "--subject", metavar="TEXT", help="a subject", default=""),
    kind=option(
        "--kind", metavar="KIND", help="the type of message", default="chat", choices=("chat", "normal", "headline")
    ),
    lang=option("--lang", metavar="LANGUAGE", help="the language of the text (en, pt-BR)", default=""),
    also=repeated("--also", metavar="LANGUAGE=TEXT", help="the same in another, with --lang; may be repeated"),
    unstyled=switch("--unstyled", help="its *asterisks*, _underscores_ and > signs are only that (XEP-0393)"),
    spoiler=option("--spoiler", metavar="HINT", help="hide the text until somebody wants to see it; '' is no hint"),
    reply=option("-r", "--reply", metavar="ID", help="the message that it answers; @CONTACT is their last one"),
    encrypt=option(
        "-e",
        "--encrypt",
        metavar="METHOD",
        help="send it only if it can be encrypted so (jp encryption methods); none: in clear",
        default="",
    ),
    attach=repeated(
        "-a", "--attach", metavar="FILE", help="a file to send before it; may be repeated", complete="file"
    ),
    wait=option(
        "--wait",
        metavar="STATE",
        help="end only when the message came so far",
        choices=("sent", "delivered", "displayed"),
    ),
    timeout=option(
        "--timeout", metavar="SECONDS", help="how long --wait waits, 30 if not given", kind=float, default=30.0
    ),
)
async def send(
    jp: Jp,
    contact: str,
    body: list[str],
    subject: str,
    kind: str,
    lang: str,
    also: list[str],
    unstyled: bool,
    spoiler: str | None,
    reply: str | None,
    encrypt: str,
    attach: list[str] | None,
    wait: str | None,
    timeout: float,
) -> None:
    """The message is stored by the daemon, and sent now or as soon as the profile is online; then this ends. With
    --verbose the id is printed, with -o json an object with id, peer and state. Files are put on your server; each is a
    message of its own, and the text is not needed then. --encrypt is for this message only, and waits until it has
    left; it fails where that cannot be, with code 18 where they have no keys. What begins with a dash stands after --:
    jp message send bob -- -5 °C."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    text = text_of(jp, body) if body or not attach else ""
    if wait and not text:
        raise usage("--wait waits for a text, and there is none.")
    answered = (await find(jp, reply)).id if reply else ""
    if attach:
        from sat_frontends.jp.uploading import upload

        transfers = [await upload(jp, path, peer, answered, encrypt=encrypt) for path in attach]
        if not text:
            tell_sent(jp, [{"id": each.message, "peer": peer, "attachments": each.attachment} for each in transfers])
            return
    hidden, bodies = spoiler is not None, in_languages(also)
    extra = Extra(unstyled=unstyled, spoiler=hidden, hint=spoiler or "", lang=lang, bodies=bodies)
    sending = partial(profile.messages.send, peer, text, MessageKind(kind), subject, answered, extra, encrypt)
    if encrypt not in ("", UNENCRYPTED) and not wait and await is_online(profile):
        wait = MessageState.SENT  # whether it can be encrypted shows when it leaves
    if wait:
        from sat_frontends.jp.delivery import send_and_wait

        id, state = await send_and_wait(jp, profile, peer, sending, MessageState(wait), timeout)
    else:
        id = await sending()
        state = MessageState.PENDING
    tell_sent(jp, [{"id": id, "peer": peer, "state": state}])
    if not wait:
        await warn_offline(jp, peer)


@command(
    "Ask for a contact's attention.",
    examples=("jp message attention bob",),
    contact=positional("CONTACT", "a contact's name or address", complete="contact"),
)
async def attention(jp: Jp, contact: str) -> None:
    """Their program makes a noise, or shows it in another way (XEP-0224). Only contacts can be asked, once a minute."""
    profile = await jp.profile()
    id = await profile.attention.ask_attention(await resolve(profile, contact))
    if jp.out.verbose:
        jp.out.line(id)


@command(
    "Show messages as they come and go.",
    examples=(
        "jp message watch",
        "jp message watch bob --incoming",
        "jp message watch -o json | jq -r .body",
        "jp message watch --count 1 --timeout 60 --no-wait",
    ),
    contact=positional("CONTACT", "only the conversation with this contact", many="?", complete="contact"),
    incoming=switch("-i", "--incoming", help="only what others write"),
    changes=switch("-c", "--changes", help="also what was corrected, taken back or reacted to, as it is then"),
    count=option("-n", "--count", metavar="NUMBER", help="end after so many messages", kind=int),
    timeout=option("--timeout", metavar="SECONDS", help="end after so long, with code 4", kind=float),
    no_wait=switch("--no-wait", help="end with code 5 when the daemon goes, instead of waiting for it to come back"),
)
async def watch(
    jp: Jp,
    contact: str | None,
    incoming: bool,
    changes: bool,
    count: int | None,
    timeout: float | None,
    no_wait: bool,
) -> None:
    """One line a message: on a terminal for people, in a pipe tab-separated (time, address, in or out, text, or why it
    cannot be decrypted, state when it came), with -o json or json-raw one JSON object a line. Each line is written at
    once. Ctrl-C ends it with code 130."""
    from sat_frontends.jp.watch import Watch

    watching = Watch(jp, incoming=incoming, changes=changes, count=count, timeout=timeout, patient=not no_wait)
    await watching.run(contact)


@command(
    "Show what was written with a contact, the newest last.",
    examples=(
        "jp message history bob",
        "jp message history bob -n 200 -o json",
        "jp message history bob --before 1234",
        "jp message history bob --lang fr",
    ),
    contact=_CONTACT,
    limit=_LIMIT,
    before=option(
        "--before", metavar="ORDER", help="only messages before this place (order in JSON)", kind=int, default=0
    ),
    fetch=switch("--fetch", help="ask the server's archive for what is missing here"),
    lang=option("--lang", metavar="LANGUAGE", help="in this language what came in several (en, pt-BR)", default=""),
)
async def history(jp: Jp, contact: str, limit: int, before: int, fetch: bool, lang: str) -> None:
    """Columns in a pipe: time, address, in or out, text (or why it cannot be decrypted), state (of yours pending, sent,
    delivered, displayed or failed; of theirs unread or read). Newlines in the text are written as \\n."""
    profile = await jp.profile()
    peer = await resolve(profile, contact)
    await show(jp, await look_back(profile, peer, before, positive(limit), fetch), lang=lang)


@command(
    "Find messages that hold all the words.",
    examples=(
        "jp message search invoice",
        "jp message search --with bob blue bicycle",
        "jp message search from:bob after:2026-01 has:link",
        "jp message search in:balcony from:Juliet has:picture",
        "jp message search --all-profiles invoice -n 5 -o json",
    ),
    words=positional("WORD", "what to look for; the last may be the beginning of a word", many="+"),
    peer=option(
        "-w", "--with", metavar="CONTACT", help="only in the conversation with this contact", complete="contact"
    ),
    everywhere=switch("-a", "--all-profiles", help="in all profiles that are open"),
    limit=_LIMIT,
)
async def search(jp: Jp, words: list[str], peer: str | None, everywhere: bool, limit: int) -> None:
    """Filters among the words: from:NAME (a contact, a nick in rooms, me), in:NAME (a contact or a room), after:DAY and
    before:DAY (2026-01-31, 2026-01, yesterday, 7d), has:link, has:file, has:picture, has:reaction, has:reply,
    has:correction. The newest come first. Columns in a pipe: time, address, in or out, text, state."""
    profile = await jp.profile()
    address = await resolve(profile, peer) if peer else JID("")
    limit, text = min(PAGE, positive(limit)), " ".join(words)
    found = await search_all(jp, profile, text, address, limit, everywhere)
    await show(jp, found, newest_first=True)
    if not found and jp.out.terminal:
        jp.out.say("Nothing was found.")


@command(
    "Show the conversations, the one written in last first.",
    examples=("jp message list", "jp message list --unread"),
    unread=switch("-u", "--unread", help="only those with something unread"),
    limit=_LIMIT,
)
async def list_(jp: Jp, unread: bool, limit: int) -> None:
    """Columns in a pipe: address, unread, time of the last message, its text."""
    found = await (await jp.profile()).messages.get_conversations(positive(limit))
    found = [each for each in found if each.unread or not unread]
    rows = [(each.peer, str(each.unread), when(jp, each.last.time), last_text(each.last)) for each in found]
    columns = (Column("Contact", BOLD), Column("Unread"), Column("Last", DIM), Column("Text", flexible=True))
    jp.out.table(found, columns, rows)


@command(
    "Mark what a contact wrote as read.",
    examples=("jp message read bob", "jp message read --all"),
    contact=positional("CONTACT", "whose messages", many="?", complete="contact"),
    everything=switch("-a", "--all", help="those of everybody"),
)
async def read(jp: Jp, contact: str | None, everything: bool) -> None:
    if (contact is None) != everything:
        raise usage("Name a contact, or give --all.")
    profile = await jp.profile()
    if contact is not None:
        await profile.messages.mark_read(await resolve(profile, contact))
        return
    for each in await profile.messages.get_conversations(PAGE):
        if each.unread:
            await profile.messages.mark_read(each.peer)


@command(
    "Mark what a contact wrote as unread.",
    examples=("jp message unread bob", "jp message unread bob --from 1234"),
    contact=_CONTACT,
    start=option(
        "--from", metavar="ORDER", help="from this place on (order in JSON), not only the last", kind=int, default=0
    ),
)
async def unread(jp: Jp, contact: str, start: int) -> None:
    """Every frontend shows it so; where the conversation is open, it is read when somebody comes back to it."""
    profile = await jp.profile()
    await profile.messages.mark_unread(await resolve(profile, contact), start)


@command(
    "Send a message again that had failed.",
    examples=("jp message retry 9f8c1c2a",),
    id=positional("ID", "its id, as history -o json tells"),
)
async def retry(jp: Jp, id: str) -> None:
    messages = (await jp.profile()).messages
    message = await messages.get_message(id)
    if not message.outgoing or message.state is not MessageState.FAILED:
        raise Failure("This message has not failed, so it is not sent again.", code=17)
    await messages.retry(id)


@command(
    "Write a whole conversation to a file.",
    examples=("jp message export bob > talk.txt", "jp message export bob --json --fetch --file talk.jsonl"),
    contact=_CONTACT,
    lines=switch("--json", help="a JSON object a line, with everything that is known"),
    fetch=switch("--fetch", help="first bring what only the server's archive has"),
    path=option("-f", "--file", metavar="FILE", help="a new file, instead of stdout", default=""),
)
async def export(jp: Jp, contact: str, lines: bool, fetch: bool, path: str) -> None:
    """The oldest message comes first. As text: time, who wrote, what; further lines are indented."""
    from sat_frontends.jp.exporting import export

    peer = await resolve(await jp.profile(), contact)
    await export(jp, peer, as_json=lines or jp.out.json, fetch=fetch, path=path)


@command(
    "Show, keep or forget what was begun and not sent.",
    examples=(
        "jp message draft",
        "jp message draft bob",
        "jp message draft bob 'Dear Bob,'",
        "jp message draft bob - < letter.txt",
        "jp message draft bob --clear",
    ),
    contact=positional("CONTACT", "whose conversation; without it, all drafts are shown", many="?", complete="contact"),
    body=positional("TEXT", "what to keep there; - reads it from stdin", many="*"),
    clear=switch("--clear", help="forget it"),
)
async def draft(jp: Jp, contact: str | None, body: list[str], clear: bool) -> None:
    """It stands in the input line of every frontend, where nobody is writing there just then. Columns in a pipe:
    address, time of the last change, text. Code 16 where there is none."""
    drafts = (await jp.profile()).drafts
    if contact is None:
        found = await drafts.get_drafts()
        columns = (Column("Contact", BOLD), Column("Changed", DIM), Column("Text", flexible=True))
        jp.out.table(found, columns, [(each.peer, when(jp, each.time), each.text) for each in found])
        return
    peer = await resolve(await jp.profile(), contact)
    if clear and body:
        raise usage("Give a text, or --clear.")
    if clear or body:
        await drafts.set_draft(peer, "" if clear else text_of(jp, body))
        return
    begun = await drafts.get_draft(peer)
    if not begun.text:
        raise Failure(f"Nothing is begun there and not sent: {tidy(peer)}.", code=16)
    if jp.out.json:
        jp.out.value(begun)
    else:
        jp.out.line(tidy_lines(begun.text) if jp.out.terminal else begun.text)


# -- changing what was written -----------------------------------------------------------------------------------

_ID = positional("ID", "its id, as history -o json tells; @CONTACT is the last one of that conversation")


@command(
    "Correct a message of yours.",
    examples=("jp message edit @bob 'see you at nine'", "jp message edit 9f8c1c2a - < letter.txt"),
    id=_ID,
    body=positional("TEXT", "the new text; - or nothing reads it from stdin", many="*"),
)
async def edit(jp: Jp, id: str, body: list[str]) -> None:
    """The contact's program shows the new text if it can (XEP-0308); else it shows it as another message."""
    message = await find(jp, id, own=True)
    await (await jp.profile()).correction.correct(message.id, text_of(jp, body))


@command(
    "Take a message of yours back.",
    examples=("jp message retract @bob", "jp message retract 9f8c1c2a --yes"),
    id=_ID,
    yes=YES,
)
async def retract(jp: Jp, id: str, yes: bool) -> None:
    """It is deleted here; the contact's program and the archives are asked to do the same (XEP-0424). Who has read it
    has read it."""
    message = await find(jp, id, own=True)
    jp.confirm(f"Take back “{tidy(message.body[:60])}”?", yes)
    await (await jp.profile()).retraction.retract(message.id)


@command(
    "React to a message with emojis.",
    examples=("jp message react @bob 👍", "jp message react 9f8c1c2a 😀 🎉", "jp message react @bob --none"),
    id=_ID,
    emojis=positional("EMOJI", "those that you put on it, in place of the ones before", many="*"),
    none=switch("--none", help="take yours away"),
)
async def react(jp: Jp, id: str, emojis: list[str], none: bool) -> None:
    """Your reactions to a message are a set: these replace what you put on it before."""
    if bool(emojis) is none:
        raise usage("Name one or more emojis, or give --none.")
    message = await find(jp, id)
    await (await jp.profile()).reactions.react(message.id, emojis)


@command(
    "Show what a corrected message said before.",
    examples=("jp message versions 9f8c1c2a",),
    id=_ID,
)
async def versions(jp: Jp, id: str) -> None:
    """The oldest comes first, the present text last. Columns in a pipe: time, text."""
    message = await find(jp, id)
    found = await (await jp.profile()).messages.get_versions(message.id)
    rows = [(when(jp, each.time), each.body) for each in found]
    jp.out.table(found, (Column("When", DIM), Column("Text", flexible=True)), rows)
