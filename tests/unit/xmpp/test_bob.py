"""Small data named by its hash (XEP-0231)."""

from __future__ import annotations

import base64

import pytest
from support.parsing import parse

from sat.xmpp import bob

DATA = b"a spot"


def test_what_is_written_can_be_read() -> None:
    name = bob.cid(DATA)
    made = bob.write(name, DATA, "image/png")
    assert dict(made.attributes) == {"cid": name, "type": "image/png", "max-age": "0"}
    assert bob.read(made, 6) == DATA
    assert bob.is_hash(name)
    assert bob.fits(name, DATA)
    assert bob.fits(name.upper(), DATA)
    assert not bob.fits(name, DATA + b"!")


def test_other_hashes() -> None:
    name = "sha-256+c25690f51748641d8bfe0a4fe4604dc0fc3670854194e3d6cbea008c097eba25@bob.xmpp.org"
    assert bob.is_hash(name)
    assert bob.fits(name, DATA)
    assert not bob.is_hash("md5+900150983cd24fb0d6963f7d28e17f72@bob.xmpp.org")


@pytest.mark.parametrize(
    "name", ["", "x", "sha1+zz@bob.xmpp.org", "sha1+@bob.xmpp.org", "+" + 40 * "0" + "@bob.xmpp.org"]
)
def test_other_names_are_no_hashes(name: str) -> None:
    assert not bob.is_hash(name)


def test_lines_may_be_broken() -> None:
    text = base64.b64encode(DATA * 100).decode()
    lines = "\n    ".join(text[place : place + 60] for place in range(0, len(text), 60))
    assert bob.read(parse(f"<data xmlns='{bob.NS}'>{lines}</data>"), 600) == DATA * 100


@pytest.mark.parametrize("text", ["%", "A", base64.b64encode(bytes(7)).decode(), "A" * 10 * 1024 * 1024, " " * 100])
def test_what_is_too_large_or_damaged_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="It is"):
        bob.decoded(text, 6)
