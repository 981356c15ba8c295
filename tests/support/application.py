"""An application of Jingle that notes what it is told."""

from __future__ import annotations

from typing import Any

from sat.api import JID
from sat.xmpp.xml import Element

APP = "urn:example:app"


class App:
    """``sessions`` and ``contents`` are what was offered, ``payloads`` what was said."""

    namespace = APP
    securities = ()

    def __init__(self, open_to_all: bool = False) -> None:
        self.sessions: list[Any] = []
        self.payloads: list[Element] = []
        self.contents: list[Any] = []
        self.takes_more, self.open_to_all = True, open_to_all
        self.refuses: Exception | None = None

    def wants(self, peer: JID) -> bool:
        return self.open_to_all

    def offered(self, session: Any) -> None:
        if self.refuses:
            raise self.refuses
        self.sessions.append(session)

    def added(self, session: Any, content: Any) -> bool:
        self.contents.append(content)
        return self.takes_more

    def told(self, session: Any, payload: Element) -> bool:
        self.payloads.append(payload)
        return payload.uri == APP
