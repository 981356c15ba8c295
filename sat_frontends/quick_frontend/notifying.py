"""Of which messages the person is told, for each conversation (XEP-0492)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from sat.api import JID, SatError
from sat.api.messages import Message, MessageKind
from sat.plugins.messages.api import Unread
from sat.plugins.notify_settings.api import Choice, Notify, NotifySettingsApi
from sat_frontends.quick_frontend.contacts import ContactList

WORDS = {
    Notify.DEFAULT: "as usual",
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
        contacts.counts.weigh = self.counted

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
        choices = list(choices)
        self._chosen.update(choices)
        self._contacts.weigh_anew(each.jid for each in choices)

    def chosen(self, jid: JID) -> Notify:
        """What was chosen for a conversation."""
        return self._chosen.get(jid, Notify.DEFAULT)

    def words(self, jid: JID) -> dict[Notify, str]:
        """What can be chosen for a conversation, and of what one is told then; of the usual, what that is there."""
        usual = WORDS[self._usual(jid, in_room=self._contacts.room(jid) is not None)]
        return WORDS | {Notify.DEFAULT: f"{WORDS[Notify.DEFAULT]}: {usual}"}

    def wanted(self, message: Message) -> bool:
        """Whether the person wants to be told of a message."""
        notify = self._meant(message.peer, in_room=message.kind is MessageKind.GROUPCHAT)
        return notify is Notify.ALWAYS or (notify is Notify.MENTION and message.mention)

    def counted(self, unread: Unread) -> int:
        """How many of the unread messages of a conversation the person wants to be told of."""
        notify = self._meant(unread.peer, in_room=self._contacts.room(unread.peer) is not None)
        return {Notify.ALWAYS: unread.unread, Notify.MENTION: unread.mentions}.get(notify, 0)

    def _meant(self, peer: JID, *, in_room: bool) -> Notify:
        """What was chosen, or is as usual."""
        notify = self.chosen(peer)
        return self._usual(peer, in_room=in_room) if notify is Notify.DEFAULT else notify

    def _usual(self, peer: JID, *, in_room: bool) -> Notify:
        room = self._contacts.room(peer)
        return Notify.MENTION if in_room and not (room is not None and room.private) else Notify.ALWAYS


def chosen(label: str, notify: Notify) -> str:
    """Something was chosen."""
    return f"In {label} you are told {WORDS[notify]}."
