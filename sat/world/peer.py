"""A foreign XMPP client in its barest form: the standard library and blocking sockets, nothing of ours in it.

It is the other side in tests and benchmarks: what we send must reach it, what it sends must reach us.
"""

from __future__ import annotations

import base64
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

STREAM = "http://etherx.jabber.org/streams"
MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"


class Stream:
    """A stream to a server, encrypted but not logged in. ``features`` is what the server offers now."""

    def __init__(self, domain: str, port: int, ca_file: Path) -> None:
        self._domain = domain
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.open()
        self.ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "proceed")
        context = ssl.create_default_context(cafile=str(ca_file))
        self._socket = context.wrap_socket(self._socket, server_hostname=self._domain)
        self.open()

    def open(self) -> None:
        """Begin a stream on the connection, the first one or another."""
        self._parser: Any = ElementTree.XMLPullParser(["start", "end"])
        self._depth = 0
        self._received: deque[Element] = deque()
        self.send(
            f"<?xml version='1.0'?><stream:stream to='{self._domain}' version='1.0' xmlns='jabber:client'"
            f" xmlns:stream='{STREAM}'>"
        )
        self.features = self.receive()

    def send(self, xml: str) -> None:
        """Send a stanza as it stands."""
        self._socket.sendall(xml.encode())

    def ask(self, xml: str, answer: str) -> Element:
        """Send an element and receive its answer, an element of that name. Errors: ConnectionError when it is another
        or of type error."""
        self.send(xml)
        element = self.receive()
        if local_name(element) != answer or element.get("type") == "error":
            raise ConnectionError(ElementTree.tostring(element, "unicode"))
        return element

    def receive(self, seconds: float = 10) -> Element:
        """The next stanza. Errors: TimeoutError, ConnectionError."""
        end = time.monotonic() + seconds
        while not self._received:
            self._socket.settimeout(max(end - time.monotonic(), 0.001))
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the server closed the connection")
            self._feed(data)
        return self._received.popleft()

    def expect(self, wanted: Callable[[Element], object], seconds: float = 10) -> Element:
        """The next stanza that is ``wanted``; those before it are dropped. Errors: TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            stanza = self.receive(end - time.monotonic())
            if wanted(stanza):
                return stanza

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _feed(self, data: bytes) -> None:
        self._parser.feed(data)
        for event, element in self._parser.read_events():
            self._depth += 1 if event == "start" else -1
            if event == "end" and self._depth == 1:
                self._received.append(element)


class Peer(Stream):
    """An account's client, online when made."""

    def __init__(self, jid: str, password: str, port: int, ca_file: Path, resource: str = "peer") -> None:
        user, _, domain = jid.partition("@")
        super().__init__(domain, port, ca_file)
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>", "success")
        self.open()
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.jid = "".join(self.ask(f"<iq type='set' id='bind'>{bind}</iq>", "iq").itertext())

    def say(self, to: str, body: str, **attributes: str) -> None:
        """Send a chat message; ``body`` must be XML text."""
        extra = "".join(f" {name}='{value}'" for name, value in attributes.items())
        self.send(f"<message to='{to}' type='chat'{extra}><body>{body}</body></message>")

    def available(self) -> None:
        """Be online for the contacts."""
        self.send("<presence/>")

    def expect_body(self, body: str, seconds: float = 10) -> Element:
        """The next message with that body. Errors: TimeoutError."""
        return self.expect(lambda stanza: stanza.findtext("{jabber:client}body") == body, seconds)

    def archived(self, page: int = 50) -> list[Element]:
        """Every message that the server keeps for the account, the oldest first (XEP-0313, XEP-0059)."""
        found: list[Element] = []
        after = ""
        while True:
            place = f"<max>{page}</max><after>{after}</after>" if after else f"<max>{page}</max>"
            query = f"<query xmlns='{MAM}'><set xmlns='{RSM}'>{place}</set></query>"
            self.send(f"<iq type='set' id='archive{len(found)}'>{query}</iq>")
            while local_name(stanza := self.receive()) != "iq":
                found += stanza.iterfind(f"{{{MAM}}}result/{{urn:xmpp:forward:0}}forwarded/{{jabber:client}}message")
            if stanza.get("type") != "result":
                raise ConnectionError(ElementTree.tostring(stanza, "unicode"))
            after = stanza.findtext(f"{{{MAM}}}fin/{{{RSM}}}set/{{{RSM}}}last") or ""
            if not after or stanza.find(f"{{{MAM}}}fin[@complete='true']") is not None:
                return found


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
