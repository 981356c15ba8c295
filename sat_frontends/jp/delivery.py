"""Sending a message and waiting until the server, or the contact's program, has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.messages import MessageChange, MessageState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from sat_frontends.bridge.access import ProfileAccess

_FAR_ENOUGH = {
    MessageState.SENT: (MessageState.SENT, MessageState.DELIVERED, MessageState.DISPLAYED),
    MessageState.DELIVERED: (MessageState.DELIVERED, MessageState.DISPLAYED),
    MessageState.DISPLAYED: (MessageState.DISPLAYED,),
}


async def send_and_wait(
    jp: Jp,
    profile: ProfileAccess,
    peer: JID,
    send: Callable[[], Awaitable[str]],
    wanted: MessageState,
    timeout: float,
) -> tuple[str, MessageState]:
    """The id, and how far the message came: at least as far as ``wanted``. Failure where it failed or time is up.
    ``send`` sends it."""
    told: dict[str, MessageChange] = {}
    # Listen before sending: the answer may come before ours to the call.
    undo = profile.messages.updated.connect(lambda changes: told.update({each.id: each for each in changes}))
    try:
        id = await send()
        now = await profile.messages.get_message(id)
        told.setdefault(id, MessageChange(id, peer, now.state, now.error))

        def settled() -> bool:
            return told[id].state in (*_FAR_ENOUGH[wanted], MessageState.FAILED)

        jp.listen(settled, timeout)
    finally:
        undo()
    change = told[id]
    if change.state is MessageState.FAILED:
        raise Failure(f"The message to {tidy(peer)} failed. {tidy(change.error)}".strip(), f"jp message retry {id}")
    if not settled():
        raise Failure(
            f"The message to {tidy(peer)} is stored; within {timeout:g} s it was not {wanted}.",
            f"It is {change.state}; jp message history shows how far it comes.",
        )
    return id, change.state
