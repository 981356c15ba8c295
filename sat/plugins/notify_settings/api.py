"""Of which messages the person wants to be told, for each conversation (XEP-0492)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method, signal


class Notify(StrEnum):
    """Of which messages: all, those that name us, none. DEFAULT: as the conversation is: of all, but in a room that
    everybody can enter only of those that name us (XEP-0492 §4)."""

    DEFAULT = "default"
    ALWAYS = "always"
    MENTION = "mention"
    NEVER = "never"


class Choice(NamedTuple):
    """What was chosen for a conversation."""

    jid: JID
    notify: Notify


class NotifySettingsApi(Api):
    """Choose of which messages to be told (XEP-0492). What is chosen for a room is kept with its bookmark, for all
    programs of the account; for others it is this daemon's, because nothing says where it would be kept."""

    chosen = signal(list[Choice], "Something else was chosen for conversations.")

    @method
    async def get_choices(self) -> list[Choice]:
        """What was chosen; all other conversations are as by default."""

    @method
    async def choose(self, jid: JID, notify: Notify) -> None:
        """Choose for a conversation. Errors: InvalidArgument, where there are too many."""
