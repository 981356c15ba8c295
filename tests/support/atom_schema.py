"""Whether a feed is what RFC 4287 asks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def faults(feed: bytes) -> list[str]:
    """What is wrong with a feed or an entry, with the lines; none where it is valid."""
    schema, tree = _schema(), etree.fromstring(feed).getroottree()
    found = [] if schema.validate(tree) else [f"{each.line}: {each.message}" for each in schema.error_log]
    ids = tree.xpath("//a:entry/a:id/text()", namespaces={"a": "http://www.w3.org/2005/Atom"})
    return found + [f"two entries are {each}" for each in sorted(set(ids)) if ids.count(each) > 1]
