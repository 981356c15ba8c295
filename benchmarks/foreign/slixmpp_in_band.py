"""Two slixmpp clients, one of which sends the other bytes in stanzas (XEP-0047), as its plugin does it by itself: MiB a
second.

Run by ``benchmarks/streams.py`` with a Python that has slixmpp:
``slixmpp_in_band.py JID JID PASSWORD PORT CA_FILE BYTES``.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from typing import Any

import slixmpp

*jids, password, port, ca_file, size = sys.argv[1:]


async def online(jid: str) -> Any:
    """A client that takes what it is offered."""
    client: Any = slixmpp.ClientXMPP(jid, password)
    client.ca_certs = ca_file
    client.enable_direct_tls = False  # the server has STARTTLS, and its port takes nothing else
    client.register_plugin("xep_0047", {"auto_accept": True})
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    client.add_event_handler("session_start", lambda _: started.set_result(None))
    client.connect("127.0.0.1", int(port))
    await started
    client.send_presence()
    return client


async def copy() -> float:
    """The time that it takes."""
    alice, bob = [await online(jid) for jid in jids]
    came = 0
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def received(stream: Any) -> None:
        nonlocal came
        came += len(stream.read())
        if came == int(size):
            ended.set_result(None)

    bob.add_event_handler("ibb_stream_data", received)
    stream = await alice.plugin["xep_0047"].open_stream(bob.boundjid)
    began = time.perf_counter()
    await stream.sendfile(io.BytesIO(os.urandom(int(size))))
    await ended
    took = time.perf_counter() - began
    for client in (alice, bob):
        client.disconnect()
        await client.disconnected
    return took


print(int(size) / 2**20 / asyncio.run(copy()))
