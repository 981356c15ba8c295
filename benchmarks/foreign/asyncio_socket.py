"""Bytes over a connection of this machine, by asyncio's own sockets, both ends in this process: MiB a second.

Run by ``benchmarks/streams.py``: ``asyncio_socket.py BYTES PIECE``.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time

size, piece = map(int, sys.argv[1:])


async def copy() -> float:
    """The time that it takes."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as out:
        listening.setblocking(False)
        out.setblocking(False)
        connecting = loop.sock_connect(out, listening.getsockname())
        (back, _), _ = await asyncio.gather(loop.sock_accept(listening), connecting)
        data = os.urandom(piece)

        async def send() -> None:
            for _ in range(size // piece):
                await loop.sock_sendall(out, data)

        async def receive() -> None:
            left = size // piece * piece
            while left:
                left -= len(await loop.sock_recv(back, piece))

        began = time.perf_counter()
        await asyncio.gather(send(), receive())
        took = time.perf_counter() - began
        back.close()
        return took


print(size / 2**20 / asyncio.run(copy()))
