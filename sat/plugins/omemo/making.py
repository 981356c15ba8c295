"""The first keys of a profile, made in a process of their own: the library for it is large, and may not be needed again
for long. Run as ``python -m sat.plugins.omemo.making``; what is to be made comes in by stdin, keys go out by stdout."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import InternalError
from sat.plugins.omemo.names import NAMESPACES
from sat.xmpp import xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.omemo.keeping import Keeping

PATIENCE = 120.0  # seconds
log = logging.getLogger(__name__)


class Made(NamedTuple):
    """A new device: its number, what is to be kept (see ``keeping.py``), and its public keys by version."""

    device: int
    values: dict[str, str | None]
    bundles: dict[str, Element]


async def make(own: JID, taken: set[int]) -> Made:
    """Have a device made for an account whose other devices have these numbers. Errors: InternalError, and why is
    logged."""
    asked = json.dumps({"jid": own, "taken": sorted(taken)}).encode()

    async def run() -> bytes:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-P", "-m", __name__)  # -P: nothing is taken from the current folder
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            told, complaint = await asyncio.wait_for(process.communicate(asked), PATIENCE)
        except BaseException:
            process.kill()
            raise
        if process.returncode != 0:
            why = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2][:500]
            raise OSError(f"the process for it ended with {process.returncode}: {why}")
        return told

    try:
        told = await Deferred.fromFuture(asyncio.ensure_future(run()))
        found = json.loads(told)
        bundles = {ns: xml.parse(found["bundles"][ns].encode()) for ns in NAMESPACES}
        return Made(int(found["device"]), found["values"], bundles)
    except asyncio.CancelledError:
        raise CancelledError from None  # Twisted's: the profile is being closed
    except (OSError, ValueError, KeyError, TimeoutError) as error:
        reference = secrets.token_hex(4)
        log.error("%s: the keys of a device could not be made: %s", reference, error)
        raise InternalError(reference=reference) from error


class _Nobody:
    """The network of a device that nobody knows yet: what it would publish is kept."""

    def __init__(self, taken: list[int]) -> None:
        self._taken = taken
        self.values: dict[str, str | None] = {}
        self.bundles: dict[str, str] = {}

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        self.bundles[ns] = xml.to_text(bundle)

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        from sat.plugins.omemo.lists import write_devices

        return write_devices(ns, dict.fromkeys(self._taken))

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        return None  # the keys of the others are fetched when something is encrypted for them

    async def publish_devices(self, ns: str, devices: Element) -> None:
        pass  # who asked for keys does that when they are stored

    async def keep(self, values: dict[str, str | None]) -> None:
        self.values |= values


async def identify(keeping: Keeping) -> None:
    """Have an identity whose Ed25519 key has no sign. libomemo.js (Converse.js 14) checks signatures by the other form
    of the key, which tells none, so half of all identities would be of no use to it."""
    from xeddsa import seed_to_ed25519_pub

    seed = secrets.token_bytes(32)
    while seed_to_ed25519_pub(seed)[31] & 0x80:
        seed = secrets.token_bytes(32)
    await keeping.store("/ikp/is_seed", True)
    await keeping.store_bytes("/ikp/key", seed)


def main() -> None:
    """Make what stdin asks for."""
    from sat.plugins.omemo.engine import Engine
    from sat.plugins.omemo.keeping import Keeping

    asked = json.load(sys.stdin)

    async def work() -> Engine:
        keeping = Keeping({})
        await identify(keeping)
        return await Engine.open(network, keeping, JID(asked["jid"]), lambda: True)

    network: Any = _Nobody(asked["taken"])
    made: list[Any] = []
    # Nothing waits in here, so it is done when this returns.
    Deferred.fromCoroutine(work()).addBoth(made.append)
    if isinstance(made[0], Failure):
        raise SystemExit(" ".join(repr(made[0].value).split()))
    device = int(json.loads(network.values["/own_device_id"]))
    json.dump({"device": device, "values": network.values, "bundles": network.bundles}, sys.stdout)


if __name__ == "__main__":
    main()
