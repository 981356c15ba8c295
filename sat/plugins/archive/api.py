"""What was written while we were away, and before (XEP-0313)."""

from __future__ import annotations

from enum import StrEnum

from sat.api import JID, Api, method, prop


class SyncState(StrEnum):
    """Whether the history is complete."""

    UNKNOWN = "unknown"
    SYNCING = "syncing"
    COMPLETE = "complete"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


class ArchiveApi(Api):
    """The server's archive, merged into the stored history (XEP-0313, XEP-0059)."""

    sync = prop(SyncState, SyncState.UNKNOWN, "Whether all that the archive has is stored here.")

    @method
    async def fetch_older(self, peer: JID) -> int:
        """Fetch a page that is older than what is stored with a contact; how many messages came. 0 is the beginning.
        Errors: NotConnected, FeatureMissing, RequestTimeout."""
