"""What is kept on the disk."""

from __future__ import annotations

from sat.api.errors.base import SatError


class StorageError(SatError):
    """What you asked for could not be stored, so it was not done: {reason}."""

    http_status = 507
    hint = "Look at the disk, then try again; nothing that was stored before is lost."


class StorageFull(StorageError):
    """The disk is full, so it was not done."""

    hint = "Make room on the disk, then try again; nothing that was stored before is lost."


class NoSpace(StorageError):
    """There is no room for {name}: it is {size}, and {free} can be used in {folder}."""

    hint = "Make room there, or choose another folder; some of a disk is always left to others."


class ProfileDamaged(StorageError):
    """The profile {profile} cannot be opened: what is stored of its key is damaged."""

    exit_code = 6
    hint = "An older copy of the database may have it whole; sat log tells more."


class StorageFailing(StorageError):
    """Nothing can be stored at the moment: {reason}. Nothing is sent, and what comes in waits at the server."""

    hint = "Look at the disk and make room on it; the daemon goes on by itself."


class DamageFound(StorageError):
    """The database is damaged; the next start repairs what can be repaired."""

    hint = "Start the daemon again: sat stop; sat start"


class StorageDamaged(SatError):
    """The database was damaged; it was set aside as {kept} and {instead} is used."""

    hint = "What the servers' archives have comes back by itself."
