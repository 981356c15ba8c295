"""Whose devices we have heard of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sat.api import JID
from sat.plugins.omemo.lists import Devices
from sat.plugins.omemo.names import NAMESPACES

MOST = 2000  # people


class Heard:
    """The lists of devices that were told in this session, and who had some when we last heard of them."""

    def __init__(self) -> None:
        self._lists: dict[JID, dict[str, Devices]] = {}
        self._able: dict[JID, None] = {}  # who has devices, the longest known first

    def remember(self, able: Iterable[JID]) -> None:
        """What was known in the last run."""
        self._able = dict.fromkeys(able)

    @property
    def able(self) -> list[JID]:
        """Who has devices."""
        return list(self._able)

    def begin_session(self) -> None:
        """Lists are told anew."""
        self._lists.clear()

    def note(self, ns: str, owner: JID, devices: Devices) -> bool:
        """Take in a list; returns whether we know now for the first time that they have devices, or none."""
        before = self.can(owner)
        _make_room(self._lists, owner)
        lists = self._lists.setdefault(owner, {})
        lists[ns] = devices
        if any(lists.values()):
            _make_room(self._able, owner)
            self._able[owner] = None
        elif len(lists) == len(NAMESPACES):
            self._able.pop(owner, None)
        return self.can(owner) is not before

    def lists(self, owner: JID) -> dict[str, Devices]:
        """What was told of somebody in this session, by the namespace of the version."""
        return self._lists.get(owner, {})

    def can(self, owner: JID) -> bool | None:
        """Whether somebody has devices; None: not known."""
        if owner in self._able:
            return True
        return False if len(self.lists(owner)) == len(NAMESPACES) else None


def _make_room(kept: dict[JID, Any], owner: JID) -> None:
    while len(kept) >= MOST and owner not in kept:
        del kept[next(iter(kept))]
