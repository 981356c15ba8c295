"""A frontend of nothing but dbus-python: it has ``twisted_talk.py`` send messages, some at once, and hears its signals.

``dbus_caller.py BUS NAME MESSAGES AT_ONCE BODY``
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import _dbus_bindings as bindings
from _dbus_glib_bindings import DBusGMainLoop

from sat.bridge import glib
from sat.bridge.link import bus_message, call_message, open_connection

bus, name, messages, at_once, body = sys.argv[1:]


async def talk() -> None:
    """Call until all is sent."""
    driver = glib.start(asyncio.get_running_loop())
    connection = open_connection(bus, DBusGMainLoop())
    connection.set_unique_name(
        str(connection.send_message_with_reply_and_block(bus_message("Hello")).get_args_list()[0])
    )
    connection.send_message(bus_message("AddMatch", "s", f"type='signal',sender='{name}'"))
    connection.add_message_filter(lambda _connection, _message: bindings.HANDLER_RESULT_NOT_YET_HANDLED)
    room = asyncio.Semaphore(int(at_once))

    async def send(number: int) -> None:
        async with room:
            done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            call = call_message(name, "/", "bench.Talk", "Send", "s", (f"{number:05d} {body}"[:100],))
            connection.send_message_with_reply(call, done.set_result, 60)
            driver.kick()
            await done

    await asyncio.gather(*(send(number) for number in range(int(messages))))


asyncio.run(talk())
