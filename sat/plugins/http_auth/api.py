"""Web sites that ask whether it is really we who want to enter (XEP-0070)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method, signal


class Confirmation(NamedTuple):
    """Somebody wants to see ``url`` in our name, says the server ``sender``. ``code`` is what the page shows to who it
    is, so that one request can be told from another. ``number`` is that of the request here."""

    number: str
    sender: JID
    method: str
    url: str
    code: str


class HttpAuthApi(Api):
    """Confirm that it is we who want to see a page (XEP-0070). A request that nobody answers in five minutes is
    refused."""

    asked = signal(list[Confirmation], "A web site wants to know.")
    settled = signal(list[str], "The numbers of the requests that have an answer now, or none any more.")

    @method
    async def get_confirmations(self) -> list[Confirmation]:
        """The requests without an answer."""

    @method
    async def answer(self, number: str, allow: bool) -> None:
        """Say that it was we, or that it was not. Errors: NotFound."""
