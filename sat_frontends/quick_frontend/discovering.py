"""Blogs and communities that could be followed: those of our contacts and what they follow, or of one address."""

from __future__ import annotations

from sat.api import JID
from sat.api.posts import MICROBLOG
from sat.api.values import ANYBODY
from sat.plugins.timeline.api import Found, TimelineApi
from sat_frontends.quick_frontend.post_words import node_name
from sat_frontends.quick_frontend.text import clean_line

NAMED = 3  # contacts who follow it that are named


class Discovery:
    """What was found, and whether it is followed now."""

    def __init__(self, api: TimelineApi, own: JID, service: JID = ANYBODY) -> None:
        self.found: list[Found] = []
        self.service = service
        self._api, self._own = api, own

    @property
    def title(self) -> str:
        """Where it was looked, clean."""
        return f"Blogs at {clean_line(self.service)}" if self.service else "Blogs of contacts, and what they follow"

    async def load(self) -> None:
        """Look. Raises SatError."""
        self.found = await self._api.discover(self.service)

    async def follow(self, found: Found) -> Found:
        """Follow it, or no longer; what it is then. Raises SatError."""
        await self._api.follow(found.place, not found.followed)
        now = found._replace(followed=not found.followed)
        self.found = [now if each.place == found.place else each for each in self.found]
        return now

    def name(self, found: Found) -> str:
        """What it is called, clean."""
        return clean_line(found.title.strip()) or node_name(found.place, self._own)

    def about(self, found: Found) -> str:
        """What it says of itself, where it is, and who follows it, in a clean line."""
        place = found.place
        where = place.service if place.node == MICROBLOG else f"{place.service}/{place.node}"
        by = ", ".join([*found.via[:NAMED], *(["…"] if len(found.via) > NAMED else [])])
        parts = (found.description.strip(), where, f"followed by {by}" if by else "")
        return clean_line(" · ".join(each for each in parts if each))
