"""A form of a server in a dialog: filled in, checked, and sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import urwid

from sat.api import SatError
from sat.api.forms import Form
from sat_frontends.primitivus.dialogs import Answer, Dialog
from sat_frontends.primitivus.fields import form_field
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.text import clean, clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

Submit = Callable[[FormModel], Coroutine[Any, Any, object]]


def form_rows(app: App, model: FormModel) -> list[urwid.Widget | str]:
    """What a form shows above its buttons; everything it says is cleaned."""
    rows: list[urwid.Widget | str] = []
    if model.form.title:
        rows.append(urwid.Text(("dialog title", clean(model.form.title))))
    if model.form.instructions:
        rows.append(clean(model.form.instructions))
    if model.form.url:
        rows.append(f"Its web page: {clean(model.form.url)}")
    for field in model.fields:
        rows += form_field(app.kit, model, field)
    return rows


def open_form(
    app: App,
    title: str,
    form: Form,
    ways: Sequence[tuple[str, Submit]],
    *,
    above: Sequence[str] = (),
    unchecked: str = "",
    cancelled: Callable[[], object] | None = None,
) -> None:
    """Have a form filled in. Each of the ``ways`` is a button and what it has done with the form; what is wrong with
    it, or refused, is said above it, and what was entered stays. Where that gives a function, it is called when the
    dialog is gone. The button ``unchecked`` takes the form as it is. ``above`` are lines before the form, ``cancelled``
    is called when it is given up."""
    model = FormModel(form)

    def rows() -> list[urwid.Widget | str]:
        return [*above, *form_rows(app, model)]

    async def send(submit: Submit) -> None:
        try:
            following = await submit(model)
        except SatError as error:
            dialog.say(error)
        else:
            app.close_dialog(dialog)
            if callable(following):
                following()

    def pressed(label: str, submit: Submit) -> None:
        if label == unchecked or model.check():
            app.loop.spawn(send(submit))
        else:
            dialog.set_rows(rows())

    def cancel() -> None:
        app.close_dialog(dialog)
        if cancelled is not None:
            cancelled()

    answers = [Answer(label, partial(pressed, label, submit)) for label, submit in ways]
    dialog = Dialog(
        clean_line(title), rows(), [*answers, Answer("Cancel", cancel)], kit=app.kit, cancel=cancel, enter_goes_on=True
    )
    app.open_dialog(dialog, 76)
