"""A blog as a site of plain files: no scripts, nothing that has to be asked, so that any web server can show it.

What people have written is escaped by the templates, or written anew by ``post_html``; comments are text only.
"""

from __future__ import annotations

import re
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sat.api.errors import SatError
from sat.api.places import to_uri
from sat_frontends.jp.moving.feed_files import About, atom_feed, html_of
from sat_frontends.jp.moving.posts import Folder, Names, all_posts
from sat_frontends.jp.output import tidy
from sat_frontends.jp.places import typed
from sat_frontends.quick_frontend import post_words, times
from sat_frontends.quick_frontend.dates import stamp
from sat_frontends.quick_frontend.post_html import picture_address, post_html
from sat_frontends.quick_frontend.text import clean, utc_offset

if TYPE_CHECKING:
    from sat.api.posts import Enclosure, Post
    from sat_frontends.jp.context import Jp

_TEMPLATES = Path(__file__).parent / "templates"
_A_PAGE = 20  # posts on a page
_IN_FEED = 50
_COMMENTS = 1000  # of a post
_PICTURE = re.compile(r'<img src="([^"]*)"')  # as post_html writes them, and so do the templates
_LANG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")
_ENDS = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}


class Part(NamedTuple):
    """A post, or the same in another language, as it is drawn."""

    lang: str
    heading: str
    html: Markup


class Shown(NamedTuple):
    """A post on the site: its page, and what stands there."""

    post: Post
    file: str
    main: Part
    others: list[Part]
    author: str
    day: str
    stamp: str
    tags: list[tuple[str, str]]
    counts: str
    excerpt: str
    address: str


class Site:
    """Writes the site of a blog into a folder."""

    def __init__(self, jp: Jp, about: About, folder: Folder, *, pictures: bool, comments: bool) -> None:
        self.jp, self.about, self.folder = jp, about, folder
        self._pictures, self._comments = pictures, comments
        self._fetched: dict[str, str] = {}  # where a picture of the web is in the folder
        self._names = Names()
        self._tags: dict[str, str] = {}  # the page of each
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: value if isinstance(value, Markup) else clean(str(value)),
        )

    async def write(self) -> int:
        """Write all of it; how many posts there are."""
        for name in ("index", "atom", "style"):
            self._names.free(name)
        posts = [self._shown(post) async for post in all_posts(self.jp, self.about.place)]
        for n, each in enumerate(posts):
            await self._write_post(each, posts[n - 1] if n else None, posts[n + 1] if n + 1 < len(posts) else None)
        await self._write_list("index", "", posts)
        for tag, name in self._tags.items():
            await self._write_list(name, tag, [each for each in posts if tag in dict(each.tags)])
        files = {each.post.place: each.file for each in posts}
        base = f"{self.about.url}/" if self.about.url else ""
        feed = atom_feed(
            self.about,
            [each.post for each in posts[:_IN_FEED]],
            lambda post: base + files[post.place],
            f"{base}atom.xml",
        )
        self.folder.write("atom.xml", feed)
        self.folder.write("style.css", (_TEMPLATES / "style.css").read_bytes())
        return len(posts)

    # -- pages -----------------------------------------------------------------------------------------------------

    async def _write_post(self, shown: Shown, newer: Shown | None, older: Shown | None) -> None:
        said = [] if not self._comments else await self._said(shown.post)
        files = [(each, post_words.harmless(each.url), _is_picture(each)) for each in shown.post.enclosures]
        files = [each for each in files if each[1]]
        await self._page(shown.file, "post.html", each=shown, newer=newer, older=older, said=said, files=files)

    async def _write_list(self, name: str, tag: str, posts: list[Shown]) -> None:
        pages = [posts[n : n + _A_PAGE] for n in range(0, len(posts), _A_PAGE)] or [[]]
        files = [f"{name}.html", *(f"{self._names.free(f'{name}-page-{n}')}.html" for n in range(2, len(pages) + 1))]
        for n, page in enumerate(pages):
            around = {
                "newer": files[n - 1] if n else "",
                "older": files[n + 1] if n + 1 < len(files) else "",
            }
            tags = sorted(self._tags.items()) if not tag else []
            await self._page(files[n], "list.html", posts=page, tag=tag, tags=tags, **around)

    async def _page(self, file: str, template: str, **values: Any) -> None:
        html = self._templates.get_template(template).render(about=self.about, **values)
        self.folder.write(file, await self._with_pictures(html) if self._pictures else html)

    # -- what is on them -------------------------------------------------------------------------------------------

    def _shown(self, post: Post) -> Shown:
        others = [
            Part(
                _lang(each.lang),
                post_words.heading(post._replace(title=each.title, text=each.text)),
                _part(each.html, each.text),
            )
            for each in post.versions
        ]
        return Shown(
            post,
            f"{self._names.of_post(post)}.html",
            Part(_lang(post.lang), post_words.heading(post), html_of(post)),
            others,
            post_words.author(post),
            _day(post.published),
            stamp(post.published),
            [(tag, self._tag(tag)) for tag in post.tags],
            post_words.counts(post),
            post.text[:400] if post.title.strip() else "",
            to_uri(post.place),
        )

    def _tag(self, tag: str) -> str:
        if tag not in self._tags:
            self._tags[tag] = self._names.free(f"tag-{self._names.plain(tag).lower() or 'other'}")
        return f"{self._tags[tag]}.html"

    async def _said(self, post: Post) -> list[tuple[Post, int, str, str]]:
        """The comments as they are drawn: each with its steps to the right, who and when."""
        if not post_words.can_comment(post):
            return []
        found: list[Post] = []
        blog, older = (await self.jp.profile()).blog, ""
        try:
            while len(found) < _COMMENTS:
                page = await blog.get_comments(post.place, older, 50)
                found += page.posts
                if not page.older or page.older == older:
                    break
                older = page.older
        except SatError as error:
            self.jp.out.say(f"The comments on {tidy(typed(post.place))} are left out: {error}")
        return [
            (each, depth, post_words.author(each), _day(each.published)) for each, depth in post_words.threaded(found)
        ]

    # -- pictures --------------------------------------------------------------------------------------------------

    async def _with_pictures(self, html: str) -> str:
        """The page with pictures that are in the folder."""
        for quoted in dict.fromkeys(_PICTURE.findall(html)):
            url = unescape(quoted)
            if url.startswith("https://") and url not in self._fetched:
                self._fetched[url] = await self._fetch(url)
        return _PICTURE.sub(lambda found: f'<img src="{escape(self._kept(unescape(found[1])))}"', html)

    def _kept(self, url: str) -> str:
        return self._fetched.get(url) or url

    async def _fetch(self, url: str) -> str:
        """Bring a picture into the folder; where it is there, nothing where that was not possible."""
        try:
            fetched = await (await self.jp.profile()).attachments.get_url(url)
            if not fetched.is_picture or fetched.type not in _ENDS:
                return ""
            data = Path(fetched.path).read_bytes()  # noqa: ASYNC240 - jp has no loop to hold up
        except (SatError, OSError) as error:
            self.jp.out.say(f"{tidy(url)} stays where it is: {error}")
            return ""
        name = f"pictures/{sha256(url.encode()).hexdigest()[:16]}{_ENDS[fetched.type]}"
        self.folder.write(name, data)
        return name


def _part(html: str, text: str) -> Markup:
    return post_html(html, True, 3) if html else Markup("<p>{}</p>").format(clean(text))


def _lang(lang: str) -> str:
    return lang if _LANG.fullmatch(lang) else ""


def _is_picture(file: Enclosure) -> bool:
    return file.type.startswith("image/") and bool(picture_address(file.url))


def _day(time: float) -> str:
    year, month, date = times.calendar(times.day_of(time, utc_offset))
    return f"{date} {times.MONTHS[month - 1]} {year}"
