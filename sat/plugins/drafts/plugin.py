"""What was begun and not sent: kept for all frontends of a profile, on this machine only."""

from __future__ import annotations

from typing import Any

from twisted.python.failure import Failure

from sat.api import JID
from sat.core.plugin import Plugin, needs
from sat.plugins.drafts.api import MOST, Draft, DraftsApi
from sat.plugins.messages.plugin import Messages
from sat.plugins.messages.texts import sendable

SAVED_AFTER = 3.0  # seconds: what is being typed is not written with each key


class Drafts(Plugin, DraftsApi):
    """Texts that were begun and not sent."""

    messages = needs(Messages)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._drafts: dict[JID, Draft] = {}  # the one changed last at the end
        self._unsaved: set[JID] = set()
        self.undo(self._save)

    async def load(self) -> None:
        found = []
        for peer, value in (await self.store.all()).items():
            match value:
                case [str(text), int() | float() as time]:
                    found.append(Draft(JID(peer), text, float(time)))
        self._drafts = {each.peer: each for each in sorted(found, key=lambda each: each.time)}

    async def get_drafts(self) -> list[Draft]:
        return list(self._drafts.values())[::-1]

    async def get_draft(self, peer: JID) -> Draft:
        peer = self.messages.conversation(peer)
        return self._drafts.get(peer) or Draft(peer, "")

    async def set_draft(self, peer: JID, text: str) -> None:
        peer = self.messages.conversation(peer)
        text = sendable(text) if text.strip() else ""
        before = self._drafts.get(peer)
        if text == (before.text if before else ""):
            return
        changed = [self._put(Draft(peer, text, self.session.now()))]
        while len(self._drafts) > MOST:
            changed.append(self._put(Draft(next(iter(self._drafts)), "")))
        self.changed.emit(changed)
        if not self.tasks.waits("save"):  # not begun anew with each key: who types on would never be saved
            self.after(SAVED_AFTER, self._save, key="save")

    def _put(self, draft: Draft) -> Draft:
        self._drafts.pop(draft.peer, None)
        if draft.text:
            self._drafts[draft.peer] = draft
        self._unsaved.add(draft.peer)
        return draft

    def _save(self) -> None:
        """Write what has changed; when the profile is closed, at once."""
        unsaved, self._unsaved = self._unsaved, set()
        kept: dict[str, Any] = {peer: self._drafts[peer][1:] for peer in unsaved if peer in self._drafts}
        if kept:
            self.store.set_many(kept).addErrback(self._not_saved, kept)
        for peer in unsaved - kept.keys():
            self.store.delete(peer).addErrback(self._not_saved, [peer])

    def _not_saved(self, failure: Failure, peers: Any) -> None:
        self.log.warning("drafts could not be stored; they are with the next change. %s", failure.value)
        self._unsaved.update(peers)
