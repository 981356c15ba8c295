"""What a server or another program can do, as every side knows it (XEP-0030)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.forms import Form
from sat.api.values import JID


class Identity(NamedTuple):
    """What an entity is, as category and type: ``client/pc``."""

    category: str
    kind: str
    name: str = ""


class Info(NamedTuple):
    """What an entity says of itself."""

    identities: list[Identity]
    features: list[str]
    forms: list[Form] = []  # noqa: RUF012 - a named tuple's default, never changed


class Item(NamedTuple):
    """Something that an entity has: a service, a room, a node."""

    jid: JID
    node: str = ""
    name: str = ""
