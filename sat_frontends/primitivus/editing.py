"""Ctrl-o: the text of the input in the person's own editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

USUAL = ("sensible-editor", "editor", "nano", "vim", "vi")  # where neither $VISUAL nor $EDITOR names one


def editor() -> list[str]:
    """The command that edits a file; empty where there is none."""
    wanted = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    return wanted or [path for name in USUAL if (path := shutil.which(name))][:1]


async def edit(app: App) -> None:
    """Give the terminal to the editor until it ends; what it saved is in the input then, not yet sent."""
    command = editor()
    if not command:
        app.notice("No editor was found; $EDITOR names one.", error=True)
        return
    with TemporaryDirectory(prefix="primitivus-") as folder:  # readable for nobody else
        path = Path(folder) / "message.txt"
        path.write_text(app.input.text, "utf-8")
        try:
            with app.loop.handed_over():
                app.set_focused(False)  # nobody sees what comes
                code = await _run([*command, str(path)])
            text = path.read_text("utf-8").removesuffix("\n")
        except OSError as error:
            app.notice(f"{command[0]} could not be started: {error.strerror}.", error=True)
            return
        except UnicodeDecodeError:
            app.notice(f"{command[0]} did not write UTF-8, so the text is as it was.", error=True)
            return
        finally:
            app.set_focused(True)
    if code:
        app.notice(f"{command[0]} ended with {code}, so the text is as it was.", error=True)
    else:
        app.input.replace(text)


async def _run(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(*command)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:  # we are told to end
            process.terminate()
