"""Files on their way, what we share, and what a contact shares. A page names no place of the daemon's machine: files
that come go where the settings say, and nothing is shared from here."""

from __future__ import annotations

from typing import NamedTuple

from libervia.server.moving import DEEDS, act, everything
from libervia.server.page import Answer, Html, Page, Redirect, Visit, unknown_form
from libervia.server.render import chat_end, files_path
from sat.api import JID, SatError
from sat.api.sizes import shown
from sat.plugins.shares.api import Listed, Share
from sat_frontends.quick_frontend.sharing import groups
from sat_frontends.quick_frontend.transfer_words import title

ENTRIES = 1000
PATH_AT_MOST = 4000
NAMED = 5  # of those who may see a share


class Files(Page):
    """``/files``, and ``/files/<address>`` with ``?path=`` a folder of theirs"""

    title = "Files"
    menu = 5
    argument = True
    live = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """All that is on its way, or what somebody shares."""
        if visit.argument:
            return await _folder(visit, await _whose(visit), visit.query.get("path", ""))
        return await _list(visit)

    async def post(self, visit: Visit) -> Answer:
        """Do something with one, end a share, or fetch what is theirs."""
        if visit.argument:
            return await _fetch(visit)
        desk, form = await visit.desk(), visit.form
        try:
            if "unshare" in form:
                await desk.apis.shares.unshare(form["unshare"])
            elif "clear" in form:
                await desk.apis.transfers.forget([])
            else:
                name = next((each for each in DEEDS if each in form), "")
                await act(desk.live, name, form.get(name, ""))
        except SatError as error:
            return await _list(visit, error)
        return Redirect(chat_end(desk.peer(form["peer"])) if form.get("peer") else "/files")


async def _list(visit: Visit, error: SatError | None = None) -> Html:
    desk = await visit.desk()
    seq = desk.feed.seq  # before anything is looked at: what comes meanwhile is told again, rather than missed
    own: list[Share] = []
    try:
        own = await desk.apis.shares.get_own()
    except SatError as failure:
        error = error or failure
    label = desk.live.contacts.label
    shares = [(each, [*map(label, each.contacts), *groups(each)]) for each in own]
    values: dict[str, object] = {
        "epoch": desk.feed.epoch,
        "seq": seq,
        "items": everything(desk.live),
        "over": any(each.is_over for each in desk.live.transfers),
        "shares": [(each, names[:NAMED], max(0, len(names) - NAMED)) for each, names in shares],
    }
    return desk.page("files/files.html", values, error)


class Entry(NamedTuple):
    """What is in a folder, as it is drawn: a folder has a ``where``, a file can be fetched by its ``path``."""

    name: str
    path: str
    where: str
    about: str
    modified: float


async def _whose(visit: Visit) -> JID:
    return (await visit.desk()).peer(visit.argument).bare


async def _folder(visit: Visit, peer: JID, path: str, error: SatError | None = None) -> Html:
    desk, path = await visit.desk(), path.strip("/")[:PATH_AT_MOST]
    found: list[Listed] = []
    try:
        found = await desk.apis.shares.browse(peer, path)
    except SatError as failure:
        error = error or failure
    found = sorted(found, key=lambda each: (not each.folder, each.name.casefold()))
    parts = path.split("/") if path else []
    values: dict[str, object] = {
        "peer": peer,
        "label": desk.live.contacts.label(peer),
        "path": path,
        "above": [(name, files_path(peer, "/".join(parts[: place + 1]))) for place, name in enumerate(parts)],
        "entries": [_entry(peer, each) for each in found[:ENTRIES]],
        "more": max(0, len(found) - ENTRIES),
    }
    return desk.page("files/folder.html", values, error)


def _entry(peer: JID, listed: Listed) -> Entry:
    size = "" if listed.folder or listed.size < 0 else shown(listed.size)
    about = " · ".join(filter(None, (size, listed.type, listed.description)))
    where = files_path(peer, listed.path) if listed.folder else ""
    return Entry(listed.name or listed.path, listed.path, where, about, listed.modified)


async def _fetch(visit: Visit) -> Answer:
    """Fetch a file of theirs, or a whole folder: into the folder of the settings, whatever a form says."""
    desk, peer = await visit.desk(), await _whose(visit)
    folder, path, whole = (visit.form.get(each, "")[:PATH_AT_MOST] for each in ("folder", "fetch", "whole"))
    try:
        if whole:
            begun = await desk.apis.shares.fetch_folder(peer, whole)
        elif path:
            begun = await desk.apis.shares.fetch(peer, path)
        else:
            raise unknown_form()
    except SatError as error:
        return await _folder(visit, peer, folder, error)
    visit.notice(f"{title(begun)} is being fetched: see Files.")
    return Redirect(files_path(peer, folder.strip("/")))
