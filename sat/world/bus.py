"""A D-Bus session bus of our own, so that nothing touches the person's."""

from __future__ import annotations

import socket
from pathlib import Path

from sat.world.program import Program, find_program

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <!-- The limits of a usual session bus (dbus-daemon's session.conf): a test must meet what people have. -->
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_incoming_unix_fds">250000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_outgoing_unix_fds">250000000</limit>
  <limit name="max_message_size">1000000000</limit>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_incomplete_connections">10000</limit>
  <limit name="max_connections_per_user">100000</limit>
  <limit name="max_names_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""


class Bus(Program):
    """A private ``dbus-daemon``. Its address is the same after a restart.

    ``services`` is a folder of activation files (``*.service``), none by default.
    """

    def __init__(self, folder: Path, services: Path | None = None) -> None:
        super().__init__("dbus-daemon", folder)
        self._socket = folder / "bus"
        self._config = folder / "bus.conf"
        self._services = services

    @property
    def address(self) -> str:
        """For ``DBUS_SESSION_BUS_ADDRESS``."""
        return f"unix:path={self._socket}"

    def command(self) -> list[str]:
        self._socket.unlink(missing_ok=True)  # one that was killed leaves it
        services = f"<servicedir>{self._services}</servicedir>" if self._services else ""
        self._config.write_text(_CONFIG.format(socket=self._socket, services=services))
        program = find_program("dbus-daemon", "dbus-daemon")
        return [program, f"--config-file={self._config}", "--nofork", "--nopidfile", "--nosyslog"]

    def is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket)) == 0
