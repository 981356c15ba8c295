"""Requests of web sites to confirm that it is we who want to enter (XEP-0070)."""

from __future__ import annotations

from urllib.parse import urlsplit

from sat.plugins.http_auth.api import Confirmation, HttpAuthApi
from sat_frontends.quick_frontend.questions import Questions
from sat_frontends.quick_frontend.text import clean_line


class Confirmations(Questions[Confirmation]):
    """Those without an answer."""

    several, nobody = "Several ask.", "No web site asks anything."
    allowed, denied = "The web site was told that it was you.", "The web site was told that it was not you."

    def __init__(self, api: HttpAuthApi) -> None:
        super().__init__(api.asked, api.settled, api.get_confirmations, api.answer)


def sentence(confirmation: Confirmation) -> str:
    """What is asked. Clean. Who asks is named where it is not the host of the page: it may want to enter elsewhere in
    our name."""
    host = urlsplit(confirmation.url).hostname or ""
    others = host != confirmation.sender and not host.endswith(f".{confirmation.sender}")
    who = f"{clean_line(confirmation.sender)} asks: do" if others else "Do"
    code = f" The page shows the code {clean_line(confirmation.code)}." if confirmation.code else ""
    return f"{who} you want to open {clean_line(confirmation.url)} now? Only if you have just tried to.{code}"
