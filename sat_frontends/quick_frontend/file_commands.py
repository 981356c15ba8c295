"""The user commands for files: sent, shared, fetched. Each raises SatError, which the frontend shows."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat_frontends.quick_frontend import addressees, sharing
from sat_frontends.quick_frontend.command_registry import Completion, Shell, command
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.offering import By, send, whole
from sat_frontends.quick_frontend.sending import paths
from sat_frontends.quick_frontend.text import clean_line

DIRECT = "--direct"


def _files(live: LiveProfile, typed: str) -> list[Completion]:
    if typed.startswith(f"{DIRECT} "):
        rest = typed.removeprefix(DIRECT).lstrip()
        return [Completion(f"{DIRECT} {each.text}", each.help) for each in paths(live, rest)]
    if typed.startswith("-"):
        return [Completion(f"{DIRECT} ", "straight to their program")] if DIRECT.startswith(typed) else []
    return paths(live, typed)


def _sharing(live: LiveProfile, typed: str) -> list[Completion]:
    """A path; then groups and contacts, one after the other."""
    path, found, names = typed.rpartition(sharing.WITH)
    if not found:
        return paths(live, typed)
    before, comma, name = names.rpartition(",")
    start = f"{path}{found}{before}{comma} " if comma else f"{path}{found}"
    wanted = name.strip().casefold()
    groups = [group for group in live.contacts.groups() if clean_line(group).casefold().startswith(wanted)]
    return [
        *(Completion(f"{start}{clean_line(group)}", "a group") for group in groups),
        *(Completion(f"{start}{text}", help) for text, help in addressees.possible(live.contacts, name.strip())),
    ]


def _contacts(live: LiveProfile, typed: str) -> list[Completion]:
    return [Completion(text, help) for text, help in addressees.possible(live.contacts, typed)]


@command(
    "attach",
    f"[{DIRECT}] FILE",
    "Send a file to who is here: by the server, or straight to their program.",
    _files,
    ("upload", "send"),
)
async def _attach(shell: Shell, text: str) -> None:
    direct = text == DIRECT or text.startswith(f"{DIRECT} ")
    path = text.removeprefix(DIRECT).strip() if direct else text
    if not path:
        raise InvalidArgument(reason=f"Something is missing: /attach [{DIRECT}] FILE")
    if shell.peer is None:
        raise InvalidArgument(reason="No conversation is open, so nobody would get this. Open one first.")
    if direct and shell.live.contacts.room(shell.peer) is not None:
        raise InvalidArgument(reason="In a room a file goes by the server: leave --direct out.")
    await send(shell.live, shell.peer, whole(path), By.DIRECT if direct else By.SERVER)


@command("transfers", "", "See what is on its way and what was: take, stop, go on with, forget.")
async def _transfers(shell: Shell, text: str) -> None:
    shell.open_transfers()


@command(
    "share",
    "PATH [with NAMES]",
    "Share a folder or file with contacts or groups, else with who is here.",
    _sharing,
)
async def _share(shell: Shell, text: str) -> None:
    path, names = sharing.split(text)
    contacts = shell.live.contacts
    if names:
        meant = sharing.audience(contacts, names)
    elif shell.peer is None or contacts.room(shell.peer.bare) is not None:
        raise InvalidArgument(reason="Say with whom: /share PATH with NAME, NAME (contacts, or groups of them).")
    else:
        meant = sharing.Audience([shell.peer.bare], [])
    share = await shell.live.apis.shares.share(whole(path), meant.contacts, meant.groups)
    shell.show(f"{clean_line(share.name)} is shared: {sharing.share_line(share, contacts.label)}. /shares ends that.")


@command("shares", "", "See what you share and with whom, and end that.")
async def _shares(shell: Shell, text: str) -> None:
    shell.open_shares()


@command("files", "[CONTACT]", "Look into what somebody shares with you, and fetch it.", _contacts)
async def _look(shell: Shell, text: str) -> None:
    peer = addressees.resolve(shell.live.contacts, text) if text else shell.peer
    if peer is None:
        raise InvalidArgument(reason="Say whose: /files CONTACT")
    if shell.live.contacts.room(peer.bare) is not None:
        raise InvalidArgument(reason="A room shares no files: /files CONTACT")
    shell.open_files(JID(peer.bare))
