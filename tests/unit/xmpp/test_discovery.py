"""Asking a domain's web server for WebSockets (XEP-0156), with one that says what the test wants."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web._newclient import TransportProxyProducer
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.http_headers import Headers

from sat.xmpp import tls
from sat.xmpp.discovery import LARGEST, NS_XRD, PATHS, PATIENCE, RELATION, _Policy, discover, links

URL = "wss://example.org/ws"
JSON, XML = (f"https://example.org{path}" for path in PATHS)
XRD = f"<?xml version='1.0' encoding='utf-8'?><XRD xmlns='{NS_XRD}'>{{}}</XRD>"


def document(*urls: str, relation: str = RELATION) -> bytes:
    return json.dumps({"links": [{"rel": "other"}, *({"rel": relation, "href": each} for each in urls)]}).encode()


class Web:
    """Answers by URL: a body, a place to go to, or a number. ``stuck``: it never ends its answer."""

    def __init__(self, **pages: Any) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[str] = []
        self.aborted = 0
        self.stuck = False

    def request(self, method: bytes, url: bytes, headers: Headers) -> Deferred[Any]:
        self.asked.append(url.decode())
        page = self.pages.get(url.decode(), 404)
        return succeed(Response(self, page))

    def loseConnection(self) -> None:
        self.aborted += 1


class Response:
    def __init__(self, web: Web, page: Any) -> None:
        self.web, self.page = web, page
        self.code = 200 if isinstance(page, bytes) else 302 if isinstance(page, str) else page
        self.headers = Headers({"location": [page]} if isinstance(page, str) else {})

    def deliverBody(self, protocol: Any) -> None:
        protocol.makeConnection(TransportProxyProducer(self.web))  # as Twisted does
        if isinstance(self.page, bytes):
            for start in range(0, len(self.page), 10_000):
                protocol.dataReceived(self.page[start : start + 10_000])
        if not self.web.stuck:
            protocol.connectionLost(Failure(ResponseDone()))


def ask(web: Web, domain: str = "example.org", clock: Clock | None = None) -> list[str] | None:
    told: list[list[str]] = []
    Deferred.fromCoroutine(discover(domain, clock or Clock(), web)).addCallback(told.append)
    return told[0] if told else None


@pytest.fixture
def web() -> Web:
    return Web()


def test_json_is_asked_for_first(web: Web) -> None:
    web.pages[JSON] = document(URL)
    assert ask(web) == [URL]
    assert web.asked == [JSON]


def test_then_xml(web: Web) -> None:
    web.pages[XML] = XRD.format(f"<Link rel='other' href='x'/><Link rel='{RELATION}' href='{URL}'/>").encode()
    assert ask(web) == [URL]
    assert web.asked == [JSON, XML]


def test_a_domain_in_another_script_is_asked_as_dns_has_it(web: Web) -> None:
    ask(web, "bücher.example")
    assert web.asked[0] == f"https://xn--bcher-kva.example{PATHS[0]}"


def test_it_may_send_us_on_over_https(web: Web) -> None:
    web.pages[JSON] = "https://www.example.org/meta"
    web.pages["https://www.example.org/meta"] = "/meta.json"
    web.pages["https://www.example.org/meta.json"] = document(URL)
    assert ask(web) == [URL]


@pytest.mark.parametrize("place", ["http://example.org/meta", "//evil", "ftp://example.org/x", "file:///etc/passwd"])
def test_but_nowhere_else(web: Web, place: str) -> None:
    web.pages[JSON] = place
    assert ask(web) == []
    assert all(each.startswith("https://") for each in web.asked)


def test_not_for_ever(web: Web) -> None:
    web.pages[JSON] = JSON
    assert ask(web) == []
    assert web.asked.count(JSON) == 4


def test_an_answer_that_is_too_long_is_cut_off(web: Web) -> None:
    web.pages[JSON] = document(URL) + b" " * LARGEST
    assert ask(web) == []
    assert web.aborted


def test_an_answer_that_does_not_end_is_left(web: Web) -> None:
    web.stuck, clock = True, Clock()
    web.pages[JSON] = web.pages[XML] = document(URL)
    told: list[list[str]] = []
    Deferred.fromCoroutine(discover("example.org", clock, web)).addCallback(told.append)
    assert not told
    clock.advance(PATIENCE)
    clock.advance(PATIENCE)
    assert told == [[]]


def test_who_no_longer_wants_it_asks_nothing_more(web: Web) -> None:
    web.stuck = True
    web.pages[JSON] = web.pages[XML] = document(URL)
    told: list[Any] = []
    asking = Deferred.fromCoroutine(discover("example.org", Clock(), web))
    asking.addBoth(told.append)
    asking.cancel()
    assert told[0].check(CancelledError)
    assert web.asked == [JSON]


def test_a_certificate_that_is_not_good_is_only_no_answer(web: Web) -> None:
    def refuse(method: bytes, url: bytes, headers: Headers) -> Deferred[Any]:
        raise ResponseFailed([Failure(Exception("certificate verify failed"))])

    web.request = refuse  # type: ignore[method-assign]
    assert ask(web) == []


def test_the_certificate_is_checked_for_the_host_that_is_asked() -> None:
    creator = _Policy().creatorForNetloc(b"www.example.org", 443)
    assert type(creator) is tls.Creator
    assert creator.verdict.domain == "www.example.org"


@pytest.mark.parametrize(
    "said",
    [
        document("ws://example.org/ws"),
        document("https://example.org/ws"),
        document("javascript:x"),
        document(f"wss://{'x' * 3000}"),
        document(URL, relation="urn:xmpp:alt-connections:xbosh"),
        b"{}",
        b'{"links": 3}',
        b'{"links": [3, {"rel": 3}]}',
        XRD.format("").encode(),
        XRD.format(f"<a><Link rel='{RELATION}' href='{URL}'/></a>").encode(),
    ],
)
def test_only_encrypted_websockets_count(said: bytes) -> None:
    assert links(said) == []


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff",
        b"<html/>",
        b"{",
        b"[" * 100_000,
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><XRD/>",
        XRD.format("<a>" * 200).encode(),
    ],
)
def test_what_is_no_document_is_refused(said: bytes) -> None:
    with pytest.raises(ValueError):
        links(said)


def test_not_more_than_three_are_tried() -> None:
    assert len(links(document(*[f"wss://{each}.example.org/" for each in range(50)]))) == 3
