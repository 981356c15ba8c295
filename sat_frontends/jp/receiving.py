"""``jp file receive``: waiting for files that others offer, and taking them."""

from __future__ import annotations

import os
import time as clocks

from sat.api import JID, SatError
from sat.api.errors import Conflict, NotFound
from sat.api.transfers import Transfer
from sat_frontends.jp.ask import ask
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import tidy
from sat_frontends.jp.transferring import Following, complain_of, failed, tell_received
from sat_frontends.quick_frontend import transfer_words as words


def check_place(place: str, many: bool) -> None:
    """Whether something could be put there: nobody is to wait for an offer that cannot be taken then."""
    is_folder = os.path.isdir(place)
    folder = place if is_folder or place.endswith("/") else os.path.dirname(place)
    if not is_folder and os.path.lexists(place):
        raise Failure(str(Conflict(what=tidy(place))), "Nothing is overwritten: name a new file, or a folder.", 19)
    if not is_folder and many:
        raise usage("Several files go into a folder, and --path names none that is there.")
    if not os.path.isdir(folder):
        raise usage(f"There is no folder {tidy(folder)}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Failure(f"Nothing can be written in {tidy(folder)}.", "Name another one with --path.")


class Receiving:
    """One run. ``peers``: only what these offer is looked at, and taken; nobody: what anybody offers. ``asks``: a
    person says yes to each, or no."""

    def __init__(self, jp: Jp, following: Following, peers: list[JID], path: str, *, many: bool, asks: bool) -> None:
        self.jp, self.following, self.peers, self.path = jp, following, peers, path
        self.many, self.asks = many, asks
        self.code = 0
        self._seen: set[str] = set()
        self._told: set[str] = set()

    async def run(self, timeout: float | None) -> int:
        """Until one is here, or with ``many`` until time is up, and all that was begun has ended; the exit code."""
        await self.following.all.load()
        self.jp.out.detail(f"Waiting for files of {', '.join(self.peers) or 'anybody'}.")
        deadline = None if timeout is None else clocks.monotonic() + timeout
        while not self._late(deadline):
            for offer in self._new():
                await self._look_at(offer)
            self._tell_ended()
            if not self.many and self.following.ours:
                break
            left = None if deadline is None else max(0.0, deadline - clocks.monotonic())
            self.jp.listen(lambda: bool(self._new() or self._ended()), left)
        self.following.to_end()
        self._tell_ended()
        if not self.following.ours:
            raise Failure("No file was offered in time.")
        return self.code

    def _late(self, deadline: float | None) -> bool:
        return deadline is not None and clocks.monotonic() >= deadline

    def _new(self) -> list[Transfer]:
        waiting = [each for each in self.following.all.asking if each.id not in self._seen]
        waiting = [each for each in waiting if not self.peers or each.peer.bare in self.peers]
        return waiting if self.many else waiting[:1] if not self.following.ours else []

    def _ended(self) -> list[Transfer]:
        return [each for each in self.following.ours.values() if each.is_over and each.id not in self._told]

    async def _look_at(self, offer: Transfer) -> None:
        self._seen.add(offer.id)
        if self.asks and not self._wanted(offer):
            await self._decline(offer)
            return
        try:
            self.following.follow(await self.following.profile.files.accept(offer.id, self.path))
        except NotFound:  # who offered it has changed their mind, or another frontend was faster
            self.following.progress.tell(f"{words.title(offer)} is no longer offered.")
        except SatError as error:
            if not self.many:
                raise
            self._fail(offer, error)

    def _wanted(self, offer: Transfer) -> bool:
        self.following.progress.end()
        return ask(f"{described(offer)}\nTake it? [y/N] ").strip().lower() in ("y", "yes")

    async def _decline(self, offer: Transfer) -> None:
        try:
            await self.following.profile.files.decline(offer.id)
        except NotFound:
            self.following.progress.tell(f"{words.title(offer)} is no longer offered.")
        if not self.many:
            raise Failure("You did not want it: it was declined.", code=20)

    def _tell_ended(self) -> None:
        for each in self._ended():
            self._told.add(each.id)
            self.following.progress.end()
            fault = words.fault(each)
            if fault is None:
                tell_received(self.jp, each)
            elif self.many:
                self._fail(each, fault)
            else:
                raise failed(each, fault)

    def _fail(self, transfer: Transfer, fault: SatError) -> None:
        self.following.progress.end()
        complain_of(transfer.name, fault)
        self.code = self.code or fault.exit_code


def described(offer: Transfer) -> str:
    """What is offered, and by whom, as a line for a person who is asked."""
    about = [words.amount(offer) or "of unknown size", tidy(offer.type)]
    said = f": “{tidy(offer.description)}”" if offer.description else ""
    return f"{tidy(offer.peer.bare)} offers {words.title(offer)} ({', '.join(filter(None, about))}){said}"
