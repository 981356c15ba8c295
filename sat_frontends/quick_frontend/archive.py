"""The server's archive, with what it does shown as jobs."""

from __future__ import annotations

from sat.api import JID
from sat.plugins.archive.api import ArchiveApi, SyncState
from sat_frontends.quick_frontend.jobs import Job, Jobs

_MISSED = Job("missed", "Fetching what you missed")


class ShownArchive(ArchiveApi):
    """The archive of a profile, for those who ask it. ``show`` is to be told how the catching up stands."""

    def __init__(self, archive: ArchiveApi, jobs: Jobs) -> None:
        self._archive, self._jobs = archive, jobs

    def show(self, state: SyncState) -> None:
        """While it catches up there is a job; one that failed stays until the next."""
        self._jobs.remove(_MISSED.id)
        if state is SyncState.SYNCING:
            self._jobs.update(_MISSED)
        elif state is SyncState.FAILED:
            self._jobs.update(_MISSED._replace(failed=True))

    async def fetch_older(self, peer: JID) -> int:
        job = Job(f"older {peer}", "Fetching older messages")
        self._jobs.update(job)
        try:
            return await self._archive.fetch_older(peer)
        finally:
            self._jobs.remove(job.id)
