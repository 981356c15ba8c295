"""jp file: put files on the server, and fetch those that came with messages."""

from __future__ import annotations

from sat_frontends.jp.command import command, option, positional, switch
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import tidy


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
        "MESSAGE", "a message's id, as history -o json tells; @CONTACT is the last file of theirs; a web address"
    ),
    number=option("-n", "--number", metavar="NUMBER", help="which file of the message, from 1", kind=int, default=1),
    file=option("-f", "--file", metavar="FILE", help="a new file; - is stdout", complete="file"),
)
async def get(jp: Jp, what: str, number: int, file: str | None) -> None:
    """Without --file it gets the name that it came with, made harmless, in this folder; nothing is overwritten. Its
    name is printed."""
    profile = await jp.profile()
    if what.startswith(("https://", "http://")):
        found = await profile.attachments.get_url(what)
    else:
        from sat_frontends.jp.finding import find_message

        message = await find_message(jp, what, lambda each: bool(each.attachments), "with a file")
        found = await profile.attachments.get_file(message.id, number - 1)
    if file == "-":
        import shutil
        import sys
        from pathlib import Path

        with Path(found.path).open("rb") as source:  # noqa: ASYNC230 - jp has no loop to hold up
            shutil.copyfileobj(source, sys.stdout.buffer)
        return
    from sat_frontends.quick_frontend.saving import save

    try:
        path = save(found, file or "")
    except FileExistsError:
        raise Failure(f"{tidy(file or found.name)} exists already; nothing was written.", code=19) from None
    except OSError as error:
        raise Failure(
            f"{tidy(file or found.name)} cannot be written: {(error.strerror or str(error)).lower()}."
        ) from None
    jp.out.text({**found._asdict(), "path": str(path)}, tidy(str(path)))
