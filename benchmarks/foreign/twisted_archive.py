"""A bare client on Twisted: it logs in, reads its archive page by page, says how many seconds that took, and ends. It
keeps nothing.

Run by ``benchmarks/catching_up.py``, as what the least costs that reads the same pages with the same libraries:
``twisted_archive.py JID PASSWORD PORT MESSAGES PAGE``.
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

NS, RSM = "urn:xmpp:mam:2", "http://jabber.org/protocol/rsm"
reactor: Any = _reactor
jid, password, port, messages, page = sys.argv[1:]
stream: Any = None
read = 0
began = 0.0


def online(xmlstream: Any) -> None:
    """The session stands."""
    global stream, began
    stream, began = xmlstream, time.perf_counter()
    stream.addObserver("/message", message)
    stream.addObserver("/iq", answer)
    stream.send(Element((None, "presence")))
    if int(messages):
        ask("")
    else:
        end()


def ask(after: str) -> None:
    """The page behind a message."""
    iq = Element((None, "iq"), attribs={"type": "set", "id": f"page{read}"})
    query = iq.addElement((NS, "query"))
    query["queryid"] = "q"
    rsm = query.addElement((RSM, "set"))
    rsm.addElement("max", content=page)
    if after:
        rsm.addElement("after", content=after)
    stream.send(iq)


def message(stanza: Any) -> None:
    """One of a page."""
    global read
    read += bool(str(stanza.result.forwarded.message.body))


def answer(iq: Any) -> None:
    """A page has ended."""
    if not iq.fin:
        return
    if iq.fin.getAttribute("complete") == "true":
        end()
    else:
        ask(str(iq.fin.set.last))


def end() -> None:
    """All is read."""
    print(time.perf_counter() - began)  # seconds
    reactor.stop()


factory = XMPPClientFactory(JID(f"{jid}/bare"), password, configurationForTLS=CertificateOptions())
factory.addBootstrap(STREAM_AUTHD_EVENT, online)
reactor.connectTCP("127.0.0.1", int(port), factory)
reactor.run()
if read != int(messages):
    sys.exit(f"{read} of {messages} messages were read")
