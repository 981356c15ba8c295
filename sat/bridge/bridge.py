"""What the core sees of a bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sat.api.contract import Api


class Bridge(Protocol):
    """Makes implementations of interfaces reachable for frontends."""

    def publish(self, path: str, api: type[Api], implementation: Any) -> Callable[[], None]:
        """Serve ``implementation`` as the interface ``api`` of the object at ``path`` (see ``sat.api.names``), from
        now on, until the returned function is called. Its signals and properties are relayed."""

    async def call(
        self, name: str, path: str, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str
    ) -> Any:
        """Call a method of another program on the bus, which may start it; its one result, None where ``returns`` is
        nothing. Errors: NoBus, NoSuchProgram."""
