"""Which conversations of a profile are open, which one is shown, and what was written in each."""

from __future__ import annotations

from sat.api import JID


class Windows:
    """The open conversations in their order; the numbers of Alt-1…0 are places in it.

    ``draft`` is what was written while none was shown, ``histories`` what was entered in each (None: in none).
    """

    def __init__(self, draft: str = "") -> None:
        self.peers: list[JID] = []
        self.current: JID | None = None
        self.draft = draft
        self.histories: dict[JID | None, list[str]] = {}
        self._before: JID | None = None

    @property
    def history(self) -> list[str]:
        """What was entered in the conversation that is shown."""
        return self.histories.setdefault(self.current, [])

    def entered(self) -> list[str]:
        """What was entered in all of them, each text once: the newest of the one that is shown first."""
        others = [history for peer, history in self.histories.items() if peer != self.current]
        return list(dict.fromkeys(text for history in (self.history, *others) for text in reversed(history)))

    def show(self, peer: JID) -> None:
        """Show a conversation; one that is not open yet is put at the end."""
        if peer not in self.peers:
            self.peers.append(peer)
        if peer != self.current:
            self._before, self.current = self.current, peer

    def add(self, peer: JID) -> bool:
        """Open a conversation without showing it; whether it is new."""
        if peer in self.peers:
            return False
        self.peers.append(peer)
        return True

    def close(self, peer: JID) -> None:
        """Close a conversation; the one shown before, or its neighbour, takes its place."""
        if peer not in self.peers:
            return
        place = self.peers.index(peer)
        self.peers.remove(peer)
        if self._before == peer:
            self._before = None
        if self.current == peer:
            neighbour = self.peers[min(place, len(self.peers) - 1)] if self.peers else None
            self.current, self._before = self._before or neighbour, None

    def numbered(self, number: int) -> JID | None:
        """The conversation of Alt-``number``."""
        return self.peers[number - 1] if 1 <= number <= len(self.peers) else None

    def step(self, step: int) -> JID | None:
        """The next conversation, or with -1 the one before it, going round."""
        if not self.peers:
            return None
        if self.current not in self.peers:
            return self.peers[0 if step > 0 else -1]
        return self.peers[(self.peers.index(self.current) + step) % len(self.peers)]

    @property
    def last(self) -> JID | None:
        """The conversation that was shown before this one."""
        return self._before
