"""What is done with files of others: another program opens them by their address, or they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sat.api import SatError
from sat.plugins.attachments.api import Fetched
from sat_frontends.quick_frontend.saving import save
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

OPENER = "xdg-open"


async def open_address(app: App, url: str) -> None:
    """What opens it fetches it itself."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        await asyncio.create_subprocess_exec(OPENER, url, stdin=quiet, stdout=quiet, stderr=quiet)
    except OSError:
        app.telling.answer(f"There is no {OPENER} here that could open {url}")


async def save_files(app: App, fetches: Sequence[Callable[[], Coroutine[Any, Any, Fetched]]]) -> None:
    """Fetch files and put them where a person finds them; what came of it is told."""
    folder = next((each for each in (Path.home() / "Downloads", Path.home()) if each.is_dir()), Path.cwd())
    try:
        saved = [save(await fetch(), folder=folder) for fetch in fetches]
    except SatError as error:
        app.telling.answer(error)
    except OSError as error:
        app.telling.answer(f"It could not be saved in {folder}: {error.strerror or error}.")
    else:
        app.telling.answer(f"Saved as {clean_line(', '.join(map(str, saved)))}.")
