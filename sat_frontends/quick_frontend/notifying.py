"""Of which messages the person is told, for each conversation (XEP-0492)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from sat.api import JID, SatError
from sat.api.messages import Message, MessageKind
from sat.plugins.notify_settings.api import Choice, Notify, NotifySettingsApi
from sat_frontends.quick_frontend.contacts import ContactList

WORDS = {
    Notify.DEFAULT: "as usual: of all messages, in a room that everybody can enter of those that name you",
    Notify.ALWAYS: "of all messages",
    Notify.MENTION: "of messages that name you",
    Notify.NEVER: "of nothing",
}
"""Of what one is told."""


class Notifying:
    """What was chosen for the conversations of one profile."""

    def __init__(self, api: NotifySettingsApi, contacts: ContactList) -> None:
        self._api, self._contacts = api, contacts
        self._chosen: dict[JID, Notify] = {}

    def listen(self) -> Callable[[], None]:
        """Hear what is chosen, here and elsewhere; returns what ends that."""
        return self._api.chosen.connect(self._take)

    async def load(self) -> None:
        """Learn what was chosen. A daemon may have nothing of the kind: then it is as usual."""
        with suppress(SatError):
            found = await self._api.get_choices()
            self._chosen.clear()
            self._take(found)

    def _take(self, choices: Iterable[Choice]) -> None:
        self._chosen.update(choices)

    def chosen(self, jid: JID) -> Notify:
        """What was chosen for a conversation."""
        return self._chosen.get(jid, Notify.DEFAULT)

    def wanted(self, message: Message) -> bool:
        """Whether the person wants to be told of a message."""
        notify, room = self.chosen(message.peer), self._contacts.room(message.peer)
        if notify is Notify.DEFAULT:
            private = message.kind is not MessageKind.GROUPCHAT or (room is not None and room.private)
            notify = Notify.ALWAYS if private else Notify.MENTION
        return notify is Notify.ALWAYS or (notify is Notify.MENTION and message.mention)


def chosen(label: str, notify: Notify) -> str:
    """Something was chosen."""
    return f"In {label} you are told {WORDS[notify]}."
