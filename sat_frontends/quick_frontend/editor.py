"""Which editor a person writes in. ``jp`` imports it, so it stays light."""

from __future__ import annotations

import os
import shlex
import shutil

USUAL = ("sensible-editor", "editor", "nano", "vim", "vi")  # where neither $VISUAL nor $EDITOR names one


def editor() -> list[str]:
    """The command that edits a file; empty where there is none."""
    wanted = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    return wanted or [path for name in USUAL if (path := shutil.which(name))][:1]
