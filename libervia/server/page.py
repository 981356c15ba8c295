"""What a page is: a folder in ``libervia/pages`` with a ``page.py`` and its template.

The folder's name is the address (``home`` is ``/``); access is refused unless the page says that it is public.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, ClassVar, NamedTuple

from sat.api import SatError
from sat.api.errors import InvalidArgument

if TYPE_CHECKING:
    from libervia.server.app import App
    from libervia.server.desk import Desk
    from libervia.server.multipart import Sent
    from libervia.server.session import Session
    from libervia.server.shelf import Shown


THEMES = ("light", "dark")
"""How pages can look; nothing is: as the system says."""


RASTER = ("image/png", "image/jpeg", "image/webp", "image/gif")
"""What a browser may be told that a file of others is. An SVG picture could hold scripts."""


class Access(StrEnum):
    """Who may open a page."""

    PUBLIC = "public"
    PRIVATE = "private"


class HttpError(Exception):
    """The request ends with this status and these sentences."""

    def __init__(self, status: int, title: str, advice: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.advice, self.headers = status, title, advice, dict(headers or {})


def not_found() -> HttpError:
    """There is no such page; private pages and missing ones look alike to a stranger."""
    return HttpError(404, "This page does not exist.", "The address may hold a typing mistake.")


def unknown_form() -> InvalidArgument:
    """What a form asks for is nothing that its page does."""
    return InvalidArgument(reason="This form asks for nothing that is known here.")


class Html(NamedTuple):
    """Answer with a page's template."""

    template: str
    values: dict[str, object] = {}  # noqa: RUF012 - a named tuple's default, never changed
    status: int = 200
    pictures: bool = False
    """Whether the browser may fetch pictures from elsewhere: their servers see who looks."""


class Public(NamedTuple):
    """Answer everybody alike, logged in or not, so that anybody may keep it for a while."""

    page: Shown


class Redirect(NamedTuple):
    """Go there (with GET). ``where`` is a path of ours."""

    where: str


class File(NamedTuple):
    """Answer with these bytes; what is at this address never changes."""

    type: str
    data: bytes


class Download(NamedTuple):
    """Answer with a file of this machine; one that is not ``inline`` is for the browser to keep. One of another
    ``size`` than that is another file, which somebody has put there."""

    path: str
    type: str
    name: str
    inline: bool
    size: int | None = None


class Made(NamedTuple):
    """Answer with a file that was made for this, for the browser to keep; it is closed when it is sent."""

    file: BinaryIO
    type: str
    name: str


Answer = Html | Public | Redirect | File | Download | Made


class Visit:
    """One request, as a page sees it."""

    def __init__(
        self,
        app: App,
        method: str,
        path: str,
        argument: str,
        query: Mapping[str, str],
        form: Mapping[str, str],
        key: str,
        session: Session | None,
        address: str,
        lists: Mapping[str, list[str]] | None = None,
        sent: Sent | None = None,
        *,
        more: tuple[str, ...] = (),
        origin: str = "",
    ) -> None:
        self.app, self.method, self.path, self.argument = app, method, path, argument
        self.query, self.form, self.key, self.session, self.address = query, form, key, session, address
        self.more, self.origin = more, origin
        """The parts of the path behind the argument, and how this site is called: ``https://example.org``."""
        self._lists = lists or {}
        self.sent = sent
        """The file that a form brought; it is gone when the page has answered."""
        self.new_session: Session | None = None
        self.logged_out = False
        self.came_from = ""
        """The private page that the log-in stands in for, as a path with its query."""
        self.theme = ""
        """One of ``THEMES``; what it is set to is kept by the browser."""

    def values(self, name: str) -> list[str]:
        """All values of a form's field."""
        return self._lists.get(name, [])

    def number(self, name: str) -> int:
        """A whole number in the address, or 0."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    @property
    def csrf(self) -> str:
        """The token for the forms of this page."""
        return self.app.sessions.token(self.new_session.key if self.new_session else self.key)

    @property
    def logged_in(self) -> Session:
        """The session of a private page."""
        if self.session is None:
            raise HttpError(403, "You are not logged in.")
        return self.session

    async def desk(self) -> Desk:
        """The models of the profile that is logged in."""
        return await self.app.desk(self.logged_in.profile)

    def notice(self, sentence: str) -> None:
        """Show a sentence on the next page."""
        self.logged_in.notice = sentence


class Page(ABC):  # noqa: B024 - get and post say by themselves what a page cannot do
    """Base of every page."""

    access: ClassVar[Access] = Access.PRIVATE
    title: ClassVar[str] = ""
    menu: ClassVar[int] = 0
    """Place in the menu of who is logged in; 0 is not in it."""
    argument: ClassVar[bool] = False
    """Whether ``/page/something`` exists too."""
    more: ClassVar[int] = 0
    """How many parts of a path there may be behind the argument."""
    live: ClassVar[bool] = False
    """Whether the page has scripts. Those without cannot run any (CSP)."""
    methods: ClassVar[tuple[str, ...]] = ("GET",)
    folder: ClassVar[str] = ""

    @property
    def path(self) -> str:
        """The address, from the folder's name; ``blog_new`` is ``/blog/new``."""
        return "/" if self.folder == "home" else f"/{self.folder.replace('_', '/')}"

    async def get(self, visit: Visit) -> Answer:
        """Show the page. Never changes anything."""
        raise HttpError(405, "This address only takes forms.")

    async def post(self, visit: Visit) -> Answer:
        """Take a form, then go somewhere with GET."""
        raise HttpError(405, "This page takes no form.")


class FormPage(Page):
    """A page that stays in view, and says why, where what its forms ask for fails."""

    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The page."""
        return await self.show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Do what a form asks for."""
        try:
            return Redirect(await self.take(visit))
        except SatError as error:
            return await self.show(visit, error)

    @abstractmethod
    async def show(self, visit: Visit, error: SatError | None = None) -> Answer:
        """The page, with what has failed."""

    @abstractmethod
    async def take(self, visit: Visit) -> str:
        """Do what a form asks for; the path that it leads to. Errors: those that the page then shows."""
