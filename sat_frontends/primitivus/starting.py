"""Before anything works: no daemon, no bus, a profile that is not open."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import urwid

from sat.api import SatError, Secret
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

START_TIME = 20.0  # seconds that ``sat start`` may take


def sat_program() -> list[str]:
    """The command ``sat`` of this installation."""
    return [shutil.which("sat") or str(Path(sys.executable).with_name("sat"))]


def offer_start(app: App, error: SatError, can_start: bool) -> None:
    """Say that there is no daemon, and start it if the person likes."""
    answers = [Answer("Quit", app.quit)]
    if can_start:
        answers = [
            Answer("Start it", lambda: app.loop.spawn(_start(app, dialog))),
            Answer("Try again", lambda: app.loop.spawn(_again(app, dialog))),
            *answers,
        ]
    dialog = Dialog("primitivus", [str(error), error.advice], answers, kit=app.kit, cancel=app.quit)
    app.open_dialog(dialog, 60)


async def _again(app: App, dialog: Dialog) -> None:
    app.exit_error = None
    app.close_dialog(dialog)
    await app.session.open()


async def _start(app: App, dialog: Dialog) -> None:
    """Run ``sat start``, which returns when the daemon is ready."""
    dialog.say(f"Starting the daemon{app.symbols.ellipsis}")
    app.loop.redraw()
    try:
        process = await asyncio.create_subprocess_exec(
            *sat_program(),
            "start",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _nothing = await asyncio.wait_for(process.communicate(), START_TIME)
    except OSError as error:
        dialog.say(f"sat could not be started: {error.strerror}.")
        return
    except TimeoutError:
        dialog.say(f"sat did not start within {START_TIME:.0f} s; sat start in a shell may tell why.")
        return
    if process.returncode != 0:
        from sat_frontends.quick_frontend.text import clean

        told = clean(output.decode("utf-8", "replace")).strip().splitlines()[-3:]
        dialog.say(" ".join(told) or "sat could not be started; sat start in a shell may tell why.")
        return
    await _again(app, dialog)


def ask_lock(app: App, name: str, obstacle: SatError) -> None:
    """Ask for the profile's own password, until it is right."""
    edit = app.kit.entry("Password:", secret=True)
    _offer_to_open(app, name, "Locked", "Unlock", [str(obstacle), framed(edit)], lambda: Secret(str(edit.edit_text)))


def offer_again(app: App, name: str, obstacle: SatError) -> None:
    """Say why a profile cannot be opened, and try again when the person has done something about it."""
    _offer_to_open(app, name, "Not open", "Try again", [str(obstacle), obstacle.advice], lambda: Secret(""))


def _offer_to_open(
    app: App, name: str, title: str, verb: str, rows: Sequence[str | urwid.Widget], lock: Callable[[], Secret]
) -> None:
    if name in app.asking:  # once at a time
        return
    app.asking.add(name)
    if app.session.live is None:
        app.conversations.show_window()

    async def unlock() -> None:
        assert app.session.profiles is not None
        try:
            await app.session.profiles.unlock(name, lock())
            await app.session.profiles.resync()
        except SatError as error:
            dialog.say(error)
            return
        app.close_dialog(dialog)
        await app.session.use(name)

    def close() -> None:
        app.close_dialog(dialog)

    answers = [Answer(verb, lambda: app.loop.spawn(unlock())), Answer("Cancel", close)]
    dialog = Dialog(title, rows, answers, kit=app.kit, cancel=close)
    app.open_dialog(dialog, 60, closed=lambda _result: app.asking.discard(name))
