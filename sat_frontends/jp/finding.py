"""Messages as a person names them: by id, or the last one with a contact."""

from __future__ import annotations

from collections.abc import Callable

from sat.api.messages import Message
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.output import tidy
from sat_frontends.jp.people import resolve

_PAGE = 500  # what one call returns at most (MessagesApi.get_history)


async def find_message(jp: Jp, id: str, fits: Callable[[Message], bool], what: str) -> Message:
    """The message of an id; for @CONTACT the last one of that conversation that fits, which is called ``what``."""
    profile = await jp.profile()
    if not id.startswith("@"):
        return await profile.messages.get_message(id)
    peer = await resolve(profile, id[1:])
    for message in reversed(await profile.messages.get_history(peer, 0, _PAGE)):
        if fits(message) and not message.retracted:
            return message
    raise Failure(f"There is no message {what} among the last ones with {tidy(peer)}.", code=16)
