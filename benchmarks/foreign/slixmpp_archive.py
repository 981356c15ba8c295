"""A bare slixmpp client: it logs in, reads its archive page by page, and ends. It keeps nothing.

Run by ``benchmarks/catching_up.py`` with a Python that has slixmpp:
``slixmpp_archive.py JID PASSWORD PORT CA_FILE MESSAGES PAGE``.
"""

from __future__ import annotations

import sys
from typing import Any

import slixmpp

jid, password, port, ca_file, messages, page = sys.argv[1:]
client: Any = slixmpp.ClientXMPP(jid, password)
client.ca_certs = ca_file
client.enable_direct_tls = False  # the server has STARTTLS, and its port takes nothing else
client.register_plugin("xep_0313")


async def online(_event: object) -> None:
    """The session stands."""
    client.send_presence()
    read = 0
    if int(messages):
        async for message in client["xep_0313"].iterate(rsm={"max": int(page)}):
            read += bool(message["mam_result"]["forwarded"]["stanza"]["body"])
    if read != int(messages):
        print(f"{read} of {messages} messages were read", file=sys.stderr)
        sys.exit(1)
    client.disconnect()


client.add_event_handler("session_start", online)
client.connect("127.0.0.1", int(port))
client.loop.run_until_complete(client.disconnected)
