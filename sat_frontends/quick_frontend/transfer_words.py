"""What is said of files and pipes on their way, the same everywhere. What comes from others is clean, in one line."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import SatError
from sat.api.errors import CancelledThere
from sat.api.sizes import shown
from sat.api.transfers import Direction, Transfer, TransferState, Way
from sat_frontends.quick_frontend.text import clean_line

SENT, RECEIVED = "⇡", "⇣"
WAYS = {
    Way.UNDECIDED: "",
    Way.UPLOAD: "by way of the server",
    Way.DOWNLOAD: "from the web",
    Way.SOCKS5: "over a connection of its own",
    Way.IN_BAND: "through the servers, slowly",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST = 99 * _DAY  # seconds: what takes longer stands still


class Action(StrEnum):
    """What a person can do with one."""

    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"
    RESUME = "resume"
    OPEN = "open"
    """Look at the folder in which it is."""
    FORGET = "forget"


ACTIONS = {
    Action.ACCEPT: "Take it",
    Action.DECLINE: "Decline",
    Action.CANCEL: "Cancel",
    Action.RESUME: "Go on",
    Action.OPEN: "Open the folder",
    Action.FORGET: "Remove from the list",
}
"""As they stand on buttons and in menus."""


def actions(transfer: Transfer) -> list[Action]:
    """What can be done with one now, what is most likely first."""
    if transfer.asks:
        return [Action.ACCEPT, Action.DECLINE]
    if not transfer.is_over:
        return [Action.CANCEL]
    found = [Action.RESUME] if transfer.partial else []
    if folder(transfer):
        found.append(Action.OPEN)
    return [*found, Action.FORGET]


def folder(transfer: Transfer) -> str:
    """The folder in which a file was put that has come, or that has come itself; nothing where there is none."""
    here = transfer.state is TransferState.DONE and transfer.direction is Direction.RECEIVE and not transfer.pipe
    if transfer.folder:
        return transfer.path if here or transfer.came or transfer.known else ""
    return transfer.path.rpartition("/")[0] if here else ""


def title(transfer: Transfer) -> str:
    """What it is called; a folder has a slash at its end."""
    if transfer.folder:
        return f"{clean_line(transfer.name)}/"
    return clean_line(transfer.name) or ("pipe" if transfer.pipe else "file")


def arrow(transfer: Transfer) -> str:
    """Which way it goes."""
    return SENT if transfer.direction is Direction.SEND else RECEIVED


def who(transfer: Transfer, name: str = "") -> str:
    """``to Bob``, ``from Bob``, with the name by which somebody is known, or their address; nothing where there is
    nobody."""
    called = clean_line(name or transfer.peer.bare)
    return f"{'to' if transfer.direction is Direction.SEND else 'from'} {called}" if called else ""


def state(transfer: Transfer, name: str = "") -> str:
    """How it stands, where its peer is known by that name, or by the address. Why it failed, or that it was cancelled
    there, is a sentence, all else a word or two."""
    if transfer.state is TransferState.FAILED or transfer.error == CancelledThere.__name__:
        why = fault(transfer, name)
        reason = "It failed." if why is None else clean_line(str(why))
        return f"{reason} A part is here." if transfer.partial else reason
    if transfer.state is TransferState.CANCELLED and _is_declined(transfer):
        return "declined"
    if transfer.state is TransferState.DONE and transfer.quarantined:
        return "received, put apart as it could be run"
    if transfer.state is TransferState.CONNECTING and transfer.folder:
        return "looking at what is in it"
    sends = transfer.direction is Direction.SEND
    return {
        TransferState.OFFERED: "offered" if transfer.asks else "waiting for the other side",
        TransferState.CONNECTING: "connecting",
        TransferState.RUNNING: "sending" if sends else "receiving",
        TransferState.CHECKING: "checking",
        TransferState.DONE: "sent" if sends else "received",
        TransferState.CANCELLED: "cancelled, a part is here" if transfer.partial else "cancelled",
    }[transfer.state]


def fault(transfer: Transfer, name: str = "") -> SatError | None:
    """Why it failed or was given up, with the name of its peer, or their address, where a program of theirs is
    named."""
    details = dict(transfer.details)
    if details.get("peer") == transfer.peer:
        details["peer"] = name or transfer.peer.bare
    return transfer._replace(details=details).fault


def _is_declined(transfer: Transfer) -> bool:
    """Whether nobody here has ever taken what was offered: it was going nowhere yet."""
    return transfer.direction is Direction.RECEIVE and not (
        transfer.path or transfer.moved or transfer.partial or transfer.pipe
    )


def way(transfer: Transfer) -> str:
    """How it goes, and whether who carries it can read it."""
    return ", ".join(filter(None, [WAYS[transfer.way], secrecy(transfer)]))


def secrecy(transfer: Transfer) -> str:
    """A word where who carries it cannot read it."""
    return "encrypted" if transfer.encrypted else ""


def fraction(transfer: Transfer) -> float | None:
    """How much of it has moved, 0 to 1; None where nobody knows how large it is."""
    if transfer.state is TransferState.DONE:
        return 1.0
    return min(max(transfer.moved / transfer.size, 0.0), 1.0) if transfer.size > 0 else None


def percent(transfer: Transfer) -> str:
    """The same as ``40%``; only what is all there is 100%. Nothing where it is not known, or waits for a person."""
    part = None if transfer.state is TransferState.OFFERED else fraction(transfer)
    return "" if part is None else f"{int(part * 100)}%"


def amount(transfer: Transfer) -> str:
    """``1.2 MB of 3.4 MB``; of one that is over, or has not begun, or whose size nobody knows, one number."""
    moved, size = max(transfer.moved, 0), max(transfer.size, 0)
    if transfer.state is TransferState.DONE:
        return shown(size or moved)
    if not size:
        return shown(moved) if moved else ""
    return f"{shown(moved)} of {shown(size)}" if moved else shown(size)


def counts(transfer: Transfer) -> list[str]:
    """Of a folder, how many of its files are here, were before, and did not come: ``12 of 40 files``, ``3 were here
    before``, ``1 failed``."""
    if not transfer.folder or not (transfer.files or transfer.failed):
        return []
    whole = "1 file" if transfer.files == 1 else f"{transfer.files} files"
    found = [whole if transfer.state is TransferState.CONNECTING else f"{transfer.came + transfer.known} of {whole}"]
    if transfer.known:
        found.append(f"{transfer.known} {'was' if transfer.known == 1 else 'were'} here before")
    if transfer.failed:
        found.append(f"{transfer.failed} failed")
    return found


def speed(bytes_per_second: float) -> str:
    """``1.2 MB/s``; nothing where it stands still."""
    return f"{shown(bytes_per_second)}/s" if bytes_per_second >= 1 else ""


def left(seconds: float | None) -> str:
    """``8 s left``, ``2 min 5 s left``, ``1 h 20 min left``; nothing where that is not known, or for ever."""
    if seconds is None or not 0 <= seconds < _LONGEST:
        return ""
    return f"{duration(seconds)} left"


def duration(seconds: float) -> str:
    """A length of time in its two largest units, rounded: ``8 s``, ``2 min 5 s``, ``1 h 20 min``, ``3 d 4 h``."""
    whole = round(seconds)
    if whole >= _HOUR:  # seconds are of no interest any more
        whole = _MINUTE * round(seconds / _MINUTE)
    if whole >= _DAY:
        whole = _HOUR * round(seconds / _HOUR)
    parts = [
        (whole // _DAY, "d"),
        (whole % _DAY // _HOUR, "h"),
        (whole % _HOUR // _MINUTE, "min"),
        (whole % _MINUTE, "s"),
    ]
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2]) or "0 s"


def goes_on(under_way: int) -> str:
    """What is said to who leaves a frontend while so many are under way; nothing where there is none."""
    if not under_way:
        return ""
    files, them = ("1 file is", "it") if under_way == 1 else (f"{under_way} files are", "them")
    return f"{files} still on the way: sat goes on with {them}, and jp file transfers shows {them}."


class Row(NamedTuple):
    """One as a line of a list. ``progress`` is how far it is, how fast it goes and how long it takes; ``fraction`` is
    0 to 1, or None where that is not known; ``runs``: bytes move. ``time`` is when it ended, else when it began; 0.0
    where nobody knows."""

    id: str
    arrow: str
    title: str
    who: str
    state: str
    progress: str
    way: str
    fraction: float | None
    runs: bool
    actions: list[Action]
    secrecy: str = ""
    time: float = 0.0


def row(transfer: Transfer, name: str = "", bytes_per_second: float = 0.0, seconds: float | None = None) -> Row:
    """One as a line of a list, with the name by which its peer is known, its speed, and how long it still takes."""
    running = transfer.state is TransferState.RUNNING
    told = [*counts(transfer), amount(transfer), percent(transfer) if running else ""]
    told += [speed(bytes_per_second), left(seconds)] if running else []
    return Row(
        transfer.id,
        arrow(transfer),
        title(transfer),
        who(transfer, name),
        state(transfer, name),
        " · ".join(filter(None, told)),
        way(transfer),
        fraction(transfer),
        running,
        actions(transfer),
        secrecy(transfer),
        transfer.ended or transfer.begun,
    )
