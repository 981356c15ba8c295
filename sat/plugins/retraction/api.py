"""Taking back what was written."""

from __future__ import annotations

from sat.api import Api, method


class RetractionApi(Api):
    """Take back a message of ours (XEP-0424)."""

    @method
    async def retract(self, id: str) -> None:
        """Delete one of our messages here, and ask the programs and archives that have it to do the same. Who has read
        it has read it. Errors: NotFound, NotEditable."""
