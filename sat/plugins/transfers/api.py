"""All that is on its way, in every frontend at once."""

from __future__ import annotations

from sat.api import Api, method, signal
from sat.api.transfers import Direction, Transfer, TransferState, Way

__all__ = ["Direction", "Transfer", "TransferState", "TransfersApi", "Way"]


class TransfersApi(Api):
    """What is on its way, and what was, until the daemon ends; at most 100 that have ended. Partial files are known
    over that. Errors of all that name one: NotFound."""

    changed = signal(Transfer, "One is new or has come further, a few times a second at most.")
    forgotten = signal(list[str], "These are no longer told, by their ids.")

    @method
    async def get_all(self) -> list[Transfer]:
        """All of them, in the order in which they began."""

    @method
    async def finish(self, id: str) -> Transfer:
        """Wait for its end. Errors: why it failed; Cancelled."""

    @method
    async def cancel(self, id: str) -> None:
        """Give it up; one that has ended stays as it is."""

    @method
    async def forget(self, ids: list[str]) -> None:
        """Tell no longer of these, as far as they have ended; none: of all of those. A partial file goes."""
