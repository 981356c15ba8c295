"""What entities say of themselves (XEP-0030), to and from XML. Bounded: it comes from anybody."""

from __future__ import annotations

from sat.api.disco import Identity, Info
from sat.xmpp import forms, xml
from sat.xmpp.xml import LANG, Element

NS_INFO = "http://jabber.org/protocol/disco#info"
NS_ITEMS = "http://jabber.org/protocol/disco#items"
MOST = 1000  # of identities, features, items
MOST_FORMS = 20
LONG = 1000  # characters


def info_element(info: Info, node: str = "") -> Element:
    """A ``<query/>`` that says what we are and can do."""
    query = xml.element("query", NS_INFO, node=node or None)
    for identity in info.identities:
        xml.add(query, "identity", category=identity.category, type=identity.kind, name=identity.name or None)
    for feature in sorted(info.features):
        xml.add(query, "feature", var=feature)
    return query


def read_info(answer: Element) -> Info:
    """What an answer says; the answer is an ``<iq/>`` or its ``<query/>``. Empty where it says nothing."""
    query = _query(answer, NS_INFO)
    if query is None:
        return Info([], [])
    # Of an identity in several languages, one: the one without a language where there is one.
    identities: dict[tuple[str, str], Identity] = {}
    for each in xml.elements(query, "identity", NS_INFO)[:MOST]:
        read = Identity(_said(each, "category"), _said(each, "type"), _said(each, "name"))
        if read[:2] not in identities or LANG not in each.attributes:
            identities[read.category, read.kind] = read
    features = dict.fromkeys(_said(each, "var") for each in xml.elements(query, "feature", NS_INFO)[:MOST])
    return Info(
        list(identities.values()),
        [each for each in features if each],
        [forms.read(each) for each in xml.elements(query, "x", forms.NS)[:MOST_FORMS]],
    )


def read_items(answer: Element) -> list[tuple[str, str, str]]:
    """Address (not checked yet), node and name of each item."""
    query = _query(answer, NS_ITEMS)
    items = [] if query is None else xml.elements(query, "item", NS_ITEMS)[:MOST]
    return [(_said(each, "jid"), _said(each, "node"), _said(each, "name")) for each in items]


def _query(answer: Element, ns: str) -> Element | None:
    return answer if answer.uri == ns else xml.child(answer, "query", ns)


def _said(element: Element, attribute: str) -> str:
    return str(element.attributes.get(attribute, ""))[:LONG]
