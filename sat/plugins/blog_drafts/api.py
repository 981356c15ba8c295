"""Posts that are not published yet: drafts that all frontends share, and what is to be published later."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import Api, method, signal
from sat.api.posts import NOWHERE, Draft, Place

__all__ = ["BlogDraftsApi", "Draft", "Kept", "Place"]

MOST = 200
"""Drafts of a profile."""


class Kept(NamedTuple):
    """A draft and where it is to be published; with an id in the place it is a new text of that post. ``changed`` and
    ``due`` are seconds since 1970; it is published by itself when it is due, 0: never. ``problem`` is the name of the
    error that came of that, with its ``details``: then it waits for a person."""

    id: str
    draft: Draft
    node: Place = NOWHERE
    changed: float = 0.0
    due: float = 0.0
    problem: str = ""
    details: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed


class BlogDraftsApi(Api):
    """Drafts of posts, kept on this machine for all frontends of a profile. Errors of all that name one: NotFound."""

    changed = signal(list[Kept], "All drafts, the one changed last first.")

    @method
    async def get_all(self) -> list[Kept]:
        """All drafts, the one changed last first."""

    @method
    async def get(self, id: str) -> Kept:
        """One of them."""

    @method
    async def keep(self, draft: Draft, node: Place = NOWHERE, id: str = "", due: float = 0.0) -> str:
        """Keep a draft, instead of the one with that id, if there is one; its id. It is for our own blog, or another
        node. An unfinished one is good enough,
        but one that is ``due`` later has to be ready. Errors: InvalidArgument, also where there are too many."""

    @method
    async def drop(self, id: str) -> None:
        """Forget a draft."""

    @method
    async def publish(self, id: str) -> Place:
        """Publish a draft now, and forget it; where it is. Errors: those of ``BlogApi.publish`` and ``edit``."""
