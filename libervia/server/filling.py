"""Forms of XMPP servers (XEP-0004) on a page: ``templates/forms.html`` draws one, here what was filled in is read."""

from __future__ import annotations

from libervia.server.page import Visit
from sat.api.forms import FieldKind
from sat_frontends.quick_frontend.forms import FormModel


def fill(visit: Visit, model: FormModel) -> None:
    """Enter what was filled in; the fields of the page are called ``f-`` and the form's name. What the form hid came
    with the page, too: the challenge of a captcha is that of the picture which was shown."""
    for field in model.form.fields:
        name = f"f-{field.name}"
        if not field.name or field.kind is FieldKind.FIXED:
            continue
        if field.kind is FieldKind.BOOLEAN:
            model.enter(field.name, bool(visit.form.get(name)))
        elif field.kind in (FieldKind.CHOICES, FieldKind.ADDRESSES):
            model.enter(field.name, [line for line in _lines(visit.values(name)) if line])
        elif field.kind is FieldKind.LINES:
            model.enter(field.name, _lines(visit.values(name)))
        elif field.kind is FieldKind.HIDDEN:
            model.enter(field.name, visit.form.get(name, model.value(field.name)))
        else:
            model.enter(field.name, visit.form.get(name, ""))


def _lines(values: list[str]) -> list[str]:
    return [line for value in values if value for line in value.replace("\r\n", "\n").split("\n")]
