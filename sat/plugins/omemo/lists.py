"""Lists of devices, in both versions (XEP-0384 §5.2); the library is not needed for them."""

from __future__ import annotations

import base64
from binascii import Error as NoBase64
from typing import Any, NamedTuple

from sat.plugins.omemo.names import HIGHEST, MOST_DEVICES, NEW, OLD
from sat.xmpp import xml
from sat.xmpp.xml import Element

LABEL = 200  # characters
_LIST = {NEW: "devices", OLD: "list"}


class Label(NamedTuple):
    """What the owner calls a device, signed by it."""

    text: str
    signature: bytes


Devices = dict[int, Label | None]
"""The numbers of devices, with their labels."""


def write_devices(ns: str, devices: Devices) -> Element:
    """A device list."""
    made = xml.element(_LIST[ns], ns)
    for number, label in devices.items():
        signed = (
            {}
            if label is None or ns == OLD
            else {"label": label.text, "labelsig": base64.b64encode(label.signature).decode()}
        )
        xml.add(made, "device", ns, id=number, **signed)
    return made


def read_devices(ns: str, element: Element | None) -> Devices:
    """What a device list names: nothing that cannot be, and not too much."""
    found: Devices = {}
    if element is None or (element.name, element.uri) != (_LIST[ns], ns):
        return found
    for each in xml.elements(element, "device", ns):
        number = number_of(each.attributes.get("id"))
        if number and len(found) < MOST_DEVICES:
            found[number] = _label(each) if ns == NEW else None
    return found


def _label(device: Element) -> Label | None:
    text, signature = device.attributes.get("label"), device.attributes.get("labelsig")
    if not text or not signature or len(text) > LABEL or len(signature) > LABEL:
        return None
    try:
        return Label(str(text), base64.b64decode(signature, validate=True))
    except (NoBase64, ValueError):
        return None


def number_of(text: Any) -> int:
    """The number of a device, 0 for what is none."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 10:
        return 0
    return int(text) if int(text) <= HIGHEST else 0
