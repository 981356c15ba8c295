"""jp file: send files and folders, receive them, fetch what others share, put files on the server."""

from __future__ import annotations

from sat_frontends.jp.command import YES, command, either, option, positional, repeated, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import usage
from sat_frontends.jp.output import tidy
from sat_frontends.jp.people import resolve

_CONTACT = positional(
    "CONTACT", "a contact's name or address; with a resource, that program of theirs", complete="contact"
)
_PATH = option(
    "--path",
    metavar="PATH",
    help="the folder to put it into, or the name of a new file; this folder if not given",
    complete="file",
)
_ENCRYPT = "-e", "--encrypt"
_METHODS = "(jp encryption methods); none: in clear; else as the conversation"
_ASK_ENCRYPTED = option(*_ENCRYPT, metavar="METHOD", help=f"ask for it encrypted so {_METHODS}", default="")
_TIMEOUT = option("--timeout", metavar="SECONDS", help="stop waiting after this time", kind=float)
_WAIT = either("--wait", help="wait for its end, as it does if not told otherwise, or let the daemon go on alone")
_PUT = """Nothing is overwritten: in a folder where a file has that name already, the new one gets a number; a file
that is named and is there is an error (code 19). Its path is printed when all of it is there; until then it is called
NAME.part. What could be run is put into the folder “quarantine” in there, if the settings say so."""
_ENDS = "The exit code tells how it ended: 1 declined, 20 cancelled, here or there, 4 broken off. Ctrl-C gives it up."


# -- from person to person ---------------------------------------------------------------------------------------


@command(
    "Send files to somebody.",
    _ENDS,
    examples=(
        "jp file send photo.png bob",
        "jp file send *.jpg bob",
        "jp file send --tar holiday bob",
        "jp file send --recursive letters bob@example.org/laptop",
        "jp file send scan0001.pdf bob --name contract.pdf --description 'to be signed'",
        "jp file send --upload talk.pdf bob",
        "jp file send contract.pdf bob --encrypt omemo",
    ),
    files=positional("FILE", "files; folders with --tar or --recursive", many="+", complete="file"),
    contact=_CONTACT,
    name=option("--name", metavar="NAME", help="what the file is called there", default=""),
    description=option("--description", metavar="TEXT", help="what it is, for who is asked to take it", default=""),
    upload=switch("--upload", help="put it on your server, and tell them where it is"),
    tar=switch("-t", "--tar", help="send a folder as one file, NAME.tar.gz"),
    recursive=switch("-r", "--recursive", help="send each file of a folder, and of those in it"),
    encrypt=option(*_ENCRYPT, metavar="METHOD", help=f"send it only if it can be encrypted so {_METHODS}", default=""),
)
async def send(
    jp: Jp,
    files: list[str],
    contact: str,
    name: str,
    description: str,
    upload: bool,
    tar: bool,
    recursive: bool,
    encrypt: str,
) -> int:
    """They go directly, from your daemon to a program of theirs that is online; nobody keeps them on the way. The
    person there has to take each, so this waits. With --upload they go by way of your server, so nobody has to be
    there; so they go with jp message send --attach, too, with a text. Up to 10 are offered at once; one that fails
    does not hold up the others.

    Where what you write to them is encrypted, so are files; where their program cannot open them (code 18), nothing is
    sent.

    With --tar a folder is packed into a temporary file first, with its links as links and without the names of who
    owns the files; what broke off cannot be gone on with later. With --recursive links are left out, and what is in
    folders arrives beside the rest: others take names, not paths."""
    from sat_frontends.jp.file_sending import Sending, send_files

    return await send_files(jp, files, contact, Sending(name, description, upload, tar, recursive, encrypt))


@command(
    "Wait for files that others offer, and take them.",
    _PUT,
    examples=(
        "jp file receive",
        "jp file receive bob",
        "jp file receive bob carol --multiple --path ~/from-friends",
        "jp file receive bob --path report.pdf --timeout 60",
        "jp file receive bob -o json | jq -r .path",
    ),
    contacts=positional("CONTACT", "take what these offer, without asking", many="*", complete="contact"),
    multiple=switch("-m", "--multiple", help="go on after the first one, until Ctrl-C or --timeout"),
    path=_PATH,
    yes=switch("-y", "--yes", help="take what anybody offers, without asking"),
    timeout=_TIMEOUT,
)
async def receive(
    jp: Jp, contacts: list[str], multiple: bool, path: str | None, yes: bool, timeout: float | None
) -> int:
    """What was offered before counts, too. Where contacts are named, what others offer is left alone; where nobody is,
    each offer is shown, and you are asked. What you do not want is declined (code 20)."""
    from sat_frontends.jp.receiving import Receiving, check_place
    from sat_frontends.jp.transferring import Following, target

    asks = not contacts and not yes
    if asks and not jp.asks:
        raise usage("There is nobody to ask.", "Name the contacts whose files are to be taken, or add --yes.")
    place = target(path)
    check_place(place, multiple)
    profile = await jp.profile()
    peers = [(await resolve(profile, each)).bare for each in contacts]
    async with Following(jp, profile) as following:
        return await Receiving(jp, following, peers, place, many=multiple, asks=asks).run(timeout)


@command(
    "Ask somebody for a file that they share.",
    _PUT,
    examples=(
        "jp file request bob notes.txt",
        "jp file request bob --hash sha-256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ= --path greeting.txt",
    ),
    contact=_CONTACT,
    name=positional("NAME", "what it is called", many="?"),
    hash=option("--hash", metavar="HASH", help="its SHA-256: sha-256: and then in hexadecimal or Base64", default=""),
    path=_PATH,
    encrypt=_ASK_ENCRYPTED,
)
async def request(jp: Jp, contact: str, name: str | None, hash: str, path: str | None, encrypt: str) -> None:
    """Code 16 says that they have no such file for you. What they share shows jp file list; by its place there it is
    fetched with jp file fetch. By its hash it is found wherever it is in what they share; for the first one their
    program may need a minute."""
    from sat_frontends.jp.transferring import finished, hash_in, program_of, target, tell_received

    if not name and not hash:
        raise usage("Say which file: its name, or --hash.")
    sha256 = hash_in(hash) if hash else ""
    profile = await jp.profile()
    peer = await program_of(profile, contact)
    got = await finished(jp, profile, profile.files.request(peer, name or "", sha256, target(path), encrypt))
    tell_received(jp, got)


# -- what is shared ----------------------------------------------------------------------------------------------


@command(
    "Look into what somebody shares with you, or at what you share.",
    examples=("jp file list bob", "jp file list bob music/live", "jp file list -o json"),
    contact=positional("CONTACT", "a contact; nobody: what you share yourself", many="?", complete="contact"),
    path=positional("PATH", "a folder of theirs, from the top", many="?", complete="their file"),
)
async def list_(jp: Jp, contact: str | None, path: str | None) -> None:
    """Columns in a pipe: folder or file, size, time of the last change, path, type, description. Of what you share: see
    jp file share."""
    from sat_frontends.jp import shared_files
    from sat_frontends.jp.transferring import program_of

    if not contact:
        await shared_files.list_own(jp)
        return
    profile = await jp.profile()
    await shared_files.list_theirs(jp, profile, await program_of(profile, contact), path or "")


@command(
    "Fetch files and whole folders that somebody shares with you.",
    _PUT,
    examples=(
        "jp file fetch bob notes.txt",
        "jp file fetch bob music/a.ogg music/b.ogg --path ~/Music",
        "jp file fetch bob music/live/ --path ~/Music",
    ),
    contact=_CONTACT,
    files=positional(
        "PATH",
        "where they are, as jp file list shows it; FOLDER/ is all that is in it, and / all that they share",
        many="+",
        complete="their file",
    ),
    path=_PATH,
    encrypt=_ASK_ENCRYPTED,
)
async def fetch(jp: Jp, contact: str, files: list[str], path: str | None, encrypt: str) -> int:
    """They come one after the other; one that fails does not hold up the others. A folder comes with the folders in it,
    some of its files at a time, into one of its name; what is there already, by its size and hash, is left out, so the
    same call goes on with what broke off. Code 4 says that some of its files did not come, and the first of them is
    named."""
    from sat_frontends.jp.fetching import fetch_files

    return await fetch_files(jp, contact, files, path, encrypt)


@command(
    "Share folders and files with contacts, who can look into them and fetch what they like.",
    examples=(
        "jp file share add ~/Music --with bob --group Friends",
        "jp file share add report-7.pdf --name report --with bob",
        "jp file share list",
        "jp file share remove Music",
    ),
    action=positional("ACTION", "list, add or remove", complete="sharing"),
    what=positional("WHAT", "what to share; or what to share no longer, by its name or id", many="?", complete="share"),
    contacts=repeated("--with", metavar="CONTACT", help="who can see it; may be repeated", complete="contact"),
    groups=repeated("--group", metavar="GROUP", help="a group whose contacts can see it", complete="group"),
    name=option("--name", metavar="NAME", help="what others see; its own name if not given", default=""),
)
async def share(jp: Jp, action: str, what: str | None, contacts: list[str], groups: list[str], name: str) -> None:
    """A folder is shared with all that is in it, also later. What is shared again under a name replaces what was shared
    under it, and with whom. Columns of list in a pipe: name, with whom, path, id."""
    from sat_frontends.jp.shared_files import change_own

    await change_own(jp, action, what, contacts, groups, name)


# -- what is on its way ------------------------------------------------------------------------------------------

_ID = positional("ID", "its id, as jp file transfers shows it; @CONTACT: the last one with them", complete="transfer")


@command(
    "Show what is on its way, and what was.",
    examples=("jp file transfers", "jp file transfers --watch", "jp file transfers --running -o json"),
    running=switch("--running", help="only what has not ended"),
    watch=switch("--watch", help="go on, and show each change"),
    timeout=_TIMEOUT,
)
async def transfers(jp: Jp, running: bool, watch: bool, timeout: float | None) -> None:
    """In every frontend the same ones are shown, whoever began them. Columns in a pipe: id, send or receive, state,
    who, name, bytes moved, size, when it began, path, way, whether a part is here, error, whether it is encrypted.
    With --watch a line for each change."""
    from sat_frontends.jp.transfer_list import TransferWatch, show_all

    profile = await jp.profile()
    if not watch:
        await show_all(jp, profile, running)
        return
    await TransferWatch(jp, profile).run(timeout)


@command(
    "Take a file that is offered.",
    _PUT,
    examples=("jp file accept @bob", "jp file accept 3f9a1c07b2d4 --path ~/Pictures --no-wait"),
    id=_ID,
    path=_PATH,
    wait=_WAIT,
)
async def accept(jp: Jp, id: str, path: str | None, wait: bool | None) -> None:
    from sat_frontends.jp.transferring import carried, find_transfer, target

    profile = await jp.profile()
    offer = await find_transfer(profile, id, lambda each: each.asks, "offer")
    await carried(jp, profile.files.accept(offer.id, target(path)), wait)


@command(
    "Look at the small picture of a file that is offered.",
    examples=("jp file thumbnail @bob | feh -", "jp file thumbnail 3f9a1c07b2d4 --file small.jpg"),
    id=_ID,
    file=option("-f", "--file", metavar="FILE", help="where to write it", complete="file"),
)
async def thumbnail(jp: Jp, id: str, file: str | None) -> None:
    """Its sender tells of one where it is a picture; it is fetched from contacts only (setting thumbnails.fetch), and
    “thumbnail” in jp file transfers -o json says that it is here. Without a file it goes where the output goes, unless
    that is a terminal: then it is only described."""
    from sat_frontends.jp.files import Picture, give
    from sat_frontends.jp.transferring import find_transfer

    profile = await jp.profile()
    found = await find_transfer(profile, id, lambda each: each.thumbnail, "file with a small picture")
    small = await profile.files.get_thumbnail(found.id)
    give(jp, file, Picture(small.type, small.data, f"{small.width}×{small.height}"), small)


@command("Decline a file that is offered.", examples=("jp file decline @bob",), id=_ID)
async def decline(jp: Jp, id: str) -> None:
    from sat_frontends.jp.transferring import find_transfer

    profile = await jp.profile()
    await profile.files.decline((await find_transfer(profile, id, lambda each: each.asks, "offer")).id)


@command(
    "Go on with a file that broke off.",
    _ENDS,
    examples=("jp file resume @bob", "jp file resume 3f9a1c07b2d4 --no-wait"),
    id=_ID,
    wait=_WAIT,
)
async def resume(jp: Jp, id: str, wait: bool | None) -> None:
    """Of a file that was received the rest is fetched, as long as its sender has it still; the whole is compared with
    its hash then. Its path is printed."""
    from sat_frontends.jp.transferring import carried, find_transfer, is_partial

    profile = await jp.profile()
    found = await find_transfer(profile, id, is_partial, "file that broke off")
    await carried(jp, profile.files.resume(found.id), wait)


@command("Give up what is on its way.", examples=("jp file cancel @bob", "jp file cancel 3f9a1c07b2d4"), id=_ID)
async def cancel(jp: Jp, id: str) -> None:
    from sat_frontends.jp.transferring import find_transfer, is_running

    profile = await jp.profile()
    await profile.transfers.cancel((await find_transfer(profile, id, is_running, "transfer under way")).id)


@command(
    "Show no longer what has ended.",
    examples=("jp file forget", "jp file forget 3f9a1c07b2d4"),
    ids=positional("ID", "its id, or @CONTACT; none: all that has ended", many="*", complete="transfer"),
    yes=YES,
)
async def forget(jp: Jp, ids: list[str], yes: bool) -> None:
    """The files stay, but parts of files that broke off are deleted: of those you are asked first."""
    from sat_frontends.jp.transferring import find_transfer, is_over, is_partial

    profile = await jp.profile()
    ids = [(await find_transfer(profile, each, is_over, "transfer that has ended")).id for each in ids]
    found = [each for each in await profile.transfers.get_all() if each.is_over and (not ids or each.id in ids)]
    if parts := [tidy(each.name) for each in found if is_partial(each)]:
        jp.confirm(f"Delete what is here of {', '.join(parts)}?", yes)
    await profile.transfers.forget(ids)


# -- by way of the server ----------------------------------------------------------------------------------------


@command(
    "Put a file on your server, and show its address.",
    examples=(
        "jp file upload photo.png",
        "jp file upload photo.png -o json | jq -r .size",
        "jp file upload talk.pdf --keep",
        "jp file upload key.txt --gone-after 3600",
    ),
    path=positional("FILE", "the file", complete="file"),
    keep=switch("--keep", help="have the server keep it for good, where it can"),
    seconds=option(
        "--gone-after", metavar="SECONDS", help="have the server delete it then, where it can", kind=int, default=0
    ),
)
async def upload(jp: Jp, path: str, keep: bool, seconds: int) -> None:
    """Who knows the address can read it. The server says how large a file may be, and how long it keeps it, unless it
    lets you say that. To send one to somebody: jp message send bob --attach photo.png"""
    from sat.plugins.upload.api import Purpose
    from sat_frontends.jp.uploading import upload

    if keep and seconds:
        raise usage("A file is kept for good, or deleted after a time, not both.")
    purpose = Purpose.PERMANENT if keep else Purpose.EPHEMERAL if seconds else Purpose.MESSAGE
    transfer = await upload(jp, path, purpose=purpose, seconds=seconds)
    (attachment,) = transfer.attachment
    jp.out.text(attachment, tidy(attachment.url))


@command(
    "Fetch a file that came with a message.",
    examples=(
        "jp file get @bob",
        "jp file get 9f8c1c2a --file photo.png",
        "jp file get https://example.org/file/photo.png",
        "jp file get @bob --file - | feh -",
    ),
    what=positional(
        "MESSAGE",
        "a message's id, as history -o json tells; @CONTACT is the last file of theirs; a web address, or aesgcm:",
    ),
    number=option("-n", "--number", metavar="NUMBER", help="which file of the message, from 1", kind=int, default=1),
    file=option("-f", "--file", metavar="FILE", help="a new file; - is stdout", complete="file"),
)
async def get(jp: Jp, what: str, number: int, file: str | None) -> None:
    """Without --file it gets the name that it came with, made harmless, in this folder; nothing is overwritten. Its
    name is printed."""
    profile = await jp.profile()
    if what.startswith(("https://", "http://", "aesgcm://")):
        found = await profile.attachments.get_url(what)
    else:
        from sat_frontends.jp.finding import find_message

        message = await find_message(jp, what, lambda each: bool(each.attachments), "with a file")
        found = await profile.attachments.get_file(message.id, number - 1)
    from sat_frontends.jp.files import keep

    keep(jp, found, file or "")
