"""How a message's state may change: forward only."""

from __future__ import annotations

from sat.api.messages import MessageState

BEFORE: dict[MessageState, tuple[str, ...]] = {
    MessageState.SENT: ("pending",),
    # A receipt proves it, whatever we thought before.
    MessageState.DELIVERED: ("pending", "sent", "failed"),
    MessageState.DISPLAYED: ("sent", "delivered"),
    MessageState.FAILED: ("pending", "sent"),
    MessageState.READ: ("unread",),
}
"""The states out of which each state can be reached."""
