"""Fields of forms and settings as widgets that write straight into the models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import urwid

from sat.api.forms import Choice, Field, FieldKind
from sat.api.settings import SettingKind
from sat_frontends.primitivus.dialogs import Kit, framed
from sat_frontends.quick_frontend.forms import FormModel, picture_file
from sat_frontends.quick_frontend.settings import SettingField
from sat_frontends.quick_frontend.text import clean, clean_line

Enter = Callable[[str], object]


class OneOf(urwid.Text):
    """One of several answers; ← → or Space changes it."""

    _selectable = True

    def __init__(self, label: str, choices: Sequence[Choice], value: str, enter: Enter) -> None:
        values = [each.value for each in choices]
        known = value in values or not value
        self.label, self.enter = label, enter
        self.choices = [*choices] if known else [Choice(value, value), *choices]
        self.index = values.index(value) if value in values else 0
        super().__init__("", wrap="space")
        self._show()

    def _show(self) -> None:
        shown = self.choices[self.index].label if self.choices else ""
        self.set_text([("hint", self.label), " < ", ("field", clean_line(shown)), " >"])

    def keypress(self, size: tuple[int], key: str) -> str | None:
        step = {"right": 1, " ": 1, "enter": 1, "left": -1}.get(key)
        if step is None or not self.choices:
            return key
        self._step(step)
        return None

    def _step(self, step: int) -> None:
        self.index = (self.index + step) % len(self.choices)
        self._show()
        self.enter(self.choices[self.index].value)

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if urwid.util.is_mouse_press(event) and button == 1 and self.choices:
            self._step(1)
            return True
        return False


def _check(label: str, value: bool, enter: Callable[[bool], object]) -> urwid.Widget:
    box = urwid.CheckBox(label, value)
    urwid.connect_signal(box, "change", lambda _box, state: enter(bool(state)))
    return urwid.AttrMap(box, None, "focus")


def _edit(kit: Kit, label: str, value: str, enter: Enter, secret: bool = False, lines: bool = False) -> urwid.Widget:
    edit = kit.entry(f"{label}:", value, secret)
    edit.multiline = lines
    urwid.connect_signal(edit, "postchange", lambda edit, _old: enter(str(edit.edit_text)))
    return framed(edit)


def form_field(kit: Kit, model: FormModel, field: Field) -> list[urwid.Widget]:
    """The rows of one field of a server's form; everything it says is cleaned."""
    label = clean_line(field.label or field.name) + (" *" if field.required else "")
    rows: list[urwid.Widget] = []
    if field.image:
        path = picture_file(field.image, field.image_type)
        rows.append(urwid.Text(("hint", f"This picture cannot be shown in the terminal; it is in {path}")))
    if field.kind is FieldKind.FIXED:
        return [urwid.Text(clean("\n".join(field.values)))]
    enter = partial(model.enter, field.name)
    if field.kind is FieldKind.BOOLEAN:
        rows.append(_check(label, model.checked(field.name), enter))
    elif field.kind is FieldKind.CHOICE and field.choices:
        choices = [Choice(each.value, each.label or each.value) for each in field.choices]
        rows.append(urwid.AttrMap(OneOf(f"{label}:", choices, model.value(field.name), enter), None, "focus"))
    elif field.kind is FieldKind.CHOICES and field.choices:
        rows.append(urwid.Text(("hint", label)))
        rows += [_one_of_several(model, field, choice) for choice in field.choices]
    else:
        secret = field.kind is FieldKind.PASSWORD
        lines = field.kind in (FieldKind.LINES, FieldKind.ADDRESSES, FieldKind.CHOICES)
        rows.append(_edit(kit, label, model.value(field.name), enter, secret, lines))
    if field.help:
        rows.append(urwid.Text(("hint", clean(field.help))))
    if model.error(field.name):
        rows.append(urwid.Text(("error", clean_line(model.error(field.name)))))
    return rows


def _one_of_several(model: FormModel, field: Field, choice: Choice) -> urwid.Widget:
    def enter(chosen: bool) -> None:
        others = [value for value in model.values(field.name) if value != choice.value]
        model.enter(field.name, [*others, choice.value] if chosen else others)

    return _check(clean_line(choice.label or choice.value), choice.value in model.values(field.name), enter)


def setting_field(kit: Kit, field: SettingField, enter: Enter) -> urwid.Widget:
    """One setting: ``[X]`` for what is on or off."""
    setting = field.setting
    if setting.kind is SettingKind.BOOL:
        return _check(setting.label, field.value == "true", lambda on: enter("true" if on else "false"))
    if setting.kind is SettingKind.CHOICE:
        choices = [Choice(each, each) for each in setting.choices]
        return urwid.AttrMap(OneOf(f"{setting.label}:", choices, field.value, enter), None, "focus")
    return _edit(kit, setting.label, field.value, enter)
