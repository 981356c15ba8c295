"""Encrypted files: their links, their encryption, and what is refused of what comes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sat.api.errors import FileBroken
from sat.api.messages import Attachment
from sat.core.hashes import KNOWN, Hashes
from sat.plugins.attachments.links import TAG, new_link, read_link
from sat.plugins.attachments.sealing import check, seal, unseal

# The example of XEP-0454 §3.
IV, KEY = "8c3d050e9386ec173861778f", "68e9af38a97aaf82faa4063b4d0878a61261534410c8a84331eaac851759f587"
PLACE = "download.montague.tld/4a771ac1-f0b2-4a4a-9700-f2a26fa2bb67/tr%C3%A8s%20cool.jpg"
LINK = f"aesgcm://{PLACE}#{IV}{KEY}"
DATA = b"what is in the file" * 10


def test_a_link_is_the_address_with_the_key_behind():
    link = read_link(LINK)
    assert link == (f"https://{PLACE}", bytes.fromhex(KEY), bytes.fromhex(IV))
    assert str(link) == LINK
    assert KEY not in repr(link)


def test_older_programs_have_longer_beginnings():
    link = read_link(f"aesgcm://{PLACE}#{IV}00000001{KEY}")
    assert (len(link.iv), link.key.hex()) == (16, KEY)
    sealed = AESGCM(link.key).encrypt(link.iv, DATA, None)
    assert opened(sealed, link) == DATA


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (f"https://{PLACE}#{IV}{KEY}", "no address of an encrypted file"),
        (f"aesgcm://{PLACE}", "its key is missing"),
        (f"aesgcm://{PLACE}#", "its key is missing"),
        (f"aesgcm://{PLACE}#{'x' * 88}", "its key is missing, or is none"),
        (f"aesgcm://{PLACE}#{IV} {KEY}", "its key is missing, or is none"),
        (f"aesgcm://{PLACE}#{KEY}", "its key has not the length"),
        (f"aesgcm://{PLACE}#{IV}{KEY}00", "its key has not the length"),
        (f"aesgcm://{PLACE}#{IV}{KEY[:32]}", "its key has not the length"),
        (f"aesgcm://{PLACE}#{KEY}{KEY}{KEY}", "its key has not the length"),
        (f"aesgcm://a@{PLACE}#{IV}{KEY}", "holds a name or password"),
        (f"aesgcm:///x#{IV}{KEY}", "no web address"),
        (f"aesgcm://{PLACE}\\x#{IV}{KEY}", "no valid web address"),
        (f"aesgcm://{PLACE} x#{IV}{KEY}", "no valid web address"),
        (f"aesgcm://{PLACE}:99999/x#{IV}{KEY}".replace("/4a771", ":99999/"), "out of range"),
    ],
)
def test_what_is_no_whole_link(link, why):
    with pytest.raises(ValueError, match=why) as caught:
        read_link(link)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["http://a.example/x", "https://a.example/x#y", "file:///x", "aesgcm://a.example/x"])
def test_only_what_is_asked_over_https_has_a_link(url):
    with pytest.raises(ValueError, match="it"):
        new_link(url, bytes(32), bytes(12))


# -- opening ---------------------------------------------------------------------------------------------------------


def opened(sealed: bytes, link=None, about: Attachment = Attachment("", "a.txt")) -> bytes:  # noqa: B008 - a value
    target = BytesIO()
    unseal(BytesIO(sealed), target, link or read_link(LINK), about)
    return target.getvalue()


def sealed_file() -> bytes:
    target = BytesIO()
    seal(BytesIO(DATA), target, bytes.fromhex(KEY), bytes.fromhex(IV))
    return target.getvalue()


def told(data: bytes, algorithm: str = "sha-256") -> dict[str, str]:
    hashes = Hashes([algorithm])
    hashes.update(data)
    return hashes.told()


def test_what_is_sealed_is_what_others_open():
    target = BytesIO()
    made = seal(BytesIO(DATA), target, bytes.fromhex(KEY), bytes.fromhex(IV))
    sealed = target.getvalue()
    assert len(sealed) == len(DATA) + TAG
    assert AESGCM(bytes.fromhex(KEY)).decrypt(bytes.fromhex(IV), sealed, None) == DATA
    assert made.hashes == {"sha-256": b64encode(hashlib.sha256(DATA).digest()).decode()}
    assert made.sealed == {"sha-256": b64encode(hashlib.sha256(sealed).digest()).decode()}
    about = Attachment("", "a.txt", size=len(DATA), hashes=made.hashes, sealed=made.sealed)
    assert opened(sealed, about=about) == DATA


@pytest.mark.parametrize("place", [0, len(DATA) - 1, len(DATA), len(DATA) + TAG - 1])
def test_what_was_changed_anywhere_is_refused(place):
    sealed = bytearray(sealed_file())
    sealed[place] ^= 1
    with pytest.raises(FileBroken, match=r"a\.txt is not what was sent, so nothing of it was kept: it was changed"):
        opened(bytes(sealed))


def test_another_key_opens_nothing():
    with pytest.raises(FileBroken, match="its key is of another file"):
        opened(sealed_file(), read_link(f"aesgcm://{PLACE}#{IV}{'00' * 32}"))


@pytest.mark.parametrize("length", [0, 1, TAG - 1, TAG, len(DATA), len(DATA) + TAG - 1])
def test_what_breaks_off_is_refused(length):
    with pytest.raises(FileBroken):
        opened(sealed_file()[:length])
    with pytest.raises(FileBroken, match="breaks off"):
        opened(sealed_file()[:length], about=Attachment("", "a.txt", size=len(DATA)))


def test_what_is_behind_the_file_is_refused():
    with pytest.raises(FileBroken):
        opened(sealed_file() + b"more")


def test_what_somebody_has_put_behind_the_file_before_encrypting_it_is_left_out():
    about = Attachment("", "a.txt", size=7, hashes=told(DATA[:7]))
    assert opened(sealed_file(), about=about) == DATA[:7]


@pytest.mark.parametrize("algorithm", sorted(KNOWN))
def test_a_hash_of_another_file_is_refused(algorithm):
    sealed = sealed_file()
    good = Attachment("", "a.txt", hashes=told(DATA, algorithm), sealed=told(sealed, algorithm))
    assert opened(sealed, about=good) == DATA
    for bad in (told(b"x", algorithm), {algorithm: ""}, {algorithm: "é"}):
        for about in (good._replace(hashes=bad), good._replace(sealed=bad)):
            with pytest.raises(FileBroken, match="its hash is not the one that was told"):
                opened(sealed, about=about)


def test_a_hash_that_proves_nothing_is_not_looked_at():
    about = Attachment("", "a.txt", hashes={"sha-1": "x", "md5": "y", "": ""})
    assert opened(sealed_file(), about=about) == DATA


def test_a_file_in_clear_is_compared_too():
    check(BytesIO(DATA), Attachment("", "a.txt", hashes=told(DATA)))
    with pytest.raises(FileBroken):
        check(BytesIO(DATA), Attachment("", "a.txt", hashes=told(b"x")))
