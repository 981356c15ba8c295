"""XML that others have written, read piece by piece."""

from __future__ import annotations

from typing import Any

from lxml import etree


def events(file: Any) -> Any:
    """The beginnings and ends of the elements of a file. Nothing of it leads elsewhere: no entities, no network, no
    definitions, and not what is too deep or too large for one text. Errors: etree.XMLSyntaxError, as it is read."""
    return etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
