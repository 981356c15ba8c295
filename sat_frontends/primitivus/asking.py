"""Dialogs that stay open, with their values, until what was chosen in them has worked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

import urwid

from sat.api import SatError
from sat_frontends.primitivus.dialogs import Answer, Dialog

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

Work = Callable[[], Coroutine[Any, Any, None]]


def _nothing() -> None: ...


def ask_for(
    app: App,
    title: str,
    rows: Sequence[urwid.Widget | str],
    answers: Sequence[tuple[str, Work | None]],
    done: Callable[[], object] = _nothing,
    enter_goes_on: bool = False,
    stands: Callable[[], bool] | None = None,
) -> Dialog:
    """Open one. Each answer is a label and what it does; an error is said in the dialog, and ``done`` is called when it
    has worked. The answer that does nothing closes it. A question that somebody asks ``stands`` until it is answered,
    perhaps elsewhere: then the dialog closes by itself, and ``done`` is called, too."""
    answering = False

    async def work(do: Work) -> None:
        nonlocal answering
        answering = True
        try:
            await do()
        except SatError as error:
            answering = False
            dialog.say(error)
        else:
            app.close_dialog(dialog)
            done()

    def cancel() -> None:
        app.close_dialog(dialog)

    def pressed(do: Work | None) -> Callable[[], object]:
        return cancel if do is None else lambda: app.loop.spawn(work(do))

    buttons = [Answer(label, pressed(do)) for label, do in answers]
    dialog = Dialog(title, rows, buttons, kit=app.kit, cancel=cancel, enter_goes_on=enter_goes_on)
    if stands is None:
        app.open_dialog(dialog, 60)
        return dialog

    def changed(_what: object) -> None:
        if not answering and not stands():
            cancel()
            done()

    hear_no_more = app.live.changed.connect(changed)
    app.open_dialog(dialog, 60, closed=lambda _result: hear_no_more())
    return dialog
