"""The daemon itself: its profiles, its plugins, its end. Served at the root object."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api.contract import Api, method, prop, signal
from sat.api.errors import ProfileLocked, SatError, error_named
from sat.api.values import JID, NO_SECRET, Secret


class ProfileInfo(NamedTuple):
    """A stored account. ``locked``: its own password is needed to open it. ``error`` and ``details`` are what else
    prevents it from being opened (see ``sat.api.errors``); the daemon tries again by itself. The ``default`` one is
    taken when none is named."""

    name: str
    jid: JID
    locked: bool = False
    autoconnect: bool = True
    default: bool = False
    error: str = ""
    details: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed

    @property
    def obstacle(self) -> SatError | None:
        """Why it is not open, so that it cannot be used; None when it is."""
        if self.locked:
            return ProfileLocked(profile=self.name)
        return error_named(self.error, self.details) if self.error else None


class PluginState(StrEnum):
    """Whether a plugin works."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    FAILED = "failed"


class PluginStatus(NamedTuple):
    """A plugin, what it is for, and why it does not work if it does not."""

    name: str
    state: PluginState
    purpose: str
    xeps: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    reason: str = ""


class Notice(NamedTuple):
    """Something that is not as it should be: an error by its name and details (see ``sat.api.errors``)."""

    error: str
    details: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed

    @property
    def meaning(self) -> SatError:
        """The error, with its sentence and advice."""
        return error_named(self.error, self.details)


class ManagerApi(Api):
    """Profiles, plugins and the daemon's own life."""

    version = prop(str, "", "Of the daemon.")
    ready = prop(bool, False, "Whether the start is over: plugins and profiles are loaded.")
    notices = prop(
        list[Notice], [], "What a person should know now: of the database, of a disk that takes nothing, of sat.conf."
    )
    profile_added = signal(ProfileInfo, "There is a new profile.")
    profile_changed = signal(ProfileInfo, "A profile was unlocked, or is the default one now.")
    profile_removed = signal(str, "The profile of this name was forgotten.")

    @method
    async def list_profiles(self) -> list[ProfileInfo]:
        """All stored profiles, the default one first."""

    @method
    async def create_profile(self, name: str, jid: JID, password: Secret, lock: Secret = NO_SECRET) -> ProfileInfo:
        """Store an account. ``password`` is the account's, empty to be asked later; ``lock`` is the profile's own
        password, empty for none. Errors: ProfileExists, InvalidAddress, StorageError."""

    @method
    async def delete_profile(self, name: str) -> None:
        """Forget a profile and all that is stored for it. The account on the server stays. While it is online, what
        others have of it is taken back there, such as keys that they encrypt for; that may take some seconds."""

    @method
    async def set_default_profile(self, name: str) -> None:
        """The profile that frontends take when none is named."""

    @method
    async def unlock_profile(self, name: str, lock: Secret) -> None:
        """Open a profile that has a password of its own; ``lock`` is empty for another that is not open. Errors:
        WrongProfilePassword, ProfileKeyMissing, StorageError."""

    @method
    async def check_lock(self, name: str, lock: Secret) -> None:
        """Whether this is the profile's own password (the web log-in asks). Errors: WrongProfilePassword."""

    @method
    async def list_plugins(self) -> list[PluginStatus]:
        """Every plugin known, and its state."""

    @method
    async def shutdown(self) -> None:
        """End the daemon: streams are closed properly, everything is stored."""
