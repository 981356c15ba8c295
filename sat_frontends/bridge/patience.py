"""How long a frontend waits for an answer: longer than the daemon waits for the network."""

from __future__ import annotations

USUAL = 40.0  # seconds; the daemon waits 30 s for what it asks over the network

_LONGER = {
    "Connect": 120.0,
    "LogIn": 120.0,
    "GetForm": 90.0,
    "Register": 90.0,
    "FetchOlder": 90.0,
    "GetFile": 300.0,
    "GetUrl": 300.0,
    "Finish": 24 * 3600.0,
    "Upload": 90.0,
    "Browse": 300.0,
    "Ping": 60.0,
    "DeleteProfile": 60.0,
}


def patience(member: str) -> float:
    """Seconds to wait for the answer of a method."""
    return _LONGER.get(member, USUAL)
