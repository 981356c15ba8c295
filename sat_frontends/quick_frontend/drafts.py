"""What was begun in conversations and not sent, kept by the daemon: what is typed in one frontend is in the others.

While somebody types here, nothing from elsewhere takes the place of it; what they typed is told when they pause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from sat.api import JID, SatError
from sat.plugins.drafts.api import Draft, DraftsApi
from sat_frontends.quick_frontend.chat import Chat
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.loop import Later, Spawn

PAUSE = 2.0  # seconds after which what is being typed is told


class Drafts:
    """Those of one profile. ``chats`` are the open conversations."""

    def __init__(
        self, api: DraftsApi, contacts: ContactList, chats: Mapping[JID, Chat], *, spawn: Spawn, later: Later
    ) -> None:
        self._api, self._contacts, self._chats = api, contacts, chats
        self._spawn, self._later = spawn, later
        self._texts: dict[JID, str] = {}  # as the daemon has them, or will have them when it is told
        self._typed: set[JID] = set()  # where something was typed that the daemon was not told
        self._telling: Counter[JID] = Counter()  # where it was told, and the daemon has not answered
        self._untold: set[JID] = set()  # where it could not be told

    def listen(self) -> Callable[[], None]:
        """Hear what is begun elsewhere, until the returned function is called."""
        return self._api.changed.connect(self._heard)

    async def load(self) -> None:
        """What the daemon has; it is told what it could not be told before. Raises SatError."""
        there = {each.peer: each for each in await self._api.get_drafts()}
        gone = [Draft(peer, "") for peer in self._texts if peer not in there]
        self._heard([*there.values(), *gone])
        for peer in tuple(self._untold):
            self._spawn(self._set(peer, self._texts.get(peer, "")))

    def opened(self, chat: Chat) -> None:
        """A conversation is opened: what was begun there stands in its input line."""
        chat.draft = self._texts.get(chat.peer, "")
        chat.begun.connect(lambda _: self._begun(chat))

    def closed(self, chat: Chat) -> None:
        """It is closed: what was begun is told at once."""
        self._begun(chat)
        self._tell(chat.peer)

    def _begun(self, chat: Chat) -> None:
        """Something else stands there now."""
        peer, text = chat.peer, chat.own_draft
        if text == self._texts.get(peer, ""):
            return
        self._texts[peer] = text
        self._contacts.set_draft(peer, bool(text.strip()))
        self._untold.discard(peer)
        waits = peer in self._typed
        self._typed.add(peer)
        if not text:
            self._tell(peer)  # it was sent: nobody else should go on with it
        elif not waits:
            self._later(PAUSE, lambda: self._tell(peer))

    def _tell(self, peer: JID) -> None:
        if peer in self._typed:
            self._typed.discard(peer)
            self._spawn(self._set(peer, self._texts.get(peer, "")))

    async def _set(self, peer: JID, text: str) -> None:
        self._telling[peer] += 1
        try:
            await self._api.set_draft(peer, text)
        except SatError:  # it stands here all the same, and is not to be replaced by what the daemon had before
            if self._texts.get(peer, "") == text:
                self._untold.add(peer)
        else:
            self._untold.discard(peer)
        finally:
            self._telling[peer] -= 1

    def _heard(self, drafts: Iterable[Draft]) -> None:
        """What comes before the daemon has answered what it was told last is older than that: our own, perhaps."""
        for peer, text, _ in drafts:
            chat = self._chats.get(peer)
            ours = peer in self._typed | self._untold or self._telling[peer]
            if ours or (chat is not None and not chat.take_draft(text)):
                continue
            self._texts[peer] = text
            self._contacts.set_draft(peer, bool(text))
