"""python-omemo as the engine uses it: told how to reach the network, and what its errors mean to a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import oldmemo
import xeddsa
from doubleratchet import DuplicateMessageException
from omemo import (
    BundleDownloadFailed,
    BundleNotFound,
    DecryptionFailed,
    DeviceInformation,
    DeviceListDownloadFailed,
    DeviceListUploadFailed,
    KeyExchangeFailed,
    MessageNotForUs,
    NoSession,
    PublicDataInconsistency,
    SenderDistrusted,
    SenderNotFound,
    SessionManager,
    TrustLevel,
)
from omemo.bundle import Bundle
from omemo.message import Message
from omemo.session_manager import BundleUploadFailed, MessageSendingFailed
from omemo.types import DeviceList, SignedLabel

from sat.api import JID
from sat.api.errors import NotConnected, SatError
from sat.api.messages import Trust
from sat.plugins.omemo.lists import Devices, Label, read_devices, write_devices
from sat.plugins.omemo.wire import WIRES
from sat.xmpp.xml import Element

Evaluate = Callable[[DeviceInformation], Awaitable[TrustLevel]]


class OldBackend(oldmemo.Oldmemo):
    """The old version has no names of devices: the library must not fail where we have one. And what holds nothing
    but a key (a KeyTransportElement) goes as the others write it: without the tag of a text that is empty."""

    async def encrypt_plaintext(self, plaintext: bytes) -> Any:
        return await (super().encrypt_plaintext(plaintext) if plaintext else self.encrypt_empty())

    async def sign_own_label(self, label: str) -> bytes:
        return b""


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
    identity: str  # the key in its other form, Ed25519


class Opened(NamedTuple):
    """What a message held, None where it held no text; which version it was of, and whose device sent it. ``key`` is
    what it was encrypted with, or carries where it has no text."""

    ns: str
    plaintext: bytes | None
    device: Device
    key: bytes


@lru_cache(1000)
def fingerprint_of(identity_key: bytes) -> str:
    """A key as people compare it, in all programs and versions: in its Curve25519 form (XEP-0384 §9)."""
    return xeddsa.ed25519_pub_to_curve25519_pub(identity_key).hex()


def spaced(fingerprint: str) -> str:
    """A fingerprint as people compare it."""
    return " ".join(fingerprint[place : place + 8] for place in range(0, len(fingerprint), 8))


class Network(Protocol):
    """What the engine needs of the server. All fail as the pubsub plugin does."""

    async def publish_bundle(self, ns: str, device: int, bundle: Element) -> None:
        """Publish the public keys of our device."""

    def publish_soon(self, ns: str, device: int, bundle: Element) -> None:
        """The same behind the next :meth:`keep`, for what must not wait for it, nor fail with it."""

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


class Repeated(Exception):
    """A message was opened before: what it says is stored, or was nothing to store."""


class NotYet(Exception):
    """A message cannot be opened, for a reason that may pass."""


_PASSING = (SenderNotFound, DeviceListDownloadFailed, SenderDistrusted, NoSession, BundleDownloadFailed)


def may_pass(error: BaseException) -> bool:
    """Whether a message can perhaps be opened when more is known. What was refused with the right keys never can."""
    return isinstance(error, _PASSING)


def is_lost(error: BaseException) -> bool:
    """Whether a message that was not opened before belongs to keys that this device has no more."""
    return isinstance(error.__cause__, (DecryptionFailed, KeyExchangeFailed))


def was_opened_before(error: BaseException) -> bool:
    """Whether the ratchet has seen this message. It does not know those from before its last turn."""
    return isinstance(error.__cause__, DuplicateMessageException)


def cause_of(error: BaseException) -> SatError | None:
    """What of the network made the library fail."""
    cause = error.__cause__
    return cause if isinstance(cause, NotConnected) else None


_REASONS: dict[type[BaseException], str] = {
    MessageNotForUs: "it was not encrypted for this device, which its author did not know then, or did not trust",
    SenderNotFound: "the device that it is from is not on its owner's list",
    DeviceListDownloadFailed: "the device that it is from is not known, and its owner's server does not tell of it",
    SenderDistrusted: "you have said that you do not trust the device that it is from",
    NoSession: "it belongs to an exchange of which this device knows nothing, and without that it never can be",
    PublicDataInconsistency: "the key that it was made with is not the one that its owner has published",
    KeyExchangeFailed: "the exchange of keys that it begins failed",
    DecryptionFailed: "it was opened before, or is damaged",
    BundleDownloadFailed: "the keys of a device could not be fetched",
}


def reason_of(error: BaseException) -> str:
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return str(error) if isinstance(error, ValueError) else "the library for it failed"


def manager_for(
    network: Network,
    evaluate: Evaluate,
    keep: Callable[[], Awaitable[None]],
    is_reading: Callable[[], bool],
    missed: Callable[[SatError], None],
) -> type[SessionManager]:
    """The library is told by a subclass how to reach the network; most of its functions belong to no instance.
    ``keep`` stores what it has changed. ``is_reading``: whether a message is being opened; what has come out of it must
    not be lost by what fails then, and is stored before what has changed with it. ``missed`` is told why keys could not
    be fetched, of which the library says no more than that there are none."""

    class Manager(SessionManager):
        @staticmethod
        async def _upload_bundle(bundle: Bundle) -> None:
            element = WIRES[bundle.namespace].write_bundle(bundle)
            if is_reading():
                network.publish_soon(bundle.namespace, bundle.device_id, element)
                return
            with _failing(BundleUploadFailed):
                await keep()  # nobody may use a key of which we have lost our half
                await network.publish_bundle(bundle.namespace, bundle.device_id, element)

        @staticmethod
        async def _download_bundle(namespace: str, bare_jid: str, device_id: int) -> Bundle:
            with _failing(BundleDownloadFailed):
                try:
                    found = await network.fetch_bundle(namespace, JID(bare_jid), device_id)
                except SatError as error:
                    missed(error)
                    raise
                if found is not None:
                    return WIRES[namespace].read_bundle(found, bare_jid, device_id)
            raise BundleNotFound

        @staticmethod
        async def _delete_bundle(namespace: str, device_id: int) -> None:
            await network.delete_bundle(namespace, device_id)

        @staticmethod
        async def _upload_device_list(namespace: str, device_list: DeviceList) -> None:
            with _failing(DeviceListUploadFailed):
                await network.publish_devices(namespace, write_devices(namespace, _labels(device_list)))

        @staticmethod
        async def _download_device_list(namespace: str, bare_jid: str) -> DeviceList:
            with _failing(DeviceListDownloadFailed):
                return signed(read_devices(namespace, await network.fetch_devices(namespace, JID(bare_jid))))

        async def _evaluate_custom_trust_level(self, device: DeviceInformation) -> TrustLevel:
            return await evaluate(device)

        async def _make_trust_decision(self, undecided: frozenset[DeviceInformation], identifier: str | None) -> None:
            """None is asked for: they are left out instead (``evaluate``)."""

        @staticmethod
        async def _send_message(message: Message, bare_jid: str) -> None:
            with _failing(MessageSendingFailed):
                network.send_empty(JID(bare_jid), WIRES[message.namespace].write_message(message))

    return Manager


def signed(devices: Devices) -> DeviceList:
    """A list as the library has it."""
    return {number: label and SignedLabel(label.text, label.signature) for number, label in devices.items()}


def _labels(devices: DeviceList) -> Devices:
    return {number: label and Label(label.label, label.signature) for number, label in devices.items()}


@contextmanager
def _failing(kind: type[Exception]) -> Iterator[None]:
    """What fails in here is told to the library as it wants it."""
    try:
        yield
    except (SatError, ValueError) as error:
        raise kind(str(error)) from error
