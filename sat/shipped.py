"""What belongs into ``/usr/share``, or into a person's ``~/.local/share``: all of it is made from the code.

The files by which D-Bus and systemd start the daemon hold the full path of the program, which is known only where it is
installed: ``sat install-service`` writes them. Those that the package carries (setup.py) look for the program in PATH.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from sat.api.names import BUS_NAME
from sat.bridge.introspection import interface_files
from sat.command_line import PURPOSE, parser
from sat_frontends.jp.reference import manual, roff

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
ProtectSystem=yes

[Install]
WantedBy=default.target
"""


def files(program: str, *words: str) -> dict[str, str]:
    """Every file, by its place in a data folder such as ``/usr/share``; ``program`` is the full path of ``sat``, or of
    what runs the ``words``."""
    command = " ".join([f'"{program}"', *words, "run --log-file"])  # where sat log looks
    return {
        f"dbus-1/services/{BUS_NAME}.service": _DBUS.format(exec=command),
        # Both take the quotes; systemd takes no percent sign as it is.
        f"systemd/user/{UNIT}": _SYSTEMD.format(exec=command.replace("%", "%%")),
        **{f"dbus-1/interfaces/{name}.xml": text for name, text in interface_files().items()},
        **{f"man/man1/{name}.1": text for name, text in manuals().items()},
    }


def install(data: Path, program: str, *words: str) -> list[Path]:
    """Write the files below a data folder; the paths written."""
    written = []
    for place, content in files(program, *words).items():
        path = data / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return written


def data_home() -> Path:
    """The person's own data folder, where D-Bus, systemd and man look too (XDG base directories)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def manuals() -> dict[str, str]:
    """The manual pages of our programs, as man reads them (man(7))."""
    from libervia import main as libervia
    from sat_frontends.primitivus import main as primitivus

    return {
        "sat": _manual("sat", PURPOSE, _help(parser())),
        "jp": manual(),
        "primitivus": _manual("primitivus", primitivus.PURPOSE, primitivus.USAGE),
        "libervia": _manual("libervia", libervia.PURPOSE, _help(libervia.parser())),
    }


def _help(parser: ArgumentParser) -> str:
    usual: Any = parser.formatter_class
    parser.formatter_class = partial(usual, width=72)  # else it would be that of this terminal
    return parser.format_help()


def _manual(program: str, purpose: str, help: str) -> str:
    head = [f'.TH {program.upper()} 1 "" "Salut à Toi"', ".SH NAME", f"{program} \\- {roff(purpose)}"]
    others = [f".BR {each} (1)" for each in ("sat", "jp", "primitivus", "libervia") if each != program]
    lines = [*head, ".SH DESCRIPTION", ".nf", *map(roff, help.splitlines()), ".fi", ".SH SEE ALSO", *others]
    return "\n".join(lines) + "\n"
