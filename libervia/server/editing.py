"""The form in which a post is written: what was entered stays in it whatever happens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from libervia.server import zones
from libervia.server.desk import Desk
from libervia.server.page import RASTER, Answer, Html, Redirect, Visit, unknown_form
from libervia.server.posts import DRAFTS, post_item, view_path
from sat.api import SatError
from sat.api.errors import InvalidArgument, error_named
from sat.api.posts import Draft, Place, Translation
from sat.plugins.blog_drafts.api import Kept
from sat.plugins.upload.api import Purpose
from sat_frontends.quick_frontend import post_words, times

BODY_AT_MOST = 60_000
LINE_AT_MOST = 1000
TRANSLATIONS = 5
"""Languages that the form has room for, beside the post's own."""
KEPT = (
    *("do", "answers", "title", "tags", "lang", "slug", "at", "comments", "xhtml", "due"),
    *(f"{name}{number}" for number in range(TRANSLATIONS) for name in ("lang", "title", "body")),
)
"""Fields of forms of blogs, beside the text, which survive that the session ends."""


class Entered(NamedTuple):
    """What stands in the form. ``due`` is a local time."""

    body: str = ""
    title: str = ""
    tags: str = ""
    lang: str = ""
    slug: str = ""
    comments: bool = True
    xhtml: bool = False
    due: str = ""
    translations: list[Translation] = []  # noqa: RUF012 - a named tuple's default, never changed


def entered(form: Mapping[str, str]) -> Entered:
    """What was entered."""

    def line(name: str) -> str:
        return " ".join(form.get(name, "").split())[:LINE_AT_MOST]

    def text(name: str) -> str:
        return form.get(name, "").replace("\r\n", "\n")[:BODY_AT_MOST]

    others = [Translation(line(f"lang{n}"), line(f"title{n}"), text(f"body{n}")) for n in range(TRANSLATIONS)]
    return Entered(
        text("body"),
        line("title"),
        line("tags"),
        line("lang"),
        line("slug"),
        bool(form.get("comments")),
        bool(form.get("xhtml")),
        line("due"),
        [each for each in others if any(part.strip() for part in each)],
    )


def kept(visit: Visit) -> Entered | None:
    """What was being written when the session ended."""
    written = visit.logged_in.take_written(visit.path)
    return entered(written) if written else None


def of_draft(draft: Draft, due: float = 0.0) -> Entered:
    """What a post was written as."""
    tags = ", ".join(draft.tags)
    given = Entered(draft.body, draft.title, tags, draft.lang, draft.slug, draft.comments, draft.xhtml)
    return given._replace(due=zones.local(due), translations=list(draft.translations))


def draft_of(given: Entered, known: Draft | None = None) -> Draft:
    """What is to be published; ``known`` is what it was before."""
    draft = Draft(
        given.body.strip("\n"),
        given.title,
        given.xhtml,
        given.lang,
        post_words.tags_of(given.tags),
        slug=given.slug,
        comments=given.comments,
        translations=[each._replace(body=each.body.strip("\n")) for each in given.translations],
    )
    return draft if known is None else draft._replace(enclosures=known.enclosures, published=known.published)


def due_of(given: Entered) -> float:
    """When it is to be published, in seconds since 1970. Errors: InvalidArgument."""
    try:
        due = zones.moment(given.due)
    except (ValueError, OverflowError):
        raise InvalidArgument(reason="Say when it is to be published.") from None
    if due <= time.time():
        raise InvalidArgument(reason="That time is over.")
    return due


def problem_of(draft: Kept | None) -> SatError | None:
    """Why a draft was not published when it was due."""
    return error_named(draft.problem, draft.details) if draft is not None and draft.problem else None


class Editor:
    """The form for one post: a new one in a ``node``, or ``place``, which there is already. ``draft`` is the id of the
    draft that it was kept as."""

    def __init__(self, desk: Desk, visit: Visit, node: Place, place: Place | None = None, draft: str = "") -> None:
        self._desk, self._visit, self._node, self._place, self._draft = desk, visit, node, place, draft

    @property
    def id(self) -> str:
        """That of the post, if it is there already."""
        return "" if self._place is None else self._place.id

    async def take(self) -> Answer:
        """Do what the form says: publish, now or later, keep, show how it would look, or add a picture."""
        given, what = entered(self._visit.form), self._visit.form.get("do", "publish")
        try:
            if what == "picture":
                return await self.show(await self._with_picture(given))
            draft = draft_of(given, await self._known())
            if what == "preview":
                return await self.show(given, preview=draft)
            if what in ("keep", "later"):
                return await self._keep(draft, due_of(given) if what == "later" else 0.0)
            if what != "publish":
                raise unknown_form()
            place = await self._publish(draft)
        except SatError as error:
            return await self.show(given, error)
        return Redirect(view_path(place))

    async def _known(self) -> Draft | None:
        """What it was before."""
        if self._draft:
            return (await self._desk.apis.blog_drafts.get(self._draft)).draft
        return None if self._place is None else await self.source()

    async def _keep(self, draft: Draft, due: float) -> Redirect:
        await self._desk.apis.blog_drafts.keep(draft, self._place or self._node, self._draft, due)
        when = times.moment(due, time.time(), zones.offset)
        self._visit.notice(f"It is published by itself: {when}." if due else "It was kept as a draft.")
        return Redirect(DRAFTS)

    async def _publish(self, draft: Draft) -> Place:
        blog = self._desk.apis.blog
        if self._place is None:
            place = await blog.publish(draft, self._node)
        else:
            slug = draft.slug
            place = (await blog.edit(self._place, draft._replace(slug=self._place.id))).place
            if slug and slug != place.id:
                place = await blog.rename(place, slug)
        self._visit.notice("It was published." if self._place is None else "It was changed.")
        if self._draft:
            with suppress(SatError):  # what was wanted is done
                await self._desk.apis.blog_drafts.drop(self._draft)
        return place

    async def show(self, given: Entered, error: SatError | None = None, preview: Draft | None = None) -> Html:
        """The form."""
        live = self._desk.live
        shown = None
        try:
            if preview is not None:
                post = await self._desk.apis.blog.preview(preview)
                shown = post_item(live, post, pictures=True, level=3 if post.title else 2)
        except SatError as failure:
            error = error or failure
        audience = ""
        if self._node.service == live.jid:
            with suppress(SatError):  # then it is not known now
                audience = post_words.audience(await self._desk.apis.blog.get_access(self._node))
        empty = [] if len(given.translations) >= TRANSLATIONS else [Translation("")]
        values: dict[str, object] = {
            "entered": given,
            "translations": [*given.translations, *empty],
            "preview": shown,
            "audience": audience,
            "node": live.following.title(self._node).strip() or post_words.node_name(self._node, live.jid),
            "own": self._node.service == live.jid,
            "new": self._place is None,
            "draft": self._draft,
            "at": self._visit.form.get("at", "") or self._visit.query.get("at", ""),
            "alt": self._visit.form.get("alt", "") if error else "",
            "back": DRAFTS if self._draft else view_path(self._place or self._node),
        }
        return self._desk.page("blog_new/write.html", values, error, pictures=shown is not None)

    async def source(self) -> Draft:
        """The post as it was written. Errors: those of asking for it."""
        assert self._place is not None
        return await self._desk.apis.blog.source(self._place)

    async def _with_picture(self, given: Entered) -> Entered:
        """Put a picture on the server, and at the end of the text."""
        sent, alt = self._visit.sent, " ".join(self._visit.form.get("alt", "").split())[:LINE_AT_MOST]
        if sent is None:
            raise InvalidArgument(reason="Choose a picture first.")
        if not alt:
            raise InvalidArgument(
                reason="Say what is in the picture, for those who do not see it. Then choose it again."
            )
        upload = self._desk.apis.upload
        storage = await upload.get_storage()
        purpose = Purpose.PERMANENT if Purpose.PERMANENT in storage.purposes else Purpose.MESSAGE
        begun = await upload.upload(sent.path, name=sent.name or "picture", purpose=purpose)
        done = await self._desk.apis.transfers.finish(begun.id)
        there = done.attachment[0]
        if there.type not in RASTER:
            raise InvalidArgument(reason="This is no picture that browsers show: PNG, JPEG, WebP or GIF.")
        return given._replace(body=f"{given.body.rstrip()}\n\n{_markup(there.url, alt, given.xhtml)}\n".lstrip("\n"))


def _markup(url: str, alt: str, xhtml: bool) -> str:
    if xhtml:
        from html import escape

        return f'<p><img src="{escape(url)}" alt="{escape(alt)}"/></p>'
    words = alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{words}](<{url.replace('<', '%3C').replace('>', '%3E')}>)"
