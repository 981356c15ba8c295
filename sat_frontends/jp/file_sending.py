"""``jp file send``: files and folders, to somebody's program or by way of the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sat.api import JID, SatError
from sat.api.errors import CannotReceive, CannotReceiveEncrypted, TooManyTransfers
from sat.api.transfers import Transfer
from sat_frontends.jp import packing
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import tidy
from sat_frontends.jp.transferring import Following, complain_of, outcome, program_of, whole

AT_ONCE = 10
"""Files that are offered at once: a person has to look at each."""


class Sending(NamedTuple):
    """What is wanted of all of them."""

    name: str = ""
    description: str = ""
    upload: bool = False
    tar: bool = False
    recursive: bool = False
    encrypt: str = ""


async def send_files(jp: Jp, files: list[str], contact: str, wanted: Sending) -> int:
    """Send them all; the exit code, which is that of the first that failed."""
    if wanted.upload and wanted.description:
        raise usage("--description is for files that go directly.", "jp message send --attach takes a text along.")
    if wanted.tar and wanted.recursive:
        raise usage("A folder goes as one file (--tar), or each file in it (--recursive), not both.")
    profile = await jp.profile()
    peer = await program_of(profile, contact)
    with _expanded(files, wanted) as paths:
        if wanted.name and len(paths) > 1:
            raise usage(f"--name names one file, and there are {len(paths)}.")
        async with Following(jp, profile, plain=True) as following:
            queue = _Queue(following, peer, wanted, alone=len(paths) == 1)
            for path in paths:
                await queue.begin(whole(path))
            ended = following.to_end()
    if jp.out.json:
        jp.out.value(ended)
    elif jp.out.verbose:
        for each in ended:
            jp.out.line(each.id)
    return queue.code or outcome(ended, alone=len(paths) == 1)


class _Queue:
    """Begins one after the other, with some at once. One that cannot be begun does not hold up the others."""

    def __init__(self, following: Following, peer: JID, wanted: Sending, *, alone: bool) -> None:
        self.following, self.peer, self.wanted, self.alone = following, peer, wanted, alone
        self.code = 0  # of the first that could not be begun

    async def begin(self, path: str) -> None:
        """Begin one, once there is room."""
        while True:
            self._wait(AT_ONCE - 1)
            try:
                self.following.follow(await self._call(path))
            except TooManyTransfers:
                if not self.following.under_way:
                    raise
                self._wait(len(self.following.under_way) - 1)
                continue
            except CannotReceiveEncrypted:  # its hint says all
                raise
            except CannotReceive as error:  # it will be the same with the others
                sentence, hint = str(error), f"By way of the server: jp file send --upload FILE {self.peer.bare}"
                raise Failure(sentence, hint, error.exit_code) from None
            except SatError as error:
                if self.alone:
                    raise
                self.following.progress.end()
                complain_of(path, error)
                self.code = self.code or error.exit_code
            return

    def _wait(self, most: int) -> None:
        """Until so many are under way at most."""
        self.following.jp.listen(lambda: len(self.following.under_way) <= most)

    async def _call(self, path: str) -> Transfer:
        wanted, profile = self.wanted, self.following.profile
        if wanted.upload:
            return await profile.upload.upload(path, self.peer.bare, wanted.name, encrypt=wanted.encrypt)
        return await profile.files.send(path, self.peer, wanted.name, wanted.description, wanted.encrypt)


@contextmanager
def _expanded(files: list[str], wanted: Sending) -> Iterator[list[str]]:
    """The files to send, folders as they are wanted. Those that are made for it are gone afterwards."""
    if not wanted.tar and (folders := [each for each in files if packing.is_folder(each)]) and not wanted.recursive:
        raise usage(f"{tidy(folders[0])} is a folder.", "--tar sends it as one file, --recursive each file in it.")
    if not wanted.tar:
        yield [path for each in files for path in (packing.files_in(each) if packing.is_folder(each) else [each])]
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="jp-") as into:
        paths = []
        for number, each in enumerate(files):
            if packing.is_folder(each):
                place = os.path.join(into, str(number))  # two folders may have the same name
                os.mkdir(place)
                each = packing.packed(each, place)
            paths.append(each)
        yield paths
