"""A form being filled in (XEP-0004)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sat.api import JID, SatError, Secret, Signal
from sat.api.forms import Field, FieldKind, Form

_SEVERAL = (FieldKind.LINES, FieldKind.CHOICES, FieldKind.ADDRESSES)
_TRUE = ("true", "1")
_Typed = dict[str, tuple[Callable[[str], Any], str]]
PASSWORD_FIELD = "password"  # noqa: S105 - the name that XEP-0077 §3.1.1 gives it


class FormModel:
    """The values entered in a form, and what is wrong with them. All strings of a form are a server's: show them
    cleaned (``text.clean``)."""

    def __init__(self, form: Form) -> None:
        self.changed: Signal[str] = Signal()
        """The name of the field that looks different now; empty: all."""
        self.form = form
        self._fields = {field.name: field for field in form.fields if field.name}
        self._values = {name: list(field.values) for name, field in self._fields.items()}
        self._errors: dict[str, str] = {}
        self._tried = False

    @property
    def fields(self) -> list[Field]:
        """The fields to show: those that are not hidden."""
        return [field for field in self.form.fields if field.kind is not FieldKind.HIDDEN]

    def values(self, name: str) -> list[str]:
        """What is entered in a field."""
        return list(self._values.get(name, ()))

    def value(self, name: str) -> str:
        """What is entered in a field of one line; lines of others are joined by newlines."""
        return "\n".join(self._values.get(name, ()))

    def checked(self, name: str) -> bool:
        """Whether a BOOLEAN field is set."""
        return self.value(name) in _TRUE

    def enter(self, name: str, value: str | list[str] | bool) -> None:
        """The person entered something."""
        field = self._fields[name]
        if isinstance(value, bool):
            values = ["true" if value else "false"]
        elif isinstance(value, str):
            values = value.split("\n") if field.kind in _SEVERAL else [value]
        else:
            values = list(value)
        self._values[name] = values
        if self._tried:
            self._errors[name] = problem(field, values)
        self.changed.emit(name)

    def suggest(self, name: str, value: str) -> None:
        """Fill in a field if there is such a one and nothing in it: with the name that an invitation gives."""
        if value and name in self._fields and not self.value(name):
            self.enter(name, value)

    def take_over(self, other: FormModel) -> None:
        """Fill in what was entered in another form, where this one has the same fields: a server gives a new form for
        each try. The answer to a picture was good for that try only."""
        for name, field in self._fields.items():
            before = other._fields.get(name)
            entered = other._values.get(name)
            if before is None or entered is None or field.kind is FieldKind.HIDDEN or field.image:
                continue
            if before.kind is field.kind and entered != before.values:
                self._values[name] = list(entered)

    def error(self, name: str) -> str:
        """What is wrong with a field, as a sentence; empty when nothing is or nobody has tried to submit yet."""
        return self._errors.get(name, "")

    def check(self) -> bool:
        """Look at all fields; whether the form can be submitted. Errors are shown from now on."""
        self._tried = True
        self._errors = {name: problem(field, self._values[name]) for name, field in self._fields.items()}
        self.changed.emit("")
        return not any(self._errors.values())

    @property
    def result(self) -> dict[str, str]:
        """What to send, without the password: lines separated by newlines, hidden fields included."""
        return {
            name: self.value(name)
            for name, field in self._fields.items()
            if field.kind is not FieldKind.FIXED and name != PASSWORD_FIELD
        }

    @property
    def answers(self) -> dict[str, str]:
        """What to send, passwords included."""
        return {name: self.value(name) for name, field in self._fields.items() if field.kind is not FieldKind.FIXED}

    @property
    def changes(self) -> dict[str, str]:
        """What was entered that the form did not propose, passwords included: what was not touched stays as it is."""
        return {
            name: self.value(name)
            for name, field in self._fields.items()
            if field.kind is not FieldKind.FIXED and not _alike(field, self._values[name])
        }

    @property
    def password(self) -> Secret:
        """What was entered in the field ``password``."""
        return Secret(self.value(PASSWORD_FIELD))


@lru_cache(maxsize=8)  # a screen is drawn more than once
def picture_file(image: bytes, media_type: str) -> str:
    """A file with the picture of a field, where it cannot be drawn. It is the person's to look at, and to remove."""
    from tempfile import NamedTemporaryFile

    ending = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}.get(media_type, ".bin")
    with NamedTemporaryFile(prefix="sat-captcha-", suffix=ending, delete=False) as file:
        file.write(image)
        return file.name


def _alike(field: Field, values: list[str]) -> bool:
    """Whether these values mean what the form proposed."""
    if field.kind is FieldKind.BOOLEAN:
        return ("".join(values) in _TRUE) is ("".join(field.values) in _TRUE)
    return values == field.values or not (any(values) or any(field.values))


def problem(field: Field, values: list[str]) -> str:
    """What is wrong with the values of a field, as a sentence (XEP-0004 §3.2–3.3)."""
    if field.kind in (FieldKind.FIXED, FieldKind.HIDDEN):
        return ""
    entered = [value for value in values if value.strip()]
    if not entered:
        return "This is required." if field.required else ""
    if field.kind in (FieldKind.ADDRESS, FieldKind.ADDRESSES):
        return next(filter(None, map(_address_problem, entered)), "")
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES) and field.choices:
        offered = {*(choice.value for choice in field.choices), *field.values}  # what it proposes is good
        return "" if offered.issuperset(entered) else "Choose one of the answers."
    if field.kind is FieldKind.BOOLEAN and entered[0] not in (*_TRUE, "false", "0"):
        return "Yes or no?"
    return next(filter(None, (_typed_problem(field, value.strip()) for value in entered)), "")


_NUMBERS: _Typed = {
    **dict.fromkeys(("xs:integer", "xs:int", "xs:long", "xs:short", "xs:byte"), (int, "a whole number")),
    **dict.fromkeys(("xs:decimal", "xs:double", "xs:float"), (float, "a number")),
}
_MOMENTS: _Typed = {
    "xs:date": (date.fromisoformat, "a date: 2015-10-21"),
    "xs:dateTime": (datetime.fromisoformat, "a date and time: 2015-10-21T16:29:00"),
    "xs:time": (time.fromisoformat, "a time: 16:29"),
}


def _typed_problem(field: Field, text: str) -> str:
    """What is wrong with a value that has a type and a range (XEP-0122 §3)."""
    read, what = (_NUMBERS | _MOMENTS).get(field.datatype, (None, ""))
    if read is None:
        return ""
    try:
        value = read(text)
    except ValueError:
        return f"This has to be {what}."
    try:
        small = bool(field.least) and value < read(field.least)
        large = bool(field.most) and value > read(field.most)
    except (ValueError, TypeError):  # the range makes no sense: the other side knows what it wants
        return ""
    if small or large:
        return f"This has to be from {field.least or 'any'} to {field.most or 'any'}."
    return ""


def _address_problem(text: str) -> str:
    try:
        JID.parse(text.strip())
    except SatError as error:
        return str(error)
    return ""
