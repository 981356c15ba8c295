"""The topics of ``jp help``. The reference page has them too."""

from __future__ import annotations

from sat_frontends.jp.failure import EXIT_CODES

ENVIRONMENT = {
    "JP_PROFILE": "the profile to use where --profile is not given",
    "DBUS_SESSION_BUS_ADDRESS": "the bus on which the daemon is; else $XDG_RUNTIME_DIR/bus",
    "XDG_RUNTIME_DIR": "where the bus is looked for, if DBUS_SESSION_BUS_ADDRESS is not set",
    "NO_COLOR": "not empty: no colours (no-color.org)",
    "CLICOLOR": "0: no colours",
    "CLICOLOR_FORCE": "not empty and not 0: colours also in a pipe",
    "TERM": "dumb: no colours",
    "COLUMNS": "the width of tables on a terminal; else the terminal's own",
}

FORMATTING = """\
Data goes to stdout; progress, questions and errors go to stderr.

On a terminal, lists are tables with titles, times are short, and what is too wide is cut with “…”.

In a pipe or a file there are no titles and no colours. Columns are separated by a tab, nothing is cut, times are ISO
8601 with their distance from UTC. In a column a newline is written \\n, a tab \\t, a backslash \\\\. Each command's
help names its columns; new ones only come at the end.

-o json        JSON, indented. The keys are the names of the fields in the interface (jp api --introspect), so they
               stay. Lists are arrays; a time is a number of seconds since 1970 UTC; bytes are base64.
-o json-raw    the same on one line.

Commands that go on (jp message watch, signals of jp api) write a line for each event at once; with either JSON output
a JSON object.

Text of others is cleaned before it is shown: control characters, escape sequences and characters that turn the
direction of writing appear as pictures (␛) or �, on terminals and in pipes. JSON has the text as it is; what
cannot be printed stands in it as \\u escapes.

Colours are used on terminals. --color always|never decides; then NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM."""


def topic(name: str) -> str:
    """A topic as text."""
    if name == "exit-codes":
        return "\n".join(["jp ends with", "", *(f"  {code:>3}  {what}" for code, what in EXIT_CODES.items())])
    if name == "environment":
        width = max(map(len, ENVIRONMENT))
        return "\n".join(["jp reads", "", *(f"  {name:<{width}}  {what}" for name, what in ENVIRONMENT.items())])
    return FORMATTING
