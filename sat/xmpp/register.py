"""Forms of registration (XEP-0077): an account on a server, or to be known to a service."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.forms import Field, FieldKind, Form
from sat.xmpp import forms, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "jabber:iq:register"
NS_OOB = "jabber:x:oob"
LABELS = {  # XEP-0077 §14.1
    "username": "User name",
    "nick": "Nickname",
    "password": "Password",
    "name": "Full name",
    "first": "First name",
    "last": "Last name",
    "email": "E-mail",
    "address": "Street",
    "city": "City",
    "state": "Region",
    "zip": "Postal code",
    "phone": "Telephone",
    "url": "Web page",
    "date": "Date",
}
LONGEST = 2000


def question(to: JID | None = None) -> Iq:
    """What has to be filled in?"""
    request = Iq.get(to)
    request.add("query", NS)
    return request


def read(query: Element, title: str) -> Form:
    """The form of an answer to ``question``; a title for one of plain fields. ``url`` is its page, if it has one."""
    found = forms.find(query)
    if found is not None:
        return forms.read(found, query)._replace(url=page(query))
    fields = [_field(query, name) for name in plain_fields(query)]
    instructions = xml.text_of(xml.child(query, "instructions", NS))
    return Form(title, instructions[:LONGEST], fields, page(query))


def answer(query: Element, answers: dict[str, str], to: JID | None = None) -> Iq:
    """What was asked, filled in."""
    request = Iq.set(to)
    reply = request.add("query", NS)
    form = forms.find(query)
    if form is not None:
        reply.addChild(forms.submit(form, answers))
    else:
        for name in plain_fields(query):
            if name in answers:
                xml.add(reply, name, NS, answers[name])
    return request


def new_password(account: JID, password: Secret) -> Iq:
    """The account's own wish for another password (§3.3)."""
    request = Iq.set(JID(account.domain))
    query = request.add("query", NS)
    xml.add(query, "username", NS, account.local)
    xml.add(query, "password", NS, str(password))
    return request


def removal(to: JID | None = None) -> Iq:
    """The account, or what a service knows of us, is to be no more (§3.2)."""
    request = Iq.set(to)
    xml.add(request.add("query", NS), "remove", NS)
    return request


def plain_fields(query: Element) -> list[str]:
    """The fields of §14.1 that are wanted."""
    return [child.name for child in xml.elements(query, ns=NS) if child.name in LABELS]


def page(query: Element) -> str:
    """The web page to go to instead, or nothing."""
    oob = xml.child(query, "x", NS_OOB)
    url = "" if oob is None else xml.text_of(xml.child(oob, "url", NS_OOB)).strip()
    return url[:LONGEST] if url.startswith(("http://", "https://")) else ""


def _field(query: Element, name: str) -> Field:
    kind = FieldKind.PASSWORD if name == "password" else FieldKind.TEXT
    known = xml.text_of(xml.child(query, name, NS))[:LONGEST]
    return Field(name, kind, LABELS[name], [known] if known else [], required=True)
