"""Which signals somebody waits for. The bus is asked for those only, and only the daemon's are believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sat.api.names import BUS_NAME
from sat.bridge.link import bus_message

Receiver = Callable[..., None]
_Key = tuple[str, str, str]


class Watches:
    """Receivers by object, interface and signal, with the match rules they need."""

    def __init__(self, send: Callable[[Any], None]) -> None:
        self._send = send
        self._receivers: dict[_Key, list[tuple[str, Receiver]]] = {}

    def add(self, path: str, interface: str, member: str, signature: str, receiver: Receiver) -> Callable[[], None]:
        """Call ``receiver`` with the arguments of each such signal, until the returned function is called."""
        key = (path, interface, member)
        entry = (signature, receiver)
        if key not in self._receivers:
            self._receivers[key] = []
            self._ask("AddMatch", key)
        self._receivers[key].append(entry)

        def remove() -> None:
            entries = self._receivers.get(key, [])
            if entry in entries:
                entries.remove(entry)
                if not entries:
                    del self._receivers[key]
                    self._ask("RemoveMatch", key)

        return remove

    def renew(self) -> None:
        """Ask the bus again for everything: it is another bus."""
        for key in self._receivers:
            self._ask("AddMatch", key)

    def receivers(self, message: Any, owner: str) -> list[Receiver]:
        """Who wants a signal. None, if it does not come from ``owner``: anybody may send what looks like ours."""
        if not owner or message.get_sender() != owner:
            return []
        key = (str(message.get_path()), str(message.get_interface()), str(message.get_member()))
        sign = message.get_signature()
        return [receiver for wanted, receiver in self._receivers.get(key, ()) if wanted == sign]

    def _ask(self, what: str, key: _Key) -> None:
        path, interface, member = key
        rule = f"type='signal',sender='{BUS_NAME}',path='{path}',interface='{interface}',member='{member}'"
        message = bus_message(what, "s", rule)
        message.set_no_reply(True)
        self._send(message)
