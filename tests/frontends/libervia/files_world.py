"""Files that go directly from person to person, as a test moves them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from sat.api import JID
from sat.api.errors import TransferBroken
from sat.api.messages import Attachment, MessageState
from sat.plugins.shares.api import Listed, Share
from sat.plugins.transfers.api import Direction, Transfer, TransferState


class FilesWorld:
    """What happens to the files of a profile."""

    apis: dict[str, Any]

    def offer(self, peer: str, name: str, size: int = 1000, profile: str = "alice", description: str = "") -> str:
        """Somebody offers a file; its id."""
        transfers = self.apis[profile].transfers
        made: Transfer = transfers.offered(JID(peer), name, size, description=description)
        transfers.known[made.id] = made._replace(begun=time.time())
        transfers.put(transfers.known[made.id])
        return made.id

    def pictured(self, id: str, data: str) -> None:
        """A small picture of it has come, given as Latin-1."""
        self.apis["alice"].files.pictured(id, data.encode("latin-1"))

    def moves(self, id: str, moved: int) -> None:
        """So much of it has come."""
        self.apis["alice"].transfers.move(id, moved)

    def came(self, id: str, data: str, quarantined: bool = False, profile: str = "alice") -> str:
        """All of it has come, with these bytes, given as Latin-1; where it was put."""
        transfers = self.apis[profile].transfers
        raw = data.encode("latin-1")
        path = Path(tempfile.mkdtemp(prefix="sat-test-")) / "received"
        path.write_bytes(raw)
        transfers.put(transfers.find(id), size=len(raw))
        transfers.end(id, path=str(path), quarantined=quarantined)
        return str(path)

    def received(self, peer: str, name: str, data: str, quarantined: bool = False, profile: str = "alice") -> str:
        """Somebody has sent a file; its id."""
        id = self.offer(peer, name, profile=profile)
        self.came(id, data, quarantined, profile)
        return id

    def breaks(self, id: str, partial: bool = True) -> None:
        """It broke off."""
        transfers = self.apis["alice"].transfers
        error = TransferBroken(peer=transfers.find(id).peer, reason="the connection was closed")
        transfers.end(id, error, partial=partial, path="/srv/romeo/Downloads/x.part")

    def sends(self, peer: str, name: str, path: str) -> str:
        """Alice has sent a file from another frontend; its id."""
        transfers = self.apis["alice"].transfers
        id = f"sent-{len(transfers.known)}"
        size = Path(path).stat().st_size
        sent = Transfer(id, Direction.SEND, name, size, state=TransferState.DONE, peer=JID(peer), path=path)
        transfers.put(sent)
        return id

    def forgets(self, id: str) -> None:
        """Another frontend tells no longer of it."""
        transfers = self.apis["alice"].transfers
        del transfers.known[id]
        transfers.forgotten.emit([id])

    def transfer(self, id: str) -> list[str]:
        """How one stands: its state and where it is."""
        one = self.apis["alice"].transfers.find(id)
        return [one.state.value, one.path]

    def shares_folder(self, peer: str, path: str, entries: list[list[Any]]) -> None:
        """What is in a folder that somebody shares: names, whether that is a folder, sizes, and what is said of it."""
        start = f"{path}/" if path else ""
        found = [Listed(f"{start}{name}", name, folder, size, description=told) for name, folder, size, told in entries]
        self.apis["alice"].shares.folders.setdefault(JID(peer), {})[path] = found

    def shares_own(self, path: str, contacts: list[str], groups: list[str], name: str) -> str:
        """Alice shares this, from another frontend; its id. Nobody is in a group whose name begins with Empty."""
        shares = self.apis["alice"].shares
        id = f"share-{len(shares.own) + 1}"
        empty = [each for each in groups if each.startswith("Empty")]
        shares.own[id] = Share(id, path, name, [JID(each) for each in contacts], groups, empty=empty)
        return id

    def sent_directly(self) -> list[list[str]]:
        """What alice has offered: to whom and as what."""
        return [[str(call[2]), call[3]] for call in self.apis["alice"].files.calls if call[0] == "send"]

    def file(self, jid: str, name: str, data: str, hidden: bool = False) -> str:
        """Somebody sends a file, whose bytes are given as Latin-1; the message's id."""
        apis = self.apis["alice"]
        folder = Path(tempfile.mkdtemp(prefix="sat-test-"))
        path = folder / "cached"
        path.write_bytes(data.encode("latin-1"))
        url = f"https://files.example/{len(apis.attachments.files)}/{name}"
        apis.attachments.fetched(url, str(path), data.encode("latin-1"), name)
        if hidden:
            apis.attachments.hidden.add(url)
        from frontends.libervia.world import put  # which imports this

        new = put(apis.messages, JID(jid), url, state=MessageState.UNREAD, attachments=[Attachment(url, name)])
        apis.messages.arrives(new)
        return new.id

    def uploaded(self) -> list[list[str]]:
        """What was put on the server: names and beginnings, and whether its temporary file is still there."""
        upload = self.apis["alice"].upload
        paths = [call[1] for call in upload.calls if call[0] == "upload"]
        return [
            [name, data[:100].decode("latin-1"), str(len(data)), str(Path(path).exists())]
            for (name, data), path in zip(upload.got, paths, strict=False)
        ]
