"""Having somebody write in their editor."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sat.api.errors import SatError
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sat_frontends.jp.context import Jp


async def in_editor(jp: Jp, text: str, what: str, suffix: str, use: Callable[[str], Awaitable[None]]) -> None:
    """Have somebody change a text, then ``use`` the file in which it is. If that does not succeed, the file stays, and
    they are told where. ``what`` it is stands in its name. Errors: Failure (cancelled) where nothing was changed; those
    of ``use``."""
    path = _begun(text, what, suffix)
    start = path.read_bytes()
    try:
        _run_editor(path)
        if path.read_bytes() == start:
            path.unlink()
            raise Failure("Nothing was changed, so nothing is published.", code=20)
        await use(str(path))
    except (SatError, Failure, OSError, KeyboardInterrupt):
        if path.exists():
            jp.out.say(f"What you wrote is kept in {path}; --file {path} takes it from there.")
        raise
    path.unlink()


def _begun(text: str, what: str, suffix: str) -> Path:
    from tempfile import mkstemp

    descriptor, name = mkstemp(prefix=f"jp-{what}-", suffix=suffix)  # readable for nobody else
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _run_editor(path: Path) -> None:
    import subprocess

    from sat_frontends.quick_frontend.editor import editor

    command = editor()
    if not command:
        raise Failure("No editor was found.", "$VISUAL or $EDITOR names one.", 1)
    sys.stdout.flush()
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 - the person's own editor
    except OSError as error:
        raise Failure(f"{tidy(command[0])} could not be started: {error.strerror}.", code=1) from None
    if code:
        raise Failure(f"{tidy(command[0])} ended with {code}, so nothing is published.", code=20)
