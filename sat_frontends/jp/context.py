"""What a command has at hand: the bus, the profile, the output, and the person who typed it."""

from __future__ import annotations

import os
import time as clocks
from typing import TYPE_CHECKING, Any

from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.output import Output
from sat_frontends.jp.parsing import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from sat.api.manager import ManagerApi, ProfileInfo
    from sat_frontends.bridge.access import ProfileAccess
    from sat_frontends.bridge.blocking import BlockingBridge


class Jp:
    """One run of ``jp``. The bus is only looked for when a command asks for it."""

    def __init__(self, options: Options, out: Output | None = None) -> None:
        self.options = options
        self.out = out or Output(options.output, options.color, options.quiet, options.verbose)
        self.starts = True
        """Whether a daemon that does not run is started, if the bus can do that."""
        self._bridge: BlockingBridge | None = None

    @property
    def bridge(self) -> BlockingBridge:
        """The connection to the daemon. Errors: NoBus and NoDaemon, each within a second; DaemonNotStarted."""
        if self._bridge is None:
            from sat_frontends.bridge.blocking import connect

            self._bridge = connect(start=self.starts)
        return self._bridge

    def forget_bridge(self) -> None:
        """The daemon or the bus went away: the next look connects again, and leaves a daemon alone that was stopped."""
        self.starts = False
        if self._bridge is not None:
            bridge, self._bridge = self._bridge, None
            bridge.close()

    def listen(self, stop: Callable[[], bool], timeout: float | None = None) -> None:
        """Hear signals until ``stop`` says so, or for so many seconds. Ctrl-C raises KeyboardInterrupt."""
        end = None if timeout is None else clocks.monotonic() + timeout
        self.bridge.listen(stop, timeout)
        if not stop() and (end is None or clocks.monotonic() < end):
            raise KeyboardInterrupt  # the bridge takes Ctrl-C for the usual end of listening

    @property
    def manager(self) -> ManagerApi:
        """The daemon."""
        return self.bridge.manager

    async def profile(self, name: str = "") -> ProfileAccess:
        """The profile with this name; without one, that of ``--profile``, JP_PROFILE, or the default one."""
        return self.bridge.profile(name or await self.profile_name())

    async def profile_name(self) -> str:
        """Which profile is meant. Errors: NoProfile."""
        name = self.options.profile or os.environ.get("JP_PROFILE", "")
        if name:
            return name
        found = await self.profiles()
        if not found:
            from sat.api.errors import NoProfile

            raise NoProfile()
        return next((each.name for each in found if each.default), found[0].name)

    async def profiles(self) -> list[ProfileInfo]:
        """All profiles, the default one first."""
        return await self.manager.list_profiles()

    @property
    def asks(self) -> bool:
        """Whether there is a person who can be asked."""
        from sat_frontends.jp.ask import somebody_there

        return not self.options.no_input and somebody_there()

    def confirm(self, question: str, yes: bool) -> None:
        """Go on only if the person is sure. Without one, ``--yes`` is needed."""
        if yes:
            return
        if not self.asks:
            raise usage("This cannot be undone, and there is nobody to ask.", "Add --yes if you are sure.")
        from sat_frontends.jp.ask import ask

        if ask(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise Failure("Cancelled: nothing was changed.", code=20)


async def loaded(client: Any) -> Any:
    """A client whose properties were asked for, once."""
    from sat.bridge.derive import load

    await load(client, follow=False)
    return client
