"""Whom we want to hear nothing of (XEP-0191)."""

from __future__ import annotations

from enum import StrEnum

from sat.api import JID, Api, method, signal


class Report(StrEnum):
    """What the server is told about somebody who is blocked (XEP-0377)."""

    NONE = "none"
    SPAM = "spam"
    ABUSE = "abuse"


class BlockingApi(Api):
    """Block somebody: the server lets nothing through between them and us (XEP-0191). A server's address stands for all
    of its accounts."""

    changed = signal(list[JID], "Everybody who is blocked now.")

    @method
    async def get_blocked(self) -> list[JID]:
        """Everybody who is blocked, as the server last told it; also when offline. Errors: FeatureMissing."""

    @method
    async def block(
        self,
        jid: JID,
        report: Report = Report.NONE,
        text: str = "",
        messages: list[str] = [],  # noqa: B006 - a default that nobody changes
    ) -> None:
        """Block somebody, whatever their resource; perhaps report them to the server, with a text for its
        administrator and the ids of messages of theirs, as far as its archive has these. Errors: InvalidArgument,
        NotFound, FeatureMissing, NotConnected, PeerError, RequestTimeout."""

    @method
    async def unblock(self, jid: JID) -> None:
        """Block somebody no longer. Errors: NotFound, FeatureMissing, NotConnected, PeerError, RequestTimeout."""
