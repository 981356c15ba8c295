"""Forms that a server asks to fill in (XEP-0004), as frontends see them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class FieldKind(StrEnum):
    """What a field holds, so how it is drawn (XEP-0004 §3.3)."""

    BOOLEAN = "boolean"
    FIXED = "fixed"
    HIDDEN = "hidden"
    ADDRESS = "jid-single"
    ADDRESSES = "jid-multi"
    CHOICE = "list-single"
    CHOICES = "list-multi"
    TEXT = "text-single"
    LINES = "text-multi"
    PASSWORD = "text-private"  # noqa: S105 - a kind of field


class Choice(NamedTuple):
    """One of the answers that a field offers."""

    value: str
    label: str


class Field(NamedTuple):
    """One line of a form. ``image`` is a picture that belongs to it (a captcha), ``image_type`` its media type.
    ``datatype`` is what a value has to be beyond its kind, as ``xs:integer``, from ``least`` to ``most``, where these
    are given (XEP-0122)."""

    name: str
    kind: FieldKind
    label: str
    values: list[str]
    required: bool = False
    choices: list[Choice] = []  # noqa: RUF012 - a named tuple's default, never changed
    help: str = ""
    image: bytes = b""
    image_type: str = ""
    datatype: str = ""
    least: str = ""
    most: str = ""


class Form(NamedTuple):
    """A form to fill in, or what came of one: then ``rows`` of values under ``columns``, perhaps (XEP-0004 §3.4).
    ``url`` is a page to open instead, where the server names one."""

    title: str
    instructions: str
    fields: list[Field]
    url: str = ""
    columns: list[str] = []  # noqa: RUF012
    rows: list[list[str]] = []  # noqa: RUF012
