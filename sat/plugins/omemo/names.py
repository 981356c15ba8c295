"""What is known of OMEMO without its library, which takes long to load."""

from __future__ import annotations

NEW = "urn:xmpp:omemo:2"
OLD = "eu.siacs.conversations.axolotl"
NAMESPACES = (NEW, OLD)
"""Both versions, the one that is preferred first."""

TITLE = "OMEMO"

HIGHEST = 2**31 - 1  # number of a device
MOST_DEVICES = 50  # of one account

DEVICES = {NEW: "urn:xmpp:omemo:2:devices", OLD: "eu.siacs.conversations.axolotl.devicelist"}
"""The nodes of device lists."""

CURRENT = "current"
"""The item that holds the list."""


def bundle_place(ns: str, device: int) -> tuple[str, str]:
    """The node and the item of a device's bundle."""
    if ns == NEW:
        return "urn:xmpp:omemo:2:bundles", str(device)
    return f"eu.siacs.conversations.axolotl.bundles:{device}", CURRENT
