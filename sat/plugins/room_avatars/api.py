"""The pictures of rooms (XEP-0486). They are shown by the interface of those of contacts."""

from __future__ import annotations

from sat.api import JID, Api, method


class RoomAvatarsApi(Api):
    """Give a room a picture (XEP-0486)."""

    @method
    async def set_room_picture(self, room: JID, data: bytes) -> None:
        """Have a room show this picture; empty for none. Errors: InvalidArgument, NotConnected, FeatureMissing,
        PeerError, where we are no owner; RequestTimeout."""
