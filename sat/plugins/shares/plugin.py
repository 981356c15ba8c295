"""Folders shared with contacts (XEP-0329): answers to who looks into them, and looking into those of others."""

from __future__ import annotations

import os
import secrets
import stat
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from sat.api import JID
from sat.api.errors import (
    FileUnreadable,
    InvalidArgument,
    NobodyShares,
    NotFound,
    PeerError,
    SatError,
    TooManyTransfers,
)
from sat.api.transfers import Direction, TransferState
from sat.core.hashes import OURS
from sat.core.plugin import Plugin, Refusal, needs, on_iq
from sat.core.tasks import in_thread
from sat.plugins.attachments.names import safe_name
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.files import wire
from sat.plugins.files.plugin import Files
from sat.plugins.files.serving import Served
from sat.plugins.files.wire import About
from sat.plugins.jet.proofs import proves
from sat.plugins.roster.plugin import Roster
from sat.plugins.shares import folders
from sat.plugins.shares.api import Listed, Share, SharesApi, Transfer
from sat.plugins.shares.folders import Entry
from sat.plugins.shares.index import Index
from sat.plugins.shares.walking import MOST
from sat.xmpp import rsm, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "urn:xmpp:fis:0"
PAGE = 100  # entries of an answer
SHARES = 200
PAGES = 250  # that are asked for of a folder of others
AT_ONCE = 4  # folders that are read for others at the same time
FETCHED_AT_ONCE = 5  # folders of others


class Shares(Plugin, SharesApi):
    """Folders that contacts may look into (XEP-0329)."""

    xeps = ("0329",)
    features = (NS,)
    files = needs(Files)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._shares: dict[str, Share] = {}
        self._reading = 0
        self._index = Index(
            self.store, session.clock, self.spawn, lambda: [each.path for each in self._shares.values()]
        )

    async def load(self) -> None:
        for share in await self.store.rows("shares", _from_row):
            self._shares[share.id] = share
        await self._index.load()
        self.undo(self.files.serve(self._serve))

    # -- SharesApi: ours -------------------------------------------------------------------------------------------

    async def get_own(self) -> list[Share]:
        groups, own = self._groups(), list(self._shares.values())
        return await in_thread(lambda: [_looked_at(share, groups) for share in own])

    async def share(self, path: str, contacts: list[JID], groups: list[str], name: str = "") -> Share:
        if not contacts and not groups:
            raise InvalidArgument(reason="Say with whom it is to be shared.")
        path = path.rstrip("/") or "/"
        name = name or os.path.basename(path)
        await in_thread(partial(_check, path, name))
        if missing := [each for each in groups if each not in self._groups()]:
            raise NotFound(what=f"group “{missing[0]}” among your contacts")
        before = next((each for each in self._shares.values() if each.name == name), None)
        if before is None and len(self._shares) >= SHARES:
            raise TooManyTransfers(limit=SHARES)
        id = secrets.token_hex(6) if before is None else before.id
        bare = list(dict.fromkeys(jid.bare for jid in contacts))
        self._shares[id] = Share(id, path, name, bare, list(dict.fromkeys(groups)))
        await self._changed()
        self._index.refresh()
        return self._shares[id]

    async def unshare(self, id: str) -> None:
        if self._shares.pop(id, None) is None:
            raise NotFound(what=f"share {id}")
        await self._changed()

    def _groups(self) -> set[str]:
        return {group for each in self.roster.contacts.values() for group in each.groups}

    async def _changed(self) -> None:
        await self.store.set("shares", [list(each[:5]) for each in self._shares.values()])
        self.changed.emit(await self.get_own())

    # -- SharesApi: theirs -----------------------------------------------------------------------------------------

    async def find_programs(self, peer: JID) -> list[JID]:
        """Those of somebody that share files. Errors: NotConnected, NobodyShares."""
        return await self.files.disco.find_programs(peer, NS, NobodyShares(who=peer.bare))

    async def browse(self, peer: JID, path: str = "") -> list[Listed]:
        (program, *_) = await self.find_programs(peer)
        return [each._replace(size=max(each.size, 0)) for each in await self.read(program, path)]

    async def read(self, program: JID, path: str) -> list[Listed]:
        """What is in a folder of a program; the size of a file is -1 where it is not told. Errors: as of ``browse``."""
        found: list[Listed] = []
        after: str | None = None
        for _ in range(PAGES):
            request = Iq.get(program)
            query = request.add("query", NS, node=path.strip("/") or None)
            rsm.add_page(query, PAGE, after)
            try:
                answer = xml.child(await self.ask(request), "query", NS)
            except PeerError as error:
                if error.details.get("condition") == "item-not-found":
                    raise NotFound(what=f"folder {path} at {program.bare}") from None
                raise
            entries = [] if answer is None else xml.elements(answer)
            found += [each for entry in entries if (each := _listed(entry, path.strip("/"))) is not None]
            page = rsm.Page() if answer is None else rsm.read_page(answer)
            if not entries or not page.last or page.last == after or len(found) >= MOST:
                break
            if 0 <= page.count <= len(found):
                break
            after = page.last
        return found[:MOST]

    async def fetch(self, peer: JID, path: str, to: str = "", encrypt: str = "") -> Transfer:
        programs = await self.find_programs(peer)
        name = PurePosixPath(path).name
        where = await self.files.place_for(name, to)
        return await self.files.fetch(programs, About(path.strip("/"), ranged=True), where, name, encrypt)

    async def fetch_folder(self, peer: JID, path: str = "", to: str = "", encrypt: str = "") -> Transfer:
        from sat.plugins.shares.fetching import Fetching

        path, transfers = path.strip("/"), self.files.transfers
        (program, *_) = await self.find_programs(peer)
        method = await self.files.jet.method_for(program, encrypt)
        where = await self.files.place_for(PurePosixPath(path).name or peer.bare, to)
        if where.chosen:
            raise InvalidArgument(reason=f"There is no folder {where.path}.")
        running, here = transfers.running(self), str(where.path)
        for each in running:
            if each.path == here and each.peer.bare == peer.bare:
                return each
        if len(running) >= FETCHED_AT_ONCE:
            raise TooManyTransfers(limit=FETCHED_AT_ONCE)
        seen = Transfer(transfers.new_id(), Direction.RECEIVE, where.name, peer=peer, path=here, folder=True)
        seen = seen._replace(state=TransferState.CONNECTING, encrypted=bool(method))
        return transfers.begin(self, seen, Fetching(self, peer, path, where, encrypt, method).run)

    # -- who asks us -----------------------------------------------------------------------------------------------

    def _visible(self, peer: JID) -> dict[str, Share]:
        """What somebody may see, by name."""
        if peer.bare == self.session.account.jid.bare:
            return {each.name: each for each in self._shares.values()}
        contact = self.roster.find(peer)
        groups = set() if contact is None else set(contact.groups)
        return {
            each.name: each
            for each in self._shares.values()
            if peer.bare in each.contacts or not groups.isdisjoint(each.groups)
        }

    @on_iq("get", NS, "query")
    async def _asked(self, iq: Iq) -> Element:
        peer = iq.sender
        visible = {} if peer is None else self._visible(peer)
        if peer is None or not (visible or self.roster.may_see(peer)):
            raise Refusal("service-unavailable")  # as if nothing were there
        node = "" if iq.payload is None else str(iq.payload.attributes.get("node", "")).strip("/")
        wanted = rsm.Wanted() if iq.payload is None else rsm.read_wanted(iq.payload)
        if node:
            entries = await self._entries(peer, visible, node)
        else:
            entries = [Entry(name, True) for name in sorted(visible)]
        return _answer(node, entries, wanted)

    async def _entries(self, peer: JID, visible: dict[str, Share], node: str) -> list[Entry]:
        """What is at a path, for somebody. Raises ``Refusal``."""
        if self._reading >= AT_ONCE:
            raise Refusal("resource-constraint", kind="wait")
        self._reading += 1
        try:
            root, parts, found = await in_thread(partial(_looked_into, visible, node))
            return found if await self._is_secret(peer) else [self._index.hashed(root, parts, each) for each in found]
        except OSError:
            raise Refusal("item-not-found") from None
        finally:
            self._reading -= 1

    async def _is_secret(self, peer: JID) -> bool:
        """Whether servers are not to know what goes to somebody: they would, by its hash."""
        try:
            return bool(await self.files.jet.method_for(peer))
        except SatError:
            return True

    async def _serve(self, peer: JID, about: About, secret: Shared | None) -> Served | None:
        """A file that somebody wants to fetch, by its path, or by its name at the top of something shared; or by its
        hash, which is told in clear or under a secret."""
        visible = self._visible(peer)
        for path in (about.name, *(f"{name}/{about.name}" for name in visible)):
            try:
                root, parts, descriptor, seen = await in_thread(partial(_opened, visible, path), _close)
            except OSError:
                continue
            if stat.S_ISREG(seen.st_mode) and seen.st_size:
                return Served(descriptor, "/".join([root, *parts]), folders.described(parts, root, seen))
            os.close(descriptor)
        return await self._serve_hashed(visible, about, secret)

    async def _serve_hashed(self, visible: dict[str, Share], about: About, secret: Shared | None) -> Served | None:
        wanted = about.hashes.get(OURS[0], "")
        if not visible or not (wanted or (about.proof and secret is not None)):
            return None

        def fits(digest: str) -> bool:
            return digest == wanted or (secret is not None and proves(about.proof, secret, {OURS[0]: digest}))

        for root, found, digest in await self._index.find([each.path for each in visible.values()], fits):
            try:
                descriptor, seen = await in_thread(partial(folders.opened, root, found.parts), folders.close)
            except OSError:
                continue
            if folders.is_same(found, seen):
                told = folders.described(found.parts, root, seen)._replace(hashes={OURS[0]: digest})
                return Served(descriptor, "/".join([root, *found.parts]), told)
            os.close(descriptor)
        return None


def _looked_at(share: Share, groups: set[str]) -> Share:
    empty = [each for each in share.groups if each not in groups]
    return share._replace(missing=not os.path.exists(share.path), empty=empty)


def _check(path: str, name: str) -> None:
    """Whether that can be shared under this name. Errors: FileUnreadable, InvalidArgument."""
    if not path.startswith("/"):
        raise FileUnreadable(path=path[:200], reason="its whole path is needed")
    folder = os.path.isdir(path)
    if not (folder or os.path.isfile(path)):
        raise FileUnreadable(path=path[:200], reason="there is no such folder or file")
    if not os.access(path, os.R_OK):
        raise FileUnreadable(path=path[:200], reason="its permissions do not allow that")
    if not folders.is_fit(name) or not (folder or folders.is_fit(os.path.basename(path))):
        raise InvalidArgument(reason=f"It cannot be shared under the name “{safe_name(name)}”.")


def _target(visible: dict[str, Share], path: str) -> tuple[str, list[str]]:
    """The real folder and the way below it, of a path as others see it. A file that is shared alone is seen in a
    folder: the top has nothing else (XEP-0329 §4.1). Errors: FileNotFoundError."""
    name, *parts = folders.steps(path)
    share = visible.get(name)
    if share is None:
        raise FileNotFoundError(path)
    if os.path.isfile(share.path):
        if parts not in ([], [os.path.basename(share.path)]):
            raise FileNotFoundError(path)
        return share.path, []
    return share.path, parts


def _looked_into(visible: dict[str, Share], path: str) -> tuple[str, list[str], list[Entry]]:
    """The same, with what is in there. Errors: OSError."""
    root, parts = _target(visible, path)
    return root, parts, folders.listed(root, parts)


def _opened(visible: dict[str, Share], path: str) -> tuple[str, list[str], int, os.stat_result]:
    """The same, with a descriptor of it, and what is known of it. Errors: OSError."""
    root, parts = _target(visible, path)
    return root, parts, *folders.opened(root, parts)


def _close(found: tuple[str, list[str], int, os.stat_result]) -> None:
    os.close(found[2])


def _answer(node: str, entries: list[Entry], wanted: rsm.Wanted) -> Element:
    """A page of entries."""
    query = xml.element("query", NS, node=node or None)
    start = next((at + 1 for at, each in enumerate(entries) if each.name == wanted.after), 0) if wanted.after else 0
    page = entries[start : start + min(wanted.most or PAGE, PAGE)]
    for each in page:
        if each.folder:
            xml.add(query, "directory", NS, name=each.name)
        else:
            query.children.append(wire.write(each.about))
    if page:
        rsm.add_place(query, page[0].name, page[-1].name, len(entries))
    return query


def _listed(entry: Element, path: str) -> Listed | None:
    """An entry of somebody's folder; None for what is none."""
    if (entry.name, entry.uri) == ("directory", NS):
        name = str(entry.attributes.get("name", ""))[: wire.LONG]
        about, folder = About(name), True
    elif entry.name == "file" and str(entry.uri).startswith(wire.ANY_VERSION):
        about, folder = wire.read(entry), False
    else:
        return None
    if not about.name or "/" in about.name:
        return None
    there = f"{path}/{about.name}" if path else about.name
    made = Listed(there, safe_name(about.name), folder, about.size, about.type, about.modified)
    return made._replace(description=about.description, hashes=about.hashes)


def _from_row(row: Any) -> Share:
    id, path, name, contacts, groups = row
    return Share(str(id), str(path), str(name), [JID(each) for each in contacts], [str(each) for each in groups])
