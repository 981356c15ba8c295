"""A bare client on Twisted: it logs in, reads the bodies of so many messages, says what CPU that took, and ends.

Run by ``benchmarks/receive.py``, as what a message costs where nothing is done with it:
``twisted_receive.py JID PASSWORD PORT MESSAGES``.
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
jid, password, port, messages = sys.argv[1:]
read = 0
began = 0.0


def online(stream: Any) -> None:
    """The session stands."""
    stream.addObserver("/message", message)
    stream.send(Element((None, "presence")))


def message(stanza: Any) -> None:
    """One has come."""
    global read, began
    began = began or time.process_time()
    read += bool(str(stanza.body))
    if read == int(messages):
        print(time.process_time() - began)  # seconds
        reactor.stop()


factory = XMPPClientFactory(JID(f"{jid}/bare"), password, configurationForTLS=CertificateOptions())
factory.addBootstrap(STREAM_AUTHD_EVENT, online)
reactor.connectTCP("127.0.0.1", int(port), factory)
reactor.run()
