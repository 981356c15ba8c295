"""The first run, page by page; ``quick_frontend.wizard`` decides which page comes next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api.errors import NoProfile
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.primitivus.filling import form_rows
from sat_frontends.primitivus.starting import sat_program
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.wizard import CONFIRMING, Step, Wizard

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

NAME = "wizard"
DEMO = (
    "The demo is a small world on this machine: its own server, with alice, bob and carol. Nothing of it reaches the"
    " network, and it is removed when you leave it."
)


class WizardScreen:
    """Draws the page that the wizard is at."""

    def __init__(self, app: App, wizard: Wizard) -> None:
        self.app, self.wizard = app, wizard
        app.asking.add(NAME)
        self._dialog: Dialog | None = None
        self._told: set[str] = set()  # profiles that were made elsewhere meanwhile
        assert app.session.profiles is not None
        self._disconnects = [
            wizard.changed.connect(lambda _step: self._show()),
            app.session.profiles.changed.connect(lambda _name: self._profiles_changed()),
        ]
        self._show()

    @classmethod
    def open(cls, app: App) -> None:
        """Begin, if it is not open already."""
        if NAME in app.asking:
            return
        session = app.session
        assert session.link is not None
        assert session.profiles is not None
        cls(app, Wizard(session.profiles, session.link.registration, app.loop.spawn))

    def _show(self) -> None:
        """Draw the page anew: what was entered is in the wizard."""
        if self._dialog is not None:
            self.app.close_dialog(self._dialog)
            self._dialog = None
        if self.wizard.step is Step.DONE:
            self._finish()
            return
        rows, answers = getattr(self, f"_page_{self.wizard.step.value}")()
        dialog = Dialog(
            self._title(),
            rows,
            answers,
            kit=self.app.kit,
            cancel=self._leave if self._first else self.wizard.back,
            enter_goes_on=self.wizard.step is Step.FORM,
        )
        if self.wizard.error is not None:
            dialog.say(self.wizard.error)
        self._dialog = dialog
        self.app.open_dialog(dialog, 64)

    @property
    def _first(self) -> bool:
        return self.wizard.step is Step.WELCOME

    def _title(self) -> str:
        return {
            Step.WELCOME: "Welcome to Salut à Toi",
            Step.ADDRESS: "Log in",
            Step.CERTIFICATE: "The server's certificate",
            Step.PASSWORD: "Log in",
            Step.CONNECTING: "Log in",
            Step.DEMO: "Demo",
        }.get(self.wizard.step, "Create an account")

    def _leave(self) -> None:
        self._end()
        if self._dialog is not None:
            self.app.close_dialog(self._dialog)
        session = self.app.session
        if session.profiles is None or not session.profiles.rows:  # there is nothing else to do
            self.app.quit()
        elif self._without_profile:
            self.app.loop.spawn(session.choose())

    @property
    def _without_profile(self) -> bool:
        """Whether there was no profile when this began, so that none is shown."""
        return self.app.session.live is None and isinstance(self.app.session.absent, NoProfile)

    def _profiles_changed(self) -> None:
        """One that was made elsewhere is taken, if that loses nothing."""
        profiles = self.app.session.profiles
        assert profiles is not None
        if not profiles.rows or not self._without_profile or self.wizard.busy:
            return
        if self.wizard.untouched:
            self._leave()
        elif (name := profiles.rows[0].name) not in self._told:
            self._told.add(name)
            self.app.notice(f"There is a profile now, {clean_line(name)}; leave this with Esc to use it.")

    def _end(self) -> None:
        for disconnect in self._disconnects:
            disconnect()
        self.app.asking.discard(NAME)

    def _finish(self) -> None:
        self._end()
        self.app.loop.spawn(self.app.session.use(self.wizard.profile))
        keys = self.app.keymap
        self.app.notice(f"You are online. {keys.shown('contacts')} shows your contacts, {keys.shown('help')} helps.")

    # -- pages ---------------------------------------------------------------------------------------------------

    _Page = tuple[list[urwid.Widget | str], list[Answer]]

    def _page_welcome(self) -> _Page:
        def choice(label: str, about: str, do: Callable[[], object]) -> urwid.Widget:
            button = urwid.Button([label, ("hint", f"  {about}")], lambda _button: do())
            return urwid.AttrMap(button, None, {None: "focus", "hint": "focus"})

        label, dot = self.app.keymap.label, self.app.symbols.middot
        up, down = label("up"), label("down")
        rows: list[urwid.Widget | str] = [
            "Chat over XMPP. The daemon sat keeps you online, also when this window is closed.",
            "",
            choice("Log in with an address", "you@example.org", self.wizard.log_in),
            choice("Create an account", "on a server you choose", self.wizard.register),
            choice("I have an invitation", f"a link xmpp:{self.app.symbols.ellipsis}", self.wizard.invited),
            choice("Try without a server: demo", "nothing is needed", self.wizard.demo),
            "",
            urwid.Text(("hint", f"{up}{down} choose {dot} Enter takes {dot} Esc leaves")),
        ]
        return rows, []

    def _elsewhere(self, go: Callable[[str, int], object]) -> tuple[list[urwid.Widget | str], Callable[[], None]]:
        """The fields for a server that DNS does not tell of, and what checks them before it goes on."""
        host = self.app.kit.entry("Server (if it is elsewhere):", self.wizard.host)
        port = self.app.kit.entry("Port:", str(self.wizard.port or ""))

        def check() -> None:
            number = str(port.edit_text).strip()
            if number and not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
                assert self._dialog is not None
                self._dialog.say("A port is a number from 1 to 65535; leave it empty to find it by itself.")
                return
            go(str(host.edit_text), int(number or 0))

        return [framed(host), framed(port)], check

    def _page_address(self) -> _Page:
        address = self.app.kit.entry("Address:", self.wizard.address)
        rows, go = self._elsewhere(partial(self._enter, self.wizard.enter_address, address))
        hint = urwid.Text(("hint", "It looks like an e-mail address: you@example.org"))
        return [framed(address), hint, *rows], self._answers_of_server(go)

    def _answers_of_server(self, go: Callable[[], object]) -> list[Answer]:
        """Of a page from which a server is talked to: it may have shown a certificate that was refused."""
        answers = [Answer("Next", go), Answer("Back", self.wizard.back)]
        if self.wizard.fingerprint:
            trust = f"Trust its certificate{self.app.symbols.ellipsis}"
            answers.insert(1, Answer(trust, self.wizard.look_at_certificate))
        return answers

    def _page_certificate(self) -> _Page:
        typed = self.app.kit.entry(f"Its last {CONFIRMING} digits:")
        rows: list[urwid.Widget | str] = [
            f"The certificate of {self.wizard.domain} was refused. Its fingerprint is",
            "",
            *_in_lines(self.wizard.fingerprint),
            "",
            "Ask the server's administrator whether it is this one, and not over this connection: who listens could"
            " answer. If so, exactly this certificate is trusted for this account from now on.",
            framed(typed),
        ]
        answers = [
            Answer("Trust it", lambda: self.wizard.trust(str(typed.edit_text))),
            Answer("Back", self.wizard.back),
        ]
        return rows, answers

    def _enter(self, take: Callable[[str, str, int], None], edit: urwid.Edit, host: str, port: int) -> None:
        take(str(edit.edit_text), host, port)

    def _page_password(self) -> _Page:
        password = self.app.kit.entry("Password:", secret=True)
        show = urwid.CheckBox("show it")
        urwid.connect_signal(show, "change", lambda _box, on: password.set_mask(None if on else "*"))
        rows: list[urwid.Widget | str] = [
            f"Account: {self.wizard.jid}",
            framed(password),
            urwid.AttrMap(show, None, "focus"),
        ]
        answers = [
            Answer("Log in", lambda: self.wizard.enter_password(str(password.edit_text))),
            Answer("Back", self.wizard.back),
        ]
        return rows, answers

    def _page_server(self) -> _Page:
        server = self.app.kit.entry("Server or invitation:", self.wizard.server)
        rows, go = self._elsewhere(partial(self._enter, self.wizard.enter_server, server))
        question = "Which server shall your account be on? The link of an invitation can be pasted too."
        return [question, framed(server), *rows], self._answers_of_server(go)

    def _page_invitation(self) -> _Page:
        link = self.app.kit.entry("Link:", self.wizard.server)
        rows, go = self._elsewhere(partial(self._enter, self.wizard.enter_server, link))
        like = f"xmpp:example.org?register;preauth={self.app.symbols.ellipsis}"
        question = f"Paste the link that you were given. It looks like {like}"
        return [question, framed(link), *rows], self._answers_of_server(go)

    def _page_form(self) -> _Page:
        form = self.wizard.form
        assert form is not None
        rows = form_rows(self.app, form)
        return rows, [Answer("Create the account", self.wizard.submit_form), Answer("Back", self.wizard.back)]

    def _page_demo(self) -> _Page:
        rows: list[urwid.Widget | str] = [DEMO, "", "It takes this terminal over; sat demo in a shell starts it too."]
        return rows, [Answer("Start it", self._start_demo), Answer("Back", self.wizard.back)]

    def _start_demo(self) -> None:
        self.app.exit_to = [*sat_program(), "demo"]
        self.app.quit()

    def _busy(self) -> _Page:
        return [self.wizard.status], [Answer("Cancel", self.wizard.cancel)]

    _page_connecting = _page_loading = _page_registering = _busy


def _in_lines(fingerprint: str) -> list[str]:
    """A fingerprint in lines that can be compared: the digest's name, and 16 pairs of digits in each."""
    name, *pairs = fingerprint.split(":")
    lines = [":".join(pairs[place : place + 16]) for place in range(0, len(pairs), 16)]
    return [f"{name}:", *(f"{line}:" for line in lines[:-1]), lines[-1]]
