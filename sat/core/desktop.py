"""The person's desktop: notifications (org.freedesktop.Notifications 1.2)."""

from __future__ import annotations

import html
import logging
from typing import Any

from sat.api.errors import SatError
from sat.bridge.bridge import Bridge

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
PROGRAM = "Salut à Toi"

log = logging.getLogger(__name__)


class Desktop:
    """Shows notifications, where somebody is there to show them. Nothing of this ever fails."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def notify(self, replaces: int, summary: str, body: str) -> int:
        """Show a notification, in place of the one of that number; its number, 0 if nobody shows it. Both texts are
        plain."""
        try:
            capable = await self._bridge.call(NAME, PATH, NAME, "GetCapabilities", "", (), "as")
            if "body-markup" in capable:
                body = html.escape(body, quote=False)
            hints = {"category": "im.received", "desktop-entry": "sat"}
            values: tuple[Any, ...] = (PROGRAM, replaces, "", summary, body, [], hints, -1)
            return int(await self._bridge.call(NAME, PATH, NAME, "Notify", "susssasa{sv}i", values, "u"))
        except SatError as error:
            log.debug("nobody shows notifications: %s", error)
            return 0

    async def close(self, number: int) -> None:
        """Take a notification away."""
        try:
            await self._bridge.call(NAME, PATH, NAME, "CloseNotification", "u", (number,), "")
        except SatError as error:
            log.debug("a notification could not be taken away: %s", error)
