from __future__ import annotations

from pathlib import Path

import pytest

from sat.api.forms import Choice, Field, FieldKind, Form
from sat_frontends.quick_frontend.forms import FormModel, picture_file, problem

FIELDS = [
    Field("FORM_TYPE", FieldKind.HIDDEN, "", ["jabber:iq:register"]),
    Field("", FieldKind.FIXED, "Read this.", ["Read this."]),
    Field("username", FieldKind.TEXT, "Name", [], required=True),
    Field("password", FieldKind.PASSWORD, "Password", [], required=True),
    Field("about", FieldKind.LINES, "About you", []),
    Field("friend", FieldKind.ADDRESS, "A friend", []),
    Field("colour", FieldKind.CHOICE, "Colour", ["red"], choices=[Choice("red", "Red"), Choice("blue", "Blue")]),
    Field("news", FieldKind.BOOLEAN, "News", ["0"]),
]


def form():
    return FormModel(Form("Register", "", FIELDS))


def test_what_is_hidden_is_not_shown_but_sent():
    made = form()
    assert [field.label for field in made.fields][:2] == ["Read this.", "Name"]
    assert made.result["FORM_TYPE"] == "jabber:iq:register"


def test_errors_are_shown_when_somebody_submits(record):
    made = form()
    assert made.error("username") == ""
    assert not made.check()
    assert made.error("username")
    told = record(made.changed)
    made.enter("username", "romeo")
    assert made.error("username") == ""
    assert told == ["username"]


def test_the_result_holds_all_but_the_password():
    made = form()
    made.enter("username", "romeo")
    made.enter("password", "rosaline")
    made.enter("about", "young\nin love")
    made.enter("news", True)
    assert made.check()
    assert made.checked("news")
    assert made.values("about") == ["young", "in love"]
    assert made.password == "rosaline"
    assert made.result == {
        "FORM_TYPE": "jabber:iq:register",
        "username": "romeo",
        "about": "young\nin love",
        "friend": "",
        "colour": "red",
        "news": "true",
    }


@pytest.mark.parametrize(
    ("name", "value"), [("friend", "no address@"), ("colour", "green"), ("news", "perhaps"), ("username", "  ")]
)
def test_what_does_not_fit(name, value):
    field = next(field for field in FIELDS if field.name == name)
    assert problem(field, [value])
    assert not problem(field._replace(required=False), [])


def test_several_answers():
    field = FIELDS[6]._replace(kind=FieldKind.CHOICES)
    assert problem(field, ["red", "blue"]) == ""
    assert problem(field, ["red", "green"])


def test_the_answer_to_a_picture_is_for_one_try():
    """Even where the picture is the same: the challenge that belongs to it is another."""
    fields = [
        Field("challenge", FieldKind.HIDDEN, "", ["1"]),
        Field("ocr", FieldKind.TEXT, "What do you see?", [], image=b"a rose"),
    ]
    old = FormModel(Form("", "", fields))
    old.enter("ocr", "a rose")
    fresh = FormModel(Form("", "", [fields[0]._replace(values=["2"]), fields[1]]))
    fresh.take_over(old)
    assert fresh.result == {"challenge": "2", "ocr": ""}


def test_a_picture_is_put_into_one_file_that_only_its_person_reads():
    path = Path(picture_file(b"a rose", "image/png"))
    try:
        assert path == Path(picture_file(b"a rose", "image/png"))
        assert path.read_bytes() == b"a rose"
        assert path.suffix == ".png"
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        path.unlink()


def test_what_was_entered_moves_to_a_fresh_form():
    old, fresh = form(), form()
    old.enter("username", "romeo")
    fresh.take_over(old)
    assert fresh.value("username") == "romeo"
    assert fresh.value("colour") == "red"


def test_what_is_suggested_changes_nothing_that_is_there():
    made = form()
    for name, value in {"username": "romeo", "colour": "blue", "about": "", "nowhere": "x"}.items():
        made.suggest(name, value)
    assert [made.value(name) for name in ("username", "colour", "about")] == ["romeo", "red", ""]


def test_changes_are_what_was_entered_and_not_proposed():
    secret = Field("secret", FieldKind.PASSWORD, "Its password", ["sesame"])
    made = FormModel(Form("", "", [secret, Field("name", FieldKind.TEXT, "Its name", ["The balcony"])]))
    assert made.changes == {}
    made.enter("secret", "")
    made.enter("name", "The orchard")
    made.enter("name", "The balcony")
    assert made.changes == {"secret": ""}
    made = FormModel(Form("", "", [Field("kept", FieldKind.BOOLEAN, "", ["1"]), Field("who", FieldKind.LINES, "", [])]))
    made.enter("kept", True)
    made.enter("who", "")
    assert made.changes == {}
    made.enter("kept", False)
    assert made.changes == {"kept": "false"}


def test_choice_that_the_form_proposes_is_good_whatever_else_it_offers():
    field = Field("whois", FieldKind.CHOICE, "", ["moderators"], choices=[Choice("anyone", "All")])
    assert problem(field, ["moderators"]) == problem(field, ["anyone"]) == ""
    assert problem(field, ["nobody"])


@pytest.mark.parametrize(
    ("datatype", "ends", "good", "bad"),
    [
        ("xs:integer", ("1", "5"), "3", ("0", "6", "3.5", "three")),
        ("xs:decimal", ("", "1"), "0.5", ("1.5", "half")),
        ("xs:date", ("2015-01-01", ""), "2015-10-21", ("2014-12-31", "tomorrow")),
        ("xs:dateTime", ("", ""), "2015-10-21T16:29:00Z", ("16:29",)),
        ("xs:time", ("", ""), "16:29", ("noon",)),
        ("xs:integer", ("few", "many"), "3", ("three",)),  # a range without sense
        ("x:unknown", ("1", "5"), "anything", ()),
    ],
)
def test_values_with_a_type(datatype, ends, good, bad):
    field = Field("f", FieldKind.TEXT, "", [], datatype=datatype, least=ends[0], most=ends[1])
    assert problem(field, [good]) == ""
    for value in bad:
        assert problem(field, [value]), value
