"""What is on its way, in memory: nothing moves before a test says so."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Any

from sat.api import JID, Pipe
from sat.api.errors import (
    Cancelled,
    CancelledThere,
    CannotReceive,
    FileUnreadable,
    InvalidArgument,
    NobodyShares,
    NobodyWaits,
    NotFound,
    SatError,
)
from sat.api.messages import UNENCRYPTED
from sat.core.pictures import look
from sat.plugins.files.api import FilesApi, Thumbnail
from sat.plugins.pipes.api import PipesApi
from sat.plugins.shares.api import Listed, Share, SharesApi
from sat.plugins.transfers.api import Direction, Transfer, TransfersApi, TransferState, Way
from support.fakes import Failing

START = 1_750_000_000.0


class Transfers(Failing, TransfersApi):
    """``put`` adds one or tells that it has come further; ``end`` ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Transfer] = {}

    def put(self, transfer: Transfer, **fields: Any) -> Transfer:
        fields.setdefault("begun", transfer.begun or START + len(self.known))
        transfer = transfer._replace(**fields)
        self.known[transfer.id] = transfer
        self.changed.emit(transfer)
        return transfer

    def offered(self, peer: JID, name: str, size: int = 1000, **fields: Any) -> Transfer:
        """Somebody offers us a file."""
        id = f"offer-{len(self.known) + 1}"
        return self.put(Transfer(id, Direction.RECEIVE, name, size, state=TransferState.OFFERED, peer=peer), **fields)

    def move(self, id: str, moved: int, way: Way = Way.SOCKS5) -> Transfer:
        return self.put(self.find(id), state=TransferState.RUNNING, moved=moved, way=way)

    def end(self, id: str, error: SatError | None = None, **fields: Any) -> Transfer:
        """It is all there; with an error: it failed."""
        one = self.find(id)
        fields.setdefault("ended", one.begun + 60.0)
        if error is None:
            return self.put(one, state=TransferState.DONE, moved=one.size, **fields)
        fields |= {"error": type(error).__name__, "details": error.details}
        state = TransferState.CANCELLED if isinstance(error, Cancelled | CancelledThere) else TransferState.FAILED
        return self.put(one, state=state, **fields)

    def find(self, id: str) -> Transfer:
        if id not in self.known:
            raise NotFound(what=f"transfer {id}")
        return self.known[id]

    async def get_all(self) -> list[Transfer]:
        await self.called("get_all")
        return list(self.known.values())

    async def finish(self, id: str) -> Transfer:
        """One that has not ended, as a test has told nothing, ends well."""
        await self.called("finish", id)
        one = self.find(id)
        if not one.is_over:
            one = self.end(id)
        if (fault := one.fault) is not None:
            raise fault
        return one

    async def cancel(self, id: str) -> None:
        await self.called("cancel", id)
        if not self.find(id).is_over:
            self.end(id, Cancelled())

    async def forget(self, ids: list[str]) -> None:
        await self.called("forget", ids)
        gone = [each.id for each in self.known.values() if each.is_over and (not ids or each.id in ids)]
        for id in gone:
            del self.known[id]
        self.forgotten.emit(gone)


class Files(Failing, FilesApi):
    """Offers files to everybody but ``without``; what is accepted runs until a test ends it. ``thumbnails`` are by
    transfer."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__()
        self.transfers = transfers
        self.without: set[JID] = set()  # have no program that takes files
        self.thumbnails: dict[str, Thumbnail] = {}

    def _new(self, direction: Direction, name: str, peer: JID, **fields: Any) -> Transfer:
        if peer.bare in self.without:
            sends = direction is Direction.SEND
            raise CannotReceive(who=peer.bare, what="files") if sends else NobodyShares(who=peer.bare)
        id = f"file-{len(self.transfers.known) + 1}"
        return self.transfers.put(Transfer(id, direction, name, peer=peer), **fields)

    async def send(
        self, path: str, peer: JID, name: str = "", description: str = "", encrypt: str = "", passing: bool = False
    ) -> Transfer:
        await self.called("send", path, peer, name, description, encrypt, *(["passing"] if passing else []))
        try:
            size = os.stat(path).st_size
        except OSError as error:
            raise FileUnreadable(path=path, reason=(error.strerror or "").lower()) from None
        name = name or PurePath(path).name
        fields = {"size": size, "path": path, "description": description, "state": TransferState.OFFERED}
        fields["encrypted"] = encrypt not in ("", UNENCRYPTED)
        return self._new(Direction.SEND, name, peer, **fields)

    async def accept(self, id: str, path: str = "") -> Transfer:
        await self.called("accept", id, path)
        one = self.transfers.find(id)
        if not one.asks:
            raise NotFound(what=f"offer {id}")
        return self.transfers.put(one, state=TransferState.CONNECTING, path=path or f"/srv/romeo/{one.name}")

    async def decline(self, id: str) -> None:
        await self.called("decline", id)
        if not self.transfers.find(id).asks:
            raise NotFound(what=f"offer {id}")
        self.transfers.end(id, Cancelled())

    async def request(self, peer: JID, name: str = "", sha256: str = "", path: str = "", encrypt: str = "") -> Transfer:
        await self.called("request", peer, name, sha256, path, encrypt)
        if not name and not sha256:
            raise InvalidArgument(reason="Say which file: its name, or its hash.")
        fields = {"path": path, "state": TransferState.CONNECTING, "encrypted": encrypt not in ("", UNENCRYPTED)}
        return self._new(Direction.RECEIVE, name or sha256, peer, **fields)

    async def resume(self, id: str) -> Transfer:
        await self.called("resume", id)
        one = self.transfers.find(id)
        if not one.partial:
            raise NotFound(what=f"part of {one.name}")
        again = {"partial": False, "error": "", "details": {}, "ended": 0.0}
        return self.transfers.put(one, state=TransferState.CONNECTING, **again)

    def pictured(self, id: str, data: bytes) -> Transfer:
        """A small picture of it has come."""
        size = look(data)
        self.thumbnails[id] = Thumbnail(*size, data)
        return self.transfers.put(self.transfers.find(id), thumbnail=True)

    async def get_thumbnail(self, id: str) -> Thumbnail:
        await self.called("get_thumbnail", id)
        if id not in self.thumbnails:
            raise NotFound(what=f"small picture of transfer {id}")
        return self.thumbnails[id]


class Shares(Failing, SharesApi):
    """``folders`` is what others share: by their address, what is in each of their folders."""

    def __init__(self, files: Files) -> None:
        super().__init__()
        self.files = files
        self.own: dict[str, Share] = {}
        self.folders: dict[JID, dict[str, list[Listed]]] = {}

    async def get_own(self) -> list[Share]:
        await self.called("get_own")
        return list(self.own.values())

    async def share(self, path: str, contacts: list[JID], groups: list[str], name: str = "") -> Share:
        await self.called("share", path, contacts, groups, name)
        if not contacts and not groups:
            raise InvalidArgument(reason="Say with whom it is to be shared.")
        if not Path(path).exists():  # noqa: ASYNC240 - a small one
            raise FileUnreadable(path=path, reason="no such file or directory")
        one = Share(f"share-{len(self.own) + 1}", path, name or PurePath(path).name, contacts, groups)
        self.own[one.id] = one
        self.changed.emit(list(self.own.values()))
        return one

    async def unshare(self, id: str) -> None:
        await self.called("unshare", id)
        if self.own.pop(id, None) is None:
            raise NotFound(what=f"share {id}")
        self.changed.emit(list(self.own.values()))

    async def browse(self, peer: JID, path: str = "") -> list[Listed]:
        await self.called("browse", peer, path)
        if peer.bare not in self.folders:
            raise NobodyShares(who=peer.bare)
        if path not in self.folders[peer.bare]:
            raise NotFound(what=f"folder {path}")
        return self.folders[peer.bare][path]

    async def fetch(self, peer: JID, path: str, to: str = "", encrypt: str = "") -> Transfer:
        await self.called("fetch", peer, path, to, encrypt)
        folder, _, name = path.rpartition("/")
        found = [each for each in self.folders.get(peer.bare, {}).get(folder, []) if each.name == name]
        if not found or found[0].folder:
            raise NotFound(what=f"file {path}")
        return self.files.transfers.put(await self.files.request(peer, name, "", to, encrypt), size=found[0].size)

    async def fetch_folder(self, peer: JID, path: str = "", to: str = "", encrypt: str = "") -> Transfer:
        await self.called("fetch_folder", peer, path, to, encrypt)
        found = self.folders.get(peer.bare, {}).get(path)
        if found is None:
            raise NobodyShares(who=peer.bare) if peer.bare not in self.folders else NotFound(what=f"folder {path}")
        files = [each for each in found if not each.folder]
        name = path.rpartition("/")[2] or peer.bare
        begun = Transfer(f"folder-{len(self.files.transfers.known) + 1}", Direction.RECEIVE, name, peer=peer)
        begun = begun._replace(path=f"{to.rstrip('/') or '/srv/romeo'}/{name}", folder=True, files=len(files))
        return self.files.transfers.put(begun, size=sum(each.size for each in files))


class Pipes(Failing, PipesApi):
    """What is written into one is kept in ``got``; who receives gets what ``says`` holds. Both end at once."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__()
        self.transfers = transfers
        self.got: list[bytes] = []
        self.says = b""
        self.without: set[JID] = set()  # have no program that waits for one

    async def out(self, peer: JID, pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        await self.called("out", peer, name, encrypt)
        if peer.bare in self.without:
            os.close(pipe)
            raise NobodyWaits(who=peer.bare)
        with open(pipe, "rb") as source:  # noqa: ASYNC230 - a test has written all
            self.got.append(source.read())
        return self._ended(Direction.SEND, name, peer, len(self.got[-1]), encrypt not in ("", UNENCRYPTED))

    async def receive(self, peers: list[JID], pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        await self.called("receive", peers, name, encrypt)
        with open(pipe, "wb") as target:  # noqa: ASYNC230 - it is little
            target.write(self.says)
        return self._ended(Direction.RECEIVE, name, peers[0] if peers else JID("bob@localhost"), len(self.says))

    def _ended(self, direction: Direction, name: str, peer: JID, size: int, encrypted: bool = False) -> Transfer:
        id = f"pipe-{len(self.transfers.known) + 1}"
        begun = self.transfers.put(
            Transfer(id, direction, name or "pipe", size, peer=peer, pipe=True, encrypted=encrypted)
        )
        return self.transfers.end(begun.id, way=Way.SOCKS5)


def carrying() -> tuple[Transfers, Files, Shares, Pipes]:
    """All of them, for one profile."""
    transfers = Transfers()
    files = Files(transfers)
    return transfers, files, Shares(files), Pipes(transfers)
