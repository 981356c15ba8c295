"""Data forms (XEP-0004) by tx-xmpp, as values of ours and within bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sat.api.forms import Choice, Field, FieldKind, Form
from sat.xmpp import bob, xml
from sat.xmpp.xml import Element

NS = "jabber:x:data"
NS_MEDIA = "urn:xmpp:media-element"
NS_VALIDATE = "http://jabber.org/protocol/xdata-validate"
FIELDS = 200
COLUMNS, ROWS = 50, 1000
CHOICES = 500
VALUES = 500
LONG, SHORT = 20_000, 500  # characters of a value and of a label
IMAGE = 256 * 1024  # bytes
_KINDS = {kind.value for kind in FieldKind}


def find(parent: Element) -> Element | None:
    """The first form in an element."""
    return xml.child(parent, "x", NS)


def read(element: Element, around: Element | None = None) -> Form:
    """The form that an ``<x/>`` of XEP-0004 holds; what is beyond our bounds is left out. ``around`` is where its
    pictures are looked for (XEP-0221, XEP-0231)."""
    from tx_xmpp import data_form  # 8 ms: most sessions never see a form

    sources = xml.elements(element, "field", NS)[:FIELDS]
    pictures = _pictures(around) if around is not None else {}
    fields = []
    for source in sources:
        field = data_form.Field.fromElement(_bounded(source))
        image, kind = _picture_of(source, pictures)
        fields.append(
            Field(
                str(field.var or "")[:SHORT],
                _kind(source),
                str(field.label or "")[:SHORT],
                [str(value) for value in field.raw_values],
                bool(field.required),
                [Choice(str(each.value)[:LONG], str(each.label or each.value)[:SHORT]) for each in field.options],
                str(field.desc or "")[:LONG],
                image,
                kind,
                *_validated(source),
            )
        )
    columns, rows = _table(element)
    instructions = " ".join(xml.text_of(each) for each in xml.elements(element, "instructions", NS)[:20])
    return Form(xml.text_of(xml.child(element, "title", NS))[:SHORT], instructions[:LONG], fields, "", columns, rows)


def submit(form: Form | Element, answers: dict[str, str]) -> Element:
    """The answer to a form: lines of a value that can have several are its values. What has no answer keeps what the
    form proposed. What the form hides is returned as it came (XEP-0004 §3.2); ``answers`` may hold it as it came with
    the form that a person saw, where ``form`` is the same one, asked for again."""
    from tx_xmpp import data_form

    asked = form if isinstance(form, Form) else read(form)
    reply = data_form.Form("submit")
    for field in asked.fields:
        if not field.name or field.kind is FieldKind.FIXED:
            continue
        values = field.values
        answer = answers.get(field.name)
        if answer not in (None, "\n".join(values)) and field.name != "FORM_TYPE":
            many = len(values) > 1 or field.kind in (FieldKind.LINES, FieldKind.CHOICES, FieldKind.ADDRESSES)
            values = str(answer).splitlines() if many else [str(answer)]
        # The kind is left to the form: it may be omitted in an answer, and tx-xmpp would check and rewrite the values.
        kind = "hidden" if field.kind is FieldKind.HIDDEN else "text-multi"
        if field.name not in reply.fields:
            reply.addField(data_form.Field(kind, field.name, values=values))
    made: Element = reply.toElement()
    for each in xml.elements(made, "field", NS):
        if each.attributes.get("type") == "text-multi":
            del each.attributes["type"]
    return made


def to_fill_in(form: Form) -> Element:
    """A form of ours, for others to fill in."""
    made = xml.element("x", NS, type="form")
    xml.add(made, "title", NS, form.title)
    if form.instructions:
        xml.add(made, "instructions", NS, form.instructions)
    for field in form.fields:
        element = xml.add(made, "field", NS, var=field.name, type=field.kind.value, label=field.label or None)
        for value in field.values:
            xml.add(element, "value", NS, value)
        for choice in field.choices:
            xml.add(xml.add(element, "option", NS, label=choice.label), "value", NS, choice.value)
        if field.required:
            xml.add(element, "required", NS)
    return made


def answers(element: Element) -> dict[str, list[str]]:
    """What others have filled in, by the names of the fields."""
    return {each.name: each.values for each in read(element).fields if each.name}


def filled(form_type: str, answers: Mapping[str, str | Sequence[str]]) -> Element:
    """An answer to a form that is known without asking for it: the one of that ``FORM_TYPE`` (XEP-0068)."""
    form = xml.element("x", NS, type="submit")
    for name, value, kind in (("FORM_TYPE", form_type, "hidden"), *((*each, None) for each in answers.items())):
        field = xml.add(form, "field", NS, var=name, type=kind)
        for each in [value] if isinstance(value, str) else value:
            xml.add(field, "value", NS, each)
    return form


def _validated(source: Element) -> tuple[str, str, str]:
    """What a value has to be, from what to what (XEP-0122). A pattern is not taken: it could cost hours to try one."""
    asked = xml.child(source, "validate", NS_VALIDATE)
    if asked is None:
        return "", "", ""
    range_ = xml.child(asked, "range", NS_VALIDATE)
    ends = ("", "") if range_ is None else (range_.attributes.get("min", ""), range_.attributes.get("max", ""))
    kind = str(asked.attributes.get("datatype", "xs:string"))
    return kind[:SHORT], str(ends[0])[:SHORT], str(ends[1])[:SHORT]


def _table(element: Element) -> tuple[list[str], list[list[str]]]:
    """The labels that are reported, and the values of each item under them (XEP-0004 §3.4)."""
    reported = xml.child(element, "reported", NS)
    if reported is None:
        return [], []
    labels: dict[str, str] = {}
    for each in xml.elements(reported, "field", NS)[:COLUMNS]:
        name = str(each.attributes.get("var", ""))
        labels[name] = str(each.attributes.get("label") or name)[:SHORT]
    rows = []
    for item in xml.elements(element, "item", NS)[:ROWS]:
        told = {str(each.attributes.get("var", "")): each for each in xml.elements(item, "field", NS)[:FIELDS]}
        rows.append([_values(told[name]) if name in told else "" for name in labels])
    return list(labels.values()), rows


def _values(field: Element) -> str:
    return ", ".join(xml.text_of(each) for each in xml.elements(field, "value", NS)[:VALUES])[:LONG]


def _kind(source: Element) -> FieldKind:
    kind = str(source.attributes.get("type", "text-single"))
    return FieldKind(kind) if kind in _KINDS else FieldKind.TEXT


def _bounded(source: Element) -> Element:
    """A copy with as much as we take, and with nothing that makes tx-xmpp raise."""
    copy = xml.element("field", NS)
    copy.attributes = {key: str(source.attributes[key]) for key in ("type", "var", "label") if key in source.attributes}
    for each in xml.elements(source, "value", NS)[:VALUES]:
        xml.add(copy, "value", NS, xml.text_of(each)[:LONG])
    for each in xml.elements(source, "option", NS)[:CHOICES]:
        value = xml.child(each, "value", NS)
        if value is not None:
            option = xml.add(copy, "option", NS, label=each.attributes.get("label"))
            xml.add(option, "value", NS, xml.text_of(value))
    for name in ("desc", "required"):
        found = xml.child(source, name, NS)
        if found is not None:
            xml.add(copy, name, NS, xml.text_of(found)[:LONG])
    return copy


def _pictures(around: Element) -> dict[str, tuple[bytes, str]]:
    """The pictures that came along (XEP-0231), by their content id."""
    found: dict[str, tuple[bytes, str]] = {}
    for data in xml.elements(around, "data", bob.NS)[:10]:
        with suppress(ValueError):
            held = bob.read(data, IMAGE)
            found[bob.URI + str(data.attributes.get("cid", ""))] = held, str(data.attributes.get("type", ""))[:100]
    return found


def _picture_of(source: Element, pictures: dict[str, tuple[bytes, str]]) -> tuple[bytes, str]:
    media: Any = xml.child(source, "media", NS_MEDIA)
    if media is not None:
        for uri in xml.elements(media, "uri", NS_MEDIA):
            picture = pictures.get(xml.text_of(uri).strip())
            if picture is not None and picture[1].startswith("image/"):
                return picture
    return b"", ""
