"""The first run: log in, create an account, or try it out. One state machine for all frontends."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import Any

from sat.api import JID, SatError, Secret, Signal
from sat.api.errors import CertificateRefused, InvalidAddress, InvalidArgument, NoInvitation, ServerError
from sat.plugins.registration.api import RegistrationApi
from sat_frontends.quick_frontend.addresses import Invitation, account_address, read_invitation
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.loop import Spawn
from sat_frontends.quick_frontend.profiles import Profiles

_NOT_AUTHENTICATED = 6  # the exit code of all errors that another password can mend
_STOPPING = "Stopping…"
CONFIRMING = 8  # digits of a fingerprint that have to be typed by who trusts it


class Step(StrEnum):
    """The pages of the wizard.

    WELCOME → log_in → ADDRESS → PASSWORD → CONNECTING → DONE
                       ADDRESS → (a certificate was refused) → CERTIFICATE → PASSWORD …
                       SERVER, INVITATION → (the same) → CERTIFICATE → (LOADING) → FORM …
            → register → SERVER → (LOADING) → FORM → (REGISTERING) → CONNECTING → DONE
            → invited → INVITATION → (LOADING) → FORM …
            → demo → DEMO
    An error goes back to the page whose answer can mend it; what was entered stays.
    """

    WELCOME = "welcome"
    ADDRESS = "address"
    CERTIFICATE = "certificate"
    PASSWORD = "password"  # noqa: S105 - a page
    CONNECTING = "connecting"
    SERVER = "server"
    INVITATION = "invitation"
    LOADING = "loading"
    FORM = "form"
    REGISTERING = "registering"
    DEMO = "demo"
    DONE = "done"


_BACK = {
    Step.ADDRESS: Step.WELCOME,
    Step.CERTIFICATE: Step.ADDRESS,
    Step.PASSWORD: Step.ADDRESS,
    Step.CONNECTING: Step.PASSWORD,
    Step.SERVER: Step.WELCOME,
    Step.INVITATION: Step.WELCOME,
    Step.REGISTERING: Step.FORM,
    Step.DEMO: Step.WELCOME,
}
_BUSY = (Step.CONNECTING, Step.LOADING, Step.REGISTERING)


class Wizard:
    """What has been entered, which page is shown, and what went wrong."""

    def __init__(self, profiles: Profiles, registration: RegistrationApi, spawn: Spawn) -> None:
        self.changed: Signal[Step] = Signal()
        """The step shown now; also emitted when only ``error`` or ``status`` is another."""
        self.step = Step.WELCOME
        self.error: SatError | None = None
        """What went wrong on the way to this page: show ``str(error)`` and ``error.advice``."""
        self.status = ""
        """What is being done now, for people."""
        self.address = ""
        """The address as it was entered."""
        self.server = ""
        """The server or invitation link as it was entered."""
        self.host = ""
        self.port = 0
        self.pin = ""
        """The fingerprint of the certificate that the person trusts for this address or server, though no authority
        does."""
        self.fingerprint = ""
        """That of the certificate that was refused, with ADDRESS, SERVER, INVITATION and CERTIFICATE; empty when none
        was."""
        self.form: FormModel | None = None
        """The server's form, with FORM."""
        self.profile = ""
        """The profile that was made, with DONE."""
        self._profiles, self._registration, self._spawn = profiles, registration, spawn
        self._invitation = Invitation("")
        self._registers = False  # an account is created; else we log in to one
        self._asked = Step.SERVER  # the page where the server, or the invitation to one, was asked for
        self._turn = 0  # an answer that nobody waits for any more is not used

    @property
    def busy(self) -> bool:
        """Whether we wait for the server: only ``cancel`` makes sense."""
        return self.step in _BUSY

    @property
    def untouched(self) -> bool:
        """Whether nothing was entered, so that nothing is lost by leaving."""
        return self.step is Step.WELCOME and not (self.address or self.server or self.form)

    @property
    def jid(self) -> JID:
        """The address, checked and normalised. Errors: InvalidAddress."""
        return account_address(self.address)

    # -- choosing -------------------------------------------------------------------------------------------------

    def log_in(self) -> None:
        """WELCOME → ADDRESS."""
        self._choose(Step.ADDRESS, registers=False)

    def register(self) -> None:
        """WELCOME → SERVER."""
        self._asked = Step.SERVER
        self._choose(Step.SERVER, registers=True)

    def invited(self) -> None:
        """WELCOME → INVITATION."""
        self._asked = Step.INVITATION
        self._choose(Step.INVITATION, registers=True)

    def demo(self) -> None:
        """WELCOME → DEMO: the frontend says how to start it (``sat demo``)."""
        self._show(Step.DEMO)

    def _choose(self, step: Step, *, registers: bool) -> None:
        if registers is not self._registers:
            self._registers, self.pin = registers, ""
        self._show(step)

    def back(self) -> None:
        """To the page before; what was entered stays."""
        if self.step in (Step.LOADING, Step.FORM) or (self.step is Step.CERTIFICATE and self._registers):
            self._show(self._asked)
        else:
            self._show(_BACK.get(self.step, Step.WELCOME))

    def cancel(self) -> None:
        """Wait no longer for the server. A connection being made is stopped first, and its profile forgotten; who
        cancels a second time does not wait for that either."""
        if self.step is Step.CONNECTING and self.status != _STOPPING:
            self.status = _STOPPING
            self.changed.emit(self.step)
            self._spawn(self._stop())
        else:
            self.back()

    async def _stop(self) -> None:
        with suppress(SatError):
            await self._profiles.stop(self.jid)

    # -- logging in -----------------------------------------------------------------------------------------------

    def check_address(self, text: str) -> str:
        """What is wrong with an address being typed, as a sentence; nothing when it is right."""
        try:
            account_address(text)
        except InvalidAddress as error:
            return str(error)
        return ""

    def enter_address(self, text: str, host: str = "", port: int = 0) -> None:
        """ADDRESS → PASSWORD. ``host`` and ``port`` where the server is elsewhere."""
        if text.strip() != self.address:
            self.pin = ""
        self.address, self.host, self.port = text.strip(), host.strip(), port
        try:
            self.address = self.jid
        except InvalidAddress as error:
            self._show(Step.ADDRESS, error)
        else:
            self._show(Step.PASSWORD)

    @property
    def domain(self) -> str:
        """The server that is talked to. Errors: InvalidAddress."""
        return self._invitation.server if self._registers else self.jid.domain

    def look_at_certificate(self) -> None:
        """ADDRESS, SERVER or INVITATION → CERTIFICATE, after one was refused."""
        self._show(Step.CERTIFICATE, fingerprint=self.fingerprint)

    def trust(self, typed: str) -> None:
        """CERTIFICATE → PASSWORD or FORM, for who has read the fingerprint: its end, or all of it, is typed."""
        digits = "".join(char for char in typed.upper() if char.isalnum()).removeprefix("SHA256")
        if len(digits) < CONFIRMING or not self.fingerprint.replace(":", "").endswith(digits):
            wrong = InvalidArgument(reason="These are not the last digits of the fingerprint.")
            self._show(Step.CERTIFICATE, wrong, self.fingerprint)
            return
        self.pin = self.fingerprint
        if self._registers:
            self._ask_form()
        else:
            self._show(Step.PASSWORD)

    def enter_password(self, password: str) -> None:
        """PASSWORD → CONNECTING → DONE, or back with ``error``."""
        self._begin(Step.CONNECTING, f"Connecting to {self.jid.domain}…", self._connect(Secret(password)))

    async def _connect(self, password: Secret) -> None:
        turn = self._turn
        try:
            name = await self._profiles.log_in(self.jid, password, host=self.host, port=self.port, pin=self.pin)
        except SatError as error:
            if turn == self._turn and self.status == _STOPPING:
                self.back()
            elif turn == self._turn:
                elsewhere = isinstance(error, ServerError) and error.exit_code != _NOT_AUTHENTICATED
                self._show(Step.ADDRESS if elsewhere else Step.PASSWORD, error, _shown(error))
            return
        if turn == self._turn:  # else the profile stays, connected, but is not made the current one
            self.profile = name
            self._profiles.choose(name)
            self._show(Step.DONE)

    # -- creating an account --------------------------------------------------------------------------------------

    def enter_server(self, text: str, host: str = "", port: int = 0) -> None:
        """SERVER or INVITATION → FORM. Takes a server's name or an invitation, ``xmpp:…?register;preauth=…``; the
        page that asks for an invitation takes that only."""
        if text.strip() != self.server:
            self.pin = ""
        self.server, self.host, self.port = text.strip(), host.strip(), port
        try:
            if self._asked is Step.INVITATION and not _is_link(self.server):
                raise NoInvitation(link=self.server)
            self._invitation = read_invitation(self.server)
        except SatError as error:
            self._show(self._asked, error)
        else:
            self._ask_form()

    def _ask_form(self) -> None:
        self._begin(Step.LOADING, f"Asking {self._invitation.server}…", self._load_form())

    async def _load_form(self) -> None:
        turn = self._turn
        try:
            form = await self._fetch_form()
        except SatError as error:
            if turn == self._turn:
                self._show(self._asked, error, _shown(error))
            return
        if turn == self._turn:
            if self.form is not None:
                form.take_over(self.form)
            form.suggest("username", self._invitation.username)
            self.form = form
            self._show(Step.FORM)

    async def _fetch_form(self) -> FormModel:
        invitation = self._invitation
        return FormModel(
            await self._registration.get_form(invitation.server, self.host, self.port, invitation.token, self.pin)
        )

    def submit_form(self) -> None:
        """FORM → REGISTERING → CONNECTING → DONE; fill ``form`` before. Stays with FORM when it is not filled in
        well; its fields then say what is wrong."""
        if self.form is None or not self.form.check():
            self._show(Step.FORM)
            return
        server = self._invitation.server
        self._begin(Step.REGISTERING, f"Creating the account on {server}…", self._register(self.form))

    async def _register(self, form: FormModel) -> None:
        turn, invitation = self._turn, self._invitation
        try:
            address = account_address(f"{form.value('username')}@{invitation.server}")
            await self._registration.register(
                invitation.server, form.result, form.password, self.host, self.port, invitation.token, self.pin
            )
        except SatError as error:
            if turn == self._turn:
                await self._renew_form(form)
            if turn == self._turn:
                self._show(Step.FORM, error)
            return
        if turn == self._turn:
            self.address = address
            self._begin(Step.CONNECTING, f"Connecting to {invitation.server}…", self._connect(form.password))

    async def _renew_form(self, form: FormModel) -> None:
        """A form, above all its captcha, is good for one try."""
        try:
            fresh = await self._fetch_form()
        except SatError:
            return  # the error of the try itself is the one to show
        fresh.take_over(form)
        if self.form is form:
            self.form = fresh

    # -- inside ---------------------------------------------------------------------------------------------------

    def _show(self, step: Step, error: SatError | None = None, fingerprint: str = "") -> None:
        self._turn += 1
        self.step, self.error, self.status, self.fingerprint = step, error, "", fingerprint
        self.changed.emit(step)

    def _begin(self, step: Step, status: str, work: Coroutine[Any, Any, None]) -> None:
        self._turn += 1
        self.step, self.error, self.status = step, None, status
        self.changed.emit(step)
        self._spawn(work)


def _shown(error: SatError) -> str:
    return error.details["fingerprint"] if isinstance(error, CertificateRefused) else ""


def _is_link(text: str) -> bool:
    return text.lower().startswith("xmpp:")
