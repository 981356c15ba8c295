"""Files and pipes that move by themselves, for a daemon that no test can reach into. Addresses and names decide:

- what goes to ``echo@localhost`` is taken, and a file of that name is offered back, with a small picture where that
  ends with ``.png``; ``fails@localhost`` declines;
  ``silent@localhost`` never answers; ``carol@localhost`` has no program for it; all others take it;
- what is received ends well, but that called ``broken…`` breaks off, and that called ``run…`` is put apart;
- of files that are asked for by name there is none called ``none``;
- who sends a pipe to ``fails@localhost`` learns after a while that nobody waits for it there; who sends one to somebody
  else gets the same bytes from the next who waits for one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sat.api import JID, Pipe
from sat.api.errors import (
    Cancelled,
    NobodyWaits,
    NotAllFetched,
    NotFound,
    PeerDeclined,
    SatError,
    TooManyTransfers,
    TransferBroken,
)
from sat.plugins.shares.api import Listed
from sat.plugins.transfers.api import Direction, Transfer, TransferState, Way
from support.fake_transfers import Files, Pipes, Shares, Transfers
from support.pictures import png

ECHO, BOB, CAROL = JID("echo@localhost"), JID("bob@localhost"), JID("carol@localhost")
LIMIT = 12  # on their way at once
STEP = 0.03  # seconds

Later = Callable[[float, Callable[[], object]], object]


class MovingFiles(Files):
    """See the module's docstring."""

    def __init__(self, transfers: Transfers, later: Later) -> None:
        super().__init__(transfers)
        self.later = later
        self.without = {CAROL}

    async def send(
        self, path: str, peer: JID, name: str = "", description: str = "", encrypt: str = "", passing: bool = False
    ) -> Transfer:
        if sum(not each.is_over for each in self.transfers.known.values()) >= LIMIT:
            raise TooManyTransfers(limit=LIMIT)
        begun = await super().send(path, peer, name, description, encrypt, passing)
        if peer.local == "fails":
            self._ends(begun.id, PeerDeclined(peer=peer, why=""))
        elif peer.local != "silent":
            self._moves(begun.id)
        if peer.bare == ECHO:
            self.later(4 * STEP, lambda: self._offers_back(begun))
        return begun

    def _offers_back(self, begun: Transfer) -> None:
        offer = self.transfers.offered(ECHO, begun.name, begun.size, description=begun.description)
        if begun.name.endswith(".png"):
            self.pictured(offer.id, png(4, 3))

    async def accept(self, id: str, path: str = "") -> Transfer:
        taken = await super().accept(id, _inside(path, self.transfers.find(id).name))
        self._arrives(taken)
        return taken

    async def request(self, peer: JID, name: str = "", sha256: str = "", path: str = "", encrypt: str = "") -> Transfer:
        begun = await super().request(peer, name, sha256, _inside(path, name or "file"), encrypt)
        if name == "none":
            self._ends(begun.id, NotFound(what=f"file {name}"))
        else:
            self._arrives(self.transfers.put(begun, size=begun.size or 1000))
        return begun

    async def resume(self, id: str) -> Transfer:
        again = await super().resume(id)
        self._moves(id)
        return again

    def _arrives(self, transfer: Transfer) -> None:
        if transfer.name.startswith("broken"):
            lost = TransferBroken(peer=transfer.peer, reason="the connection was lost")
            self.later(STEP, lambda: self.transfers.move(transfer.id, transfer.size // 2))
            self.later(2 * STEP, lambda: self.transfers.end(transfer.id, lost, partial=True))
        else:
            self._moves(transfer.id, quarantined=transfer.name.startswith("run"))

    def _moves(self, id: str, **fields: Any) -> None:
        size = self.transfers.find(id).size
        self.later(STEP, lambda: self._if_going(id, lambda: self.transfers.move(id, 2 * size // 5)))
        self.later(2 * STEP, lambda: self._if_going(id, lambda: self.transfers.end(id, **fields)))

    def _ends(self, id: str, error: SatError) -> None:
        self.later(STEP, lambda: self._if_going(id, lambda: self.transfers.end(id, error)))

    def _if_going(self, id: str, change: Callable[[], object]) -> None:
        if id in self.transfers.known and not self.transfers.find(id).is_over:
            change()


def _inside(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}" if path and Path(path).is_dir() else path


class MovingShares(Shares):
    """Bob shares something, and others nothing."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        song = Listed("music/so\x1b[31mng.ogg", "so\x1b[31mng.ogg", size=3_400_000, type="audio/ogg", modified=1.7e9)
        plain = Listed("music/plain.ogg", "plain.ogg", size=2048, type="audio/ogg", description="his \u202elast")
        self.folders[BOB] = {
            "": [Listed("notes.txt", "notes.txt", size=5, type="text/plain"), Listed("music", "music", folder=True)],
            "music": [song, plain],
            "partly": [song, plain],
        }

    async def fetch_folder(self, peer: JID, path: str = "", to: str = "", encrypt: str = "") -> Transfer:
        """Of the one called ``partly`` one file comes."""
        begun = await super().fetch_folder(peer, path, to, encrypt)
        if path == "partly":
            lost = NotAllFetched(failed=1, files=2, name="plain.ogg", reason="it is lost.")
            self.files._ends(begun.id, lost)
            return self.files.transfers.put(begun, came=1, failed=1)
        self.files._moves(begun.id, came=begun.files - 1, known=1)
        return begun


class MovingPipes(Pipes):
    """See the module's docstring."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__(transfers)
        self.says = b"what light\x00\xff\n"
        self.without = {CAROL}

    async def out(self, peer: JID, pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        if peer.local == "silent":
            return self._waits(Direction.SEND, name, peer, pipe)
        if peer.local == "fails":
            begun = self._waits(Direction.SEND, name, peer, pipe)
            return self.transfers.end(begun.id, NobodyWaits(who=peer.bare))
        sent = await super().out(peer, pipe, name, encrypt)
        self.says = self.got[-1]
        return sent

    async def receive(self, peers: list[JID], pipe: Pipe, name: str = "", encrypt: str = "") -> Transfer:
        if peers and peers[0].local == "silent":
            return self._waits(Direction.RECEIVE, name, peers[0], pipe)
        peer = peers[0] if peers else BOB
        begun = self._begun(Direction.RECEIVE, name, peer)
        try:
            written = 0
            while written < len(self.says):
                written += os.write(pipe, self.says[written:])
        except BrokenPipeError:
            return self.transfers.end(begun.id, Cancelled())
        finally:
            os.close(pipe)
        return self.transfers.end(begun.id, way=Way.SOCKS5)

    def _begun(self, direction: Direction, name: str, peer: JID) -> Transfer:
        id = f"pipe-{len(self.transfers.known) + 1}"
        waiting = {"peer": peer, "pipe": True, "state": TransferState.OFFERED}
        return self.transfers.put(Transfer(id, direction, name or "pipe"), **waiting)

    def _waits(self, direction: Direction, name: str, peer: JID, pipe: Pipe) -> Transfer:
        os.close(pipe)
        return self._begun(direction, name, peer)


def moving(later: Later) -> tuple[Transfers, MovingFiles, MovingShares, MovingPipes]:
    """All that moves in one profile; ``later`` calls a function after so many seconds."""
    transfers = Transfers()
    files = MovingFiles(transfers, later)
    return transfers, files, MovingShares(files), MovingPipes(transfers)
