"""The first run, page by page; ``quick_frontend.wizard`` decides which page comes next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat_frontends.primitivus.dialogs import Answer, Dialog, entry, framed
from sat_frontends.primitivus.fields import form_field
from sat_frontends.quick_frontend.text import clean
from sat_frontends.quick_frontend.wizard import Step, Wizard

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

DEMO = (
    "The demo is a small world on this machine: its own server, with alice, bob and carol. Nothing of it reaches the"
    " network, and it is removed when you leave it."
)


class WizardScreen:
    """Draws the page that the wizard is at."""

    def __init__(self, app: App, wizard: Wizard) -> None:
        self.app, self.wizard = app, wizard
        self._dialog: Dialog | None = None
        self._disconnect = wizard.changed.connect(lambda _step: self._show())
        self._show()

    @classmethod
    def open(cls, app: App) -> None:
        """Begin."""
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
            limit=self.app.limit,
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
            Step.PASSWORD: "Log in",
            Step.CONNECTING: "Log in",
            Step.DEMO: "Demo",
        }.get(self.wizard.step, "Create an account")

    def _leave(self) -> None:
        self._disconnect()
        if self._dialog is not None:
            self.app.close_dialog(self._dialog)
        if self.app.session.live is None:
            self.app.quit()

    def _finish(self) -> None:
        self._disconnect()
        self.app.loop.spawn(self.app.session.use(self.wizard.profile))
        keys = self.app.keymap
        self.app.notice(f"You are online. {keys.shown('contacts')} shows your contacts, {keys.shown('help')} helps.")

    # -- pages ---------------------------------------------------------------------------------------------------

    _Page = tuple[list[urwid.Widget | str], list[Answer]]

    def _page_welcome(self) -> _Page:
        def choice(label: str, about: str, do: Callable[[], object]) -> urwid.Widget:
            button = urwid.Button([label, ("hint", f"  {about}")], lambda _button: do())
            return urwid.AttrMap(button, None, {None: "focus", "hint": "focus"})

        rows: list[urwid.Widget | str] = [
            "Chat over XMPP. The daemon sat keeps you online, also when this window is closed.",
            "",
            choice("Log in with an address", "you@example.org", self.wizard.log_in),
            choice("Create an account", "on a server you choose", self.wizard.register),
            choice("I have an invitation", "a link xmpp:…", self.wizard.register),
            choice("Try without a server: demo", "nothing is needed", self.wizard.demo),
            "",
            urwid.Text(("hint", "↑↓ choose · Enter takes · Esc leaves")),
        ]
        return rows, []

    def _elsewhere(self, go: Callable[[str, int], object]) -> tuple[list[urwid.Widget | str], Callable[[], None]]:
        """The fields for a server that DNS does not tell of, and what checks them before it goes on."""
        host = entry("Server (if it is elsewhere):", self.wizard.host)
        port = entry("Port:", str(self.wizard.port or ""))

        def check() -> None:
            number = str(port.edit_text).strip()
            if number and not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
                assert self._dialog is not None
                self._dialog.say("A port is a number from 1 to 65535; leave it empty to find it by itself.")
                return
            go(str(host.edit_text), int(number or 0))

        return [framed(host), framed(port)], check

    def _page_address(self) -> _Page:
        address = entry("Address:", self.wizard.address)
        rows, go = self._elsewhere(partial(self._enter, self.wizard.enter_address, address))
        hint = urwid.Text(("hint", "It looks like an e-mail address: you@example.org"))
        return [framed(address), hint, *rows], [Answer("Next", go), Answer("Back", self.wizard.back)]

    def _enter(self, take: Callable[[str, str, int], None], edit: urwid.Edit, host: str, port: int) -> None:
        take(str(edit.edit_text), host, port)

    def _page_password(self) -> _Page:
        password = entry("Password:", secret=True)
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
        server = entry("Server or invitation:", self.wizard.server)
        rows, go = self._elsewhere(partial(self._enter, self.wizard.enter_server, server))
        question = "Which server shall your account be on? An invitation (xmpp:…?register;preauth=…) can be pasted too."
        return [question, framed(server), *rows], [Answer("Next", go), Answer("Back", self.wizard.back)]

    def _page_form(self) -> _Page:
        form = self.wizard.form
        assert form is not None
        rows: list[urwid.Widget | str] = []
        if form.form.title:
            rows.append(urwid.Text(("dialog title", clean(form.form.title))))
        if form.form.instructions:
            rows.append(clean(form.form.instructions))
        if form.form.url:
            rows.append(f"Its web page: {clean(form.form.url)}")
        for field in form.fields:
            rows += form_field(form, field)
        return rows, [Answer("Create the account", self.wizard.submit_form), Answer("Back", self.wizard.back)]

    def _page_demo(self) -> _Page:
        rows: list[urwid.Widget | str] = [DEMO, "", "Leave primitivus and type:", "", "    sat demo"]
        return rows, [Answer("Leave", self.app.quit), Answer("Back", self.wizard.back)]

    def _busy(self) -> _Page:
        return [self.wizard.status], [Answer("Cancel", self.wizard.cancel)]

    _page_connecting = _page_loading = _page_registering = _busy
