"""Files on their way, as pages draw them: the same line in the list of all and in a conversation."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from libervia.server.kept import opened
from libervia.server.page import RASTER, unknown_form
from libervia.server.render import received_path, thumbnail_path
from libervia.server.view import MessageItem
from sat.api import JID
from sat.api.transfers import Transfer, TransferState, Way
from sat.plugins.attachments.api import LARGEST_PICTURE
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.transfer_words import ACTIONS, Action, Row, folder

BESIDE = 20
"""Those of one conversation that are shown in it, the newest."""
SHOWN = 200
"""Those of the list."""
DEEDS = tuple(each for each in Action if each is not Action.OPEN)
"""What a page can do with one: the folder that could be opened is on another machine."""
BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


class TransferItem(NamedTuple):
    """One as it is drawn. ``told`` is how it stands, ``download`` where its bytes are had and ``picture`` where they
    are shown, as far as they are; ``small`` is where a small picture is that is shown where they are not."""

    id: str
    anchor: str
    row: Row
    about: str
    told: str
    buttons: list[tuple[str, str]]
    download: str
    picture: str
    small: str
    runnable: bool


def transfer_item(live: LiveProfile, transfer: Transfer) -> TransferItem:
    """One of them."""
    row = live.transfers.row(transfer.id, live.contacts.label(transfer.peer.bare) if transfer.peer else "")
    here = is_here(transfer)
    path = received_path(transfer.id) if here else ""
    shows = here and shown_type(transfer) != ""
    return TransferItem(
        transfer.id,
        anchor(transfer.id),
        row,
        clean_line(transfer.description),
        " · ".join(filter(None, (row.state.removesuffix("."), row.progress, row.way))),
        [(each.value, ACTIONS[each]) for each in row.actions if each in DEEDS],
        path,
        f"{path}?show=1" if shows else "",
        thumbnail_path(transfer.id) if transfer.is_pictured and not shows else "",
        transfer.quarantined,
    )


def anchor(id: str) -> str:
    """What one is called on a page."""
    return f"t-{id}"


def is_here(transfer: Transfer) -> bool:
    """Whether it is a file that has come whole, and was put somewhere."""
    return bool(folder(transfer)) and not transfer.folder


def with_transfers(
    live: LiveProfile, peer: JID, messages: list[MessageItem], *, whole: bool
) -> list[MessageItem | TransferItem]:
    """The newest messages of a conversation, with the files between them as they began, above also those that have not
    ended. ``whole``: there are no older ones."""
    since = messages[0].time if messages and not whole else 0.0
    ours = [each for each in live.transfers if in_conversation(live, each) == peer]
    found = [each for each in ours if each.begun >= since or not each.is_over][-BESIDE:]
    drawn: list[tuple[float, MessageItem | TransferItem]] = [(each.time, each) for each in messages]
    for each in found:
        place = bisect_right(drawn, each.begun, key=lambda one: one[0])
        drawn.insert(place, (each.begun, transfer_item(live, each)))
    return [item for _, item in drawn]


def in_conversation(live: LiveProfile, transfer: Transfer) -> JID:
    """The conversation in which one is shown; none where nobody is at the other end, or a message tells of it."""
    told = transfer.state is TransferState.DONE and transfer.way in (Way.UPLOAD, Way.DOWNLOAD)
    return JID("") if told or not transfer.peer else live.contacts.conversation(transfer.peer)


def goes_direct(live: LiveProfile, peer: JID) -> bool:
    """Whether a file can go straight to a program of theirs: in a room there are many people."""
    return live.contacts.room(peer.bare) is None


def everything(live: LiveProfile) -> list[TransferItem]:
    """All of a profile: first what waits for a person, then what is under way, then the rest, the newest first."""
    known = {each.id: each for each in live.transfers}
    return [transfer_item(live, known[row.id]) for row in live.transfers.rows()[:SHOWN]]


def shown_type(transfer: Transfer) -> str:
    """What a page may show a file as, by its first bytes: a picture that is not too large, and was not put apart;
    nothing for all else. Blocks for a moment."""
    if not is_here(transfer) or transfer.quarantined or not 0 < transfer.size <= LARGEST_PICTURE:
        return ""
    try:
        with opened(transfer.path, transfer.size) as file:
            data = file.read(12)
    except OSError:
        return ""
    found = next((kind for beginning, kind in BEGINNINGS.items() if data.startswith(beginning)), "")
    if data[:4] == b"RIFF" and data[8:] == b"WEBP":
        found = "image/webp"
    return found if found in RASTER else ""


async def act(live: LiveProfile, name: str, id: str) -> None:
    """Do what a button says. Where a file goes is never said by a page: who visits one must not name places of the
    daemon's machine. Errors: InvalidArgument, and those of the deed."""
    if name not in DEEDS:
        raise unknown_form()
    await live.transfers.act(id, Action(name))
