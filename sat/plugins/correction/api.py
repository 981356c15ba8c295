"""Correcting what was written."""

from __future__ import annotations

from sat.api import Api, method


class CorrectionApi(Api):
    """Correct a message of ours (XEP-0308)."""

    @method
    async def correct(self, id: str, body: str) -> None:
        """Replace the text of one of our messages, here and for whom it was sent to.
        Errors: NotFound, NotEditable, InvalidArgument, MessageTooLong."""
