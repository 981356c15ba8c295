"""A node as an XML file: ``<items/>`` of XEP-0060, with an ``<item/>`` for each. Read and written piece by piece."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from sat.api.errors import InvalidArgument
from sat_frontends.jp import foreign_xml
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.items import every, harmless
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from sat.plugins.pubsub.api import Place, PubsubApi

NS = "http://jabber.org/protocol/pubsub"


async def write(api: PubsubApi, node: Place, path: str) -> int:
    """Write a node to a file that does not exist yet, or to stdout; how many items."""
    if not path:
        return await _write(sys.stdout, api, node)
    try:
        with Path(path).open("x", encoding="utf-8") as file:  # noqa: ASYNC230 - jp has no loop to hold up
            return await _write(file, api, node)
    except FileExistsError:
        raise Failure(f"{tidy(path)} exists already; nothing was written.", code=19) from None
    except OSError as error:
        raise Failure(f"{tidy(path)} cannot be written: {error.strerror}.") from None


async def _write(file: TextIO, api: PubsubApi, node: Place) -> int:
    from xml.sax.saxutils import quoteattr

    count = 0
    file.write(f'<?xml version="1.0" encoding="utf-8"?>\n<items xmlns="{NS}" node={harmless(quoteattr(node.node))}>\n')
    async for entry in every(api, node):
        publisher = f" publisher={harmless(quoteattr(entry.publisher))}" if entry.publisher else ""
        file.write(f"<item id={harmless(quoteattr(entry.id))}{publisher}>{harmless(entry.xml)}</item>\n")
        count += 1
    file.write("</items>\n")
    file.flush()
    return count


def read(path: str) -> Iterator[tuple[str, str]]:
    """The id and the XML of each item in a file, one by one. Errors: InvalidArgument; Failure."""
    name = tidy(path)
    try:
        with Path(path).open("rb") as file:
            yield from _read(file, name)
    except OSError as error:
        raise usage(f"{name} cannot be read: {error.strerror}.") from None
    except etree.XMLSyntaxError as error:
        raise InvalidArgument(reason=f"{name} is no XML: {error.msg}.") from None


def _read(file: Any, name: str) -> Iterator[tuple[str, str]]:
    found = foreign_xml.events(file)
    root = None
    for event, element in found:
        if root is None:
            root = element
            if root.getroottree().docinfo.internalDTD is not None:
                raise InvalidArgument(reason=f"{name} has a document type declaration.")
            if etree.QName(root).localname != "items":
                raise InvalidArgument(reason=f"{name} holds no <items/>, as jp pubsub node export writes them.")
        if event == "end" and element.getparent() is root:
            yield _item(element, name)
            element.clear()
            while element.getprevious() is not None:
                del root[0]


def _item(element: Any, name: str) -> tuple[str, str]:
    id = element.get("id", "")
    if etree.QName(element).localname != "item":
        raise InvalidArgument(reason=f"{name}: <{etree.QName(element).localname}/> is no item.")
    if len(element) > 1:
        raise InvalidArgument(reason=f"{name}: the item {tidy(id)} holds more than one element.")
    return id, "".join(str(etree.tostring(each, encoding="unicode", with_tail=False)) for each in element)
