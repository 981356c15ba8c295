"""Creating accounts on servers that do as a test says: captchas, refusals, invitations."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from scenarios.conftest import Serve
from scenarios.hostile import DOMAIN, Authority, ReactorThread
from support.registrar import PICTURE, Registrar, error
from support.scripted import Behaviour
from twisted.internet.defer import Deferred

from sat.api import SatError, Secret
from sat.api.errors import (
    CaptchaWrong,
    InvitationRequired,
    RegistrationClosed,
    RegistrationLimited,
    RegistrationRefused,
    UsernameTaken,
)
from sat.api.forms import FieldKind, Form
from sat.plugins.registration.plugin import Registration

pytestmark = pytest.mark.usefixtures("trusting")
INVITES = ("<register xmlns='urn:xmpp:ibr-token:0'/>", "<register xmlns='urn:xmpp:invite'/>")


class Counter:
    """Where somebody asks for an account."""

    def __init__(self, reactor: ReactorThread, port: int) -> None:
        self._reactor, self._port = reactor, port
        backend: Any = SimpleNamespace(reactor=reactor.reactor, clock=reactor.reactor, settings=None)
        self._registration = Registration(backend)

    def form(self, token: str = "") -> Form:
        asked: Form = self._call(lambda: self._registration.get_form(DOMAIN, "127.0.0.1", self._port, token))
        return asked

    def register(self, **fields: str) -> None:
        self._call(lambda: self._registration.register(DOMAIN, fields, Secret("secret"), "127.0.0.1", self._port))

    def _call(self, work: Callable[[], Any]) -> Any:
        return self._reactor.call(lambda: Deferred.fromCoroutine(work()))


Open = Callable[..., tuple[Counter, Registrar]]


@pytest.fixture
def counter(reactor: ReactorThread, authority: Authority, serve: Serve) -> Open:
    """A server that creates accounts, and who asks it."""

    def open(features: str = "", **told: Any) -> tuple[Counter, Registrar]:
        behaviour = Behaviour(features=features)
        behaviour.registrar = Registrar(behaviour, **told)
        server = serve(behaviour, authority.issue([DOMAIN]))
        return Counter(reactor, server.port), behaviour.registrar

    return open


def filled_in(form: Form) -> dict[str, str]:
    """The answers of a person who looks at the picture; what is hidden goes back as it came."""
    answers = {each.name: each.values[0] for each in form.fields if each.kind is FieldKind.HIDDEN}
    (picture,) = [each.image.decode() for each in form.fields if each.image]
    return {**answers, "username": "romeo", "ocr": picture.removeprefix(PICTURE)}


def test_the_picture_that_was_shown_is_the_one_that_is_answered(counter: Open) -> None:
    asked, registrar = counter()
    answers = filled_in(asked.form())
    asked.form()  # somebody else looks, meanwhile
    asked.register(**answers)
    assert registrar.accounts == {"romeo": "secret"}


def test_a_wrong_answer_to_the_picture_is_told_as_one_and_a_new_picture_can_be_answered(counter: Open) -> None:
    asked, registrar = counter()
    answers = filled_in(asked.form())
    with pytest.raises(CaptchaWrong):
        asked.register(**{**answers, "ocr": "something else"})
    with pytest.raises(CaptchaWrong):
        asked.register(**answers)  # each challenge is good for one try
    asked.register(**filled_in(asked.form()))
    assert registrar.accounts == {"romeo": "secret"}


@pytest.mark.parametrize(
    ("refusal", "kind", "said"),
    [
        (error("resource-constraint", kind="wait"), RegistrationLimited, "today."),
        (error("not-allowed"), RegistrationLimited, "today."),
        (error("policy-violation", "Too many from here", "wait"), RegistrationLimited, "today (“Too many from here”)."),
        (error("not-acceptable", "too short", "modify"), RegistrationRefused, "(“too short”)."),
        (error("not-acceptable", "through invitation only"), InvitationRequired, "needs an invitation."),
        (error("conflict"), UsernameTaken, "romeo is taken on hostile.test."),
        (error("service-unavailable"), RegistrationClosed, "does not let programs create accounts."),
    ],
)
def test_refusals_are_told_as_what_they_are(counter: Open, refusal: str, kind: type[SatError], said: str) -> None:
    asked, _ = counter(captcha=False, refusal=refusal)
    with pytest.raises(kind) as told:
        asked.register(username="romeo")
    assert str(told.value).endswith(said)


@pytest.mark.parametrize("feature", INVITES)
def test_a_server_that_announces_invitations_needs_one_whatever_it_says(counter: Open, feature: str) -> None:
    asked, _ = counter(feature, captcha=False, refusal=error("not-allowed", "Nur für Geladene"))
    with pytest.raises(InvitationRequired):
        asked.register(username="romeo")


@pytest.mark.parametrize(
    ("condition", "said"),
    [("service-unavailable", "it takes no invitations"), ("item-not-found", "this invitation is not valid")],
)
def test_an_invitation_that_is_worth_nothing_is_told(counter: Open, condition: str, said: str) -> None:
    asked, _ = counter(invitations=condition)
    with pytest.raises(RegistrationRefused, match=said):
        asked.form(token="token")
