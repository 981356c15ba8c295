"""Reports of somebody to the administrator of our server (XEP-0377)."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.blocking.api import Report
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.text import clean_line

NAMED = 5
"""Messages that are named: what they wrote last."""
_LOOKED_AT = 100

LABELS = {Report.SPAM: "As spam", Report.ABUSE: "As abuse"}
TOLD = (
    "They are blocked, and the administrator of your server is told. The report names what they wrote last, which"
    " the administrator can look up in the server's archive."
)


async def report(apis: ProfileApis, jid: JID, why: str, text: str = "") -> str:
    """Block somebody and report them; what came of it, in a sentence. Errors: InvalidArgument, FeatureMissing,
    NotConnected, PeerError, RequestTimeout."""
    if why not in list(LABELS):
        raise InvalidArgument(reason=f"“{clean_line(why)[:40]}” is none of {', '.join(LABELS)}.")
    written = await apis.messages.get_history(jid, 0, _LOOKED_AT)
    theirs = [each.id for each in written if not each.outgoing and each.sender.bare == jid.bare]
    await apis.blocking.block(jid, Report(why), text, theirs[-NAMED:])
    return f"{clean_line(jid)} is blocked, and reported to the administrator of your server."
