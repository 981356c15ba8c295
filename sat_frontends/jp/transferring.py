"""Following what is on its way to its end, and which one a person means."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sat.api import JID, SatError
from sat.api.transfers import Transfer, TransferState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import NOT_FOUND, Failure, usage
from sat_frontends.jp.output import complain, tidy
from sat_frontends.jp.people import resolve
from sat_frontends.jp.progress import Progress
from sat_frontends.quick_frontend import transfer_words as words
from sat_frontends.quick_frontend.transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sat_frontends.bridge.access import ProfileAccess


class Following:
    """Hears of all that is on its way, and shows how far ``ours`` are. What is still under way when it is left by
    Ctrl-C or an error is given up. ``plain``: see :class:`Progress`."""

    def __init__(self, jp: Jp, profile: ProfileAccess, plain: bool = False) -> None:
        self.jp, self.profile = jp, profile
        self.all = Transfers(profile.transfers, profile.files)
        self.ours: dict[str, Transfer] = {}
        self.progress = Progress(jp, plain)
        self._undo: list[Callable[[], None]] = []

    async def __aenter__(self) -> Following:
        # Before anything begins: the end may come before the answer to the call.
        self._undo = [*self.all.listen(), self.all.changed.connect(self._heard)]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        for each in self._undo:
            each()
        self.progress.end()
        if kind is not None:
            for transfer in self.under_way:
                with suppress(SatError):
                    await self.profile.transfers.cancel(transfer.id)

    def follow(self, transfer: Transfer) -> None:
        """It is one of ours, and so far as the daemon has just answered."""
        self.ours[transfer.id] = transfer
        self.all.put(transfer)

    @property
    def under_way(self) -> list[Transfer]:
        """Those of ours that have not ended."""
        return [each for each in self.ours.values() if not each.is_over]

    def to_end(self) -> list[Transfer]:
        """Wait until all of ours have ended."""
        self.jp.listen(lambda: not self.under_way)
        return list(self.ours.values())

    def _heard(self, id: str) -> None:
        now = self.all.find(id)
        if id in self.ours and now is not None:
            self.ours[id] = now
            self.progress.show(now, [self.all.row(each.id) for each in self.under_way if self.all.find(each.id)])


def outcome(transfers: list[Transfer], alone: bool = True) -> int:
    """The exit code, once they have ended. One that is alone raises why it failed; of several each is told."""
    codes = []
    for each in transfers:
        if (fault := words.fault(each)) is None:
            continue
        if alone:
            raise failed(each, fault)
        complain_of(each.name, fault)
        codes.append(fault.exit_code)
    return codes[0] if codes else 0


def failed(transfer: Transfer, fault: SatError) -> Exception:
    """The end of one that did not work, with how it can be gone on with where nothing else is to be done first."""
    if not is_partial(transfer) or fault.advice:
        return fault
    return Failure(tidy(str(fault)), f"To go on with what is here: jp file resume {transfer.id}", fault.exit_code)


def complain_of(name: str, fault: SatError) -> None:
    """One of several did not work."""
    told = tidy(str(fault))
    complain(f"jp: {told}" if tidy(name) in told else f"jp: {tidy(name)}: {told}")


async def finished(jp: Jp, profile: ProfileAccess, begin: Coroutine[Any, Any, Transfer]) -> Transfer:
    """Begin one and wait for its end; how it failed is raised."""
    async with Following(jp, profile) as following:
        following.follow(await begin)
        (ended,) = following.to_end()
    outcome([ended])
    return ended


async def carried(jp: Jp, begin: Coroutine[Any, Any, Transfer], wait: bool | None) -> None:
    """Begin something, and wait for its end unless that is not wanted."""
    if wait is False:
        await begin
        return
    tell_received(jp, await finished(jp, await jp.profile(), begin))


def tell_received(jp: Jp, transfer: Transfer) -> None:
    """Where a file is that has come, on a line of its own: it may be one of several."""
    if transfer.folder:
        jp.out.say(f"{tidy(words.title(transfer))}: {', '.join(words.counts(transfer)) or 'no file is in it'}")
    if transfer.quarantined:
        jp.out.say(f"{transfer.name} could be run, so it was put apart.")
    jp.out.event(transfer, tidy(transfer.path), (transfer.path,))


def whole(path: str) -> str:
    """A path as the daemon needs it, which works in another folder."""
    return os.path.abspath(os.path.expanduser(path))


def target(path: str | None) -> str:
    """Where a file is to be put; without a path that is this folder. A slash at the end says that a folder is meant."""
    found = whole(path or ".")
    return f"{found}/" if path and path.endswith("/") and found != "/" else found


def hash_in(text: str) -> str:
    """A SHA-256 as it is told to others, in Base64, from ``sha-256:`` and hexadecimal or Base64."""
    from base64 import b64decode, b64encode

    kind, colon, value = text.partition(":")
    if colon and kind.lower() != "sha-256":
        raise usage("Only by its SHA-256 a file is found.", "sha256sum FILE shows it; then: --hash sha-256:…")
    value = value if colon else text
    try:
        digest = bytes.fromhex(value) if len(value) == 64 else b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise usage("That is no SHA-256.", "sha256sum FILE shows it; then: --hash sha-256:…")
    return b64encode(digest).decode()


async def program_of(profile: ProfileAccess, text: str) -> JID:
    """To whom something goes: one of their programs where the address has a resource. Failure as for ``resolve``."""
    return JID.parse(text) if "@" in text and "/" in text else await resolve(profile, text)


async def find_transfer(profile: ProfileAccess, text: str, fits: Callable[[Transfer], bool], what: str) -> Transfer:
    """The one of an id; for @CONTACT the last one with them that fits, which is called ``what``."""
    found = await profile.transfers.get_all()
    if text.startswith("@"):
        peer = await resolve(profile, text[1:])
        matching = [each for each in found if each.peer.bare == peer and fits(each)]
        if not matching:
            raise Failure(f"There is no {what} from or to {tidy(peer)}.", "jp file transfers shows all.", NOT_FOUND)
        return matching[-1]
    for each in found:
        if each.id == text:
            if not fits(each):
                raise usage(f"{tidy(each.name)} is no {what}: its state is “{each.state}”.")
            return each
    raise Failure(f"There is no transfer {tidy(text)}.", "jp file transfers shows all.", NOT_FOUND)


def is_running(transfer: Transfer) -> bool:
    """Whether there is something to cancel."""
    return not transfer.is_over


def is_over(transfer: Transfer) -> bool:
    """Whether it has ended."""
    return transfer.is_over


def is_partial(transfer: Transfer) -> bool:
    """Whether it can be gone on with."""
    return transfer.partial and transfer.state is not TransferState.DONE
