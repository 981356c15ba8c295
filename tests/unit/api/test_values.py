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
