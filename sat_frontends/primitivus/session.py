"""The daemon that primitivus talks to, and the profile that it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from sat.api import SatError, Signal
from sat.api.errors import ProfileNotFound
from sat.api.manager import ManagerApi, Notice
from sat.api.settings import SettingsApi
from sat.bridge.derive import load
from sat.plugins.registration.api import RegistrationApi
from sat_frontends.primitivus.loop import Loop
from sat_frontends.quick_frontend.live import LiveProfile, ProfileApis
from sat_frontends.quick_frontend.profiles import ProfileRow, Profiles
from sat_frontends.quick_frontend.text import utc_offset


class ProfileLink(ProfileApis, Protocol):
    """The apis of one profile."""

    @property
    def settings(self) -> SettingsApi: ...


class Link(Protocol):
    """A connection to the daemon. ``daemon_gone`` tells when it stops; ``resync`` when it is there again, or when
    something was missed: then everything is to be asked again."""

    daemon_gone: Signal[None]
    resync: Signal[None]

    @property
    def manager(self) -> ManagerApi: ...
    @property
    def registration(self) -> RegistrationApi: ...
    @property
    def settings(self) -> SettingsApi: ...
    def profile(self, name: str) -> ProfileLink:
        """The apis of a profile."""

    def close(self) -> object:
        """Let go of the daemon."""


Connect = Callable[[], Awaitable[Link]]


class SessionEvents(Protocol):
    """What happens to the session, for who draws it."""

    def no_daemon(self, error: SatError) -> None:
        """There is no daemon to talk to, or no bus."""

    def no_profile(self) -> None:
        """The daemon has no profile yet."""

    def profile_closed(self, row: ProfileRow, obstacle: SatError) -> None:
        """The profile is not open: its own password must be asked, or something else be mended first."""

    def profile_opened(self, live: LiveProfile) -> None:
        """A profile is shown from now on."""

    def daemon_state(self, there: bool) -> None:
        """The daemon has stopped, or is back and everything was loaded again."""

    def daemon_noticed(self, errors: list[SatError]) -> None:
        """What is not as it should be in the daemon, all of it."""

    def failed(self, error: SatError) -> None:
        """Something asked for did not work."""


class Session:
    """Connects to the daemon and keeps the models of the profile in use."""

    def __init__(self, connect: Connect, wanted: str, loop: Loop, events: SessionEvents) -> None:
        self._connect, self.wanted, self.loop, self.events = connect, wanted, loop, events
        self.link: Link | None = None
        self.profiles: Profiles | None = None
        self.live: LiveProfile | None = None
        self.daemon_there = True
        self._heard: list[Callable[[], object]] = []

    async def open(self) -> None:
        """Connect to the daemon, then open the wanted profile, or the default one."""
        try:
            link = await self._connect()
            self.link = link
            profiles = Profiles(link.manager, lambda name: link.profile(name).profile)
            await profiles.start()
            await load(link.manager)
            await self._follow_connections(profiles)
        except SatError as error:
            self.events.no_daemon(error)
            return
        self.profiles = profiles
        self._heard = [
            link.daemon_gone.connect(lambda _nothing: self._gone()),
            link.resync.connect(lambda _nothing: self.loop.spawn(self._resync())),
            profiles.changed.connect(self.loop.redraw),
            link.manager.notices.changed.connect(self._noticed),
        ]
        self._noticed(link.manager.notices.value)
        await self._choose()

    async def _choose(self) -> None:
        assert self.profiles is not None
        rows = self.profiles.rows
        if not rows:
            self.events.no_profile()
            return
        name = self.wanted or self.profiles.current or rows[0].name
        row = next((row for row in rows if row.name == name), None)
        if row is None:
            self.events.failed(ProfileNotFound(profile=name))
            row = rows[0]
        await self.use(row.name)

    async def use(self, name: str) -> None:
        """Show a profile; the one shown before stays online."""
        assert self.profiles is not None
        assert self.link is not None
        row = next((row for row in self.profiles.rows if row.name == name), None)
        if row is not None and row.error is not None and not row.open:
            self.events.profile_closed(row, row.error)
            return
        live = LiveProfile(
            name, self.link.profile(name), spawn=self.loop.spawn, later=self.loop.later, offset=utc_offset
        )
        try:
            self.profiles.choose(name)
            await self._load_properties(name)
            await live.start()
        except SatError as error:
            live.close()
            self.events.failed(error)
            return
        if self.live is not None:
            self.live.close()
        self.live = live
        self.events.profile_opened(live)

    def _noticed(self, notices: list[Notice]) -> None:
        self.events.daemon_noticed([notice.meaning for notice in notices])

    def _gone(self) -> None:
        self.daemon_there = False
        self.events.daemon_state(False)
        self.loop.redraw()

    async def _resync(self) -> None:
        was_gone, self.daemon_there = not self.daemon_there, True
        try:
            if self.profiles is not None:
                await self.profiles.resync()
                await self._follow_connections(self.profiles)
            if self.live is not None:
                await self._load_properties(self.live.name)
                await self.live.resync()
        except SatError as error:
            self.events.failed(error)
        if was_gone:
            self.events.daemon_state(True)
        await self._look_at_notices()
        if self.live is None:
            await self._choose()

    async def _look_at_notices(self) -> None:
        assert self.link is not None
        with suppress(SatError):  # gone again
            await load(self.link.manager)
        self._noticed(self.link.manager.notices.value)

    async def _follow_connections(self, profiles: Profiles) -> None:
        """Know how each profile stands to its server, and hear when that changes."""
        assert self.link is not None
        for row in profiles.rows:
            if row.open:
                await load(self.link.profile(row.name).profile)

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
