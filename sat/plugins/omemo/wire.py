"""OMEMO in XML, in both of its versions (XEP-0384): bundles and messages.

The old version (``eu.siacs.conversations.axolotl``, 0.3) encrypts the body alone and tells keys apart by the number of
the device; version 2 (``urn:xmpp:omemo:2``) encrypts an envelope (XEP-0420). What comes from the network is bounded and
checked here; ``ValueError`` says what is wrong with it."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from binascii import Error as NoBase64
from typing import Any, ClassVar

import oldmemo
import oldmemo.oldmemo
import twomemo
import twomemo.twomemo
import x3dh
import xeddsa
from omemo.bundle import Bundle
from omemo.message import EncryptedKeyMaterial, KeyExchange, Message

from sat.plugins.omemo.content import device_of
from sat.plugins.omemo.lists import number_of
from sat.plugins.omemo.names import NEW, OLD
from sat.xmpp import xml
from sat.xmpp.xml import Element

PRE_KEYS = 200  # of one bundle
KEY = 4096  # bytes of one encrypted key: with a key exchange it has some 200
_OLD: Any = oldmemo.oldmemo
_NEW: Any = twomemo.twomemo

Key = tuple[EncryptedKeyMaterial, KeyExchange | None]


class Wire(ABC):
    """One version."""

    ns: ClassVar[str]

    # -- bundles -----------------------------------------------------------------------------------------------------

    @abstractmethod
    def write_bundle(self, bundle: Any) -> Element:
        """The public keys of a device."""

    @abstractmethod
    def read_bundle(self, element: Element, owner: str, device: int) -> Bundle:
        """The reverse. Errors: ValueError."""

    # -- messages ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def write_message(self, message: Message) -> Element:
        """An ``<encrypted/>``."""

    @abstractmethod
    def read_message(self, element: Element, sender: str, own: str, device: int, sign: bool) -> Message:
        """The reverse, with the keys for our device alone. ``sign``: the sign of the sender's identity key.
        Errors: ValueError."""


class Old(Wire):
    """Version 0.3."""

    ns = OLD

    def write_bundle(self, bundle: Any) -> Element:
        signature = bytearray(bundle.bundle.signed_pre_key_sig)
        signature[63] |= bundle.bundle.identity_key[31] & 0x80  # where others look for the key's sign
        made = xml.element("bundle", self.ns)
        signed = _public(bundle.bundle.signed_pre_key)
        xml.add(made, "signedPreKeyPublic", self.ns, signed, signedPreKeyId=bundle.signed_pre_key_id)
        xml.add(made, "signedPreKeySignature", self.ns, _text(bytes(signature)))
        identity = xeddsa.ed25519_pub_to_curve25519_pub(bundle.bundle.identity_key)
        xml.add(made, "identityKey", self.ns, _public(identity))
        keys = xml.add(made, "prekeys", self.ns)
        for key in bundle.bundle.pre_keys:
            xml.add(keys, "preKeyPublic", self.ns, _public(key), preKeyId=bundle.pre_key_ids[key])
        return made

    def read_bundle(self, element: Element, owner: str, device: int) -> Bundle:
        signature = bytearray(_bytes_in(element, "signedPreKeySignature", self.ns, 64))
        sign = bool(signature[63] & 0x80)
        signature[63] &= 0x7F
        identity = xeddsa.curve25519_pub_to_ed25519_pub(_curve(_bytes_in(element, "identityKey", self.ns, 33)), sign)
        signed = _only(element, "signedPreKeyPublic", self.ns)
        holder = _only(element, "prekeys", self.ns)
        keys = {
            _curve(_bytes(each, 33)): _id(each.attributes.get("preKeyId"))
            for each in xml.elements(holder, "preKeyPublic", self.ns)[:PRE_KEYS]
        }
        made: Bundle = _OLD.BundleImpl(
            owner,
            device,
            x3dh.Bundle(identity, _curve(_bytes(signed, 33)), bytes(signature), frozenset(keys)),
            _id(signed.attributes.get("signedPreKeyId")),
            keys,
        )
        return made

    def write_message(self, message: Message) -> Element:
        content: Any = message.content
        made = xml.element("encrypted", self.ns)
        header = xml.add(made, "header", self.ns, sid=message.device_id)
        for material, exchange in message.keys:
            key: Any = material
            text, marks = key.serialize(), {}
            if exchange is not None:
                full: Any = exchange
                text, marks = full.serialize(text)[0], {"prekey": "true"}
            xml.add(header, "key", self.ns, _text(text), rid=key.device_id, **marks)
        xml.add(header, "iv", self.ns, _text(content.initialization_vector))
        if not content.empty:
            xml.add(made, "payload", self.ns, _text(content.ciphertext))
        return made

    def read_message(self, element: Element, sender: str, own: str, device: int, sign: bool) -> Message:
        header = _only(element, "header", self.ns)
        keys: list[Key] = []
        for each in xml.elements(header, "key", self.ns):
            if number_of(each.attributes.get("rid")) == device:
                text = _bytes(each, most=KEY)
                exchange = None
                if each.attributes.get("prekey") in ("true", "1"):
                    exchange, text = _parsed(_OLD.KeyExchangeImpl.parse, text, sign)
                keys.append((_parsed(_OLD.EncryptedKeyMaterialImpl.parse, text, own, device), exchange))
                break  # its number stands for one device
        payload = xml.child(element, "payload", self.ns)
        content = (
            _OLD.ContentImpl.make_empty()
            if payload is None
            else _OLD.ContentImpl(_bytes(payload), _bytes_in(header, "iv", self.ns, 12, 16))
        )
        return Message(self.ns, sender, device_of(element), content, frozenset(keys))


def iv_of(envelope: Element) -> bytes:
    """The IV that stands beside a key (old version). Errors: ValueError."""
    return _bytes_in(_only(envelope, "header", OLD), "iv", OLD, 12, 16)


class New(Wire):
    """Version 2."""

    ns = NEW

    def write_bundle(self, bundle: Any) -> Element:
        made = xml.element("bundle", self.ns)
        xml.add(made, "spk", self.ns, _text(bundle.bundle.signed_pre_key), id=bundle.signed_pre_key_id)
        xml.add(made, "spks", self.ns, _text(bundle.bundle.signed_pre_key_sig))
        xml.add(made, "ik", self.ns, _text(bundle.bundle.identity_key))
        keys = xml.add(made, "prekeys", self.ns)
        for key in bundle.bundle.pre_keys:
            xml.add(keys, "pk", self.ns, _text(key), id=bundle.pre_key_ids[key])
        return made

    def read_bundle(self, element: Element, owner: str, device: int) -> Bundle:
        signed = _only(element, "spk", self.ns)
        holder = _only(element, "prekeys", self.ns)
        keys = {
            _bytes(each, 32): _id(each.attributes.get("id")) for each in xml.elements(holder, "pk", self.ns)[:PRE_KEYS]
        }
        made: Bundle = _NEW.BundleImpl(
            owner,
            device,
            x3dh.Bundle(
                _bytes_in(element, "ik", self.ns, 32),
                _bytes(signed, 32),
                _bytes_in(element, "spks", self.ns, 64),
                frozenset(keys),
            ),
            _id(signed.attributes.get("id")),
            keys,
        )
        return made

    def write_message(self, message: Message) -> Element:
        content: Any = message.content
        made = xml.element("encrypted", self.ns)
        header = xml.add(made, "header", self.ns, sid=message.device_id)
        people: dict[str, Element] = {}
        for material, exchange in message.keys:
            key: Any = material
            keys = people.get(key.bare_jid)
            if keys is None:
                keys = people[key.bare_jid] = xml.add(header, "keys", self.ns, jid=key.bare_jid)
            text, marks = key.serialize(), {}
            if exchange is not None:
                full: Any = exchange
                text, marks = full.serialize(text), {"kex": "true"}
            xml.add(keys, "key", self.ns, _text(text), rid=key.device_id, **marks)
        if not content.empty:
            xml.add(made, "payload", self.ns, _text(content.ciphertext))
        return made

    def read_message(self, element: Element, sender: str, own: str, device: int, sign: bool) -> Message:
        found: list[Key] = []
        for keys in xml.elements(_only(element, "header", self.ns), "keys", self.ns):
            if keys.attributes.get("jid") != own:
                continue
            for each in xml.elements(keys, "key", self.ns):
                if number_of(each.attributes.get("rid")) == device and not found:
                    text = _bytes(each, most=KEY)
                    exchange = None
                    if each.attributes.get("kex") in ("true", "1"):
                        exchange, text = _parsed(_NEW.KeyExchangeImpl.parse, text)
                    found.append((_parsed(_NEW.EncryptedKeyMaterialImpl.parse, text, own, device), exchange))
        payload = xml.child(element, "payload", self.ns)
        content = _NEW.ContentImpl.make_empty() if payload is None else _NEW.ContentImpl(_bytes(payload))
        return Message(self.ns, sender, device_of(element), content, frozenset(found))


WIRES: dict[str, Wire] = {each.ns: each for each in (New(), Old())}
"""By namespace, the one that is preferred first."""


# -- what these share ------------------------------------------------------------------------------------------------


def _parsed(parse: Any, *arguments: Any) -> Any:
    """What a parser of the library makes of bytes of others, whatever it thinks of them. Errors: ValueError."""
    try:
        return parse(*arguments)
    except Exception as error:  # protobuf, struct and the curves each have their own
        raise ValueError(f"a key in it is malformed ({type(error).__name__})") from None


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _public(key: bytes) -> str:
    return _text(b"\x05" + key)  # as libsignal marks a key of Curve25519


def _curve(key: bytes) -> bytes:
    if key[0] != 5:
        raise ValueError("a key in it is of no known kind")
    return key[1:]


def _only(parent: Element, name: str, ns: str) -> Element:
    found = xml.child(parent, name, ns)
    if found is None:
        raise ValueError(f"it has no <{name}/>")
    return found


def _bytes_in(parent: Element, name: str, ns: str, *lengths: int) -> bytes:
    return _bytes(_only(parent, name, ns), *lengths)


def _bytes(element: Element, *lengths: int, most: int = 0) -> bytes:
    """What stands in an element as Base64; of one of these lengths, if any are given."""
    try:
        value = base64.b64decode("".join(xml.text_of(element).split()), validate=True)
    except (NoBase64, ValueError):
        raise ValueError(f"<{element.name}/> is no Base64") from None
    if not value or (lengths and len(value) not in lengths) or (most and len(value) > most):
        raise ValueError(f"<{element.name}/> has a wrong length")
    return value


def _id(text: Any) -> int:
    """The number of a key; 0 is one too."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 10:
        raise ValueError("a key in it has no number")
    return int(text)
