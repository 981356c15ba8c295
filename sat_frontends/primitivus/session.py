"""The daemon that primitivus talks to, and the profile that it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from sat.api import SatError, Signal
from sat.api.errors import NoProfile, ProfileNotFound
from sat.api.manager import Notice
from sat.bridge.derive import load
from sat_frontends.primitivus.loop import Loop
from sat_frontends.quick_frontend.apis import DaemonApis
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.profiles import ProfileRow, Profiles
from sat_frontends.quick_frontend.text import utc_offset


class Link(DaemonApis, Protocol):
    """A connection to the daemon. ``daemon_gone`` tells when it stops; ``resync`` when it is there again, or when
    something was missed: then everything is to be asked again. ``bus_changed`` tells when the bus that leads to it
    goes or comes back, ``on_bus`` whether it is there."""

    daemon_gone: Signal[None]
    resync: Signal[None]
    bus_changed: Signal[bool]

    @property
    def on_bus(self) -> bool: ...
    def close(self) -> object:
        """Let go of the daemon."""


Connect = Callable[[], Awaitable[Link]]


class SessionEvents(Protocol):
    """What happens to the session, for who draws it."""

    def no_daemon(self, error: SatError) -> None:
        """There is no daemon to talk to, or no bus."""

    def no_profile(self) -> None:
        """The daemon has no profile yet."""

    def profile_not_open(self, row: ProfileRow, obstacle: SatError) -> None:
        """The profile is not open: its own password must be asked, or something else be mended first."""

    def profile_opened(self, live: LiveProfile) -> None:
        """A profile is shown from now on."""

    def profile_closed(self, name: str, deleted: bool) -> None:
        """The profile that was shown was deleted, or is locked again: nothing of it is shown any more."""

    def daemon_gone(self) -> None:
        """The daemon has stopped."""

    def daemon_back(self) -> None:
        """The daemon is there again, and everything is being loaded again."""

    def reloaded(self) -> None:
        """It was."""

    def daemon_noticed(self, errors: list[SatError]) -> None:
        """What is not as it should be in the daemon, all of it."""

    def failed(self, error: SatError) -> None:
        """Something asked for did not work."""

    def refresh(self) -> None:
        """Something that the lines around the conversation show is different."""


class Session:
    """Connects to the daemon and keeps the models of the profile in use, and of those that were shown before: they
    hear nothing meanwhile, but hold their conversations and drafts."""

    def __init__(self, connect: Connect, wanted: str, loop: Loop, events: SessionEvents) -> None:
        self._connect, self.wanted, self.loop, self.events = connect, wanted, loop, events
        self.link: Link | None = None
        self.profiles: Profiles | None = None
        self.live: LiveProfile | None = None
        self.absent: SatError = NoProfile()
        """Why no profile is shown, while there is none."""
        self.daemon_there = True
        self._kept: dict[str, LiveProfile] = {}
        self._followed: set[str] = set()  # profiles whose properties are heard
        self._heard: list[Callable[[], object]] = []
        self._choosing = False

    async def open(self) -> None:
        """Connect to the daemon, then open the wanted profile, or the default one."""
        try:
            link = await self._connect()
            self.link = link
            profiles = Profiles(
                link.manager,
                lambda name: link.profile(name).profile,
                lambda name: link.profile(name).messages,
                lambda name: link.profile(name).transfers,
            )
            await profiles.start()
            await load(link.manager)
            await self._follow(profiles)
        except SatError as error:
            self.events.no_daemon(error)
            return
        self.profiles = profiles
        self._heard = [
            link.daemon_gone.connect(lambda _nothing: self._gone()),
            link.bus_changed.connect(lambda _there: self.events.refresh()),
            link.resync.connect(lambda _nothing: self.loop.spawn(self._resync())),
            profiles.changed.connect(lambda _name: self._profiles_changed()),
            link.manager.notices.changed.connect(self._noticed),
        ]
        self._noticed(link.manager.notices.value)
        await self.choose()

    async def choose(self) -> None:
        """Show the profile that is wanted. Two reasons to do so may come together."""
        if not self._choosing:
            self._choosing = True
            try:
                await self._use_wanted()
            finally:
                self._choosing = False

    async def _use_wanted(self) -> None:
        assert self.profiles is not None
        rows = self.profiles.rows
        if not rows:
            self.absent = NoProfile()
            self.events.no_profile()
            return
        name = self.wanted or self.profiles.current or rows[0].name
        row = next((row for row in rows if row.name == name), None)
        if row is None:
            self.events.failed(ProfileNotFound(profile=name))
            row = rows[0]
        await self.use(row.name)

    async def use(self, name: str) -> None:
        """Show a profile; the one shown before stays online, and is kept as it is."""
        assert self.profiles is not None
        assert self.link is not None
        if (row := self._not_open(name)) is not None:
            assert row.error is not None
            if self.live is None:
                self.absent = row.error
            self.events.profile_not_open(row, row.error)
            return
        live = self._kept.get(name) or LiveProfile(
            name, self.link.profile(name), spawn=self.loop.spawn, later=self.loop.later, offset=utc_offset
        )
        if live is self.live:
            return
        try:
            self.profiles.choose(name)
            await self._load_properties(name)
            await live.start()
        except SatError as error:
            live.close()
            if self.live is not None:
                self.profiles.choose(self.live.name)
            self.events.failed(error)
            return
        if self.live is not None:
            self.live.close()
        self.live = self._kept[name] = live
        self.events.profile_opened(live)

    def _not_open(self, name: str) -> ProfileRow | None:
        """A profile, where it is not open."""
        assert self.profiles is not None
        row = self.profiles.row(name) if name in self.profiles else None
        return row if row is not None and not row.open else None

    # -- what the daemon tells -----------------------------------------------------------------------------------

    def _noticed(self, notices: list[Notice]) -> None:
        self.events.daemon_noticed([notice.meaning for notice in notices])

    def _profiles_changed(self) -> None:
        """One came, changed or was deleted, here or elsewhere."""
        assert self.profiles is not None
        names = {row.name for row in self.profiles.rows}
        self._followed &= names
        for name in self._kept.keys() - names:
            del self._kept[name]
            if self.live is not None and self.live.name == name:
                self._close_live(deleted=True)
                self.loop.spawn(self.choose())
        if any(row.open and row.name not in self._followed for row in self.profiles.rows):
            self.loop.spawn(self._follow(self.profiles))
        self.events.refresh()

    def _close_live(self, deleted: bool) -> None:
        assert self.live is not None
        live, self.live, self.wanted = self.live, None, ""
        live.close()
        self.events.profile_closed(live.name, deleted)

    def _gone(self) -> None:
        self.daemon_there = False
        if self.live is not None:
            self.live.lose_sight()
        self.events.daemon_gone()

    async def _resync(self) -> None:
        assert self.profiles is not None
        was_gone, self.daemon_there = not self.daemon_there, True
        self._followed.clear()
        if was_gone:
            self.events.daemon_back()
        try:
            await self.profiles.resync()
            await self._follow(self.profiles)
            if self.live is not None and self._not_open(self.live.name):
                name = self.live.name
                self._close_live(deleted=False)
                self.profiles.choose(name)  # it is to be opened again
            if self.live is not None:
                await self._load_properties(self.live.name)
                await self.live.resync()
                if was_gone:
                    self.events.reloaded()
        except SatError as error:
            self.events.failed(error)
        await self._look_at_notices()
        if self.live is None:
            await self.choose()

    async def _look_at_notices(self) -> None:
        assert self.link is not None
        with suppress(SatError):  # gone again
            await load(self.link.manager)
        self._noticed(self.link.manager.notices.value)

    async def _follow(self, profiles: Profiles) -> None:
        """Know how each profile stands to its server and what is unread in it, and hear when that changes."""
        assert self.link is not None
        for row in profiles.rows:
            if row.open and row.name not in self._followed:
                self._followed.add(row.name)
                apis = self.link.profile(row.name)
                with suppress(SatError):  # deleted or locked meanwhile, or its plugin is switched off
                    await load(apis.profile)
                    await load(apis.messages)

    async def _load_properties(self, name: str) -> None:
        """Know the properties of the profile that is shown, and hear when they change."""
        assert self.link is not None
        apis = self.link.profile(name)
        await load(apis.profile)
        for optional in (apis.presence, apis.messages, apis.archive):
            with suppress(SatError):  # its plugin may be switched off; what is there works all the same
                await load(optional)

    def close(self) -> None:
        """Stop listening."""
        for disconnect in self._heard:
            disconnect()
        for model in (self.live, self.profiles):
            if model is not None:
                model.close()
        if self.link is not None:
            self.link.close()


def own_name(live: LiveProfile | None) -> str:
    """What we are called in a conversation."""
    return (live.jid.local or live.name) if live is not None else ""
