"""Rooms, and who may enter."""

from __future__ import annotations

from sat.api.errors.base import SatError


class NotInRoom(SatError):
    """You are not in the room {room}."""

    exit_code = 18
    http_status = 409
    hint = "jp room join {room}"


class NickTaken(SatError):
    """In the room {room} somebody is called {nick} already."""

    exit_code = 19
    http_status = 409
    hint = "Choose another nickname."


class RoomPasswordWrong(SatError):
    """The room {room} asks for a password, and this is not it."""

    exit_code = 6
    http_status = 403
    hint = "jp room join {room} --password-stdin"


class RoomBanned(SatError):
    """You are banned from the room {room}{why}."""

    exit_code = 6
    http_status = 403


class RoomMembersOnly(SatError):
    """Only members may enter the room {room}."""

    exit_code = 6
    http_status = 403
    hint = "Ask one of them for an invitation."


class RoomFull(SatError):
    """The room {room} is full."""

    exit_code = 18
    http_status = 503


class PutOut(SatError):
    """You were put out of the room {room}{why}."""


class RoomClosed(SatError):
    """The room {room} was closed{why}."""
