"""Whether somebody is looking (XEP-0352)."""

from __future__ import annotations

from typing import Any

from sat.core.pipeline import Departure, Stage
from sat.core.plugin import Online, Plugin, on_event, on_sending
from sat.plugins.client_state.api import ClientStateApi
from sat.xmpp import xml

NS = "urn:xmpp:csi:0"
GRACE = 300.0  # seconds without a sign of anybody


class ClientState(Plugin, ClientStateApi):
    """The server keeps back what can wait while nobody is looking (XEP-0352)."""

    xeps = ("0352",)

    _offered = False

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.seen: float = session.clock.seconds()
        """When there was last a sign of somebody, by the session's clock."""

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        self._offered = NS in event.told.offers
        if not self.active.value:
            self._tell()  # each stream begins as an active one, also where the session goes on (§5.2)
        elif not event.resumed:
            self._wait()

    @on_sending(Stage.ANNOUNCE)
    def _sending(self, departure: Departure) -> None:
        """Who writes is there, and wants to see the receipt."""
        self._somebody()

    async def attend(self) -> None:
        self._somebody()

    def _somebody(self) -> None:
        self.seen = self.session.clock.seconds()
        self._wait()
        if not self.active.value:
            self.active.set(True)
            self._tell()

    def _wait(self) -> None:
        self.after(GRACE, self._nobody, key="nobody")

    def _nobody(self) -> None:
        self.active.set(False)
        self._tell()

    def _tell(self) -> None:
        if self._offered and self.session.online:
            self.session.indicate(xml.element("active" if self.active.value else "inactive", NS))
