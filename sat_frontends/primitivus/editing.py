"""Writing in the person's own editor: the text of the input (Ctrl-o), and posts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sat_frontends.quick_frontend.editor import editor

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


async def edit(app: App) -> None:
    """The text of the input in the editor; what it saved is in the input then, not yet sent."""
    text = await write(app, app.input.text, "message.txt")
    if text is not None:
        app.input.replace(text.removesuffix("\n"))


async def write(app: App, text: str, name: str) -> str | None:
    """Give the terminal to the editor until it ends; what it saved, or None where that did not go well, which is told.
    ``name`` is that of the file: editors know by it what they edit."""
    command = editor()
    if not command:
        app.notice("No editor was found; $EDITOR names one.", error=True)
        return None
    with TemporaryDirectory(prefix="primitivus-") as folder:  # readable for nobody else
        path = Path(folder) / name
        path.write_text(text, "utf-8")
        try:
            with app.loop.handed_over():
                app.set_focused(False)  # nobody sees what comes
                code = await _run([*command, str(path)])
            saved = path.read_text("utf-8")
        except OSError as error:
            app.notice(f"{command[0]} could not be started: {error.strerror}.", error=True)
            return None
        except UnicodeDecodeError:
            app.notice(f"{command[0]} did not write UTF-8, so the text is as it was.", error=True)
            return None
        finally:
            app.set_focused(True)
    if code:
        app.notice(f"{command[0]} ended with {code}, so the text is as it was.", error=True)
        return None
    return saved


async def _run(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(*command)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:  # we are told to end
            process.terminate()
