"""A stream whose elements come and go one by one, each in a message of its own: XMPP over WebSocket (RFC 7395)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sat.api.errors import ProtocolViolation
from sat.xmpp import traffic, xml
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, NS_STREAMS, Element, XmlError

NS_FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
_AROUND = f"<stream:stream xmlns='{NS_CLIENT}' xmlns:stream='{NS_STREAMS}'>".encode()
_NAME = re.compile(r"<[^\s/>]+")


class FramedStream(Stream):
    """Like one over TCP; ``dataReceived`` gets whole messages, and the transport sends each ``write`` as one."""

    framed = True
    _ending = f"<close xmlns='{NS_FRAMING}'/>"

    def open(self, sender: str = "") -> None:
        """Begin a stream, or begin it anew after logging in (§3.4, §3.7)."""
        super().open(sender)
        self._begun = False
        if self._parser is not None:
            self._parser.feed(_AROUND)  # what the messages would be inside, on TCP

    def dataReceived(self, data: bytes) -> None:
        """One message: one element, and the whole of it (§3.3.3)."""
        parser = self._parser
        super().dataReceived(data)
        if parser is not None and parser is self._parser and not self.over and not parser.between:
            self.fail(ProtocolViolation(server=self.domain, reason="a message is no whole stanza"), "bad-format")

    _begun = False

    def _beginning(self, sender: str) -> str:
        origin = f" from='{xml.escape(sender)}'" if sender else ""
        return f"<open xmlns='{NS_FRAMING}' to='{xml.escape(self.domain)}'{origin} version='1.0' xml:lang='en'/>"

    def _opened(self, header: Element) -> None:
        """That was ours, put around the messages."""

    def _received(self, element: Element) -> None:
        if element.uri == NS_FRAMING and element.name == "open" and not self._begun:
            traffic.received(self.log, element)
            self._begun = self._greeted = True
            self.version = str(element.attributes.get("version", ""))
        elif element.uri == NS_FRAMING and element.name == "close":
            self._closed()
        elif not self._begun:
            raise XmlError("invalid-namespace", "it is no XMPP stream")
        else:
            super()._received(element)

    def _transmit(self, parts: Iterable[str]) -> None:
        for part in parts:
            self.transport.write(framed(part).encode())


def framed(text: str) -> str:
    """An element of ours as it stands alone: what it had from the stream around it is said in itself (§3.3.3)."""
    name = _NAME.match(text)
    end = name.end() if name else 0
    if text.startswith("<stream:"):
        return f"{text[:end]} xmlns:stream='{NS_STREAMS}'{text[end:]}"
    return text if text.startswith(" xmlns='", end) else f"{text[:end]} xmlns='{NS_CLIENT}'{text[end:]}"
