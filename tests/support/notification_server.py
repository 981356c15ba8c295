"""A desktop's notifications (org.freedesktop.Notifications 1.2) on a bus: it shows nothing, and tells all.

``notification_server.py BUS`` takes the name, prints ``ready``, and then a line of JSON for each call.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from typing import Any

import _dbus_bindings as bindings
from _dbus_glib_bindings import DBusGMainLoop

from sat.bridge import glib
from sat.bridge.link import bus_message, open_connection

NAME = "org.freedesktop.Notifications"


def main() -> None:
    """Serve until killed."""
    loop = asyncio.new_event_loop()
    driver = glib.start(loop)
    connection = open_connection(sys.argv[1], DBusGMainLoop())
    hello = connection.send_message_with_reply_and_block(bus_message("Hello"))
    connection.set_unique_name(str(hello.get_args_list()[0]))
    numbers = itertools.count(1)

    def answer(_connection: Any, call: Any) -> int:
        if call.get_type() != bindings.MESSAGE_TYPE_METHOD_CALL:
            return int(bindings.HANDLER_RESULT_NOT_YET_HANDLED)
        reply, member, values = bindings.MethodReturnMessage(call), call.get_member(), call.get_args_list()
        if member == "GetCapabilities":
            reply.append(["body", "body-markup"], signature="as")
        elif member == "Notify":
            program, replaces, _icon, summary, body = map(str, values[:5])
            number = int(replaces) or next(numbers)
            reply.append(number, signature="u")
            told = {"number": number, "program": program, "summary": summary, "body": body}
            print(json.dumps(told), flush=True)
        elif member == "CloseNotification":
            print(json.dumps({"closed": int(values[0])}), flush=True)
        connection.send_message(reply)
        driver.kick()
        return int(bindings.HANDLER_RESULT_HANDLED)

    connection.add_message_filter(answer)
    connection.send_message_with_reply_and_block(bus_message("RequestName", "su", NAME, 0))
    print("ready", flush=True)
    loop.run_forever()


main()
