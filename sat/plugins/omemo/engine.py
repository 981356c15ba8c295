"""OMEMO's keys and sessions, by python-omemo. Loaded when the first of them is needed.

The library gives ``async`` functions that wait for Deferreds. One runs at a time for each profile: they read and write
the same sessions. What it logs at its lowest level holds what people write, so that level stays off."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

import oldmemo
import twomemo
from omemo import (
    AsyncFramework,
    BundleDownloadFailed,
    BundleNotFound,
    DecryptionFailed,
    DeviceInformation,
    DeviceListDownloadFailed,
    DeviceListUploadFailed,
    KeyExchangeFailed,
    MessageNotForUs,
    NoEligibleDevices,
    NoSession,
    OMEMOException,
    PublicDataInconsistency,
    SenderDistrusted,
    SenderNotFound,
    SessionManager,
    TrustLevel,
)
from omemo.bundle import Bundle
from omemo.message import Message
from omemo.session_manager import BundleUploadFailed, MessageSendingFailed
from omemo.types import DeviceList
from twisted.internet.defer import DeferredLock

from sat.api import JID
from sat.api.errors import CannotDecrypt, CannotEncrypt, KeysUntrusted, NoKeys, NotConnected, SatError
from sat.api.messages import Trust
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.names import NAMESPACES
from sat.plugins.omemo.wire import WIRES
from sat.xmpp.xml import Element

T = TypeVar("T")
TITLE = "OMEMO"

for _name in (SessionManager.LOG_TAG, "omemo", "oldmemo", "twomemo", "doubleratchet", "x3dh"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class Network(Protocol):
    """What the engine needs of the server. All fail as the pubsub plugin does."""

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        """Publish the public keys of our device."""

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        """The same when it can be done, for what must not wait for it, nor fail with it."""

    async def fetch_bundle(self, ns: str, owner: JID, device: int) -> Element | None:
        """Those of a device of somebody; None where there are none."""

    async def delete_bundle(self, ns: str, device: int) -> None:
        """Take back the public keys of a device of ours."""

    async def publish_devices(self, ns: str, devices: Element) -> None:
        """Publish our list of devices."""

    async def fetch_devices(self, ns: str, owner: JID) -> Element | None:
        """The list of devices of somebody; None where there is none."""

    def send_empty(self, peer: JID, encrypted: Element) -> None:
        """Send a message that moves a session on, and says nothing."""

    async def keep(self, values: dict[str, str | None]) -> None:
        """Store keys and sessions."""


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
        self._sending = False
        self.is_reading = False
        """Whether a message is being opened: what has come out of it must not be lost by what fails then."""

    @classmethod
    async def open(cls, network: Network, keeping: Keeping, own: JID, blind: Callable[[], bool]) -> Engine:
        """Load what is stored; the first time, make keys and publish them. ``blind``: whether keys are trusted that
        nobody has compared, as long as no other of their owner was. Errors: SatError."""
        made = cls(network, keeping, own, blind)
        manager = _manager_for(made)
        backends = [twomemo.Twomemo(keeping), oldmemo.Oldmemo(keeping)]

        async def create() -> None:
            made._manager = await manager.create(
                backends, keeping, str(own), None, Trust.UNDECIDED.value, async_framework=AsyncFramework.TWISTED
            )
            await made._manager.after_history_sync()

        await made._run(create)
        await network.keep(keeping.take())
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
            cause = _cause(error)
            if cause is not None:
                raise cause from error
            raise
        finally:
            self._lock.release()

    # -- devices -------------------------------------------------------------------------------------------------------

    async def heard(self, ns: str, owner: JID, devices: Element | None) -> None:
        """Somebody's list of devices is another, or our own; ours is published again where we are missing in it."""
        found = WIRES[ns].read_devices(devices)
        await self._run(lambda: self._manager.update_device_list(ns, str(owner), found))
        await self._network.keep(self._keeping.take())

    async def refresh(self, owner: JID) -> None:
        """Ask for the lists of somebody's devices."""
        await self._run(lambda: self._refresh(owner))
        await self._network.keep(self._keeping.take())

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
        await self._network.keep(self._keeping.take())
        return sorted(found, key=lambda each: (not each.here, not each.active, each.fingerprint))

    async def _device(self, found: DeviceInformation, here: bool = False) -> Device:
        owner = JID(found.bare_jid)
        return Device(
            owner,
            found.device_id,
            found.identity_key.hex(),
            Trust.VERIFIED if here else await self._trust_of(found),
            owner == self._own,
            here,
            any(active for _, active in found.active),
            found.label or "",
        )

    # -- trust ---------------------------------------------------------------------------------------------------------

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        """Say what is thought of a key."""
        key = bytes.fromhex(fingerprint)
        await self._run(lambda: self._manager.set_trust(str(owner), key, trust.value))
        await self._network.keep(self._keeping.take())

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

    async def evaluate(self, device: DeviceInformation) -> TrustLevel:
        """What the library is to do with a device: nothing is encrypted for an undecided one, but what it sends is read
        (and shown as such)."""
        trust = await self._trust_of(device)
        if trust in (Trust.BLIND, Trust.VERIFIED):
            return TrustLevel.TRUSTED
        if trust is Trust.DISTRUSTED or self._sending:
            return TrustLevel.DISTRUSTED
        return TrustLevel.UNDECIDED

    # -- messages ------------------------------------------------------------------------------------------------------

    async def encrypt(self, people: Iterable[JID], envelope: str, body: str) -> list[Element]:
        """Encrypt for all trusted devices of these and for our own others: an envelope for those that know version 2,
        the body for the rest; an element for each version. What it has changed is stored when this returns.
        Errors: NoKeys, KeysUntrusted, CannotEncrypt, NotConnected."""
        who = frozenset(map(str, people))
        texts = {NAMESPACES[0]: envelope.encode(), NAMESPACES[1]: body.encode()}

        async def work() -> dict[Message, Any]:
            self._sending = True
            try:
                messages, _ = await self._manager.encrypt(who, texts)
            finally:
                self._sending = False
            found: dict[Message, Any] = messages
            return found

        try:
            messages = await self._run(work)
        except NoEligibleDevices as error:
            raise await self._why_not(error) from None
        except OMEMOException as error:
            raise CannotEncrypt(who=", ".join(sorted(who)), reason=_reason(error)) from error
        await self._network.keep(self._keeping.take())
        return [WIRES[each.namespace].write_message(each) for each in messages]

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
        says. Errors: CannotDecrypt."""
        wire = WIRES[ns]
        number = wire.sender_of(encrypted)
        own = await self._own_number()

        async def work() -> Opened:
            known = await self._known(ns, str(sender), number)
            sign = bool(known.identity_key[31] & 0x80)
            message = wire.read_message(encrypted, str(sender), str(self._own), own, sign)
            self.is_reading = True
            try:
                plaintext, device, _ = await self._manager.decrypt(message)
            finally:
                self.is_reading = False
            return Opened(ns, plaintext, await self._device(device))

        try:
            return await self._run(work)
        except (OMEMOException, ValueError) as error:
            raise CannotDecrypt(reason=_reason(error)) from error

    def changes(self) -> dict[str, str | None]:
        """What the last works have changed and nobody has stored."""
        return self._keeping.take()

    async def _own_number(self) -> int:
        if not self._number:
            await self.devices(self._own)
        return self._number

    async def _known(self, ns: str, owner: str, number: int) -> DeviceInformation:
        """A device, after a look at its owner's list if need be."""
        for again in (False, True):
            if again:
                await self._manager.refresh_device_list(ns, owner)
            for each in await self._manager.get_device_information(owner):
                if each.device_id == number:
                    found: DeviceInformation = each
                    return found
        raise SenderNotFound

    async def repair(self, owner: JID) -> None:
        """Begin anew with all devices of somebody. Errors: NoKeys, NotConnected."""
        await self.refresh(owner)

        async def work() -> int:
            count = 0
            for each in await self._manager.get_device_information(str(owner)):
                if any(active for _, active in each.active):
                    await self._manager.replace_sessions(each)
                    count += 1
            return count

        count = await self._run(work)
        await self._network.keep(self._keeping.take())
        if not count:
            raise NoKeys(who=owner, method=TITLE)


def spaced(fingerprint: str) -> str:
    """A fingerprint as people compare it."""
    return " ".join(fingerprint[place : place + 8] for place in range(0, len(fingerprint), 8))


def _cause(error: BaseException) -> SatError | None:
    """What of the network made the library fail."""
    cause = error.__cause__
    return cause if isinstance(cause, NotConnected) else None


_REASONS: dict[type[BaseException], str] = {
    MessageNotForUs: "it was not encrypted for this device, which its author did not know yet",
    SenderNotFound: "the device that it is from is not on its owner's list",
    DeviceListDownloadFailed: "the device that it is from is not known, and its owner's server does not tell of it",
    SenderDistrusted: "you have said that you do not trust the device that it is from",
    NoSession: "it belongs to an exchange of which this device knows nothing",
    PublicDataInconsistency: "the key that it was made with is not the one that its owner has published",
    KeyExchangeFailed: "the exchange of keys that it begins failed",
    DecryptionFailed: "it was opened before, or is damaged",
    BundleDownloadFailed: "the keys of a device could not be fetched",
}


def _reason(error: BaseException) -> str:
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return str(error) if isinstance(error, ValueError) else "the library for it failed"


def _manager_for(engine: Engine) -> type[SessionManager]:
    """The library is told by a subclass how to reach the network; most of its functions belong to no instance."""
    network = engine._network

    class Manager(SessionManager):
        @staticmethod
        async def _upload_bundle(bundle: Bundle) -> None:
            element = WIRES[bundle.namespace].write_bundle(bundle)
            if engine.is_reading:
                network.publish_soon(bundle.namespace, bundle.device_id, element)
                return
            with _failing(BundleUploadFailed):
                await network.publish_bundle(bundle.namespace, bundle.device_id, element)

        @staticmethod
        async def _download_bundle(namespace: str, bare_jid: str, device_id: int) -> Bundle:
            with _failing(BundleDownloadFailed):
                found = await network.fetch_bundle(namespace, JID(bare_jid), device_id)
                if found is not None:
                    return WIRES[namespace].read_bundle(found, bare_jid, device_id)
            raise BundleNotFound

        @staticmethod
        async def _delete_bundle(namespace: str, device_id: int) -> None:
            await network.delete_bundle(namespace, device_id)

        @staticmethod
        async def _upload_device_list(namespace: str, device_list: DeviceList) -> None:
            with _failing(DeviceListUploadFailed):
                await network.publish_devices(namespace, WIRES[namespace].write_devices(device_list))

        @staticmethod
        async def _download_device_list(namespace: str, bare_jid: str) -> DeviceList:
            with _failing(DeviceListDownloadFailed):
                return WIRES[namespace].read_devices(await network.fetch_devices(namespace, JID(bare_jid)))

        async def _evaluate_custom_trust_level(self, device: DeviceInformation) -> TrustLevel:
            return await engine.evaluate(device)

        async def _make_trust_decision(self, undecided: frozenset[DeviceInformation], identifier: str | None) -> None:
            """None is asked for: they are left out instead (``evaluate``)."""

        @staticmethod
        async def _send_message(message: Message, bare_jid: str) -> None:
            with _failing(MessageSendingFailed):
                network.send_empty(JID(bare_jid), WIRES[message.namespace].write_message(message))

    return Manager


@contextmanager
def _failing(kind: type[Exception]) -> Iterator[None]:
    """What fails in here is told to the library as it wants it."""
    try:
        yield
    except (SatError, ValueError) as error:
        raise kind(str(error)) from error
