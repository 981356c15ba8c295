"""The reference pages that are made from the plugins: what is supported, and every setting.

``python -m sat.reference docs/reference`` writes them; a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sat.api.settings import Tab
from sat.core.loader import Loader
from sat.core.options import LOG, LogOptions
from sat.core.settings import Entry, Registry, show

STREAM = {  # what sat/xmpp does, below all plugins
    "0004": "Data forms",
    "0059": "Result set management",
    "0082": "Date and time",
    "0156": "Discovering WebSockets",
    "0198": "Stream management, with resumption",
    "0203": "Delayed delivery",
    "0221": "Media in forms",
    "0231": "Bits of binary, in forms",
    "0368": "Direct TLS",
    "0386": "Bind 2",
    "0388": "SASL2",
    "0440": "Channel binding types",
    "0474": "Protection of the offer against downgrades",
    "0484": "Tokens instead of the password",
}


def plugins_page(loader: Loader) -> str:
    """Every plugin, what it is for and which specifications it follows."""
    lines = [
        "# Plugins and specifications",
        "",
        "Made from the code by `python -m sat.reference docs/reference`.",
        "",
        "| plugin | what it is for | XEPs |",
        "|---|---|---|",
    ]
    for name, status in sorted(loader.status.items()):
        lines.append(f"| `{name}` | {status.purpose} | {', '.join(status.xeps)} |")
    lines += ["", "Below them, the stream itself (RFC 6120, 6121, 7395, 7590, 7622):", "", "| XEP | |", "|---|---|"]
    lines += [f"| {number} | {name} |" for number, name in STREAM.items()]
    return "\n".join(lines) + "\n"


def settings_page(of_profiles: Registry, of_daemon: Registry) -> str:
    """Every setting: its key, what it may be, its default."""
    lines = [
        "# Settings",
        "",
        "Made from the code by `python -m sat.reference docs/reference`.",
        "",
        "The key `plugin.name` is the line `name = value` below `[plugin]` in `sat.conf`. A profile can have its own",
        "value (`jp param set`, the settings screens), which then counts. `[sat]` has `plugins_disabled`, a list.",
        "`[tui]` and `[tui.keys]` are primitivus' own.",
    ]
    entries = [*of_profiles.entries.values(), *of_daemon.entries.values()]
    for tab in Tab:
        rows = [_row(entry) for entry in sorted(entries, key=lambda entry: entry.key) if entry.tab is tab]
        if rows:
            lines += ["", f"## {tab}", "", "| key | what it is | values | default |", "|---|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _row(entry: Entry) -> str:
    values = ", ".join(entry.choices) or entry.kind.value
    if entry.range:
        values = f"{entry.range.least:g} to {entry.range.most:g}"
    text = f"{entry.label}. {entry.help}" if entry.help else entry.label
    return f"| `{entry.key}` | {text} | {values} | {show(entry.default)} |"


def pages() -> dict[str, str]:
    """File name → content."""
    of_profiles, of_daemon = Registry(), Registry()
    of_daemon.declare(LOG, LogOptions)
    loader = Loader(set(), of_profiles, of_daemon, third_parties=False)
    loader.load()
    return {"plugins.md": plugins_page(loader), "settings.md": settings_page(of_profiles, of_daemon)}


if __name__ == "__main__":
    for name, content in pages().items():
        (Path(sys.argv[1]) / name).write_text(content)
