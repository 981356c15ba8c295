"""Writing a whole conversation to a file or to stdout."""

from __future__ import annotations

import sys
from pathlib import Path

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected
from sat_frontends.bridge.access import ProfileAccess
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure
from sat_frontends.quick_frontend import exporting


async def export(jp: Jp, peer: JID, *, as_json: bool, fetch: bool, path: str) -> None:
    """Write a conversation to a file that does not exist yet, or to stdout; the oldest message first."""
    profile = await jp.profile()
    if fetch:
        await _fetch_all(profile, peer)
    if not path:
        count = await exporting.export(sys.stdout, profile.messages, peer, as_json=as_json)
        sys.stdout.flush()
    else:
        try:
            with Path(path).open("x", encoding="utf-8") as file:  # noqa: ASYNC230 - jp has no loop to hold up
                count = await exporting.export(file, profile.messages, peer, as_json=as_json)
        except FileExistsError:
            raise Failure(f"{path} exists already; nothing was written.", code=19) from None
        except OSError as error:
            raise Failure(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.") from None
    jp.out.detail(f"{count} messages.")


async def _fetch_all(profile: ProfileAccess, peer: JID) -> None:
    try:
        await exporting.fetch_all(profile.archive, peer)
    except (FeatureMissing, NotConnected) as error:
        raise Failure(f"What is only in the server's archive cannot be had. {error}") from None
