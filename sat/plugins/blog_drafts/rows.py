"""Drafts of posts as they are stored."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.posts import Draft, Enclosure, Place, Translation
from sat.plugins.blog_drafts.api import Kept


class Row(NamedTuple):
    """A draft, and the id that its post gets when it ``tried`` to publish it: whether that has worked is not known."""

    kept: Kept
    tried: str = ""


def write(row: Row) -> dict[str, Any]:
    """What is stored of it, under its id."""
    value = {**row.kept._asdict(), "draft": row.kept.draft._asdict(), "tried": row.tried}
    del value["id"]
    return value


def size(row: Row) -> int:
    """Characters that it takes."""
    return len(json.dumps(write(row)))


def read(id: str, value: Any) -> Row:
    """The reverse. Errors: ValueError, TypeError, KeyError, AttributeError, where it is damaged."""
    draft, node = value["draft"], value["node"]
    draft["enclosures"] = [Enclosure(*each) for each in draft["enclosures"]]
    draft["translations"] = [Translation(*each) for each in draft["translations"]]
    if not all(isinstance(draft[each], str) for each in ("body", "title", "lang", "slug")):
        raise TypeError("a text of it is none")
    service, name, item = map(str, node)
    details = {str(key): str(each) for key, each in value["details"].items()}
    kept = Kept(
        id,
        Draft(**draft),
        Place(JID(service), name, item),
        float(value["changed"]),
        float(value["due"]),
        str(value["problem"]),
        details,
    )
    return Row(kept, str(value["tried"]))
