"""A bare slixmpp client: it logs in, asks for its contact list, hears presences, and ends.

Run by ``benchmarks/contacts.py`` with a Python that has slixmpp:
``slixmpp_roster.py JID PASSWORD PORT CA_FILE PRESENCES``.
"""

from __future__ import annotations

import sys
from typing import Any

import slixmpp

jid, password, port, ca_file, presences = sys.argv[1:]
client: Any = slixmpp.ClientXMPP(jid, password)
client.ca_certs = ca_file
client.enable_direct_tls = False  # the server has STARTTLS, and its port takes nothing else
heard = 0


async def online(_event: object) -> None:
    """The session stands."""
    await client.get_roster()
    client.send_presence()
    if int(presences) == 0:
        client.disconnect()


def available(presence: Any) -> None:
    """A contact is there."""
    global heard
    heard += presence["from"].bare != client.boundjid.bare
    if heard == int(presences):
        client.disconnect()


client.add_event_handler("session_start", online)
client.add_event_handler("presence", available)
client.connect("127.0.0.1", int(port))
client.loop.run_until_complete(client.disconnected)
