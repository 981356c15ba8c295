"""What WordPress exports (WXR 1.0 to 1.2, RSS with elements of its own) as posts."""

from __future__ import annotations

from mimetypes import guess_type
from typing import Any
from urllib.parse import urlsplit

from sat.api.posts import Enclosure
from sat_frontends.jp.moving import markup
from sat_frontends.jp.moving.incoming import Found, draft_of, harmless_slug, plain
from sat_frontends.quick_frontend import dates

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_SPACE = "{http://wordpress.org/export/"
_COMING = ("draft", "pending", "future")
_UNFINISHED = (*_COMING, "private")
_NO_DATE = "0000-00-00 00:00:00"
_MOST = 50  # files of a post


def namespace(item: Any) -> str:
    """The prefix of the elements of its own, which tells the version; empty where it is no item of WordPress."""
    for each in item:
        if isinstance(each.tag, str) and each.tag.startswith(_SPACE):
            space: str = each.tag.partition("}")[0] + "}"
            return space
    return ""


class WordPress:
    """Takes the items of an export. The files of a post are items of their own, which may come before or behind it."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._files: dict[str, list[Enclosure]] = {}
        self._places: dict[str, int] = {}  # where the posts are in what was found, by their numbers

    def take(self, item: Any, space: str, lang: str) -> None:
        """Take a post, or a file of one. What else there is, is counted."""

        def said(name: str) -> str:
            return item.findtext(f"{space}{name}", "").strip()

        kind, status = said("post_type"), said("status")
        self._found.comments += len(item.findall(f"{space}comment"))
        if kind == "attachment":
            self._take_file(said("post_parent"), said("attachment_url"), item.findtext("title", ""))
        elif kind != "post" or status not in ("publish", *_UNFINISHED):
            self._found.others += 1
        elif said("post_password"):
            self._found.locked += 1
        else:
            self._take_post(item, said("post_id"), status, lang, said)

    def _take_post(self, item: Any, number: str, status: str, lang: str, said: Any) -> None:
        title = item.findtext("title", "")
        tags = [
            each.text or ""
            for each in item.findall("category")
            if each.get("domain") in ("category", "post_tag") and each.get("nicename") != "uncategorized"
        ]
        draft = draft_of(markup.of_wordpress(item.findtext(CONTENT, "")), title, lang, tags)
        slug = harmless_slug(said("post_name")) or plain(title) or f"post-{plain(number)}"
        published = 0.0 if status in _COMING else _moment(said)
        draft = draft._replace(slug=slug, published=published, comments=said("comment_status") != "closed")
        self._places[number] = len(self._found.posts)
        self._found.add(draft, status in _UNFINISHED, number)

    def _take_file(self, parent: str, url: str, title: str) -> None:
        if url.startswith(("https://", "http://")):
            kind = guess_type(urlsplit(url).path)[0] or ""
            self._files.setdefault(parent, []).append(Enclosure(url, kind, " ".join(title.split())[:300]))

    def end(self) -> None:
        """Give the posts their files, but for those that stand in their text."""
        for number, files in self._files.items():
            if number in self._places:
                post = self._found.posts[self._places[number]]
                others = [each for each in files if _stem(each.url) not in post.draft.body][:_MOST]
                draft = post.draft._replace(enclosures=others)
                self._found.posts[self._places[number]] = post._replace(draft=draft)


def _moment(said: Any) -> float:
    """When it was published; 0 where it was not."""
    for name, zone in (("post_date_gmt", "Z"), ("post_date", "")):
        text = said(name)
        if text and text != _NO_DATE:
            try:
                return dates.read(text + zone)
            except ValueError:
                continue
    return 0.0


def _stem(url: str) -> str:
    """The address without its end: in a text stands ``window-300x200.png`` for ``window.png``."""
    return url.rpartition(".")[0]
