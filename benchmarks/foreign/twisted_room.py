"""A bare client on Twisted: it logs in, joins a room, says how many seconds that took, and ends. It keeps nothing.

Run by ``benchmarks/rooms.py``: ``twisted_room.py JID PASSWORD PORT ROOM NICK OCCUPANTS``.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.ssl import CertificateOptions
from twisted.words.protocols.jabber.client import XMPPClientFactory
from twisted.words.protocols.jabber.jid import JID
from twisted.words.protocols.jabber.xmlstream import STREAM_AUTHD_EVENT
from twisted.words.xish.domish import Element

reactor: Any = _reactor
jid, password, port, room, nick, occupants = sys.argv[1:]
there: set[str] = set()
began = 0.0


def online(stream: Any) -> None:
    """The session stands."""
    global began
    stream.addObserver("/presence", presence)
    stream.addObserver("/message", message)
    stream.send(Element((None, "presence")))
    join = Element((None, "presence"), attribs={"to": f"{room}/{nick}"})
    join.addElement(("http://jabber.org/protocol/muc", "x"))
    began = time.perf_counter()
    stream.send(join)


def presence(stanza: Any) -> None:
    """Somebody is there."""
    there.add(stanza["from"])


def message(_: Any) -> None:
    """The subject, which comes last."""
    if len(there) != int(occupants):
        sys.exit(f"{len(there)} of {occupants} were there")
    print(time.perf_counter() - began)  # seconds
    reactor.stop()


factory = XMPPClientFactory(JID(f"{jid}/bare"), password, configurationForTLS=CertificateOptions())
factory.addBootstrap(STREAM_AUTHD_EVENT, online)
reactor.connectTCP("127.0.0.1", int(port), factory)
reactor.run()
