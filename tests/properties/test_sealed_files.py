"""What must hold for any file that is encrypted."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import FileBroken
from sat.api.messages import Attachment
from sat.plugins.attachments.links import Link, new_link, read_link
from sat.plugins.attachments.sealing import PIECE, seal, unseal

keys = st.binary(min_size=32, max_size=32)
ivs = st.one_of(st.binary(min_size=12, max_size=12), st.binary(min_size=16, max_size=16))
borders = [0, 1, 15, 16, 17, *(PIECE * times + more for times in (1, 2) for more in (-17, -16, -15, -1, 0, 1))]
sizes = st.one_of(st.sampled_from(borders), st.integers(0, 3 * PIECE))


def link_of(key: bytes, iv: bytes) -> Link:
    return new_link("https://files.example/x", key, iv)


@given(keys, ivs)
def test_a_link_is_read_as_it_was_written(key: bytes, iv: bytes) -> None:
    assert read_link(str(link_of(key, iv))) == link_of(key, iv)


@given(sizes, st.integers(0, 255), keys, ivs, st.integers(0, 4 * PIECE))
def test_what_is_sealed_opens_unless_it_is_changed(size: int, byte: int, key: bytes, iv: bytes, place: int) -> None:
    data = bytes([byte]) * size
    target = BytesIO()
    made = seal(BytesIO(data), target, key, iv)
    about = Attachment("", "x", size=size, hashes=made.hashes, sealed=made.sealed)
    opened = BytesIO()
    unseal(target, opened, link_of(key, iv), about)
    assert opened.getvalue() == data
    changed = bytearray(target.getvalue())
    changed[place % len(changed)] ^= 1
    with pytest.raises(FileBroken):
        unseal(BytesIO(changed), BytesIO(), link_of(key, iv), Attachment("", "x"))
    with pytest.raises(FileBroken):
        unseal(BytesIO(target.getvalue()[:-1]), BytesIO(), link_of(key, iv), Attachment("", "x"))


@given(st.text("aesgcm:/#.0123456789f \\@[]é", max_size=60))
def test_any_text_is_a_link_or_none(text: str) -> None:
    try:
        link = read_link(f"aesgcm://{text}")
    except ValueError:
        return
    assert read_link(str(link)) == link
