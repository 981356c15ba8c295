"""A form of a server in a dialog: filled in, checked, and sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
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


def open_form(app: App, title: str, form: Form, label: str, submit: Submit) -> None:
    """Have a form filled in. The button ``label`` has it sent; what is wrong with it, or refused, is said above it, and
    what was entered stays."""
    model = FormModel(form)

    async def send() -> None:
        try:
            await submit(model)
        except SatError as error:
            dialog.say(error)
        else:
            app.close_dialog(dialog)

    def pressed() -> None:
        if model.check():
            app.loop.spawn(send())
        else:
            dialog.set_rows(form_rows(app, model))

    def cancel() -> None:
        app.close_dialog(dialog)

    answers = [Answer(label, pressed), Answer("Cancel", cancel)]
    dialog = Dialog(clean_line(title), form_rows(app, model), answers, kit=app.kit, cancel=cancel, enter_goes_on=True)
    app.open_dialog(dialog, 76)
