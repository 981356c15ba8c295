"""Creating an account on a server before there is a profile (XEP-0077), with invitations and captchas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sat.api import JID, Secret
from sat.api.errors import (
    CaptchaRequired,
    CaptchaWrong,
    InvitationRequired,
    PeerError,
    RegistrationClosed,
    RegistrationLimited,
    RegistrationRefused,
    SatError,
    ServerNotFound,
    UsernameTaken,
)
from sat.api.forms import Form
from sat.api.profile import Account
from sat.core.plugin import Service
from sat.plugins.registration.api import RegistrationApi
from sat.xmpp import forms, register, xml
from sat.xmpp.once import OpenStream, open_stream
from sat.xmpp.pins import read_pin
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS_PREAUTH = "urn:xmpp:pars:0"
NS_INVITED = ("urn:xmpp:ibr-token:0", "urn:xmpp:invite")
_CLOSED = ("item-not-found", "service-unavailable", "feature-not-implemented", "not-allowed")
_WITHOUT_INVITATION = (*_CLOSED, "registration-required", "not-authorized")
_NOT_SO = ("not-allowed", "not-acceptable")
_NOT_NOW = ("policy-violation", "not-acceptable", "not-allowed", "forbidden")


class Registration(Service, RegistrationApi):
    """Create an account on a server (XEP-0077)."""

    xeps = ("0077", "0158", "0401", "0445")

    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "", pin: str = "") -> Form:
        async with self._open(server, host, port, pin) as stream:
            return await self._form(stream, server, token)

    async def register(
        self,
        server: str,
        fields: dict[str, str],
        password: Secret,
        host: str = "",
        port: int = 0,
        token: str = "",
        pin: str = "",
    ) -> None:
        async with self._open(server, host, port, pin) as stream:
            # What the fields are is asked again: the form that was shown came over another stream.
            query = await self._ask_form(stream, server, token)
            answers = dict(fields)
            if password:
                answers["password"] = str(password)
            request = register.answer(query, answers)
            form = forms.find(query)
            try:
                await stream.ask(request.element)
            except PeerError as error:
                tried = Tried(fields.get("username", ""), form is not None and _picture(forms.read(form, query)))
                raise _refused(error, stream, server, tried) from None

    @asynccontextmanager
    async def _open(self, server: str, host: str, port: int, pin: str) -> AsyncIterator[OpenStream]:
        place = Account(JID(JID.parse(server).domain), host, port, pin=read_pin(pin))
        try:
            async with open_stream(place, self.backend.reactor, self.log) as stream:
                yield stream
        except ServerNotFound as error:
            error.details["suggestion"] = self.backend.suggest(error.details["server"])
            raise

    async def _form(self, stream: OpenStream, server: str, token: str) -> Form:
        query = await self._ask_form(stream, server, token)
        form = register.read(query, f"Account on {server}")
        url = form.url
        if forms.find(query) is not None:
            if any(field.name == "ocr" or field.name == "captcha" for field in form.fields) and not _picture(form):
                raise CaptchaRequired(server=server, url=url or f"https://{server}/")
        elif not form.fields and url:
            raise CaptchaRequired(server=server, url=url)
        return form

    async def _ask_form(self, stream: OpenStream, server: str, token: str) -> Element:
        if token:
            await self._show_invitation(stream, server, token)
        try:
            result = await stream.ask(register.question().element)
        except PeerError as error:
            raise _refused(error, stream, server) from None
        query = xml.child(result, "query", register.NS)
        if query is None:
            raise RegistrationClosed(server=server)
        return query

    async def _show_invitation(self, stream: OpenStream, server: str, token: str) -> None:
        invited = Iq.set(JID.parse(server))
        invited.add("preauth", NS_PREAUTH, token=token)
        try:
            await stream.ask(invited.element)
        except PeerError as error:
            unknown = error.details["condition"] in ("service-unavailable", "feature-not-implemented")
            reason = "it takes no invitations" if unknown else "this invitation is not valid (any more)"
            raise RegistrationRefused(server=server, reason=reason) from None


def _picture(form: Form) -> bool:
    return any(field.image for field in form.fields)


def _another(user: str) -> str:
    """A name like one that is taken: ``alice2``."""
    name = user.rstrip("0123456789")
    number = user[len(name) :][:6]
    return f"{name}{int(number or 1) + 1}" if name else "one with a number in it"


class Tried(NamedTuple):
    """What a refused form was about."""

    user: str
    captcha: bool


def _refused(error: PeerError, stream: OpenStream, server: str, tried: Tried | None = None) -> SatError:
    """What a refusal means: of a filled-in form, or of the question for one."""
    condition, kind, text = (error.details.get(key, "") for key in ("condition", "kind", "text"))
    words = text.lower()
    if condition == "conflict":
        user = tried.user if tried else ""
        return UsernameTaken(user=user or "This name", server=server, suggestion=_another(user))
    if tried and tried.captcha and ("captcha" in words or (condition in _NOT_SO and not text)):
        return CaptchaWrong(server=server)
    if "invit" in words or (condition in _WITHOUT_INVITATION and takes_invitations(stream.features)):
        return InvitationRequired(server=server)  # Prosody's mod_invites_register says it in words only
    limited = condition == "resource-constraint" or (kind == "wait" and condition in _NOT_NOW)
    if limited or (tried and condition == "not-allowed"):  # it gave a form, so it lets programs do it in general
        return RegistrationLimited(server=server, said=f" (“{text}”)" if text else "")
    if condition in _CLOSED:
        return RegistrationClosed(server=server)
    return RegistrationRefused(server=server, reason=error.details.get("reason") or condition)


def takes_invitations(features: Element) -> bool:
    """Whether a server says that accounts are created with invitations (XEP-0445 §3, and XEP-0401 before it)."""
    return any(xml.child(features, "register", ns) is not None for ns in NS_INVITED)
