"""Which profiles are open, why the others are not, and trying those again."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredLock

from sat.api.errors import (
    InternalError,
    ProfileKeyMissing,
    ProfileLocked,
    ProfileNotFound,
    SatError,
    StorageError,
    WrongProfilePassword,
)
from sat.api.names import profile_path
from sat.core.profile import OpenProfile

if TYPE_CHECKING:
    from sat.core.backend import Backend

log = logging.getLogger(__name__)
FIRST = 5.0  # seconds until a profile that could not be opened is tried again; twice as long each time
LONGEST = 300.0  # seconds, at the most


class OpenProfiles:
    """The profiles at work. What prevents one from being opened is remembered: that is no other's concern (P4), and it
    may pass, as when the desktop's keyring is unlocked."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._open: dict[str, OpenProfile] = {}
        self._closed: dict[str, SatError] = {}
        self._tries: dict[str, int] = {}
        self._turns: dict[str, DeferredLock] = {}

    def __iter__(self) -> Iterator[OpenProfile]:
        """Those that are open."""
        return iter(tuple(self._open.values()))

    def __contains__(self, name: object) -> bool:
        """Whether a profile is open."""
        return name in self._open

    def obstacle(self, name: str) -> SatError | None:
        """Why a profile is not open, as far as that is known."""
        return self._closed.get(name)

    async def start(self) -> None:
        """Open all that open by themselves, side by side: what one has to wait for keeps no other waiting."""
        stored = await self._backend.storage.profiles.list()
        await in_parallel([self._try(each.name) for each in stored])

    async def open(self, name: str, lock: str = "") -> OpenProfile:
        """Open a profile; the one that is open already is returned. Errors: those of ``Profiles.open``, InternalError;
        nothing is left of the attempt then."""
        turn = self._turns.setdefault(name, DeferredLock())
        await turn.acquire()
        try:
            if name not in self._open:
                await self._open_now(name, lock)
            return self._open[name]
        except SatError as error:
            self._note(name, error)
            raise
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("%s: the profile %s cannot be opened", reference, name)
            unexpected = InternalError(reference=reference)
            self._note(name, unexpected)
            raise unexpected from None
        finally:
            turn.release()

    async def _open_now(self, name: str, lock: str) -> None:
        backend = self._backend
        stored = await backend.stored(name)
        profile = OpenProfile(backend, stored, await backend.storage.profiles.open(name, lock))
        try:
            await profile.open()
        except BaseException:  # a cancellation, too
            await profile.close()
            raise
        self._open[name] = profile
        was_closed = self._closed.pop(name, None) is not None
        self._stop_trying(name)
        if was_closed:
            backend.profile_changed.emit(backend.info(stored))
            backend.connect_if_wanted(profile)

    def _note(self, name: str, error: SatError) -> None:
        if isinstance(error, WrongProfilePassword | ProfileNotFound):
            return  # that is the fault of who asked
        before = self._closed.get(name)
        self._closed[name] = error
        if isinstance(error, ProfileKeyMissing | StorageError):
            tries = self._tries[name] = self._tries.get(name, 0) + 1
            delay = min(LONGEST, FIRST * 2 ** (tries - 1))
            tasks = self._backend.tasks
            tasks.after(delay, lambda: tasks.spawn(self._try(name)), key=("open", name))
        if error != before and not isinstance(error, ProfileLocked):
            log.error("%s", error, extra={"profile": name})

    async def _try(self, name: str) -> None:
        try:
            await self.open(name)
        except SatError:
            return  # it is noted

    def _stop_trying(self, name: str) -> None:
        self._tries.pop(name, None)
        self._backend.tasks.cancel(("open", name))

    async def why_missing(self, path: str) -> SatError | None:
        """Why there is no such profile's object on the bus. Somebody wants it, so what may have passed is tried again;
        None: now it is there."""
        if any(profile_path(name) == path for name in self._open):
            return None
        name = next((name for name in self._closed if profile_path(name) == path), "")
        if not name:
            return ProfileNotFound(profile=path.rpartition("/")[2])
        turn = self._turns[name]
        if turn.locked:  # somebody tries already: one try is enough for all who ask
            await turn.acquire()
            turn.release()
        elif not isinstance(self._closed[name], ProfileLocked):
            await self._try(name)
        return self._closed.get(name)

    async def delete(self, name: str) -> None:
        """Close a profile and forget all that is stored for it. Errors: ProfileNotFound, StorageError."""
        turn = self._turns.setdefault(name, DeferredLock())
        await turn.acquire()
        try:
            if profile := self._open.pop(name, None):
                await profile.session.withdraw()
                await profile.forget_token()
                await profile.close()
            self._closed.pop(name, None)
            self._stop_trying(name)
            await self._backend.storage.profiles.delete(name)
            await self._erase(name)
        except SatError as error:
            self._note(name, error)  # it is there still
            raise
        finally:
            turn.release()

    async def _erase(self, name: str) -> None:
        for kind in self._backend.loader.plugins:
            try:
                await kind.erase(name)
            except Exception:
                log.exception("the plugin %s could not remove what it has of %s", kind.name(), name)

    async def close(self) -> None:
        """Close all."""
        await in_parallel([profile.close() for profile in self])
        self._open.clear()


async def in_parallel(work: list[Any]) -> None:
    """Run side by side; wait for all; what fails is logged."""
    running: list[Deferred[Any]] = [Deferred.fromCoroutine(each) for each in work]
    for each in running:
        try:
            await each
        except Exception:
            log.exception("a profile failed")
