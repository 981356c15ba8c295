"""Filling in a server's registration form on the command line (XEP-0077, XEP-0445)."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.errors import CaptchaRequired, CaptchaWrong, InvitationRequired, RegistrationRefused, UsernameTaken
from sat.api.forms import Field, FieldKind, Form
from sat_frontends.jp.accounts import Server, create_and_connect, free_name
from sat_frontends.jp.ask import ask, ask_new_secret, password
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.filling import ask_field
from sat_frontends.jp.output import BOLD, DIM, Column, complain, tidy
from sat_frontends.quick_frontend.addresses import Invitation, read_invitation
from sat_frontends.quick_frontend.forms import PASSWORD_FIELD, FormModel, problem

USERNAME_FIELD = "username"  # XEP-0077 §14.1


class Registering:
    """One registration, from the form to the connected profile."""

    def __init__(self, jp: Jp, known: Invitation, answers: dict[str, str], server: Server) -> None:
        self.jp, self.known, self.answers, self.server = jp, known, answers, server
        if known.username:
            self.answers.setdefault(USERNAME_FIELD, known.username)
        self.refused: set[str] = set()

    async def show(self) -> None:
        """Show what the server wants to know."""
        form = await self._form()
        columns = (Column("Field", BOLD), Column("Kind", DIM), Column("Required"), Column("Label", flexible=True))
        rows = [(each.name, each.kind, "yes" if each.required else "no", each.label) for each in form.fields]
        if self.jp.out.json:
            self.jp.out.value(form)
        else:
            self._introduce(form)
            self.jp.out.table(form.fields, columns, rows)

    async def run(self, name: str, from_stdin: bool, command: str) -> None:
        """Register, make the profile and connect it."""
        model = FormModel(await self._form())
        self._check_names(model)
        self._introduce(model.form)
        secret = Secret("")
        if from_stdin or command:
            secret = password(self.jp, "", from_stdin, command)
        while True:
            secret = self._fill(model, secret)
            try:
                await self._send(model, secret)
                break
            except (UsernameTaken, CaptchaWrong, RegistrationRefused) as error:
                if not self.jp.asks:
                    raise
                complain(tidy(f"{error} {error.advice}".strip()))
                self.refused = {each.name for each in model.fields if each.image}  # one picture, one try
                if isinstance(error, UsernameTaken):
                    self.refused.add(USERNAME_FIELD)
                elif isinstance(error, RegistrationRefused):
                    self.refused |= {each.name for each in model.fields}
                    secret = Secret("")
                again = FormModel(await self._form())  # a server may give a new captcha for each try
                again.take_over(model)
                model = again
        jid = JID.parse(f"{model.value(USERNAME_FIELD)}@{self.known.server}")
        self.jp.out.say(f"The account {jid} was created.")
        await create_and_connect(self.jp, name or await free_name(self.jp, jid), jid, secret, Secret(""), self.server)

    async def _form(self) -> Form:
        try:
            form = await self.jp.bridge.registration.get_form(self.known.server, *self._way())
        except InvitationRequired as error:
            if not self.jp.asks or self.known.token:
                raise
            complain(tidy(str(error)))
            given = read_invitation(ask("The invitation's link: "))
            self.known = given
            if given.username:
                self.answers.setdefault(USERNAME_FIELD, given.username)
            return await self._form()
        if form.url and not any(each.name == USERNAME_FIELD for each in form.fields):
            raise CaptchaRequired(server=self.known.server, url=form.url)
        return form

    async def _send(self, model: FormModel, secret: Secret) -> None:
        await self.jp.bridge.registration.register(self.known.server, model.result, secret, *self._way())

    def _way(self) -> tuple[str, int, str, str]:
        return self.server.host, self.server.port, self.known.token, self.server.pin

    def _introduce(self, form: Form) -> None:
        for text in (form.title, form.instructions):
            if text:
                self.jp.out.say(text)

    def _check_names(self, model: FormModel) -> None:
        names = [each.name for each in model.form.fields if each.kind is not FieldKind.FIXED]
        for name in self.answers:
            if name not in names:
                hint = nearest(name, names) or f"It asks for: {', '.join(map(tidy, names))}."
                raise usage(f"The server does not ask for “{tidy(name)}”.", tidy(hint))
        if PASSWORD_FIELD in self.answers:
            raise usage("A password on the command line can be seen by others.", "Add --password-stdin.")

    def _fill(self, model: FormModel, secret: Secret) -> Secret:
        """Answer every field, from the options or by asking; the password."""
        for field in model.form.fields:
            if field.kind is FieldKind.HIDDEN:
                if field.name in self.answers:  # that of a form shown before, with its picture
                    model.enter(field.name, self.answers.pop(field.name))
                continue
            if field.kind is FieldKind.FIXED:
                for line in field.values:
                    self.jp.out.say(line)
            elif field.name == PASSWORD_FIELD:
                secret = secret or self._password(field)
                model.enter(field.name, str(secret))
            else:
                self._answer(model, field)
        self.refused = set()
        return secret

    def _password(self, field: Field) -> Secret:
        if not self.jp.asks:
            raise usage("There is nobody to ask for the password.", "Add --password-stdin or --password-command.")
        return ask_new_secret(f"{tidy(field.label or 'Password')}: ")

    def _answer(self, model: FormModel, field: Field) -> None:
        if field.name in self.answers and field.name not in self.refused:
            model.enter(field.name, self.answers[field.name])
            fault = problem(field, model.values(field.name))
            if fault:
                raise usage(f"--field {tidy(field.name)}: {fault}")
            return
        if not self.jp.asks:
            if field.required and not model.value(field.name):
                raise usage(
                    f"The server asks for “{tidy(field.label or field.name)}”.", f"Add --field {tidy(field.name)}=…"
                )
            return
        ask_field(model, field)
