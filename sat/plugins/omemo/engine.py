"""OMEMO's keys and sessions, by python-omemo. Loaded when the first of them is needed.

The library gives ``async`` functions that wait for Deferreds. One runs at a time for each profile: they read and write
the same sessions. What it logs at its lowest level holds what people write, so that level stays off."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

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
from sat.api.errors import CannotDecrypt, CannotEncrypt, KeysUntrusted, NoKeys, NotConnected, SatError
from sat.api.messages import Trust
from sat.plugins.omemo.content import device_of
from sat.plugins.omemo.crossings import Crossings
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.library import (
    Device,
    Network,
    NotYet,
    OldBackend,
    Opened,
    Repeated,
    cause_of,
    fingerprint_of,
    manager_for,
    may_pass,
    reason_of,
    signed,
    spaced,
    was_opened_before,
)
from sat.plugins.omemo.lists import Devices
from sat.plugins.omemo.names import NEW, OLD, TITLE
from sat.plugins.omemo.versions import Versions
from sat.plugins.omemo.wire import WIRES
from sat.xmpp.xml import Element

T = TypeVar("T")
BELIEVED = (Trust.BLIND, Trust.VERIFIED)

for _name in (SessionManager.LOG_TAG, "omemo", "oldmemo", "twomemo", "doubleratchet", "x3dh"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Engine:
    """That of one profile."""

    def __init__(self, network: Network, keeping: Keeping, own: JID, blind: Callable[[], bool]) -> None:
        self._network, self._keeping, self._own = network, keeping, own
        self._blind = blind
        self._manager: Any = None
        self._backends: list[Any] = []  # one for each version
        self._lock = DeferredLock()
        self._versions, self._crossings = Versions(keeping), Crossings(keeping)
        self._number = 0
        self._sending = self._reading = False
        self._only: frozenset[str] | None = None  # the keys that may read what is being encrypted
        self._missed: SatError | None = None  # why keys could not be fetched for it

    @classmethod
    async def open(cls, network: Network, keeping: Keeping, own: JID, blind: Callable[[], bool]) -> Engine:
        """Load what is stored; the first time, make keys and publish them. ``blind``: whether keys are trusted that
        nobody has compared, as long as no other of their owner was. Errors: SatError."""
        made = cls(network, keeping, own, blind)
        manager = manager_for(network, made._evaluate, made._keep, lambda: made._reading, made._miss)
        backends = made._backends = [twomemo.Twomemo(keeping), OldBackend(keeping)]

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

    async def signature_of(self, label: str) -> bytes:
        """How our device signs what it is called."""

        async def work() -> bytes:
            return bytes(await self._backends[0].sign_own_label(label))

        return await self._run(work)

    async def publish_missing(self) -> None:
        """Publish our public keys where the server has none of ours any more."""
        number = await self._own_number()

        async def work() -> None:
            for each in self._backends:
                if await self._network.fetch_bundle(each.namespace, self._own, number) is None:
                    bundle = WIRES[each.namespace].write_bundle(await each.get_bundle(str(self._own), number))
                    await self._network.publish_bundle(each.namespace, number, bundle)

        await self._run(work)

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

    def _miss(self, error: SatError) -> None:
        self._missed = error

    async def _keep(self) -> None:
        await self._network.keep(self._keeping.take())

    # -- devices -------------------------------------------------------------------------------------------------------

    async def heard(self, ns: str, owner: JID, devices: Devices) -> None:
        """Somebody's list of devices is another, or our own; ours is published again where we are missing in it."""
        await self._run(lambda: self._manager.update_device_list(ns, str(owner), signed(devices)))
        await self._keep()

    async def refresh(self, owner: JID) -> None:
        """Ask for the lists of somebody's devices."""
        await self._run(lambda: self._manager.refresh_device_lists(str(owner)))
        await self._keep()

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
            found.identity_key.hex(),
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

    async def verified(self) -> dict[JID, list[Device]]:
        """All devices but this one whose keys are verified, by owner."""
        names = {name.rpartition("/")[0] for name in self._keeping.names("/trust/")}
        found = {JID(name): await self.devices(JID(name)) for name in sorted(names) if await self._has_verified(name)}
        return {
            owner: [each for each in devices if each.trust is Trust.VERIFIED and not each.here]
            for owner, devices in found.items()
        }

    async def _evaluate(self, device: DeviceInformation) -> TrustLevel:
        """What the library is to do with a device: nothing is encrypted for an undecided one, but what it sends is read
        (and shown as such)."""
        trust = await self._trust_of(device)
        if self._only is not None and fingerprint_of(device.identity_key) not in self._only:
            return TrustLevel.DISTRUSTED
        if trust in BELIEVED:
            return TrustLevel.TRUSTED
        if trust is Trust.DISTRUSTED or self._sending:
            return TrustLevel.DISTRUSTED
        return TrustLevel.UNDECIDED

    # -- messages ------------------------------------------------------------------------------------------------------

    async def encrypt(
        self, people: Iterable[JID], envelope: str, body: str | None, only: frozenset[str] | None = None
    ) -> list[Element]:
        """Encrypt for all trusted devices of these and for our own others, or ``only`` for those with these keys: an
        envelope for those that know version 2, the body for the rest, if there is one; an element for each version. If
        one is on the lists of both versions and yet writes in the old one, all that know that get it. What it has
        changed is stored when this returns. Errors: NoKeys, KeysUntrusted, CannotEncrypt, NotConnected."""
        who = frozenset(map(str, people))
        texts = {NEW: envelope.encode(), OLD: (body or "").encode()}
        made = await self._encrypt(who, texts, [NEW] if body is None else None, only)
        return [WIRES[each.namespace].write_message(each) for each in made]

    async def enclose(self, person: JID) -> tuple[Element, bytes, bytes]:
        """A new key for all trusted devices of somebody and for our own others, and its IV, with the element that
        carries it (a KeyTransportElement, which only the old version has). Stored and failing as above."""
        ((message, material),) = (await self._encrypt(frozenset((str(person),)), {OLD: b""}, [OLD])).items()
        content: Any = message.content
        return WIRES[OLD].write_message(message), material.key, content.initialization_vector

    async def _encrypt(
        self, who: frozenset[str], texts: dict[str, bytes], order: list[str] | None, only: frozenset[str] | None = None
    ) -> dict[Message, Any]:
        async def work() -> dict[Message, Any]:
            self._sending, self._only, self._missed = True, only, None
            try:
                messages, _ = await self._manager.encrypt(who, texts, order or await self._order(who))
            finally:
                self._sending, self._only = False, None
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
        return messages

    async def _readers(self, who: Iterable[str]) -> list[DeviceInformation]:
        """The devices of these for which something is encrypted."""
        own = str(self._own)
        return [
            each
            for owner in who
            for each in await self._manager.get_device_information(owner)
            if any(active for _, active in each.active)
            and not (owner == own and each.device_id == self._number)
            and await self._trust_of(each) in BELIEVED
        ]

    async def _order(self, who: frozenset[str]) -> list[str]:
        """The versions, the one first in which a device is addressed that is on the lists of both."""
        owners = [each for each in {*who, str(self._own)} if self._versions.has_old(each)]
        return [OLD, NEW] if any(map(self._versions.prefers_old, await self._readers(owners))) else [NEW, OLD]

    async def reads_whole(self, people: Iterable[JID]) -> bool:
        """Whether all devices that read what is encrypted for these, our own others too, get it in version 2."""
        await self._own_number()
        readers = await self._run(lambda: self._readers(self._with_ourselves(people)))
        return all(self._versions.reads_new(each) for each in readers)

    def _with_ourselves(self, people: Iterable[JID]) -> set[str]:
        return {*map(str, people), str(self._own)}

    async def has_sessions(self, people: Iterable[JID]) -> bool:
        """Whether version 2 has begun with all of them, so that nothing has to be exchanged before."""

        async def work() -> bool:
            for each in await self._readers(self._with_ourselves(people)):
                if (await self._manager.get_sending_chain_length(each)).get(NEW) is None:
                    return False
            return True

        await self._own_number()
        return await self._run(work)

    async def _why_not(self, error: NoEligibleDevices) -> SatError:
        """Why there is nobody to encrypt for."""
        missed = self._missed
        for owner in sorted(error.bare_jids):
            devices = [each for each in await self.devices(JID(owner)) if each.active]
            undecided = [each.fingerprint for each in devices if each.trust in (Trust.UNDECIDED, Trust.DISTRUSTED)]
            if undecided:
                return KeysUntrusted(who=owner, keys=", ".join(spaced(each) for each in undecided))
            if missed is None:
                return NoKeys(who=owner, method=TITLE)
            why = f"their keys could not be fetched: {missed}".rstrip(".")
            return missed if isinstance(missed, NotConnected) else CannotEncrypt(who=owner, reason=why)
        return CannotEncrypt(who="nobody", reason="there is nobody to encrypt for")

    async def decrypt(self, ns: str, encrypted: Element, sender: JID) -> Opened:
        """Open a message of somebody. What it has changed stands in ``changes``, to be stored behind what the message
        says. Errors: CannotDecrypt, Repeated, NotYet."""
        wire = WIRES[ns]
        own = await self._own_number()

        async def work() -> Opened:
            number = device_of(encrypted)
            if not number:
                raise ValueError("it does not say which device it is from")
            sign = bool((await self._identity(ns, str(sender), number))[31] & 0x80)
            message = wire.read_message(encrypted, str(sender), str(self._own), own, sign)
            self._reading = True
            try:
                plaintext, device, material = await self._crossings.decrypt(self._manager.decrypt, message)
                if plaintext is not None:
                    await self._versions.notice(ns, device)
            finally:
                self._reading = False
            return Opened(ns, plaintext, await self._device(device), material.key)

        try:
            return await self._run(work)
        except (OMEMOException, ValueError) as error:
            if was_opened_before(error):
                raise Repeated from error
            if may_pass(error):
                raise NotYet(reason_of(error)) from error
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
            self._crossings.forget(owner)
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
