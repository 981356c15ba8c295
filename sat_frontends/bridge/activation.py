"""Asking the bus to start the daemon. It knows how where somebody said ``sat install-service``.

Only who connects asks: what a person has stopped stays so, whichever frontends look on
(docs/decisions/017-frontends-ask-the-bus.md).
"""

from __future__ import annotations

from typing import Any

from sat.api.errors import DaemonNotStarted, NoBus, NoDaemon, SatError
from sat.api.names import BUS_NAME
from sat.bridge.link import bus_message

TIMEOUT = 15.0  # seconds for the daemon to come


def start_message() -> Any:
    """The call that starts it. The answer comes when it has its name, so when it can be used; at once where the bus
    does not know how."""
    return bus_message("StartServiceByName", "su", BUS_NAME, 0)


def why_not(error: SatError) -> SatError:
    """What the answer to the call says to a person. Errors: NoBus, NoDaemon, DaemonNotStarted."""
    return error if isinstance(error, NoBus | NoDaemon) else DaemonNotStarted()
