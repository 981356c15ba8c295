"""What the programs of somebody are called, for people who tell them apart: ``laptop``, ``Gajim``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from sat.api import JID, SatError
from sat.plugins.disco.api import DiscoApi
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.loop import Spawn
from sat_frontends.quick_frontend.text import clean_line, short

LONGEST = 40  # columns of a name
MOST = 10
"""Programs of one person that are asked what they are."""


def given(resource: str) -> str:
    """What of a resource a person can read, who may have chosen it: ``laptop``, ``gajim`` of ``gajim.8Q2XFD``; nothing
    of what a server has made: ``OuxJ9f-f8qGK``."""
    kinds = sum(re.search(kind, resource) is not None for kind in ("[a-z]", "[A-Z]", "[0-9]", "[_-]"))
    if re.fullmatch(r"[\w-]{12}", resource, re.ASCII) and kinds > 2:  # as Prosody makes them
        return ""
    end = 0
    for part in re.finditer(r"[^./:_-]+", resource):
        if not _is_word(part[0]):
            break
        end = part.end()
    return resource[:end] if end > 2 or end == len(resource) else ""  # else it is a word by chance


def _is_word(text: str) -> bool:
    if " " in text or not text.isascii():
        return True
    parts = re.fullmatch(r"([A-Za-z]+)\d{0,4}\+?", text)
    if parts is None or re.fullmatch(r"[a-fA-F]{8,}", text):  # hexadecimal digits
        return False
    humps = re.findall(r"[A-Z]+[a-z]*|[a-z]+", parts[1])  # of MacBookPro: Mac, Book, Pro
    return len(parts[1]) >= 3 * len(humps) - 2 and all(map(_can_be_said, humps))


def _can_be_said(hump: str) -> bool:
    if len(hump) < 4:
        return True
    cased = re.fullmatch(r"[A-Z]?[a-z]+|[A-Z]+", hump)
    return cased is not None and not re.search(r"^[^aeiouy]+$|[^aeiouy]{5}", hump, re.IGNORECASE)


class Programs:
    """Of the contacts of open conversations it knows what their programs say they are (XEP-0030). The daemon knows that
    of most, and asks none twice."""

    def __init__(self, api: DiscoApi, contacts: ContactList, chats: Collection[JID], spawn: Spawn) -> None:
        self._api, self._contacts, self._chats, self._spawn = api, contacts, chats, spawn
        self._names: dict[JID, dict[JID, str]] = {}  # of somebody, by full address; empty: it is not known

    def called(self, jid: JID) -> str:
        """As its owner has named it, else what it is, in a clean line; nothing where neither would help."""
        return short(clean_line(given(jid.resource)), LONGEST) or self._name(jid)

    def described(self, jid: JID) -> str:
        """Both, where they are known: ``laptop (Gajim)``."""
        called, name = self.called(jid), self._name(jid)
        if called.casefold() in name.casefold():
            return name
        return called if name.casefold() in called.casefold() else f"{called} ({name})"

    def _name(self, jid: JID) -> str:
        return self._names.get(jid.bare, {}).get(jid, "")

    def listen(self) -> Callable[[], None]:
        """Hear who comes and goes from now on; what ends that."""
        return self._contacts.changed.connect(self._heard)

    def look(self, jid: JID) -> None:
        """Ask somebody's programs what they are, but those that were asked."""
        for question in self.questions(jid):
            self._spawn(question)

    def questions(self, jid: JID) -> list[Coroutine[Any, Any, None]]:
        """The same, for who waits for the answers: each is to be awaited."""
        there = [each.jid for each in self._contacts.resources(jid)][:MOST]
        known = self._names.pop(jid.bare, {})
        if there:
            self._names[jid.bare] = {each: known.get(each, "") for each in there}
        return [self._ask(each) for each in there if each not in known]

    async def _ask(self, jid: JID) -> None:
        try:
            info = await self._api.get_info(jid)
        except SatError:  # it does not say
            return
        name = next((each.name for each in info.identities if each.category == "client" and each.name), "")
        if name and jid in self._names.get(jid.bare, ()):  # else it has gone
            self._names[jid.bare][jid] = short(clean_line(name), LONGEST)
            self._contacts.changed.emit(frozenset((jid.bare,)))

    def _heard(self, jids: frozenset[JID]) -> None:
        for jid in jids or {*self._names, *self._chats}:
            if jid in self._names or jid in self._chats:
                self.look(jid)
