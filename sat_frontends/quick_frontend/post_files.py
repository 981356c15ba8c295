"""The files of posts: those that belong to them, and the pictures in their text."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from sat.api.posts import Enclosure, Post
from sat.api.sizes import shown
from sat_frontends.quick_frontend.attachments import PICTURES
from sat_frontends.quick_frontend.post_words import harmless
from sat_frontends.quick_frontend.text import clean_line

MOST = 20  # files of one post that are shown


def files(post: Post) -> list[Enclosure]:
    """What can be opened and saved: files of the web, each once, those in the text last."""
    found = {each.url: each for each in [*post.enclosures, *pictures_in(post.html)][::-1] if is_web(each.url)}
    return list(found.values())[::-1][:MOST]


def pictures_in(html: str) -> list[Enclosure]:
    """The pictures in a text in XHTML, with what is said of them for those who do not see them."""
    if "<img" not in html:
        return []
    reader = _Pictures()
    reader.feed(html)
    return reader.found


def is_web(url: str) -> bool:
    """Whether a file can be fetched from there."""
    return harmless(url).startswith(("http://", "https://"))


def is_picture(file: Enclosure) -> bool:
    """Whether it is worth fetching to be shown: what it is shows only then."""
    return file.type.startswith("image/") or _path(file).lower().endswith(PICTURES)


def described(file: Enclosure, width: int = 0, height: int = 0, size: int = 0) -> str:
    """``balcony.png 1280×720 96 KB “A balcony”`` in a clean line, with what is known; the numbers are what was found
    when it was fetched."""
    size = size or file.size
    name = unquote(_path(file).rpartition("/")[2]) or file.url
    pixels = f"{width}×{height}" if width and height else ""
    title = f"“{file.title}”" if file.title and file.title != name else ""
    return clean_line(" ".join(filter(None, (name, pixels, shown(size) if size > 0 else "", title))))


def in_text(file: Enclosure) -> str:
    """The picture in Markdown (CommonMark §6.4)."""
    title = file.title.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{' '.join(title.split())}](<{file.url}>)"


def _path(file: Enclosure) -> str:
    try:
        return urlsplit(file.url).path
    except ValueError:
        return ""


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Enclosure] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and (url := given.get("src")):
            self.found.append(Enclosure(url, "image/*", given.get("alt") or given.get("title") or ""))
