"""What the scenarios about faults ask a daemon, as a frontend would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sat.api import JID
from sat.api.messages import Message, MessageState
from sat.api.profile import Connection, ConnectionState
from sat.bridge.derive import load
from sat.world import Daemon
from sat.world.people import run
from sat.world.program import until

BOB = "bob@localhost"
MANY = 60  # lines
PAGE = 500  # messages that one call gives at most
ARRIVED = (MessageState.SENT, MessageState.DELIVERED, MessageState.DISPLAYED)


def wait(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for a condition; the test fails when it does not come true."""
    assert until(lambda: bool(condition()), seconds), what


def history(profile: Any, peer: str = BOB) -> list[Message]:
    """A whole conversation, the oldest message first."""
    found: list[Message] = []
    before = 0
    while page := run(profile.messages.get_history(JID(peer), before, PAGE)):
        found[:0] = page
        before = page[0].order
    return found


def heard(profile: Any, peer: str = BOB) -> list[str]:
    """The bodies of what came in, in the order of the conversation."""
    return [message.body for message in history(profile, peer) if not message.outgoing]


def said(profile: Any, peer: str = BOB) -> list[Message]:
    """What went out, in the order of the conversation."""
    return [message for message in history(profile, peer) if message.outgoing]


def say(profile: Any, body: str, peer: str = BOB) -> str:
    """Send a message; its id."""
    return run(profile.messages.send(JID(peer), body))


def all_arrived(profile: Any, peer: str = BOB) -> bool:
    """Whether the server has everything that was sent."""
    return all(message.state in ARRIVED for message in said(profile, peer))


def connection(profile: Any) -> Connection:
    """How a profile stands to its server."""
    run(load(profile.profile, follow=False))
    return profile.profile.connection.value


def is_online(profile: Any) -> bool:
    """Whether a profile is online."""
    return connection(profile).state is ConnectionState.ONLINE


def faults(daemon: Daemon) -> str:
    """What the daemon's log says of a fault of its own, from the first one on: nothing, when all is well."""
    lines = daemon.log.read_text().splitlines()
    found = [number for number, line in enumerate(lines) if "Traceback" in line or "CRITICAL" in line]
    return "\n".join(lines[max(0, found[0] - 1) : found[0] + MANY]) if found else ""
