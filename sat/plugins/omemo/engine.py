"""OMEMO's keys and sessions, by python-omemo. Loaded when the first of them is needed.

The library gives ``async`` functions that wait for Deferreds. One runs at a time for each profile: they read and write
the same sessions. What it logs at its lowest level holds what people write, so that level stays off."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import oldmemo
import twomemo
from omemo import (
    AsyncFramework,
    DeviceInformation,
    NoEligibleDevices,
    OMEMOException,
    SenderNotFound,
    SessionManager,
    TrustLevel,
)
from omemo.message import Message
from twisted.internet.defer import DeferredLock

from sat.api import JID
from sat.api.errors import CannotDecrypt, CannotEncrypt, KeysUntrusted, NoKeys, SatError
from sat.api.messages import Trust
from sat.plugins.omemo.content import device_of
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.library import (
    Network,
    Repeated,
    cause_of,
    fingerprint_of,
    manager_for,
    reason_of,
    signed,
    was_opened_before,
)
from sat.plugins.omemo.lists import Devices
from sat.plugins.omemo.names import NAMESPACES, NEW, OLD, TITLE
from sat.plugins.omemo.wire import WIRES
from sat.xmpp.xml import Element

T = TypeVar("T")
BELIEVED = (Trust.BLIND, Trust.VERIFIED)
WRITES_OLD = "/sat/writes_old/"  # what is kept of an account's devices: those that answer in the old version

for _name in (SessionManager.LOG_TAG, "omemo", "oldmemo", "twomemo", "doubleratchet", "x3dh"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Device(NamedTuple):
    """A device as the engine knows it."""

    owner: JID
    number: int
    fingerprint: str
    trust: Trust
    own: bool
    here: bool
    active: bool
    label: str


class Opened(NamedTuple):
    """What a message held, None where it only moved a session on; which version it was of, and whose device sent it."""

    ns: str
    plaintext: bytes | None
    device: Device


class Engine:
    """That of one profile."""

    def __init__(self, network: Network, keeping: Keeping, own: JID, blind: Callable[[], bool]) -> None:
        self._network, self._keeping, self._own = network, keeping, own
        self._blind = blind
        self._manager: Any = None
        self._lock = DeferredLock()
        self._writes_old: dict[str, set[str]] = {}  # the numbers of devices that do, by account
        for name in keeping.names(WRITES_OLD):
            owner, _, number = name.rpartition("/")
            self._writes_old.setdefault(owner, set()).add(number)
        self._sending = False
        self._reading = False

    @classmethod
    async def open(cls, network: Network, keeping: Keeping, own: JID, blind: Callable[[], bool]) -> Engine:
        """Load what is stored; the first time, make keys and publish them. ``blind``: whether keys are trusted that
        nobody has compared, as long as no other of their owner was. Errors: SatError."""
        made = cls(network, keeping, own, blind)
        manager = manager_for(network, made._evaluate, made._keep, lambda: made._reading)
        backends = [twomemo.Twomemo(keeping), oldmemo.Oldmemo(keeping)]

        async def create() -> None:
            made._manager = await manager.create(
                backends, keeping, str(own), None, Trust.UNDECIDED.value, async_framework=AsyncFramework.TWISTED
            )
            await made._manager.after_history_sync()

        await made._run(create)
        await made._keep()
        return made

    async def close(self) -> None:
        """Stop what it does from time to time."""
        if self._manager is not None:
            await self._manager.shutdown()

    @property
    def number(self) -> int:
        """Our device."""
        return int(self._number)

    _number = 0

    async def _run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do a work of the library when it is its turn. What fails of the network fails as it did there."""
        await self._lock.acquire()
        try:
            return await work()
        except OMEMOException as error:
            cause = cause_of(error)
            if cause is not None:
                raise cause from error
            raise
        finally:
            self._lock.release()

    async def _keep(self) -> None:
        await self._network.keep(self._keeping.take())

    # -- devices -------------------------------------------------------------------------------------------------------

    async def heard(self, ns: str, owner: JID, devices: Devices) -> None:
        """Somebody's list of devices is another, or our own; ours is published again where we are missing in it."""
        await self._run(lambda: self._manager.update_device_list(ns, str(owner), signed(devices)))
        await self._keep()

    async def refresh(self, owner: JID) -> None:
        """Ask for the lists of somebody's devices."""
        await self._run(lambda: self._refresh(owner))
        await self._keep()

    async def _refresh(self, owner: JID) -> None:
        await self._manager.refresh_device_lists(str(owner))

    async def devices(self, owner: JID) -> list[Device]:
        """The devices of somebody whose keys are known."""

        async def work() -> list[Device]:
            if owner == self._own:
                here, others = await self._manager.get_own_device_information()
                self._number = here.device_id
                return [await self._device(here, True), *[await self._device(each) for each in others]]
            return [await self._device(each) for each in await self._manager.get_device_information(str(owner))]

        found = await self._run(work)
        await self._keep()
        return sorted(found, key=lambda each: (not each.here, not each.active, each.fingerprint))

    async def _device(self, found: DeviceInformation, here: bool = False) -> Device:
        owner = JID(found.bare_jid)
        return Device(
            owner,
            found.device_id,
            fingerprint_of(found.identity_key),
            Trust.VERIFIED if here else await self._trust_of(found),
            owner == self._own,
            here,
            any(active for _, active in found.active),
            found.label or "",
        )

    # -- trust ---------------------------------------------------------------------------------------------------------

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        """Say what is thought of a key that is known."""

        async def work() -> None:
            for each in await self._manager.get_device_information(str(owner)):
                if fingerprint_of(each.identity_key) == fingerprint:
                    await self._manager.set_trust(str(owner), each.identity_key, trust.value)

        await self._run(work)
        await self._keep()

    async def _trust_of(self, device: DeviceInformation) -> Trust:
        """What is thought of a key; the first ones of somebody are taken as theirs, until one is compared."""
        trust = Trust(device.trust_level_name)
        if trust is Trust.UNDECIDED and self._blind() and not await self._has_verified(device.bare_jid):
            trust = Trust.BLIND
            await self._manager.set_trust(device.bare_jid, device.identity_key, trust.value)
        return trust

    async def _has_verified(self, owner: str) -> bool:
        beginning = f"/trust/{owner}/"
        for name in self._keeping.names(beginning):
            level = await self._keeping.load_primitive(f"{beginning}{name}", str)
            if level.maybe("") == Trust.VERIFIED.value:
                return True
        return False

    async def _evaluate(self, device: DeviceInformation) -> TrustLevel:
        """What the library is to do with a device: nothing is encrypted for an undecided one, but what it sends is read
        (and shown as such)."""
        trust = await self._trust_of(device)
        if trust in BELIEVED:
            return TrustLevel.TRUSTED
        if trust is Trust.DISTRUSTED or self._sending:
            return TrustLevel.DISTRUSTED
        return TrustLevel.UNDECIDED

    # -- messages ------------------------------------------------------------------------------------------------------

    async def encrypt(self, people: Iterable[JID], envelope: str, body: str) -> list[Element]:
        """Encrypt for all trusted devices of these and for our own others: an envelope for those that know version 2,
        the body for the rest; an element for each version. If one is on the lists of both versions and yet writes in
        the old one, all that know that get it. What it has changed is stored when this returns.
        Errors: NoKeys, KeysUntrusted, CannotEncrypt, NotConnected."""
        who = frozenset(map(str, people))
        texts = {NAMESPACES[0]: envelope.encode(), NAMESPACES[1]: body.encode()}

        async def work() -> dict[Message, Any]:
            self._sending = True
            try:
                messages, _ = await self._manager.encrypt(who, texts, await self._order(who))
            finally:
                self._sending = False
            found: dict[Message, Any] = messages
            return found

        try:
            messages = await self._run(work)
        except NoEligibleDevices as error:
            raise await self._why_not(error) from None
        except OMEMOException as error:
            raise CannotEncrypt(who=", ".join(sorted(who)), reason=reason_of(error)) from error
        if not messages:  # it is for ourselves, and there is nobody else
            raise NoKeys(who=f"another program of {self._own}", method=TITLE)
        await self._keep()
        return [WIRES[each.namespace].write_message(each) for each in messages]

    async def _order(self, who: frozenset[str]) -> list[str]:
        """The versions, the one first in which a device is addressed that is on the lists of both."""
        for owner in (*who, str(self._own)):
            old = self._writes_old.get(owner)
            for each in await self._manager.get_device_information(owner) if old else ():
                active = any(active for ns, active in each.active if ns == OLD)
                if active and old and str(each.device_id) in old and await self._trust_of(each) in BELIEVED:
                    return [OLD, NEW]
        return [NEW, OLD]

    async def _notice(self, ns: str, device: DeviceInformation) -> None:
        """A device has written in a version. There are programs that publish keys of both and only read the old one
        (slixmpp-omemo 2.2); they are known by this, until they write in version 2."""
        known, number = self._writes_old.setdefault(device.bare_jid, set()), str(device.device_id)
        old = ns == OLD and NEW in device.namespaces
        if old is (number in known):
            return
        key = f"{WRITES_OLD}{device.bare_jid}/{number}"
        if old:
            known.add(number)
            await self._keeping.store(key, True)
        else:
            known.discard(number)
            await self._keeping.delete(key)

    async def _why_not(self, error: NoEligibleDevices) -> SatError:
        """Why there is nobody to encrypt for."""
        for owner in sorted(error.bare_jids):
            devices = [each for each in await self.devices(JID(owner)) if each.active]
            undecided = [each.fingerprint for each in devices if each.trust in (Trust.UNDECIDED, Trust.DISTRUSTED)]
            if undecided:
                return KeysUntrusted(who=owner, keys=", ".join(spaced(each) for each in undecided))
            return NoKeys(who=owner, method=TITLE)
        return CannotEncrypt(who="nobody", reason="there is nobody to encrypt for")

    async def decrypt(self, ns: str, encrypted: Element, sender: JID) -> Opened:
        """Open a message of somebody. What it has changed stands in ``changes``, to be stored behind what the message
        says. Errors: CannotDecrypt, Repeated."""
        wire = WIRES[ns]
        own = await self._own_number()

        async def work() -> Opened:
            number = device_of(encrypted)
            sign = bool((await self._identity(ns, str(sender), number))[31] & 0x80)
            message = wire.read_message(encrypted, str(sender), str(self._own), own, sign)
            self._reading = True
            try:
                plaintext, device, _ = await self._manager.decrypt(message)
                if plaintext is not None:
                    await self._notice(ns, device)
            finally:
                self._reading = False
            return Opened(ns, plaintext, await self._device(device))

        try:
            return await self._run(work)
        except (OMEMOException, ValueError) as error:
            if was_opened_before(error):
                raise Repeated from error
            raise CannotDecrypt(reason=reason_of(error)) from error

    def changes(self) -> dict[str, str | None]:
        """What the last works have changed and nobody has stored."""
        return self._keeping.take()

    async def _own_number(self) -> int:
        if not self._number:
            await self.devices(self._own)
        return self._number

    async def _identity(self, ns: str, owner: str, number: int) -> bytes:
        """The identity key of a device, after a look at its owner's list if need be."""
        known = await self._keeping.load_bytes(f"/devices/{owner}/{number}/identity_key")  # as the library keeps it
        if known.is_just:
            return known.from_just()
        for again in (False, True):
            if again:
                await self._manager.refresh_device_list(ns, owner)
            for each in await self._manager.get_device_information(owner):
                if each.device_id == number:
                    return bytes(each.identity_key)
        raise SenderNotFound

    async def repair(self, owner: JID, envelope: str) -> None:
        """Begin anew with all devices of somebody: where there is a session it is replaced, and an empty envelope makes
        those that are missing. Errors: NoKeys, KeysUntrusted, NotConnected."""
        await self.refresh(owner)

        async def work() -> int:
            count = 0
            for each in await self._manager.get_device_information(str(owner)):
                if any(active for _, active in each.active):
                    await self._manager.replace_sessions(each)
                    count += 1
            return count

        count = await self._run(work)
        await self._keep()
        if not count:
            raise NoKeys(who=owner, method=TITLE)
        for element in await self.encrypt([owner], envelope, ""):
            self._network.send_empty(owner, element)


def spaced(fingerprint: str) -> str:
    """A fingerprint as people compare it."""
    return " ".join(fingerprint[place : place + 8] for place in range(0, len(fingerprint), 8))
