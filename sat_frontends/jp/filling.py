"""Forms on the command line: shown, filled in by options or by the person, and what came of them."""

from __future__ import annotations

from sat.api.forms import Field, FieldKind, Form
from sat_frontends.jp.ask import ask, ask_secret
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.output import BOLD, DIM, Column, complain, tidy, tidy_lines
from sat_frontends.quick_frontend.forms import FormModel, picture_file, problem

_SECRET_KINDS = (FieldKind.PASSWORD,)
UNSEEN = (FieldKind.FIXED, FieldKind.HIDDEN)


def answers(fields: list[str]) -> dict[str, str]:
    """What ``--set NAME=VALUE`` says. A name may be given several times: those are the lines of its value."""
    found: dict[str, str] = {}
    for each in fields:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise usage(f"--set is NAME=VALUE, not “{each}”.")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def show_form(jp: Jp, form: Form) -> None:
    """What a form asks for, and what is proposed."""
    fields = [each for each in form.fields if each.kind not in UNSEEN]
    if jp.out.json:
        jp.out.value(form)
        return
    columns = (Column("Setting", BOLD), Column("Value"), Column("Possible", DIM), Column("Label", flexible=True))
    rows = [
        (
            each.name,
            "…" if each.kind is FieldKind.PASSWORD and any(each.values) else ", ".join(each.values),
            ", ".join(choice.value for choice in each.choices) or each.kind,
            each.label,
        )
        for each in fields
    ]
    jp.out.table(fields, columns, rows)


def show_result(jp: Jp, form: Form) -> None:
    """What came of a form: its values, and its rows. Columns in a pipe: name and value, or those of the rows."""
    if jp.out.json:
        jp.out.value(form)
        return
    for text in (form.title, form.instructions):
        if text:
            jp.out.say(text)
    fields = [each for each in form.fields if each.kind is not FieldKind.HIDDEN]
    if fields:
        columns = (Column("What", BOLD), Column("Value", flexible=True))
        jp.out.table(fields, columns, [(each.label or each.name, ", ".join(each.values)) for each in fields])
    if form.columns:
        jp.out.table([], tuple(Column(each, flexible=True) for each in form.columns), form.rows)


def filled(jp: Jp, form: Form, given: dict[str, str]) -> FormModel | None:
    """A form filled in by what was given and by the person; where neither is there it is only shown: None."""
    if not given and not jp.asks:
        show_form(jp, form)
        return None
    model = FormModel(form)
    check_used(given, [each.name for each in model.fields if each.kind not in UNSEEN])
    fill(jp, model, given)
    return model


def fill(jp: Jp, model: FormModel, given: dict[str, str]) -> None:
    """Enter what was given, and have the person enter the rest, if there is one. Failure where something is missing."""
    names = [each.name for each in model.fields if each.kind not in UNSEEN]
    for name in names:
        if name in given:
            model.enter(name, given[name])
    if jp.asks:
        for field in model.fields:
            if field.kind is FieldKind.FIXED:
                complain(tidy_lines("\n".join(field.values)))
            elif field.name not in given:
                ask_field(model, field)
    for field in model.fields:
        fault = problem(field, model.values(field.name)) if field.kind not in UNSEEN else ""
        if fault:
            raise usage(f"{tidy(field.label or field.name)}: {fault}", f"Add --set {tidy(field.name)}=…")


def check_used(given: dict[str, str], asked: list[str]) -> None:
    """Failure where something was given that nobody asks for."""
    for name in given:
        if name not in asked:
            known = f"It asks for: {', '.join(map(tidy, asked))}." if asked else "It asks for nothing."
            raise usage(f"There is no “{tidy(name)}” to be filled in.", tidy(nearest(name, asked)) or known)


def ask_field(model: FormModel, field: Field) -> None:
    """Have the person fill in one field, until nothing is wrong with it."""
    fault = _ask_once(model, field)
    while fault:
        complain(fault)
        fault = _ask_once(model, field)


def _ask_once(model: FormModel, field: Field) -> str:
    if field.help:
        complain(tidy_lines(field.help))
    if field.image:
        complain(f"The picture is in {picture_file(field.image, field.image_type)}")
    for number, choice in enumerate(field.choices, 1):
        complain(f"  {number} {tidy(choice.label or choice.value)}")
    before = model.value(field.name)
    shown = f" [{tidy(before)}]" if before and field.kind not in _SECRET_KINDS else ""
    question = f"{tidy(field.label or field.name)}{'' if field.required else ' (optional)'}{shown}: "
    answer = str(ask_secret(question)) if field.kind in _SECRET_KINDS else ask(question, before)
    if field.choices and answer.isdecimal() and 1 <= int(answer) <= len(field.choices):
        answer = field.choices[int(answer) - 1].value
    if field.kind is FieldKind.BOOLEAN:
        answer = {"y": "true", "yes": "true", "n": "false", "no": "false"}.get(answer.lower(), answer)
    model.enter(field.name, answer)
    return problem(field, model.values(field.name))
