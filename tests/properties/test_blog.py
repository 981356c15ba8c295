"""What must hold for anything that strangers publish."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from support.parsing import parse

from sat.api import JID
from sat.api.places import from_uri, to_uri
from sat.api.posts import MICROBLOG, Place
from sat.core.emojis import is_emoji
from sat.plugins.blog import atom, cleaning, reacting
from sat.xmpp import xml
from sat.xmpp.pubsub import Item

NOW = 1_790_000_000.0
HARMLESS = {"href", "title", "src", "alt", "start", "dir", "lang", "rel", "loading", "referrerpolicy"}
DANGEROUS = {"script", "style", "svg", "math", "iframe", "form", "input", "object", "embed", "base", "meta", "link"}

# What has got past cleaners: raw text elements, foreign content, broken quotes and comments, odd schemes.
PIECES = [
    "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<math><mtext>", "<mglyph>", "<annotation-xml "
    "encoding='text/html'>", "<foreignObject>", "<noscript>", "</noscript>", "<template>", "<textarea>", "</textarea>",
    "<title>", "</title>", "<table>", "<tr>", "<td>", "<caption>", "</table>", "<form>", "</form>", "<select>",
    "<p>", "</p>", "<a href='", "<img src=x onerror=alert(1)>", "<img alt='", "'>", "\">", "javascript:alert(1)",
    "java&#10;script:alert(1)", " onload=alert(1)", "<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?xml ", "?>", "&lt;",
    "&#x3c;script&#x3e;", "&amp;", "&", "<", "</", "<b", "<plaintext>", "<xmp>", "<iframe srcdoc='", "<br/>", "<p/>",
    "<a/>", "https://x.test/", "data:text/html,", "\x00", "\u202e", "\ud800", "é", " ", "\n", "x",
]  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)


@settings(max_examples=400)
@given(hostile)
def test_clean_html_is_harmless_well_formed_and_stays_so(html: str) -> None:
    clean = cleaning.clean(html)
    root = ElementTree.fromstring(f"<div>{clean}</div>")
    for each in root.iter():
        assert each.tag not in DANGEROUS
        assert set(each.attrib) <= HARMLESS
        assert each.get("href", "https:").lower().startswith(("http:", "https:", "xmpp:", "mailto:"))
        assert each.get("src", "https://").lower().startswith("https://")
    assert cleaning.clean(clean) == clean  # a browser's parser sees in it what we have seen
    assert isinstance(cleaning.words(clean), str)


@given(st.text())
def test_any_text_becomes_harmless_html_of_the_same_words(text: str) -> None:
    html = cleaning.from_text(text)
    assert cleaning.clean(html) == html
    assert "".join(cleaning.words(html).split()) == "".join(xml.cleaned(text).split())


names = st.sampled_from(
    ["title", "content", "summary", "author", "name", "uri", "link", "category", "published", "updated", "id", "div",
     "in-reply-to", "p", "a", "script"]
)  # fmt: skip
spaces = st.sampled_from([atom.NS, atom.NS_THREAD, cleaning.NS, "urn:x"])
values = st.sampled_from(
    ["text", "xhtml", "html", "replies", "via", "enclosure", "https://x.test/", "javascript:x", "xmpp:a@b?;node=c",
     "xmpp:a@b?;node=c;item=d", "xmpp:?;node=%", "xmpp:\u202e@b?;node=c", "nan", "9999-12-31T23:59:59Z", "-1", "",
     "2026-01-01T00:00:00Z", "<script>alert(1)</script>", "&lt;b&gt;", "♥", "fr", "FR", "de-x-y"]
)  # fmt: skip


def _element(name: str, ns: str, attributes: dict[str, str], children: list[object]) -> xml.Element:
    made = xml.element(name, ns)
    made.attributes.update(attributes)
    made.children += children
    return made


keys = st.sampled_from(["type", "rel", "href", "term", "title", "length", "ref", xml.LANG])
attributes = st.dictionaries(keys, values)
elements = st.recursive(
    st.builds(_element, names, spaces, attributes, st.lists(values, max_size=2)),
    lambda inner: st.builds(_element, names, spaces, attributes, st.lists(st.one_of(values, inner), max_size=4)),
)


@given(st.lists(elements, max_size=8), st.sampled_from(["", "juliet@capulet.lit/x", "a b@c"]))
def test_any_entry_is_a_post_within_bounds(children: list[xml.Element], publisher: str) -> None:
    entry = parse(xml.to_text(_element("entry", atom.NS, {}, list(children))))
    post = atom.read(Item("1", entry, publisher), JID("romeo@montague.lit"), MICROBLOG, NOW)
    assert post is not None
    assert 0 <= post.published <= post.updated <= NOW
    assert math.isfinite(post.updated)
    assert cleaning.clean(post.html) == post.html
    assert post.verified
    langs = [each.lang.lower() for each in post.versions]
    assert len({post.lang.lower(), *langs}) == len(langs) + 1 <= atom.VERSIONS
    assert all(cleaning.clean(each.html) == each.html for each in post.versions)
    assert post.author in ("romeo@montague.lit", "juliet@capulet.lit")
    again = atom.read(Item("1", parse(xml.to_text(atom.write(post)))), post.author, MICROBLOG, NOW)
    assert again is not None
    assert (again.text, again.html) == (post.text, post.html) or not post.text or post.title


attached = st.recursive(
    st.builds(
        _element,
        st.sampled_from(["attachments", "reactions", "reaction", "noticed"]),
        st.sampled_from([reacting.NS, "urn:x"]),
        st.just({}),
        st.lists(st.sampled_from(["♥", "❤️", "🔨", "👷 ", "x", "", "\ud800"]), max_size=1),
    ),
    lambda inner: st.builds(
        _element,
        st.sampled_from(["attachments", "reactions"]),
        st.just(reacting.NS),
        st.just({}),
        st.lists(inner, max_size=5),
    ),
)
people = st.sampled_from(["", "a@b", "a@b/c", "b", "romeo@montague.lit", "@", "A@B"])


@given(st.lists(st.builds(Item, people, st.one_of(st.none(), attached), people), max_size=8))
def test_what_is_put_to_a_post_is_counted_once_for_each_person(items: list[Item]) -> None:
    found = reacting.read(items, JID("romeo@montague.lit"))
    assert len(set(found.hearts)) == len(found.hearts)
    assert set(found.hearts) <= {"a@b", "b", "romeo@montague.lit"}
    assert all(count <= 3 and is_emoji(each) and not reacting.is_heart(each) for each, count in found.reactions.items())
    assert found.noticed <= 3


@given(st.text(min_size=1, max_size=50), st.text(max_size=50))
def test_a_place_survives_being_an_address(node: str, id: str) -> None:
    node, id = xml.cleaned(node), xml.cleaned(id)
    place = Place(JID("romeo@montague.lit"), node, id)
    assert from_uri(to_uri(place)) == place


@given(st.text(max_size=100))
def test_any_text_is_a_place_or_none(text: str) -> None:
    for each in (text, f"xmpp:{text}", f"xmpp:a@b?;node={text}"):
        place = from_uri(each)
        assert place is None or from_uri(to_uri(place)) == place
