"""How things are called on D-Bus. The 1 is the version of the interface, from the first release."""

from __future__ import annotations

from sat.api.contract import camel

BUS_NAME = "org.salutatoi.SAT1"
ROOT = "/org/salutatoi/SAT1"
ERROR = f"{BUS_NAME}.Error"


def bus_interface(name: str) -> str:
    """``chat_states`` → ``org.salutatoi.SAT1.ChatStates``."""
    return f"{BUS_NAME}.{camel(name)}"


def profile_path(profile: str) -> str:
    """The object of a profile: letters and digits as they are, other bytes as ``_`` and two hex digits."""
    escaped = "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"_{byte:02x}" for byte in profile.encode()
    )
    return f"{ROOT}/profile/{escaped}"
