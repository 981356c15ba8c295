"""The files by which D-Bus and systemd start the daemon when it is needed.

They hold the full path of the program, which is known only where it is installed: ``sat install-service`` writes
them for one person. Those that the package carries (setup.py) look for the program in PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from sat.api.names import BUS_NAME

UNIT = "sat.service"

_DBUS = f"""\
[D-BUS Service]
Name={BUS_NAME}
Exec={{exec}}
SystemdService={UNIT}
"""

_SYSTEMD = f"""\
[Unit]
Description=Salut à Toi, your XMPP accounts in one place
Documentation=man:sat(1)

[Service]
Type=dbus
BusName={BUS_NAME}
ExecStart={{exec}}
Restart=on-failure
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def service_files(program: str, *words: str) -> dict[str, str]:
    """The files, by their place in a data folder such as ``/usr/share``; ``program`` is the full path of ``sat``, or
    of what runs the ``words``."""
    command = " ".join([f'"{program}"', *words, "run"])
    return {
        f"dbus-1/services/{BUS_NAME}.service": _DBUS.format(exec=command),
        # Both take the quotes; systemd takes no percent sign as it is.
        f"systemd/user/{UNIT}": _SYSTEMD.format(exec=command.replace("%", "%%")),
    }


def install(data: Path, program: str, *words: str) -> list[Path]:
    """Write the files below a data folder; the paths written."""
    written = []
    for place, content in service_files(program, *words).items():
        path = data / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        written.append(path)
    return written


def data_home() -> Path:
    """The person's own data folder, where D-Bus and systemd look too (XDG base directories)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def main(arguments: list[str] | None = None) -> int:
    """Write the files, for this person or below a prefix."""
    parser = argparse.ArgumentParser(prog="python -m sat.bridge.service", description="Let D-Bus start the daemon.")
    parser.add_argument("--data", type=Path, default=data_home(), help="data folder (default: %(default)s)")
    parser.add_argument("--program", default="", help="full path of sat (default: the one found)")
    options = parser.parse_args(arguments)
    beside = Path(sys.executable).with_name("sat")
    program = options.program or (str(beside) if beside.exists() else shutil.which("sat") or "")
    if not os.path.isabs(program):
        print("sat was not found; give its full path: --program", file=sys.stderr)
        return 2
    for path in install(options.data, program):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
