"""What must hold for any text that is given as an address."""

from __future__ import annotations

import unicodedata

import idna
from hypothesis import assume, given
from hypothesis import strategies as st

from sat.api.errors import InvalidAddress
from sat.api.values import JID
from sat.xmpp.idn import ascii_name

PARTS = ["romeo", "ROMEO", "montague.lit", "xn--", "xn--mnchen-3ya", "@", "/", ".", "[", "]", "[::1]", "ß"]
PARTS += list("\u212a\u200b\u3002\uff0f\uff20\uff0e\u2100\u0130\u03c2\u00df")  # what mappings change
texts = st.text(max_size=30) | st.lists(st.sampled_from(PARTS) | st.characters(), max_size=8).map("".join)


@given(texts)
def test_a_text_is_an_address_in_one_form_or_none(text: str) -> None:
    try:
        address = JID.parse(text)
    except InvalidAddress:
        return
    assert JID.parse(address) == address
    assert address.bare.with_resource(address.resource) == address
    assert JID.parse(address.bare) == address.bare
    assert address.domain
    assert "@" not in address.domain
    assert address.local + "@" * bool(address.local) + address.domain == address.bare


# What the mappings of IDNA 2003 and of IDNA 2008 take apart or together, script by script, and anything at all.
SCRIPTS = (
    "sSßẞéE\u0301İıﬁÅＡ\u00ad1-\u200c\u200d",
    "σΣςοό\u0345\u0301ᾳ\u03d0",
    "امدنی٣\u0647\u200c\u200d",
    "कषदि\u0915\u094d\u200c\u200d",
    "ᎠꭰᲀтТ\u3164か\u3099",
)
defined = st.characters(exclude_categories=("Cn", "Cs", "Cc", "Co"))
labels = st.one_of(*(st.text(st.sampled_from(script), min_size=1, max_size=6) for script in SCRIPTS)) | st.text(
    defined, min_size=1, max_size=3
)
SPELLINGS = (
    str.upper,
    str.casefold,
    lambda text: text.replace("ß", "ss"),
    lambda text: text.replace("ς", "σ"),
    lambda text: text.replace("\u200c", "").replace("\u200d", ""),
    lambda text: unicodedata.normalize("NFKD", text),
    lambda text: text.encode("idna").decode(),
    lambda text: "xn--" + text.encode("punycode").decode(),
    lambda text: idna.encode(text, uts46=True).decode(),
)


def dns_name(text: str) -> str | None:
    """The name that a text stands for, by the tables of another implementation of IDNA 2008 and UTS 46."""
    try:
        return idna.encode(text, uts46=True).decode()
    except UnicodeError:
        return None


def domain_of(text: str) -> str | None:
    try:
        return JID.parse(f"boss@{text}").domain
    except InvalidAddress:
        return None


@given(labels, st.sampled_from(SPELLINGS))
def test_two_names_are_one_address_only_where_they_are_one_name(label: str, spelling) -> None:
    try:
        other = spelling(label)
    except UnicodeError:
        return
    names = dns_name(f"{label}.test"), dns_name(f"{other}.test")
    assume(None not in names)
    assert (domain_of(f"{label}.test") == domain_of(f"{other}.test")) is (names[0] == names[1])


@given(labels)
def test_what_dns_can_have_is_an_address_and_finds_its_way_back(label: str) -> None:
    name = dns_name(f"{label}.test")
    assume(name is not None)
    domain = domain_of(f"{label}.test")
    assert domain is not None
    assert ascii_name(domain) == name
    assert domain_of(str(name)) == domain
