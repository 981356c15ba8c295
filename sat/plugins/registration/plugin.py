"""Creating an account on a server before there is a profile (XEP-0077, with invitations by XEP-0445)."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.errors import (
    CaptchaRequired,
    InvitationRequired,
    PeerError,
    RegistrationClosed,
    RegistrationRefused,
    SatError,
    UsernameTaken,
)
from sat.api.forms import Field, FieldKind, Form
from sat.core.plugin import Service
from sat.plugins.registration.api import RegistrationApi
from sat.xmpp import forms, xml
from sat.xmpp.once import OpenStream, open_stream
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "jabber:iq:register"
NS_OOB = "jabber:x:oob"
NS_PREAUTH = "urn:xmpp:pars:0"
NS_CAPTCHA = "urn:xmpp:captcha"
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


class Registration(Service, RegistrationApi):
    """Create an account on a server (XEP-0077)."""

    xeps = ("0077", "0445")

    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "") -> Form:
        async with open_stream(JID.parse(server).domain, host, port, self.backend.reactor, self.log) as stream:
            return await self._form(stream, server, token)

    async def register(
        self, server: str, fields: dict[str, str], password: Secret, host: str = "", port: int = 0, token: str = ""
    ) -> None:
        async with open_stream(JID.parse(server).domain, host, port, self.backend.reactor, self.log) as stream:
            query = await self._ask_form(stream, server, token)
            answers = dict(fields)
            if password:
                answers["password"] = str(password)
            form = forms.find(query)
            request = Iq.set()
            reply = request.add("query", NS)
            if form is not None:
                reply.addChild(forms.submit(form, answers))
            else:
                for name in _asked(query):
                    if name in answers:
                        xml.add(reply, name, NS, answers[name])
            try:
                await stream.ask(request.element)
            except PeerError as error:
                raise _refused(error, server, fields.get("username", "")) from None

    async def _form(self, stream: OpenStream, server: str, token: str) -> Form:
        query = await self._ask_form(stream, server, token)
        url = _page(query)
        found = forms.find(query)
        if found is not None:
            form = forms.read(found, query)
            if any(field.name == "ocr" or field.name == "captcha" for field in form.fields) and not _picture(form):
                raise CaptchaRequired(server=server, url=url or f"https://{server}/")
            return form._replace(url=url)
        fields = [_field(name) for name in _asked(query)]
        if not fields and url:
            raise CaptchaRequired(server=server, url=url)
        instructions = xml.text_of(xml.child(query, "instructions", NS))
        return Form(f"Account on {server}", instructions[:LONGEST], fields, url)

    async def _ask_form(self, stream: OpenStream, server: str, token: str) -> Element:
        try:
            if token:
                invited = Iq.set(JID.parse(server))
                invited.add("preauth", NS_PREAUTH, token=token)
                await stream.ask(invited.element)
            request = Iq.get()
            request.add("query", NS)
            result = await stream.ask(request.element)
        except PeerError as error:
            raise _refused(error, server, "") from None
        query = xml.child(result, "query", NS)
        if query is None:
            raise RegistrationClosed(server=server)
        return query


def _asked(query: Element) -> list[str]:
    """The plain fields of XEP-0077 §14.1 that the server wants."""
    return [child.name for child in xml.elements(query, ns=NS) if child.name in LABELS]


def _page(query: Element) -> str:
    oob = xml.child(query, "x", NS_OOB)
    url = "" if oob is None else xml.text_of(xml.child(oob, "url", NS_OOB)).strip()
    return url[:LONGEST] if url.startswith(("http://", "https://")) else ""


def _picture(form: Form) -> bool:
    return any(field.image for field in form.fields)


def _field(name: str) -> Field:
    kind = FieldKind.PASSWORD if name == "password" else FieldKind.TEXT
    return Field(name, kind, LABELS[name], [], required=True)


def _refused(error: PeerError, server: str, user: str) -> SatError:
    condition, text = error.details.get("condition", ""), error.details.get("reason", "")
    if condition == "conflict":
        return UsernameTaken(user=user or "This name", server=server)
    if "invit" in text.lower():  # Prosody's mod_invites_register says it in words only
        return InvitationRequired(server=server)
    if condition in ("item-not-found", "service-unavailable", "feature-not-implemented", "not-allowed"):
        return RegistrationClosed(server=server)
    return RegistrationRefused(server=server, reason=text or condition)
