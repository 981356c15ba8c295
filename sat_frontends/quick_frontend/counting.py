"""How much is unread in each conversation, and how much of that a person wants to be told of."""

from __future__ import annotations

from collections.abc import Callable, KeysView

from sat.api import JID
from sat.plugins.messages.api import Unread

NOTHING = Unread(JID(""), 0)


class Counts:
    """The counts of one profile, as the daemon tells them."""

    def __init__(self) -> None:
        self.weigh: Callable[[Unread], int] = lambda counted: counted.unread
        """How many of them count in totals; set by ``Notifying``."""
        self._counts: dict[JID, Unread] = {}

    def set(self, counted: Unread) -> bool:
        """So many are unread now; whether that is news."""
        if self._counts.get(counted.peer, NOTHING)[1:] == counted[1:]:
            return False
        if counted.unread:
            self._counts[counted.peer] = counted
        else:
            del self._counts[counted.peer]
        return True

    def of(self, jid: JID) -> int:
        """How many messages are unread in a conversation."""
        return self._counts.get(jid, NOTHING).unread

    def worth(self, jid: JID) -> int:
        """How many of them count in totals."""
        counted = self._counts.get(jid)
        return self.weigh(counted) if counted is not None else 0

    def quiet(self, jid: JID) -> bool:
        """Whether there is something unread of which the person does not want to be told."""
        return jid in self._counts and not self.worth(jid)

    @property
    def ignored(self) -> int:
        """How many unread messages count in no total."""
        return sum(each.unread - self.weigh(each) for each in self._counts.values())

    def keys(self) -> KeysView[JID]:
        """The conversations in which something is unread."""
        return self._counts.keys()
