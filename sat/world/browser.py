"""A browser without JavaScript and without a screen: pages, links, forms, cookies."""

from __future__ import annotations

import urllib.error
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.parse import urlencode, urljoin


class Form(NamedTuple):
    """A form: where it goes, its fields as they are, and which kinds of fields it has."""

    action: str
    method: str
    fields: dict[str, str]
    kinds: dict[str, str]

    def field(self, kind: str) -> str:
        """The name of the first field of a kind (``text``, ``password``, ``textarea``), or nothing."""
        return next((name for name, each in self.kinds.items() if each == kind), "")


class Page(NamedTuple):
    """A page as it came."""

    url: str
    status: int
    text: str
    forms: list[Form]

    def form_with(self, kind: str) -> Form | None:
        """The first form that has a field of a kind."""
        return next((form for form in self.forms if form.field(kind)), None)


class Browser:
    """Keeps the cookies of one visit."""

    def __init__(self) -> None:
        # No proxy: the world is on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, url: str) -> Page:
        """Open an address; redirections are followed. Errors: OSError when nothing answers."""
        return self._open(urllib.request.Request(url))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form of a page with some fields filled in."""
        url = urljoin(page.url, form.action)
        fields = urlencode(form.fields | values)
        if form.method == "get":
            return self.get(f"{url}?{fields}")
        origin = "/".join(page.url.split("/")[:3])
        headers = {"Origin": origin, "Referer": page.url}
        return self._open(urllib.request.Request(url, fields.encode(), headers))

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:  # an answer too: a page that says what is wrong
            answer = error
        with answer:
            text = answer.read().decode(errors="replace")
            return Page(answer.geturl(), answer.status, text, _forms(text))


def _forms(text: str) -> list[Form]:
    reader = _FormReader()
    reader.feed(text)
    return reader.forms


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower(), {}, {}))
            self._inside = True
        elif self._inside and tag in ("input", "textarea") and given.get("name"):
            form = self.forms[-1]
            form.fields[given["name"]] = given.get("value", "")
            form.kinds[given["name"]] = tag if tag == "textarea" else given.get("type", "text")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
