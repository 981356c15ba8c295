"""Where a domain has XMPP over WebSocket, as its web server says (XEP-0156). Only over HTTPS, with the certificate
checked for the domain: DNS without DNSSEC says nothing that could be believed. Imported when it is used."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urljoin

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from sat.xmpp import tls
from sat.xmpp.idn import ascii_name
from sat.xmpp.xml import BEFORE_LOGIN, Element, StreamParser, XmlError

log = logging.getLogger(__name__)

RELATION = "urn:xmpp:alt-connections:websocket"
NS_XRD = "http://docs.oasis-open.org/ns/xri/xrd-1.0"
PATHS = ("/.well-known/host-meta.json", "/.well-known/host-meta")
PATIENCE = 10.0  # seconds for one document, with all its redirects
LARGEST = 64 * 1024  # bytes of a document
REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_AT_MOST = 3  # URLs that are tried


async def discover(domain: str, reactor: Any, agent: Any = None) -> list[str]:
    """The ``wss:`` URLs of a domain, in its order; none where it has none, or cannot be asked."""
    agent = agent or Agent(reactor, _Policy(), connectTimeout=PATIENCE)
    for path in PATHS:
        asked = Deferred.fromCoroutine(_fetch(agent, f"https://{ascii_name(domain)}{path}"))
        asked.addTimeout(PATIENCE, reactor)
        try:
            found = links(await asked)
        except CancelledError:
            raise
        except Exception as error:  # it was only a try: why the usual way failed is told
            log.debug("%s says nothing of XMPP: %s", domain, error)
            continue
        if found:
            return found
    return []


def links(document: bytes) -> list[str]:
    """What a document says, JSON or XML. Errors: ValueError."""
    if document.lstrip().startswith(b"{"):
        listed = json.loads(document).get("links")
        items = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        pairs = [(str(each.get("rel")), str(each.get("href"))) for each in items]
    else:
        pairs = _xrd(document)
    urls = [url for relation, url in pairs if relation == RELATION]
    return [url for url in urls if url.lower().startswith("wss://") and len(url) < 2000][:_AT_MOST]


def _xrd(document: bytes) -> list[tuple[str, str]]:
    roots: list[Element] = []
    found: list[Element] = []
    parser = StreamParser(roots.append, found.append, lambda: None, BEFORE_LOGIN)
    try:
        parser.feed(document)
    except XmlError as error:
        raise ValueError(error.reason) from None
    if not roots or (roots[0].uri, roots[0].name) != (NS_XRD, "XRD"):
        raise ValueError("it is no XRD")
    return [
        (str(each.attributes.get("rel", "")), str(each.attributes.get("href", "")))
        for each in found
        if (each.uri, each.name) == (NS_XRD, "Link")
    ]


async def _fetch(agent: Any, url: str) -> bytes:
    for _ in range(REDIRECTS + 1):
        response = await agent.request(b"GET", url.encode("ascii"), Headers({"User-Agent": ["Salut-a-Toi"]}))
        if response.code == 200:
            body = _Body()
            response.deliverBody(body)
            return bytes(await body.done)
        response.deliverBody(_Body(0))
        target = response.headers.getRawHeaders("location", [""])[0]
        if response.code not in _MOVED or not target:
            raise ValueError(f"it answers {response.code}")
        url = urljoin(url, target)
        if not url.lower().startswith("https://"):
            raise ValueError("it sends us to where nothing is encrypted")
    raise ValueError("it sends us from one place to the next")


class _Body(Protocol):
    """Takes a body, as far as it may go."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.done: Deferred[bytes] = Deferred()
        self._data, self._largest = b"", largest

    def dataReceived(self, data: bytes) -> None:
        self._data += data
        transport: Any = self.transport
        if len(self._data) > self._largest and transport is not None:
            self._data = b""
            self._end(ValueError("its answer is too long"))
            transport.loseConnection()  # Twisted lets a body do no more

    def connectionLost(self, reason: Failure | None = None) -> None:
        whole = reason is None or reason.check(ResponseDone, PotentialDataLoss)
        self._end(None if whole else ValueError("its answer broke off"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.called and self._largest:
            if error:
                self.done.errback(error)
            else:
                self.done.callback(self._data)


@implementer(IPolicyForHTTPS)
class _Policy:
    """Our own check of certificates, for the host of the URL."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> tls.Creator:
        return tls.Creator(hostname.decode("ascii"))
