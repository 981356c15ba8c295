"""What must hold for any text that is given as an address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import InvalidAddress
from sat.api.values import JID

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
