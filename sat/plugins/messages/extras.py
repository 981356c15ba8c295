"""What goes with a text beside it: a plugin says for each such thing how it is read from a stanza, and how written."""

from __future__ import annotations

from collections.abc import Callable

from sat.api.messages import Extra
from sat.core.pipeline import Arrival
from sat.core.tasks import Log
from sat.xmpp.stanzas import Message

Reader = Callable[[Arrival, Extra], Extra]
Writer = Callable[[Message, Extra], None]


class Extras:
    """Those of one profile's messages. They are read and written while the body of the stanza is the text itself: what
    others put into it for programs that lack a feature is out of it again, or not yet in it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kinds: list[tuple[str, Reader | None, Writer | None]] = []

    def add(self, namespace: str, read: Reader | None = None, write: Writer | None = None) -> Callable[[], object]:
        """Read and write one more thing, or do only one of both; returns the undo. It is read where a message holds an
        element of the namespace."""
        kind = (namespace, read, write)
        self._kinds.append(kind)
        return lambda: self._kinds.remove(kind)

    def read(self, arrival: Arrival) -> Extra:
        """What goes with the text of a message that has come."""
        extra, namespaces = arrival.extra, arrival.message.namespaces
        for namespace, read, _ in self._kinds:
            if read is None or namespace not in namespaces:
                continue
            try:
                extra = read(arrival, extra)
            except Exception:  # one plugin's fault is never another's, nor the message's (P4)
                self._log.exception("something that goes with a message from %s cannot be read", arrival.sender)
        return extra

    def write(self, message: Message, extra: Extra) -> None:
        """Put into a stanza what goes with its text."""
        for _, _, write in self._kinds:
            if write is not None:
                write(message, extra)
