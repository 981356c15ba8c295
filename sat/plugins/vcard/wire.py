"""Cards as XML: vCard4 (RFC 6351), and its older sort, vcard-temp (XEP-0054 §4).

Of both only some properties are read; writing changes just those, and of them only the values that are others now, so
that their types (home, work) and what other programs put there stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from sat.plugins.vcard.api import LONGEST, LONGEST_NOTE, MOST, Card
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:ietf:params:xml:ns:vcard-4.0"
NS_TEMP = "vcard-temp"


class Property(NamedTuple):
    """A field of a card, the elements that hold it, and the path in a new one. ``parts``: its text is that of all
    elements in it, joined, as of an address; ``prefix`` stands before the value."""

    field: str
    names: tuple[str, ...]
    path: tuple[str, ...]
    parts: bool = False
    prefix: str = ""


class Format(NamedTuple):
    """A sort of cards. ``aside``: what in a property is no part of its value."""

    ns: str
    root: str
    properties: tuple[Property, ...]
    aside: frozenset[str]


VCARD4 = Format(
    NS,
    "vcard",
    (
        Property("name", ("fn",), ("fn", "text")),
        Property("nickname", ("nickname",), ("nickname", "text")),
        Property("organisation", ("org",), ("org", "text"), parts=True),
        Property("title", ("title",), ("title", "text")),
        Property("birthday", ("bday",), ("bday", "date")),
        Property("emails", ("email",), ("email", "text")),
        Property("phones", ("tel",), ("tel", "uri"), prefix="tel:"),
        Property("addresses", ("adr",), ("adr", "street"), parts=True),
        Property("urls", ("url",), ("url", "uri")),
        Property("note", ("note",), ("note", "text")),
    ),
    frozenset({"parameters"}),
)
TEMP = Format(
    NS_TEMP,
    "vCard",
    (
        Property("name", ("FN",), ("FN",)),
        Property("nickname", ("NICKNAME",), ("NICKNAME",)),
        Property("organisation", ("ORG",), ("ORG", "ORGNAME"), parts=True),
        Property("title", ("TITLE",), ("TITLE",)),
        Property("birthday", ("BDAY",), ("BDAY",)),
        Property("emails", ("EMAIL",), ("EMAIL", "USERID")),
        Property("phones", ("TEL",), ("TEL", "NUMBER")),
        Property("addresses", ("ADR",), ("ADR", "STREET"), parts=True),
        Property("urls", ("URL",), ("URL",)),
        Property("note", ("DESC", "NOTE"), ("DESC",)),
    ),
    frozenset({"HOME", "WORK", "POSTAL", "PARCEL", "DOM", "INTL", "PREF", "VOICE", "FAX", "CELL", "INTERNET", "X400"}),
)


def tidied(field: str, text: str) -> str:
    """A value as a card holds it: one line, but the note, and no longer than it may be."""
    if field == "note":
        return "\n".join(line.rstrip() for line in text.strip().splitlines())[:LONGEST_NOTE].rstrip()
    return " ".join(text.split())[:LONGEST].rstrip()


def values(card: Card, field: str) -> list[str]:
    """What a card holds in a field, whether that is one value or many."""
    found: str | list[str] = getattr(card, field)
    return found if isinstance(found, list) else [found] if found else []


def read(root: Element | None, sort: Format) -> Card:
    """The card that an element holds; what is wrong with it is left out."""
    if root is None:
        return Card()
    fields = {each.field: [text for _, text in _found(root, sort, each)] for each in sort.properties}
    found: dict[str, Any] = {name: list(dict.fromkeys(texts)) for name, texts in fields.items() if name in _SEVERAL}
    found |= {name: texts[0] for name, texts in fields.items() if name not in _SEVERAL and texts}
    return Card(**found)


def change(root: Element | None, sort: Format, card: Card) -> Element:
    """The element with what the card holds; ``root`` is what it was, if there was one."""
    made = root if root is not None else xml.element(sort.root, sort.ns)
    for each in sort.properties:
        wanted = values(card, each.field)
        kept: set[str] = set()
        for element, text in _found(made, sort, each):
            if text in wanted:
                kept.add(text)
            else:
                made.children.remove(element)
        for text in wanted:
            if text not in kept:
                _add(made, each, text)
    return made


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|--[0-9]{2}-?[0-9]{2}")
_SEVERAL = frozenset(name for name, default in Card._field_defaults.items() if isinstance(default, list))


def _found(root: Element, sort: Format, property: Property) -> list[tuple[Element, str]]:
    """The elements that a field is read from, each with its value."""
    most = MOST if property.field in _SEVERAL else 1
    found: list[tuple[Element, str]] = []
    for element in root.children:
        if isinstance(element, str) or element.uri != sort.ns or element.name not in property.names:
            continue
        text = tidied(property.field, _text(element, sort, property))
        if text:
            found.append((element, text))
            if len(found) == most:
                break
    return found


def _text(element: Element, sort: Format, property: Property) -> str:
    inside = [each for each in xml.elements(element) if each.name not in sort.aside]
    if len(property.path) == 1:
        texts: Iterable[str] = [xml.text_of(element)]
    elif property.parts:
        texts = filter(None, (" ".join(xml.text_of(each).split()) for each in inside))
    else:
        texts = map(xml.text_of, inside[:1])
    text = ", ".join(texts)
    return text.strip().removeprefix(property.prefix) if property.prefix else text


def _add(root: Element, property: Property, text: str) -> None:
    place = root
    path = property.path
    if path[-1] == "date" and not _DATE.fullmatch(text):
        path = (*path[:-1], "text")  # RFC 6351 §5: “circa 1800” is allowed, but is no date
    for name in path:
        place = xml.add(place, name)
    xml.set_text(place, f"{property.prefix}{text}")
