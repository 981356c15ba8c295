"""Creating an account on a server (XEP-0077)."""

from __future__ import annotations

from sat.api import Api, Secret, method
from sat.api.forms import Form


class RegistrationApi(Api):
    """Create an account. It belongs to no profile yet, so it is served at the root object."""

    @method
    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "", pin: str = "") -> Form:
        """What the server wants to know. ``token`` is the ``preauth`` of an invitation (XEP-0445), ``pin`` the
        fingerprint of a certificate that is trusted although no authority vouches for it.
        Errors: those of connecting, RegistrationClosed, RegistrationLimited, InvitationRequired, CaptchaRequired."""

    @method
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
        """Send the form; ``password`` fills the field of that name, lines of a field are separated by newlines. What
        the form hid is among the ``fields`` as it came: the answer to a captcha belongs to its challenge. After an
        error the form has to be got again. Errors: UsernameTaken, CaptchaWrong, RegistrationRefused,
        RegistrationLimited, InvitationRequired, those of connecting."""
