"""From a request to an answer: checks first, then the page, then the headers. Nothing leaves without them."""

from __future__ import annotations

import logging
import secrets
import time
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from libervia.server import zones
from libervia.server.advice import advice
from libervia.server.app import App
from libervia.server.config import LOOPBACK
from libervia.server.csrf import host_allowed, origin_allowed, split_host
from libervia.server.headers import FILE_HEADERS, ONE_YEAR, file_headers, security_headers
from libervia.server.http import Request
from libervia.server.page import (
    THEMES,
    Access,
    Answer,
    Download,
    File,
    Html,
    HttpError,
    Made,
    Page,
    Public,
    Redirect,
    Visit,
    not_found,
)
from libervia.server.parsing import fields_of, first_of, path_part, read_fields
from libervia.server.reply import Reply, choice, of_asset, of_download, of_public
from libervia.server.session import Session
from libervia.server.ws import LiveResource
from sat.api import SatError
from sat.api.errors import NoBus, NoDaemon
from sat_frontends.quick_frontend import times

logger = logging.getLogger(__name__)
KEY_LENGTH = 32
LOGIN = "/login"
PUBLIC = b"/u/"
NAMES_AT_MOST = 200
THEME = "sat-theme"
"""The cookie of a browser that is to show pages light or dark, whatever its system says."""
AGAIN = "10"
"""Seconds after which a browser asks again for a page that the daemon's absence has prevented."""


class Called(NamedTuple):
    """How this site is called by who asks: ``https://example.org``; whether browsers trust that to be us (a secure
    context)."""

    origin: str
    secure: bool


class Root(Resource):
    """The one resource: everything is looked up in dictionaries."""

    isLeaf = True

    def __init__(self, app: App) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.app = app
        self._live = LiveResource(app)
        self._called = lru_cache(NAMES_AT_MOST)(self._call)
        """How we are called by a ``Host`` header; None: not so."""
        self.port = app.config.port
        """Where it is listened; known late if any port would do."""

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. Browsers send a host's cookies to all its ports, where another libervia
        may be; behind https each has a name of its own."""
        return "__Host-sat" if self.app.config.https else f"sat-{self.port}"

    def render(self, request: Request) -> Any:
        """Answer a request, now or later."""
        if request.path == b"/ws" and request.method == b"GET":
            refusal = self._refuse_socket(request)
            if refusal is None:
                return self._live.accept(request, self._session(request))
            self._send(request, refusal)
        elif request.path.startswith(b"/static/") and request.method in (b"GET", b"HEAD"):
            self._send(request, self._asset(request))
        else:
            self.app.tasks.spawn(self._serve(request))
        return NOT_DONE_YET

    def answer_at_once(self, request: Request) -> bool:
        """Whether a page for everybody is asked for that is there, so that it was sent: many ask for the same one, and
        that costs next to nothing."""
        if not request.path.startswith(PUBLIC) or request.method not in (b"GET", b"HEAD"):
            return False
        called = self._called(request.header("Host"))
        page = self.app.public.shelf.find((called.origin, request.uri.decode("ascii", "replace"))) if called else None
        if called is None or page is None:
            return False
        status, packed = choice(request, page)
        now, ready = int(time.time()), page.ready.get((status, packed, called.secure))
        if ready is None or ready[0] != now:
            reply = of_public(page, status, packed)
            ready = now, request.made(self._headers(reply, called.secure), len(reply.body))
            page.ready[status, packed, called.secure] = ready
        request.answer_ready(status, ready[1], b"" if status == 304 else page.packed if packed else page.body)
        return True

    # -- checks ---------------------------------------------------------------------------------------------------

    def may_upload(self, request: Request) -> bool:
        """Whether who asks is logged in, so that a large form is read."""
        return self._session(request) is not None

    def _check_host(self, request: Request) -> None:
        if self._called(request.header("Host")) is None:
            raise HttpError(421, "This server does not know itself by that name.", "See its option --public-host.")

    def _check_origin(self, request: Request) -> None:
        if not origin_allowed(
            request.header("Origin"),
            request.header("Host"),
            request.header("Sec-Fetch-Site"),
            https=self.app.config.https,
        ):
            raise HttpError(403, "This form was sent from another site.", "Open the page again and repeat it there.")

    def _check_token(self, key: str, form: dict[str, list[str]]) -> None:
        """A request that changes something must come from a page of ours, made for this browser."""
        token = (form.get("csrf") or [""])[0]
        if not self.app.sessions.token_fits(key, token):
            raise HttpError(403, "This form is too old.", "Open the page again and repeat it there.")

    def _refuse_socket(self, request: Request) -> Reply | None:
        try:
            self._check_host(request)
            if not request.header("Origin"):
                raise HttpError(403, "Only this server's pages may connect here.")
            self._check_origin(request)
            if request.header("Upgrade").lower() != "websocket":
                raise HttpError(426, "This address speaks WebSocket only.", headers={"Upgrade": "websocket"})
            if self._session(request) is None:
                raise HttpError(403, "You are not logged in.")
        except HttpError as error:
            return self._error_page(request, error, None)
        return None

    # -- the way of a request -------------------------------------------------------------------------------------

    async def _serve(self, request: Request) -> None:
        lost = request.notifyFinish()
        gone: list[object] = []
        lost.addErrback(gone.append)
        session: Session | None = None
        try:
            self._check_host(request)
            session = self._session(request)
            reply = await self._answer(request, session)
        except HttpError as error:
            reply = self._error_page(request, error, session)
        except SatError as error:
            reply = self._error_page(request, _as_http(error), session)
        except Exception:
            reference = secrets.token_hex(4)
            logger.exception("A request failed (%s)", reference)
            sentence = f"The server's log tells more under {reference}."
            reply = self._error_page(request, HttpError(500, "Something unexpected went wrong.", sentence), session)
        finally:
            if request.sent is not None:
                request.sent.discard()
        if not gone:
            self._send(request, reply)
        elif reply.file is not None:
            reply.file.close()

    async def _answer(self, request: Request, session: Session | None) -> Reply:
        method = request.method.decode("ascii", "replace")
        key = self._key(request)
        zones.use(request.cookie(zones.COOKIE))
        looks = method in ("GET", "HEAD")
        form: dict[str, list[str]] = {}
        if not looks:
            self._check_origin(request)
            form = await read_fields(request)
            if session is not None:
                self._check_token(key, form)
        page, (argument, *more) = self._find(request.path)
        closed = page.access is Access.PRIVATE and session is None
        if closed and looks:
            raise _Login(request)
        if not looks and not closed and session is None:
            self._check_token(key, form)
        if session is not None and method != "HEAD":  # that is a page which looks whether its session is still there
            self.app.touch(session)
        fresh, called = not key, self._called(request.header("Host"))
        visit = Visit(
            self.app,
            method,
            request.path.decode("ascii", "replace"),
            argument,
            first_of(fields_of(request.uri.partition(b"?")[2])),
            first_of(form),
            key or self.app.sessions.new_key(),
            session,
            self._address(request),
            form,
            request.sent,
            more=tuple(more),
            origin=called.origin if called else "",
        )
        visit.theme = _theme(request)
        answer: Answer
        if closed:  # the session has ended: nothing is done, and nothing that was written gets lost
            page = self.app.pages[LOGIN]
            visit.came_from = _where(request)
            shown = await page.get(visit)
            assert isinstance(shown, Html)
            answer = shown._replace(status=403)
        elif looks and "GET" in page.methods:
            answer = await page.get(visit)
        elif method == "POST" and "POST" in page.methods:
            answer = await page.post(visit)
        else:
            raise HttpError(405, "This page cannot do that.", headers={"Allow": ", ".join(page.methods)})
        headers: dict[str, str] = {}
        if visit.new_session is not None:
            headers["Set-Cookie"] = self._cookie(visit.new_session.key)
        elif visit.logged_out:
            headers["Set-Cookie"] = self._cookie("", "; Max-Age=0")
        elif fresh and isinstance(answer, Html):
            headers["Set-Cookie"] = self._cookie(visit.key)
        elif visit.theme != _theme(request):
            headers["Set-Cookie"] = self._made(THEME, visit.theme, f"; Max-Age={ONE_YEAR if visit.theme else 0}")
        if isinstance(answer, Redirect):
            return Reply(303, b"", headers | {"Location": answer.where})
        if isinstance(answer, Public):
            return of_public(answer.page, *choice(request, answer.page))
        if isinstance(answer, File):
            return Reply(200, answer.data, headers | FILE_HEADERS | {"Content-Type": answer.type})
        if isinstance(answer, Download):
            return of_download(answer, headers)
        if isinstance(answer, Made):
            return Reply(200, b"", headers | file_headers(answer.name, answer.type, inline=False), file=answer.file)
        headers["Content-Type"] = "text/html; charset=utf-8"
        body = self.app.renderer.page(answer.template, **(self._frame(visit, page) | answer.values))
        return Reply(answer.status, body, headers, page.live and not answer.pictures, answer.pictures)

    def _find(self, path: bytes) -> tuple[Page, list[str]]:
        """The page of a path, and the parts that follow its name, at least one."""
        parts = [path_part(raw) for raw in path.split(b"/")[1:]]
        if parts == [""]:
            return self.app.pages["/"], [""]
        for length in (2, 1):
            name, rest = parts[:length], parts[length:]
            page = self.app.pages.get(f"/{'/'.join(name)}") if not any("/" in each for each in name) else None
            if page is not None and page.folder != "home" and len(name) == length:
                if len(rest) > (1 + page.more if page.argument else 0):
                    break
                return page, rest or [""]
        raise not_found()

    # -- pieces of an answer --------------------------------------------------------------------------------------

    def _frame(self, visit: Visit, page: Page) -> dict[str, object]:
        """What the frame around every page needs."""
        session = visit.session
        return {
            "page": page,
            "menu": self.app.menu if session else [],
            "csrf": visit.csrf,
            "session": session,
            "notice": session.take_notice() if session and visit.method == "GET" else "",
            "title": page.title,
            "theme": visit.theme,
            **self.app.counts(session),
            "zone": "" if zones.known() else times.zone(zones.offset(time.time())),
        }

    def _error_page(self, request: Request, error: HttpError, session: Session | None) -> Reply:
        if isinstance(error, _Login):
            return Reply(303, b"", {"Location": error.where})
        key = session.key if session else ""
        values = {
            "page": None,
            "menu": self.app.menu if session else [],
            "csrf": self.app.sessions.token(key),
            "session": session,
            "notice": "",
            "title": error.title.rstrip("."),
            "theme": _theme(request),
            **self.app.counts(session),
            "error": error,
            "again": error.headers.get("Refresh", ""),
        }
        headers = error.headers | {"Content-Type": "text/html; charset=utf-8"}
        return Reply(error.status, self.app.renderer.page("error.html", **values), headers)

    def _asset(self, request: Request) -> Reply:
        try:
            self._check_host(request)
        except HttpError as error:
            return self._error_page(request, error, None)
        asset = self.app.assets.find(request.path.decode("ascii", "replace"))
        if asset is None:
            return self._error_page(request, not_found(), None)
        return of_asset(request, asset)

    def _send(self, request: Request, reply: Reply) -> None:
        called = self._called(request.header("Host"))
        headers = self._headers(reply, called is None or called.secure)
        if reply.file is not None:
            request.stream(reply.status, headers, reply.file)
        else:
            request.answer(reply.status, headers, reply.body)

    def _headers(self, reply: Reply, secure: bool) -> dict[str, str]:
        https = self.app.config.https
        return (
            security_headers(live=reply.live, pictures=reply.pictures, https=https, secure_origin=secure)
            | reply.headers
        )

    # -- who it is ------------------------------------------------------------------------------------------------

    def _key(self, request: Request) -> str:
        value = request.cookie(self.cookie)
        fits = len(value) == KEY_LENGTH and value.replace("-", "").replace("_", "").isalnum() and value.isascii()
        return value if fits else ""

    def _session(self, request: Request) -> Session | None:
        return self.app.sessions.find(self._key(request))

    def _cookie(self, key: str, more: str = "") -> str:
        return self._made(self.cookie, key, more)

    def _made(self, name: str, value: str, more: str) -> str:
        secure = "; Secure" if self.app.config.https else ""
        return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}"

    def _call(self, host: str) -> Called | None:
        if not host_allowed(host, self.app.config.hosts):
            return None
        name, port = split_host(host)
        https = self.app.config.https
        shown = f"[{name}]" if ":" in name else name
        origin = f"{'https' if https else 'http'}://{shown}" + (f":{port}" if port.isascii() and port.isdigit() else "")
        return Called(origin, https or name in LOOPBACK)

    def _address(self, request: Request) -> str:
        if self.app.config.https and request.peer in LOOPBACK:
            return request.header("X-Forwarded-For").rpartition(",")[2].strip()[:64] or request.peer
        return request.peer


class _Login(HttpError):
    """Somebody who is not logged in asked for a private page: they may log in, and come back."""

    def __init__(self, request: Request) -> None:
        super().__init__(303, "Log in first.")
        where = _where(request)
        self.where = LOGIN if where == "/" else f"{LOGIN}?next={quote(where, safe='')}"


def _where(request: Request) -> str:
    """The path that was asked for, with its query."""
    return (request.uri if request.uri.startswith(b"/") else request.path).decode("ascii", "replace")


def _theme(request: Request) -> str:
    value = request.cookie(THEME)
    return value if value in THEMES else ""


def _as_http(error: SatError) -> HttpError:
    headers = {"Refresh": AGAIN} if isinstance(error, NoBus | NoDaemon) else {}
    return HttpError(error.http_status, str(error), advice(error), headers)
