"""A session as it is written down, so that a daemon that was killed can settle it: what had arrived, on both sides.

The text of the stanzas is not kept: messages are in the database, and all else begins anew after a start.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.xmpp.acks import WRAP, HandledTooHigh

FORGOTTEN = 50_000  # stanzas that can have left between the last writing and the end, at most


class Saved(NamedTuple):
    """``handled`` stanzas had come and were stored, ``acknowledged`` of ours had arrived; then these ``tokens`` left,
    in their order, one for each stanza (empty where nobody asked)."""

    jid: JID
    resume_id: str
    handled: int
    acknowledged: int
    tokens: list[str]

    def settle(self, h: int) -> list[Hashable]:
        """The tokens of those that had arrived, as the server has handled ``h`` in all. It may count more than are
        known here: those left after the last writing. Errors: HandledTooHigh."""
        done = (h - self.acknowledged) % WRAP
        if done > len(self.tokens) + FORGOTTEN:
            raise HandledTooHigh(h)
        return [token for token in self.tokens[:done] if token]

    def to_text(self) -> str:
        """For the database."""
        return json.dumps(self, separators=(",", ":"))


def read_saved(text: str) -> Saved | None:
    """What was written down; None where that is nothing, or damaged."""
    try:
        jid, resume_id, handled, acknowledged, tokens = json.loads(text)
        return Saved(JID.parse(jid), str(resume_id), int(handled), int(acknowledged), [str(each) for each in tokens])
    except (ValueError, TypeError, AttributeError, InvalidAddress):
        return None
