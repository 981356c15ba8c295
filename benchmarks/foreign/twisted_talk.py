"""Two bare clients on Twisted in one process: one writes to the other, who acknowledges each message (XEP-0184).

A frontend on D-Bus says what to send, and is told of each message and each receipt. That is the least that a daemon
has to do: nothing is stored, checked, resent or shown. Says what CPU it took, and ends. Run by ``benchmarks/talk.py``:
``twisted_talk.py FROM TO PASSWORD PORT MESSAGES AT_ONCE BODY BUS``.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import _dbus_bindings as bindings
from _dbus_glib_bindings import DBusGMainLoop
from twisted.internet import asyncioreactor

loop = asyncio.new_event_loop()
asyncioreactor.install(loop)

from twisted.internet import reactor as _reactor  # noqa: E402
from twisted.internet.ssl import CertificateOptions  # noqa: E402
from twisted.words.protocols.jabber.client import XMPPClientFactory  # noqa: E402
from twisted.words.protocols.jabber.jid import JID  # noqa: E402
from twisted.words.protocols.jabber.xmlstream import STREAM_AUTHD_EVENT  # noqa: E402
from twisted.words.xish.domish import Element  # noqa: E402

from sat.bridge import glib  # noqa: E402
from sat.bridge.link import bus_message, open_connection  # noqa: E402

RECEIPTS = "urn:xmpp:receipts"
FRONTEND = Path(__file__).parent / "dbus_caller.py"
reactor: Any = _reactor
sender, recipient, password, port, messages, at_once, body, bus = sys.argv[1:]
streams: dict[str, Any] = {}
sent = acknowledged = 0
began = 0.0
driver = glib.start(loop)
connection = open_connection(bus, DBusGMainLoop())
hello = connection.send_message_with_reply_and_block(bus_message("Hello"))
name = str(hello.get_args_list()[0])
connection.set_unique_name(name)


def enter(address: str, heard: Any) -> None:
    """Log in."""

    def online(stream: Any) -> None:
        global began
        streams[address] = stream
        stream.addObserver("/message", heard)
        stream.send(Element((None, "presence")))
        if len(streams) == 2:  # both are there
            began = time.process_time()
            subprocess.Popen([sys.executable, str(FRONTEND), bus, name, messages, at_once, body])

    factory = XMPPClientFactory(JID(f"{address}/bare"), password, configurationForTLS=CertificateOptions())
    factory.addBootstrap(STREAM_AUTHD_EVENT, online)
    reactor.connectTCP("127.0.0.1", int(port), factory)


def called(_connection: Any, call: Any) -> Any:
    """The frontend wants a message to be sent."""
    global sent
    if call.get_type() != bindings.MESSAGE_TYPE_METHOD_CALL:
        return bindings.HANDLER_RESULT_NOT_YET_HANDLED
    stanza = Element((None, "message"))
    stanza["to"] = f"{recipient}/bare"
    stanza["type"] = "chat"
    stanza["id"] = str(sent)
    stanza.addElement("body", content=str(call.get_args_list()[0]))
    stanza.addElement((RECEIPTS, "request"))
    streams[sender].send(stanza)
    answer = bindings.MethodReturnMessage(call)
    answer.append(str(sent), signature="s")
    connection.send_message(answer)
    driver.kick()
    sent += 1
    return bindings.HANDLER_RESULT_HANDLED


def tell(member: str, *values: str) -> None:
    """Send a signal."""
    signal = bindings.SignalMessage("/", "bench.Talk", member)
    signal.append(*values, signature="s" * len(values))
    connection.send_message(signal)
    driver.kick()


def answer(stanza: Any) -> None:
    """The recipient has a message."""
    if not str(stanza.body):
        return
    tell("Added", stanza["id"], stanza["from"], str(stanza.body))
    receipt = Element((None, "message"))
    receipt["to"] = stanza["from"]
    receipt.addElement((RECEIPTS, "received"))["id"] = stanza["id"]
    streams[recipient].send(receipt)


def note(stanza: Any) -> None:
    """The sender has a receipt."""
    global acknowledged
    for child in stanza.elements():
        if child.uri == RECEIPTS:
            acknowledged += 1
            tell("Updated", child["id"], "delivered")
    if acknowledged == int(messages):
        print(time.process_time() - began)  # seconds
        reactor.stop()


connection.add_message_filter(called)
enter(sender, note)
enter(recipient, answer)
reactor.run()
