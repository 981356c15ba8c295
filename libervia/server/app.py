"""The parts of the server put together, without HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from libervia.server.config import Config
from libervia.server.daemon import Daemon
from libervia.server.desk import Desk
from libervia.server.page import Page
from libervia.server.public import PublicBlogs
from libervia.server.ratelimit import Allowance, Backoff
from libervia.server.render import Renderer
from libervia.server.session import Session, Sessions
from libervia.server.static import load_assets
from libervia.server.tasks import Tasks
from sat.api import SatError
from sat.api.errors import ProfileNotFound
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from libervia.server.ws import LiveProtocol

logger = logging.getLogger(__name__)
PUBLIC_PAGES = (60, 1.0)
"""Pages for everybody that are made anew for one address: at once, and then a second. Those that are there already cost
nothing."""
FREE_TRIES = 10
"""Failed log-ins from one address, for any account, before they have to wait."""


class App:
    """What the pages stand on."""

    def __init__(self, config: Config, daemon: Daemon, pages: dict[str, Page]) -> None:
        self.config, self.daemon, self.pages = config, daemon, pages
        self.tasks = Tasks()
        self.assets = load_assets()
        self.renderer = Renderer(self.assets)
        self.menu = sorted((page for page in pages.values() if page.menu), key=lambda page: page.menu)
        self.sessions = Sessions()
        self.account_limit = Backoff()
        self.address_limit = Backoff(free=FREE_TRIES)
        self.public_limit = Allowance(*PUBLIC_PAGES)
        self.sockets: set[LiveProtocol] = set()
        """The open pages' connections."""
        self.public = PublicBlogs(daemon)
        """The blogs that everybody reads."""
        self._desks: dict[str, Desk] = {}
        self._adding: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._undo = [
            # Another account may get the name.
            daemon.manager.profile_removed.connect(lambda name: self.sessions.close_profile(name)),
            daemon.back.connect(lambda _: self.tasks.spawn(self._resync())),
            daemon.gone.connect(lambda _: self._gone()),
        ]

    async def desk(self, profile: str) -> Desk:
        """The models of a profile. Errors: those of a daemon that is away."""
        await self.daemon.check()
        desk = self._desks.get(profile)
        if desk is None:
            desk = Desk(profile, self.daemon, self.renderer, self.tasks.spawn, self.tasks.later)
            self._desks[profile] = desk
        try:
            await desk.started()
        except BaseException:
            self._forget(profile, desk)
            raise
        return desk

    def counts(self, session: Session | None) -> dict[str, int]:
        """What the menu counts, as far as it is known: posts of the timeline that were not seen, files on offer."""
        desk = self._desks.get(session.profile) if session else None
        if desk is None:
            return {"unread_posts": 0, "offered_files": 0}
        return {"unread_posts": desk.live.following.unread, "offered_files": len(desk.live.transfers.asking)}

    def touch(self, session: Session) -> None:
        """Somebody is at the browser."""
        self.sessions.touch(session)
        desk = self._desks.get(session.profile)
        if desk is not None:
            desk.live.attend()

    def adding(self, account: Hashable) -> asyncio.Lock:
        """Held while an account becomes a profile: who logs in meanwhile must not meet half of one."""
        lock = self._adding.get(account)
        if lock is None:
            lock = self._adding[account] = asyncio.Lock()
        return lock

    def log_in(self, profile: str) -> Session:
        """Open a session for a profile whose password was checked."""
        session = self.sessions.open(profile)
        session.ended.connect(lambda _: self._left(profile))
        return session

    def sweep(self) -> None:
        """Close expired sessions; called now and then."""
        self.sessions.sweep()

    async def close(self) -> None:
        """End everything."""
        for undo in self._undo:
            undo()
        for profile, desk in list(self._desks.items()):
            self._forget(profile, desk)
        self.public.close()
        self.tasks.cancel()
        await self.daemon.close()

    def _left(self, profile: str) -> None:
        desk = self._desks.get(profile)
        if desk is not None and not self.sessions.of_profile(profile):
            self._forget(profile, desk)

    def _forget(self, profile: str, desk: Desk) -> None:
        if self._desks.get(profile) is desk:
            del self._desks[profile]
        desk.close()

    def _gone(self) -> None:
        for desk in self._desks.values():
            desk.gone()

    async def _resync(self) -> None:
        for desk in list(self._desks.values()):
            try:
                await desk.resync()
            except ProfileNotFound:  # deleted while we did not hear
                self.sessions.close_profile(desk.name)
            except SatError as error:  # gone again
                logger.warning("%s could not be loaded again: %s", desk.name, clean_line(str(error)))
