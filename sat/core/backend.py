"""The daemon: its profiles, plugins and services, put together. Served at the root object."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from sat import __version__
from sat.api.errors import InvalidArgument, ProfileExists, ProfileLocked, ProfileNotFound, SatError
from sat.api.manager import ManagerApi, PluginStatus, ProfileInfo
from sat.api.names import ROOT, profile_path
from sat.api.profile import Account
from sat.api.settings import SettingsApi
from sat.api.values import JID, NO_SECRET, Secret
from sat.bridge.bridge import Bridge
from sat.core import logs
from sat.core.config import Config
from sat.core.loader import Loader
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
        self.open_profiles: dict[str, OpenProfile] = {}
        self._locked: dict[str, str] = {}  # path on the bus → name
        self._services: list[Service] = []
        self.version.value = __version__

    async def start(self) -> None:
        """Load plugins and profiles, and publish them."""
        self.loader.load()
        self.config.check(self.registry, self._own_registry, plugins=self.loader.status)
        for warning in self.config.warnings:
            log.warning("%s", warning)
        await self.settings.load()
        self._set_log()
        self.bridge.publish(ROOT, ManagerApi, self)
        self.bridge.publish(ROOT, SettingsApi, self.settings)
        for kind in self.loader.services:
            self._start_service(kind)
        for stored in await self.storage.profiles.list():
            try:
                await self._open(stored, "")
            except ProfileLocked:
                self._locked[profile_path(stored.name)] = stored.name
            except SatError as error:
                log.error("%s: %s", stored.name, error)
        self.ready.value = True

    def connect_all(self) -> None:
        """Go online with every profile that wants to be."""
        for profile in self.open_profiles.values():
            if profile.account.autoconnect:
                self.tasks.spawn(self._autoconnect(profile))

    async def stop(self) -> None:
        """Close streams and store everything."""
        self.ready.set(False)
        self.tasks.close()
        await _gather([profile.close() for profile in self.open_profiles.values()])
        self.open_profiles.clear()
        for service in self._services:
            service.stop()
        await self.storage.close()

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
        )

    def suggest(self, domain: str) -> str:
        """Which server may be meant by a domain that has none, as a sentence: a similar one where somebody here or one
        of their contacts is. Nothing where there is none, or more than the spelling differs."""
        wanted = DomainsWanted()
        wanted.found |= self.storage.profiles.domains
        for profile in self.open_profiles.values():
            profile.session.emit(wanted)
        return did_you_mean(domain, wanted.found - {domain}, LIKENESS)

    def why_missing(self, path: str, interface: str) -> SatError | None:
        """Why an object or interface is not on the bus, as far as a person can do something about it."""
        if path in self._locked:
            return ProfileLocked(profile=self._locked[path])
        if path.startswith(f"{ROOT}/profile/") and path not in map(profile_path, self.open_profiles):
            return ProfileNotFound(profile=path.rpartition("/")[2])
        return None

    def plugin_failed(self, name: str, reason: str) -> None:
        """A plugin cannot serve a profile."""
        self.loader.fail(name, reason, self.loader.status[name].purpose)

    def _start_service(self, kind: type[Service]) -> None:
        try:
            service = kind(self)
        except Exception as error:
            log.exception("the plugin %s cannot start", kind.name())
            self.plugin_failed(kind.name(), f"{type(error).__name__}: {error}")
            return
        self._services.append(service)
        for api in service.apis():
            self.bridge.publish(ROOT, api, service)

    async def _open(self, stored: StoredProfile, lock: str) -> OpenProfile:
        if stored.name in self.open_profiles:
            return self.open_profiles[stored.name]
        vault = await self.storage.profiles.open(stored.name, lock)
        profile = OpenProfile(self, stored, vault)
        self.open_profiles[stored.name] = profile
        self._locked.pop(profile_path(stored.name), None)
        await profile.open()
        return profile

    async def _autoconnect(self, profile: OpenProfile) -> None:
        try:
            await profile.connect()
        except SatError as error:
            profile.log.warning("%s", error)

    async def _stored(self, name: str) -> StoredProfile:
        for stored in await self.storage.profiles.list():
            if stored.name == name:
                return stored
        raise ProfileNotFound(profile=name)

    def _info(self, stored: StoredProfile) -> ProfileInfo:
        return ProfileInfo(
            stored.name,
            stored.account.jid,
            locked=stored.name not in self.open_profiles,
            autoconnect=stored.account.autoconnect,
            default=stored.default,
        )

    # -- ManagerApi --------------------------------------------------------------------------------------------

    async def list_profiles(self) -> list[ProfileInfo]:
        found = [self._info(stored) for stored in await self.storage.profiles.list()]
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
        stored = await self._stored(name)
        await self._open(stored, str(lock))
        info = self._info(stored)
        self.profile_added.emit(info)
        return info

    async def delete_profile(self, name: str) -> None:
        await self._stored(name)
        if name in self.open_profiles:
            await self.open_profiles.pop(name).close()
        self._locked.pop(profile_path(name), None)
        await self.storage.profiles.delete(name)
        self.profile_removed.emit(name)

    async def set_default_profile(self, name: str) -> None:
        await self._stored(name)
        await self.storage.profiles.set_default(name)
        self.profile_changed.emit(self._info(await self._stored(name)))

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        profile = await self._open(await self._stored(name), str(lock))
        self.profile_changed.emit(self._info(await self._stored(name)))
        if profile.account.autoconnect:
            self.tasks.spawn(self._autoconnect(profile))

    async def check_lock(self, name: str, lock: Secret) -> None:
        await self._stored(name)
        await self.storage.profiles.open(name, str(lock))

    async def list_plugins(self) -> list[PluginStatus]:
        return [self.loader.status[name] for name in sorted(self.loader.status)]

    async def shutdown(self) -> None:
        self.tasks.after(0, self._quit)  # after the answer has left


async def _gather(work: list[Any]) -> None:
    """Run side by side; wait for all; what fails is logged."""
    running: list[Deferred[Any]] = [Deferred.fromCoroutine(each) for each in work]
    for each in running:
        try:
            await each
        except Exception:
            log.exception("a profile could not be closed properly")
