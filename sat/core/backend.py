"""The daemon: its profiles, plugins and services, put together. Served at the root object."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sat import __version__
from sat.api.errors import InvalidArgument, ProfileExists, ProfileLocked, ProfileNotFound, SatError
from sat.api.manager import ManagerApi, Notice, PluginStatus, ProfileInfo
from sat.api.names import ROOT
from sat.api.profile import Account
from sat.api.settings import SettingsApi
from sat.api.values import JID, NO_SECRET, Secret
from sat.bridge.bridge import Bridge
from sat.core import logs
from sat.core.config import Config
from sat.core.desktop import Desktop
from sat.core.loader import Loader
from sat.core.opening import OpenProfiles
from sat.core.options import LOG, LogOptions
from sat.core.plugin import DomainsWanted, Service
from sat.core.profile import OpenProfile
from sat.core.settings import Registry, Settings, did_you_mean
from sat.core.tasks import Clock, Tasks
from sat.storage.profiles import StoredProfile
from sat.storage.storage import Storage
from sat.xmpp.link import Link

LIKENESS = 0.8  # of two domains, of which one may be a slip of the finger
log = logging.getLogger(__name__)


class Backend(ManagerApi):
    """Everything that lives as long as the daemon."""

    def __init__(
        self, storage: Storage, bridge: Bridge, config: Config, reactor: Any, quit: Callable[[], None]
    ) -> None:
        self.storage, self.bridge, self.config = storage, bridge, config
        self.desktop = Desktop(bridge)
        self.reactor = reactor
        self.clock: Clock = reactor
        self._quit = quit
        self.registry = Registry()  # of what each profile sets for itself
        self._own_registry = Registry()
        self._own_registry.declare(LOG, LogOptions)
        self.loader = Loader(config.disabled, self.registry, self._own_registry)
        self.settings = Settings(self._own_registry, config.settings, storage.store("", "settings"))
        self.settings.watch(LOG, self._set_log)
        self.tasks = Tasks(self.clock, logging.LoggerAdapter(log, {"profile": "-"}))
        self.profiles = OpenProfiles(self)
        self._services: list[Service] = []
        self.version.value = __version__

    async def start(self) -> None:
        """Load plugins and profiles, and publish them."""
        self.loader.load()
        self.config.check(self.registry, self._own_registry, plugins=self.loader.status)
        self._tell_notices()
        self.storage.changed.connect(lambda _: self._tell_notices())
        await self.settings.load()
        self._set_log()
        self.bridge.publish(ROOT, ManagerApi, self)
        self.bridge.publish(ROOT, SettingsApi, self.settings)
        for kind in self.loader.services:
            self._start_service(kind)
        await self.profiles.start()
        self.ready.value = True

    def connect_all(self) -> None:
        """Go online with every profile that wants to be."""
        for profile in self.profiles:
            self.connect_if_wanted(profile)

    def connect_if_wanted(self, profile: OpenProfile) -> None:
        """Go online with a profile that was opened, if it wants to be."""
        if profile.account.autoconnect:
            self.tasks.spawn(self._autoconnect(profile))

    async def stop(self) -> None:
        """Close streams and store everything."""
        self.ready.set(False)
        self.tasks.close()
        await self.profiles.close()
        for service in self._services:
            service.stop()
        await self.storage.close()

    def _tell_notices(self) -> None:
        before = self.notices.value
        found = (*self.storage.notices, *self.config.warnings)
        notices = [Notice(type(each).__name__, each.details) for each in found]
        for each in notices:
            if each not in before:
                log.warning("%s", each.meaning)
        for each in before:
            if each not in notices:
                log.info("no longer true: %s", each.meaning)
        self.notices.set(notices)

    def _set_log(self) -> None:
        options = self.settings.options(LogOptions)
        logs.set_level(options.level)
        logs.show_traffic(options.traffic)

    def make_link(self, profile: OpenProfile, memory: Any) -> Link:
        """A connection for an account."""
        name = profile.name.value
        return Link(
            profile.account,
            profile.password,
            profile.session,
            self.reactor,
            memory,
            profile.log,
            profile=name,
            suggest=self.suggest,
            secrets=profile.secrets,
        )

    def suggest(self, domain: str) -> str:
        """Which server may be meant by a domain that has none, as a sentence: a similar one where somebody here or one
        of their contacts is. Nothing where there is none, or more than the spelling differs."""
        wanted = DomainsWanted()
        wanted.found |= self.storage.profiles.domains
        for profile in self.profiles:
            profile.session.emit(wanted)
        return did_you_mean(domain, wanted.found - {domain}, LIKENESS)

    async def why_missing(self, path: str) -> SatError | None:
        """Why an object is not on the bus, as far as a person can do something about it. None: now it is there, or it
        is nothing that could be."""
        return await self.profiles.why_missing(path) if path.startswith(f"{ROOT}/profile/") else None

    def _start_service(self, kind: type[Service]) -> None:
        service: Service | None = None
        try:
            service = kind.start(self)
            for api in service.apis():
                service.undo(self.bridge.publish(ROOT, api, service))
        except Exception as error:
            log.exception("the plugin %s cannot start", kind.name())
            self.loader.fail(kind.name(), f"{type(error).__name__}: {error}")
            if service is not None:
                service.stop()
            return
        self._services.append(service)

    async def _autoconnect(self, profile: OpenProfile) -> None:
        try:
            await profile.connect()
        except SatError as error:
            profile.log.warning("%s", error)

    async def stored(self, name: str) -> StoredProfile:
        """A profile as it is stored. Errors: ProfileNotFound."""
        for stored in await self.storage.profiles.list():
            if stored.name == name:
                return stored
        raise ProfileNotFound(profile=name)

    def info(self, stored: StoredProfile) -> ProfileInfo:
        """What frontends know of a profile."""
        obstacle = self.profiles.obstacle(stored.name)
        locked = isinstance(obstacle, ProfileLocked)
        return ProfileInfo(
            stored.name,
            stored.account.jid,
            locked=locked,
            autoconnect=stored.account.autoconnect,
            default=stored.default,
            error=type(obstacle).__name__ if obstacle and not locked else "",
            details=obstacle.details if obstacle and not locked else {},
        )

    # -- ManagerApi --------------------------------------------------------------------------------------------

    async def list_profiles(self) -> list[ProfileInfo]:
        found = [self.info(stored) for stored in await self.storage.profiles.list()]
        return sorted(found, key=lambda info: (not info.default, info.name))

    async def create_profile(self, name: str, jid: JID, password: Secret, lock: Secret = NO_SECRET) -> ProfileInfo:
        name = name.strip()
        if not name or len(name) > 100 or not name.isprintable() or "/" in name:
            raise InvalidArgument(reason="A profile's name has 1 to 100 visible characters, and no /.")
        if not jid.local:
            raise InvalidArgument(reason=f"{jid} names a server, not an account: name@{jid.domain} is needed.")
        if any(stored.name == name for stored in await self.storage.profiles.list()):
            raise ProfileExists(profile=name)
        account = Account(jid.bare, resource=jid.resource)
        await self.storage.profiles.create(name, account, str(password), str(lock))
        try:
            await self.profiles.open(name, str(lock))
        except BaseException:
            with suppress(SatError):  # the first error tells more
                await self.profiles.delete(name)
            raise
        info = self.info(await self.stored(name))
        self.profile_added.emit(info)
        return info

    async def delete_profile(self, name: str) -> None:
        await self.stored(name)
        await self.profiles.delete(name)
        self.profile_removed.emit(name)

    async def set_default_profile(self, name: str) -> None:
        await self.stored(name)
        await self.storage.profiles.set_default(name)
        self.profile_changed.emit(self.info(await self.stored(name)))

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        if name in self.profiles:  # no reason to believe what is wrong
            await self.storage.profiles.open(name, str(lock))
        else:
            await self.profiles.open(name, str(lock))

    async def check_lock(self, name: str, lock: Secret) -> None:
        await self.stored(name)
        await self.storage.profiles.open(name, str(lock))

    async def list_plugins(self) -> list[PluginStatus]:
        return [self.loader.status[name] for name in sorted(self.loader.status)]

    async def shutdown(self) -> None:
        self.tasks.after(0, self._quit)  # after the answer has left
