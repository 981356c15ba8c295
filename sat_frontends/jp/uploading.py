"""Putting a file on the server, with its progress on stderr."""

from __future__ import annotations

from sat.api import JID
from sat.api.transfers import Transfer
from sat.api.values import ANYBODY
from sat.plugins.upload.api import Purpose
from sat_frontends.jp.context import Jp
from sat_frontends.jp.transferring import finished, whole


async def upload(
    jp: Jp,
    path: str,
    peer: JID = ANYBODY,
    reply: str = "",
    purpose: Purpose = Purpose.MESSAGE,
    seconds: int = 0,
    encrypt: str = "",
) -> Transfer:
    """Put a file there; with a peer, the daemon tells them of it. Ctrl-C gives it up."""
    profile = await jp.profile()
    begin = profile.upload.upload(whole(path), peer, "", reply, purpose, seconds, encrypt)
    return await finished(jp, profile, begin)
