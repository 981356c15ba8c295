"""Addresses."""

from __future__ import annotations

import pytest

from sat.api import values
from sat.api.errors import InvalidAddress
from sat.api.values import JID


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Romeo@Montague.LIT/Garden", "romeo@montague.lit/Garden"),
        ("montague.lit.", "montague.lit"),
        ("romeo@xn--mnchen-3ya.test", "romeo@münchen.test"),
        ("\uff52omeo@montague.lit", "romeo@montague.lit"),
        ("\u212aarl@montague.lit", "karl@montague.lit"),
        ("e\u0301lise@montague.lit/e\u0301", "\u00e9lise@montague.lit/\u00e9"),
        ("montague.lit/a@b/c", "montague.lit/a@b/c"),
        ("romeo@montague\u3002lit\uff61", "romeo@montague.lit"),
        ("romeo@[::1]", "romeo@[::1]"),
        ("boss@FASS.de", "boss@fass.de"),
        ("boss@FAß.de", "boss@faß.de"),
        ("boss@fa\u1e9e.de", "boss@faß.de"),
        ("boss@xn--fa-hia.de", "boss@faß.de"),
        ("boss@XN--FA-HIA.de", "boss@faß.de"),
        ("boss@\uff38n--fa-hia.de", "boss@faß.de"),
        ("a@\u039f\u0394\u039f\u03a3.gr", "a@\u03bf\u03b4\u03bf\u03c3.gr"),  # ΟΔΟΣ: σ, never ς
        ("a@xn--pxavk3b.gr", "a@\u03bf\u03b4\u03cc\u03c2.gr"),
        ("a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir", "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir"),
        ("a@\u0915\u094d\u200d\u0937.in", "a@\u0915\u094d\u200d\u0937.in"),
        ("a@soft\u00adhyphen.test", "a@softhyphen.test"),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert JID.parse(text) == address
    assert JID.parse(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "@a", "a@", "a@b/", "/x", "a b@c", "a'b@c", "a@b@c", "a@b..c", "a@b c", "a@<b>",
        "a\u202eb@c", "a\u200bb@c", "a@b/\n", "a@b/\x00", "a\ud800@b", "a@xn--a-ecp.ru\u00e9",
        "a@b\uff0fx", "a@b\uff20c", "a@\u2100.test", "a@\u2000", "a@b\uff1a5222", "a\uff20b@c",
        "a@fa\u200css.de", "a@\u200dfass.de", "a@xn--fass-176a.de", "a@xn--fass-.de", "a@xn--fa\u00df.de", "a@xn--.de",
        "a@b\u05d0.de", "a@\u0301b.de", "a@b\ufe12c", "a@b\u1680c", "a@" + "\u00e4" * 58, "a@xn--\u0430",
        "a@" + "b" * 64, "a" * 1024 + "@b", "a@b/" + "c" * 1024, "a" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidAddress):
        JID.parse(text)


def test_long_addresses_are_not_remembered() -> None:
    """Whoever invents thousands of them would fill the memory."""
    before = values._remembered.cache_info().currsize
    for number in range(10):
        assert JID.parse(f"a@b/{number}{'r' * 1_000}").resource.endswith("r")
    assert values._remembered.cache_info().currsize == before
