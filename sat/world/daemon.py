"""Our daemon as a process of its own, with its files in the world's folder."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from pathlib import Path

import dbus
import dbus.bus

from sat.api.names import BUS_NAME, ROOT, bus_interface
from sat.world.bus import Bus
from sat.world.program import STOP_WITHIN, Program


def script(name: str) -> str:
    """The path of one of our commands, as installed beside the Python that runs."""
    return str(Path(sys.executable).with_name(name))


def environment(folder: Path, bus: Bus, ca_file: Path | None = None) -> dict[str, str]:
    """What a program needs to live in the world: its bus, its folders, its authority."""
    names = {"CONFIG": "config", "DATA": "share", "STATE": "state", "CACHE": "cache"}
    own = {f"XDG_{name}_HOME": str(folder / "home" / part) for name, part in names.items()}
    own |= {"XDG_RUNTIME_DIR": str(folder / "home" / "run"), "DBUS_SESSION_BUS_ADDRESS": bus.address}
    if ca_file is not None:
        own["SSL_CERT_FILE"] = str(ca_file)
    for path in own.values():
        if path.startswith(str(folder / "home")):
            Path(path).mkdir(parents=True, exist_ok=True, mode=0o700)
    return own


class Daemon(Program):
    """``sat run``. It is ready when it says so on the bus; its files outlive a restart.

    ``environment`` is added to ours (see the function of that name).
    """

    def __init__(self, folder: Path, bus: Bus, environment: dict[str, str]) -> None:
        super().__init__("sat", folder)
        self.bus = bus
        self.variables = environment
        self._connection: dbus.bus.BusConnection | None = None

    @property
    def config_file(self) -> Path:
        """Its ``sat.conf``. Write it before the start."""
        path = Path(self.variables["XDG_CONFIG_HOME"]) / "sat" / "sat.conf"
        path.parent.mkdir(exist_ok=True)
        return path

    def command(self) -> list[str]:
        return [script("sat"), "run"]

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.variables}

    def is_ready(self) -> bool:
        try:
            connection = self._connection = self._connection or _connect(self.bus.address)
            if not connection.name_has_owner(BUS_NAME):
                return False
            return bool(
                connection.call_blocking(
                    BUS_NAME, ROOT, dbus.PROPERTIES_IFACE, "Get", "ss", (bus_interface("manager"), "Ready"), timeout=5.0
                )
            )
        except dbus.DBusException:
            self._disconnect()  # the bus may have been restarted
            return False

    def stop(self) -> int:
        self._disconnect()
        return super().stop()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def end_daemon_on(bus: Bus) -> None:
    """End the daemon that has our name on a bus, whoever started it: in the world's shell people say ``sat stop; sat
    start``, and that daemon is no child of ours. Left alone, it would look for its bus for ever."""
    try:
        connection = _connect(bus.address)
        try:
            owner = connection.call_blocking(
                dbus.BUS_DAEMON_NAME, dbus.BUS_DAEMON_PATH, dbus.BUS_DAEMON_IFACE,
                "GetConnectionUnixProcessID", "s", (BUS_NAME,), timeout=5.0,
            )  # fmt: skip
            process = os.pidfd_open(int(owner))
        finally:
            connection.close()
    except (dbus.DBusException, ProcessLookupError):
        return  # nobody there
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, number)
            if select.select([process], [], [], STOP_WITHIN)[0]:
                return
    finally:
        os.close(process)


def _connect(address: str) -> dbus.bus.BusConnection:
    connection = dbus.bus.BusConnection(address)
    connection.set_exit_on_disconnect(False)
    return connection
