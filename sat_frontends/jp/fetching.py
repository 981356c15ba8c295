"""``jp file fetch``: files that somebody shares."""

from __future__ import annotations

from sat.api import SatError
from sat.api.errors import NotFound
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import NOT_FOUND, Failure, usage
from sat_frontends.jp.output import tidy
from sat_frontends.jp.packing import is_folder
from sat_frontends.jp.transferring import Following, complain_of, outcome, program_of, target, tell_received


async def fetch_files(jp: Jp, contact: str, files: list[str], path: str | None, encrypt: str) -> int:
    """One after the other, as they come from the same place; the exit code, which is that of the first that failed.
    What has a slash at its end is a whole folder."""
    place = target(path)
    alone = len(files) == 1
    if not is_folder(place) and not (alone and not files[0].endswith("/")):
        what = "A folder goes" if alone else "Several files go"
        raise usage(f"{what} into a folder, and --path names none that is there.")
    profile = await jp.profile()
    peer = await program_of(profile, contact)
    code = 0
    for file in files:
        async with Following(jp, profile) as following:
            try:
                fetch = profile.shares.fetch_folder if file.endswith("/") else profile.shares.fetch
                following.follow(await fetch(peer, file.strip("/"), place, encrypt))
                ended = following.to_end()
            except SatError as error:
                if alone:
                    raise
                following.progress.end()
                complain_of(file, error)
                code = code or error.exit_code
                continue
        try:
            failed = outcome(ended, alone)
        except NotFound as error:
            hint = f"What they share, file by file: jp file list {tidy(contact)} (a whole folder: FOLDER/)"
            raise Failure(tidy(str(error)), hint, NOT_FOUND) from None
        code = code or failed
        for each in ended:
            if each.fault is None:
                tell_received(jp, each)
    return code
