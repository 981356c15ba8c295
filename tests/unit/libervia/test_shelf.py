"""Pages that everybody sees alike are kept for a while, and never too many of them."""

from __future__ import annotations

import gzip

from libervia.server import shelf
from libervia.server.shelf import SECONDS, Shelf, Shown

HERE = "https://example.org"


def test_a_page_is_packed_and_named_by_what_it_holds():
    one, other = Shown.of("text/html", b"one"), Shown.of("text/html", b"other")
    assert gzip.decompress(one.packed) == one.body == b"one"
    assert one.etag == Shown.of("text/html", b"one").etag != other.etag


def test_pages_are_forgotten_in_time_and_with_their_blog():
    now = [0.0]
    pages = Shelf(lambda: now[0])
    page = Shown.of("text/html", b"x")
    pages.put((HERE, "/u/alice"), "alice", page)
    pages.put((HERE, "/u/bob"), "bob", page)
    assert pages.find((HERE, "/u/alice")) is page
    assert pages.find(("https://other.example", "/u/alice")) is None
    pages.forget("alice")
    assert (pages.find((HERE, "/u/alice")), pages.find((HERE, "/u/bob"))) == (None, page)
    now[0] = SECONDS
    assert pages.find((HERE, "/u/bob")) is None


def test_those_that_nobody_asks_for_make_room(monkeypatch):
    monkeypatch.setattr(shelf, "BYTES", 10_000)
    pages = Shelf(lambda: 0.0)
    for number in range(100):
        pages.put((HERE, f"/{number}"), "alice", Shown.of("text/html", b"x" * 1000))
        assert pages.find((HERE, "/0"))
        assert pages._pages.size <= 10_000
    assert pages.find((HERE, "/1")) is None
    assert pages.find((HERE, "/99"))
    pages.put((HERE, "/large"), "alice", Shown.of("text/html", b"x" * 20_000))
    assert (pages.find((HERE, "/large")), pages._pages.size) == (None, 0)
