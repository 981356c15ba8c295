"""Which version of OMEMO a device of somebody reads, where it is on the lists of both."""

from __future__ import annotations

from omemo import DeviceInformation

from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.names import NEW, OLD

WRITES_OLD = "/sat/writes_old/"  # what is kept of an account's devices: those that answer in the old version


class Versions:
    """What one profile has noticed. There are programs that publish keys of both versions and only read the old one
    (slixmpp-omemo 2.2); they are known by what they write in, until they write in version 2."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._writes_old: dict[str, set[str]] = {}  # the numbers of devices that do, by account
        for name in keeping.names(WRITES_OLD):
            owner, _, number = name.rpartition("/")
            self._writes_old.setdefault(owner, set()).add(number)

    async def notice(self, ns: str, device: DeviceInformation) -> None:
        """A device has written in a version."""
        known, number = self._writes_old.setdefault(device.bare_jid, set()), str(device.device_id)
        old = ns == OLD and NEW in device.namespaces
        if old is (number in known):
            return
        key = f"{WRITES_OLD}{device.bare_jid}/{number}"
        if old:
            known.add(number)
            await self._keeping.store(key, True)
        else:
            known.discard(number)
            await self._keeping.delete(key)

    def has_old(self, owner: str) -> bool:
        """Whether somebody has such a device."""
        return bool(self._writes_old.get(owner))

    def prefers_old(self, device: DeviceInformation) -> bool:
        """Whether it is on the list of the old version, and on both only by mistake."""
        return _is_on(OLD, device) and str(device.device_id) in self._writes_old.get(device.bare_jid, ())

    def reads_new(self, device: DeviceInformation) -> bool:
        """Whether it gets what is encrypted in version 2."""
        return _is_on(NEW, device) and not self.prefers_old(device)


def _is_on(ns: str, device: DeviceInformation) -> bool:
    return any(active for each, active in device.active if each == ns)
