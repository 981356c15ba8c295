"""Data forms, archive queries and pages."""

from __future__ import annotations

import base64

import pytest
from support.parsing import parse

from sat.api import JID
from sat.api.forms import Choice, Field, FieldKind
from sat.xmpp import forms, mam, rsm, xml
from sat.xmpp.xml import to_text

FORM = """<x xmlns='jabber:x:data' type='form'>
<title>Account</title><instructions>Fill</instructions><instructions>in</instructions>
<field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>
<field type='fixed'><value>Note</value></field>
<field type='hidden' var='challenge'><value>1</value></field>
<field type='hidden' var='several'><value>a</value><value>b</value></field>
<field type='text-single' var='username' label='User'><required/><desc>Yours</desc></field>
<field type='text-private' var='password'/>
<field type='list-single' var='colour'><value>red</value>
<option label='Red'><value>red</value></option><option><value>blue</value></option><option/></field>
<field type='text-multi' var='about'><value>a</value><value>b</value></field>
<field type='boolean' var='news'><value>1</value></field>
<field type='evil' var='odd'/>
</x>"""


def test_a_form_is_read() -> None:
    form = forms.read(parse(FORM))
    assert (form.title, form.instructions) == ("Account", "Fill in")
    assert [field.name for field in form.fields][:3] == ["FORM_TYPE", "", "challenge"]
    username, _, colour, about, news, odd = form.fields[4:]
    assert username == Field("username", FieldKind.TEXT, "User", [], True, [], "Yours")
    assert colour.choices == [Choice("red", "Red"), Choice("blue", "blue")]
    assert about.values == ["a", "b"]
    assert news.values == ["1"]
    assert odd.kind is FieldKind.TEXT


def values_of(answer: xml.Element) -> dict[str, list[str]]:
    """What is sent."""
    return {
        str(each.attributes["var"]): [xml.text_of(value) for value in xml.elements(each, "value")]
        for each in xml.elements(answer, "field")
    }


def test_an_answer_keeps_what_was_hidden_and_proposed() -> None:
    answer = forms.submit(forms.read(parse(FORM)), {"username": "romeo", "about": "x\ny", "FORM_TYPE": "evil"})
    assert answer.attributes["type"] == "submit"
    assert values_of(answer) == {
        "FORM_TYPE": ["jabber:iq:register"],
        "challenge": ["1"],
        "several": ["a", "b"],
        "username": ["romeo"],
        "password": [],
        "colour": ["red"],
        "about": ["x", "y"],
        "news": ["1"],
        "odd": [],
    }


def test_what_was_hidden_in_the_form_that_a_person_saw_goes_back() -> None:
    values = values_of(forms.submit(forms.read(parse(FORM)), {"challenge": "0", "several": "b\na"}))
    assert (values["challenge"], values["several"]) == (["0"], ["b", "a"])


@pytest.mark.parametrize(
    "hostile",
    [
        "<x xmlns='jabber:x:data'>" + "<field var='a'/>" * 10_000 + "</x>",
        "<x xmlns='jabber:x:data'><field type='boolean' var='a'><value>maybe</value></field></x>",
        "<x xmlns='jabber:x:data'><field type='jid-single' var='a'><value>@@</value></field></x>",
        "<x xmlns='jabber:x:data'><field/><field var=''/><reported/><item/></x>",
        "<x xmlns='jabber:x:data'><field type='text-single' var='a'><value>1</value><value>2</value></field></x>",
        "<x xmlns='jabber:x:data'><field type='fixed' var='a'><wrapper xmlns='urn:xmpp:xml-element'/></field></x>",
        "<x xmlns='jabber:x:data'><field var='a'><value/></field><field var='a'/></x>",
    ],
    ids=lambda text: text[25:70],
)
def test_strange_forms_do_no_harm(hostile: str) -> None:
    element = parse(hostile)
    form = forms.read(element)
    assert len(form.fields) <= forms.FIELDS
    forms.submit(form, {"a": "x"})


def test_the_picture_of_a_captcha() -> None:
    picture = base64.b64encode(b"PNG").decode()
    query = parse(
        "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'><field var='ocr'>"
        "<media xmlns='urn:xmpp:media-element'><uri type='image/png'>http://evil.test/</uri><uri>cid:x@bob.xmpp.org</uri></media>"
        f"</field></x><data xmlns='urn:xmpp:bob' cid='x@bob.xmpp.org' type='image/png'>{picture}</data>"
        "<data xmlns='urn:xmpp:bob' cid='y' type='image/png'>***</data></query>"
    )
    found = forms.find(query)
    assert found is not None
    (field,) = forms.read(found, query).fields
    assert (field.image, field.image_type) == (b"PNG", "image/png")


def test_asking_an_archive() -> None:
    iq = mam.query("q1", 50, after="7", peer=JID("juliet@example.org"))
    assert to_text(iq.element).partition(">")[2] == (
        "<query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
        "<field var='with'><value>juliet@example.org</value></field></x>"
        "<set xmlns='http://jabber.org/protocol/rsm'><max>50</max><after>7</after></set></query></iq>"
    )
    assert "<before/>" in to_text(mam.query("q", 1, before="").element)


def fin(page: str) -> str:
    return f"<fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>{page}</set></fin>"


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("<fin xmlns='urn:xmpp:mam:2' complete='true'/>", mam.End(True)),
        (
            fin("<first index='0'>a</first><last>b</last><count>7</count>"),
            mam.End(False, "a", "b", 7),
        ),
        (fin("<count>x</count>"), mam.End(False)),
        ("", mam.End(True)),
    ],
)
def test_where_an_archive_s_page_ends(said: str, end: mam.End) -> None:
    assert mam.read_end(parse(f"<iq type='result'>{said}</iq>")) == end


def test_no_page() -> None:
    assert rsm.read_page(parse("<iq/>")) == rsm.Page()
