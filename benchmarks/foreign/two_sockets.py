"""Zeros through one TCP connection on this machine, by plain asyncio: ``two_sockets.py BYTES``; prints the seconds.

Who sends is a process of its own."""

import asyncio
import os
import sys
import time

PIECE = bytes(256 * 1024)


async def send(port: int, size: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(size // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def receive(size: int) -> None:
    done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started = time.perf_counter()
        while await reader.read(len(PIECE)):
            pass
        done.set_result(time.perf_counter() - started)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, str(size), str(port))
    print(await done)
    await child.wait()


if __name__ == "__main__":
    os.environ.pop("PYTHONASYNCIODEBUG", None)
    bytes_ = int(sys.argv[1])
    asyncio.run(send(int(sys.argv[2]), bytes_) if len(sys.argv) > 2 else receive(bytes_))
