"""Foreign clients: the plain one of ``sat.world.peer``, and one that comes back whatever happens to its server."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Self
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from sat.world.peer import Peer, Stream, local_name

__all__ = ["Peer", "ReturningPeer", "Stream", "local_name"]


class ReturningPeer(threading.Thread):
    """A client that comes back when the server was away, and says each thing again until the server has it.

    ``make`` gives a client. ``heard`` has the message of every stanza that came, repeats too.
    """

    def __init__(self, make: Callable[[], Peer]) -> None:
        super().__init__(daemon=True)
        self._make = make
        self._unconfirmed: deque[tuple[str, str, str]] = deque()  # to, id, body
        self._ended = threading.Event()
        self.heard: list[Element] = []

    def say(self, to: str, body: str) -> None:
        """Say something, as soon as possible."""
        self._unconfirmed.append((to, f"{id(self)}-{body}", body))

    @property
    def confirmed(self) -> bool:
        """Whether the server has everything that was said."""
        return not self._unconfirmed

    def run(self) -> None:
        """Be online until :meth:`close`."""
        while not self._ended.is_set():
            try:
                with self._make() as peer:
                    peer.available()
                    while not self._ended.is_set():
                        self._turn(peer)
            except (OSError, ElementTree.ParseError):
                self._ended.wait(0.05)

    def _turn(self, peer: Peer) -> None:
        saying = [self._unconfirmed[number] for number in range(min(3, len(self._unconfirmed)))]
        for to, stanza_id, body in saying:
            origin = f"<origin-id xmlns='urn:xmpp:sid:0' id='{stanza_id}'/>"  # says that a repeat is one (XEP-0359)
            peer.send(f"<message to='{to}' type='chat' id='{stanza_id}'><body>{body}</body>{origin}</message>")
        if saying:
            # The server handles what we send in order, so it has what stands before a question that it answers.
            peer.send("<iq type='get' id='had'><ping xmlns='urn:xmpp:ping'/></iq>")
        try:
            while local_name(stanza := peer.receive(10 if saying else 0.02)) != "iq":
                if stanza.findtext("{jabber:client}body"):
                    self.heard.append(stanza)
        except TimeoutError:
            if saying:
                raise
            return
        for _ in saying:
            self._unconfirmed.popleft()

    def close(self) -> None:
        """Leave."""
        self._ended.set()
        self.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
