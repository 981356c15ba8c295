"""Cards of people in words, and as a form to fill in (XEP-0292, XEP-0054)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sat.api.forms import Field, FieldKind, Form
from sat.plugins.vcard.api import Card

LABELS = {
    "name": "Full name",
    "nickname": "Nickname",
    "organisation": "Organisation",
    "title": "Title",
    "birthday": "Birthday",
    "emails": "E-mail",
    "phones": "Phone",
    "addresses": "Address",
    "urls": "Web page",
    "note": "About",
}
SEVERAL = frozenset(name for name, default in Card._field_defaults.items() if isinstance(default, list))
"""The fields that hold many values."""
WHO_SEES = (
    "Your contacts can read it; on most servers also everybody who knows your address, unless the settings say no."
)
_HELP = {
    "birthday": "As 1990-05-17; without the year: --05-17.",
    **dict.fromkeys(("emails", "phones", "urls"), "One in a line."),
    "addresses": "Each in one line, as it would stand on a letter, with commas.",
}


def told(card: Card) -> Iterator[tuple[str, str]]:
    """What a card says, in pairs of a label and a value. The values are a stranger's: show them cleaned."""
    for field, label in LABELS.items():
        found: str | list[str] = getattr(card, field)
        for value in found if isinstance(found, list) else [found]:
            if value:
                yield label, value


def form_of(card: Card) -> Form:
    """Our own card, to be changed."""
    return Form("", WHO_SEES, [_field(name, label, getattr(card, name)) for name, label in LABELS.items()])


def _field(name: str, label: str, value: str | list[str]) -> Field:
    several = name in SEVERAL or name == "note"
    values = list(value) if isinstance(value, list) else value.split("\n") if several else [value]
    return Field(name, FieldKind.LINES if several else FieldKind.TEXT, label, values, help=_HELP.get(name, ""))


def card_of(answers: Mapping[str, str]) -> Card:
    """The card that a filled-in form makes."""
    fields = {
        name: [line for line in map(str.strip, text.split("\n")) if line] if name in SEVERAL else text.strip()
        for name, text in answers.items()
        if name in LABELS
    }
    return Card(**fields)  # type: ignore[arg-type]  # each as the field is
