"""Items: whatever somebody wants to publish, or has published."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import InvalidArgument
from sat.plugins.pubsub_nodes import keeping, pages
from sat.storage.items import LARGEST
from sat.xmpp import shown, xml
from sat.xmpp.pubsub import Item

NAMES = st.sampled_from(["a", "b", "item", "pubsub", "message"])
SPACES = st.sampled_from(["urn:a", "urn:b", "jabber:client", "http://jabber.org/protocol/pubsub", "u&<'\""])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20)
PIECES = st.sampled_from(
    [
        "<a xmlns='u'>",
        "</a>",
        "<b/>",
        "&amp;",
        "&x;",
        "<!-- c -->",
        "<?p?>",
        "<![CDATA[<]]>",
        "]]>",
        "<!DOCTYPE a>",
        "</text>",
        "<text>",
        "words",
        " ",
        "\x00",
        "�",
        "\x9b",
        "<a xmlns='u' xmlns:p='q' p:x='1'/>",
        "<?xml version='1.0'?>",
    ]
)


def tree(parts):
    (name, space, attribute, text, tail), children = parts
    made = xml.element(name, space)
    made.attributes["x"] = attribute
    made.attributes["urn:y", "z"] = attribute
    inside = [text, *map(tree, children), tail if children else ""]
    made.children += [each for each in inside if each != ""]
    return made


HEADS = st.tuples(NAMES, SPACES, TEXTS, TEXTS, TEXTS)
TREES = st.recursive(
    st.tuples(HEADS, st.just([])), lambda inner: st.tuples(HEADS, st.lists(inner, max_size=3)), max_leaves=8
).map(tree)


@given(st.lists(PIECES | TEXTS, max_size=8).map("".join))
def test_what_is_published_is_one_element_or_a_sentence(text):
    try:
        found = pages.payload(text)
    except InvalidArgument as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert said.endswith((".", "names one."))
        return
    if found is None:
        assert not text.strip()
    else:
        assert found.uri
        assert ElementTree.fromstring(shown.bounded_text(found, pages.LARGEST)).tag == f"{{{found.uri}}}{found.name}"


@given(TREES)
def test_what_is_shown_is_what_was_told(element):
    (entry,) = pages.entries([Item("1", element)])
    again = pages.payload(entry.xml)
    assert again is not None
    assert shown.bounded_text(again, pages.WRITTEN) == entry.xml
    assert shown.words(again, 1000) == shown.words(element, 1000)


@given(TREES, st.integers(0, 400))
def test_bounds_hold(element, longest):
    text = shown.bounded_text(element, longest)
    assert len(text) <= longest
    assert text in ("", shown.bounded_text(element, 1_000_000))
    assert len(shown.words(element, longest)) <= longest
    (kept,) = keeping.stored([Item("1", element)])
    assert len(kept.xml) <= 2 * LARGEST
