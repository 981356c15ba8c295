"""Who types, where; and that nobody does so for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sat.api import JID
from sat.plugins.chat_states.api import ChatState
from sat_frontends.quick_frontend.chat import Chat
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.loop import Cancel, Later
from sat_frontends.quick_frontend.text import clean_line, short

TYPING_BELIEVED = 120.0  # seconds: somebody whose program vanished is not typing for ever
NAMED = 3  # people that are named; the others are counted
NICK = 24  # columns of a nick


class TypingHeard:
    """Those who type, as the contact list and the open conversations show them. In a room they have nicks; a contact
    is the one without."""

    def __init__(self, contacts: ContactList, chats: Mapping[JID, Chat], later: Later) -> None:
        self._contacts, self._chats, self._later = contacts, chats, later
        self._typing: dict[JID, dict[str, Cancel]] = {}

    def hear(self, peer: JID, state: ChatState, nick: str = "") -> None:
        """Somebody does something else now."""
        there = self._typing.setdefault(peer, {})
        stop = there.get(nick)
        if stop is not None:
            stop()
        if state is ChatState.COMPOSING:  # in the order in which they began
            there[nick] = self._later(TYPING_BELIEVED, lambda: self.hear(peer, ChatState.INACTIVE, nick))
        else:
            there.pop(nick, None)
        self._show(peer)

    def stop_all(self, peer: JID) -> None:
        """Nobody types in a conversation any more."""
        for stop in self._typing.pop(peer, {}).values():
            stop()
        self._show(peer)

    def nobody(self) -> None:
        """Nothing is known of what anybody does."""
        for peer in tuple(self._typing):
            self.stop_all(peer)

    def opened(self, chat: Chat) -> None:
        """A conversation was opened."""
        chat.hear_typists(tuple(self._typing.get(chat.peer, ())))

    def close(self) -> None:
        """Forget it without telling."""
        for there in self._typing.values():
            for stop in there.values():
                stop()
        self._typing.clear()

    def _show(self, peer: JID) -> None:
        typists = tuple(self._typing.get(peer, ()))
        if not typists:
            self._typing.pop(peer, None)
        self._contacts.set_typing(peer, bool(typists))
        if peer in self._chats:
            self._chats[peer].hear_typists(typists)


class Typing(NamedTuple):
    """A sentence about those who type: the first of them, clean, then what follows the names."""

    names: list[str]
    rest: str


def typing(typists: tuple[str, ...], label: str) -> Typing:
    """What is said of those who type; ``label`` is what a contact is called, who has no nick there."""
    names = [short(clean_line(nick), NICK) if nick else clean_line(label) for nick in typists[:NAMED]]
    if more := len(typists) - len(names):
        return Typing(names, f"and {more} more are typing")
    return Typing(names, "is typing" if len(names) == 1 else "are typing")
