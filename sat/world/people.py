"""People of the world as profiles of its daemon. Apart from ``world.py``, so that a world without a daemon needs no
bridge."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from sat.api.profile import Account
from sat.api.values import JID, Secret

if TYPE_CHECKING:
    from sat_frontends.bridge.blocking import BlockingBridge

T = TypeVar("T")


def bridge_to(address: str) -> BlockingBridge:
    """A blocking client of the daemon on the bus at ``address``."""
    from sat_frontends.bridge.blocking import connect

    return connect(timeout=10, address=address)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what a client's method returned."""
    from sat_frontends.bridge.blocking import run

    return run(coroutine)


def enter(bridge: BlockingBridge, name: str, jid: str, password: str, port: int, address: str = "127.0.0.1") -> None:
    """Make a profile for an account of the world's server, and connect it."""

    async def steps() -> None:
        await bridge.manager.create_profile(name, JID(jid), Secret(password))
        account = bridge.profile(name).profile
        # The server is not where DNS would say, but on a port of its own.
        await account.set_account(Account(JID(jid), host=address, port=port))
        await account.connect()

    run(steps())
