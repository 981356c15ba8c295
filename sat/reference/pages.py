"""The pages that are made from the plugins: what is supported, and every setting."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from sat.api.settings import Tab
from sat.core.loader import Loader
from sat.core.options import LOG, LogOptions
from sat.core.settings import Entry, Registry, show
from sat.plugins.disco.plugin import OURS
from sat.reference.doap import doap
from sat.reference.specifications import RFCS, SCREENS, STREAM, XEPS

MADE = "Made from the code by `python -m sat.reference .`."
BEGIN, END = "<!-- made by python -m sat.reference . -->\n", "<!-- until here -->\n"


def followed(loader: Loader) -> dict[str, list[str]]:
    """Number of a XEP → what follows it: plugins, ``stream`` for what is below them, frontends."""
    found: dict[str, list[str]] = {}
    parts = [(name, status.xeps) for name, status in sorted(loader.status.items())]
    for name, xeps in [("stream", STREAM), *parts]:
        for number in xeps:
            found.setdefault(number, []).append(name)
    for number, frontends in SCREENS.items():
        found.setdefault(number, []).extend(frontends)
    return dict(sorted(found.items()))


def xeps_table(followed: dict[str, list[str]]) -> str:
    """The README's table. It is folded, for it is longer than what most readers came for."""
    rows = []
    for number, by in followed.items():
        known = XEPS[number]
        status = f"partial: {known.missing}" if known.missing else "complete"
        rows.append(f"| {number} | {known.name} | {known.version} | {', '.join(by)} | {status} |")
    lines = [
        f"RFC {', '.join(map(str, RFCS))}, and these XEPs; for other programs: [doap.xml](doap.xml).",
        "",
        "<details>",
        f"<summary>{len(rows)} XEPs</summary>",
        "",
        "| XEP | name | version | by | status |",
        "|---|---|---|---|---|",
        *rows,
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


def with_table(readme: str, table: str) -> str:
    """The README with the table between its marks. Errors: ValueError, where these are not there."""
    before, _, rest = readme.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("README.md has no place for the table")
    return before + BEGIN + table + END + after


def about(readme: str) -> str:
    """The README's first paragraph, in one line and without marks."""
    return re.sub(r"\s+", " ", readme.split("\n\n")[1].replace("`", "")).strip()


def plugins_page(loader: Loader) -> str:
    """Every plugin, what it is for and which specifications it follows."""
    lines = [
        "# Plugins",
        "",
        MADE,
        "What the XEPs are called, and what others are followed: [README](../../README.md#specifications).",
        "",
        "| plugin | what it is for | XEPs |",
        "|---|---|---|",
    ]
    for name, status in sorted(loader.status.items()):
        lines.append(f"| `{name}` | {status.purpose} | {', '.join(status.xeps)} |")
    return "\n".join(lines) + "\n"


def settings_page(of_profiles: Registry, of_daemon: Registry) -> str:
    """Every setting: its key, what it may be, its default."""
    lines = [
        "# Settings",
        "",
        MADE,
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


def load() -> tuple[Loader, Registry, Registry]:
    """All plugins of ours, with the settings of profiles and those of the daemon."""
    of_profiles, of_daemon = Registry(), Registry()
    of_daemon.declare(LOG, LogOptions)
    loader = Loader(set(), of_profiles, of_daemon, third_parties=False)
    loader.load()
    return loader, of_profiles, of_daemon


def pages(root: Path) -> dict[str, str]:
    """File name → content, for the repository at ``root``."""
    loader, of_profiles, of_daemon = load()
    xeps = followed(loader)
    readme = (root / "README.md").read_text("utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "README.md": with_table(readme, xeps_table(xeps)),
        "doap.xml": doap(OURS.name, project["description"], about(readme), project["license"], xeps),
        "docs/reference/plugins.md": plugins_page(loader),
        "docs/reference/settings.md": settings_page(of_profiles, of_daemon),
    }
