"""Drafts of posts, and what is published later."""

from __future__ import annotations

from typing import NamedTuple

from libervia.server.desk import Desk
from libervia.server.editing import problem_of
from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.posts import DRAFTS, draft_path, view_path
from sat.api import SatError
from sat.api.errors import InvalidArgument
from sat.api.posts import Post
from sat.plugins.blog_drafts.api import Kept
from sat_frontends.quick_frontend.post_words import heading, node_name


class DraftItem(NamedTuple):
    """A draft as it is drawn."""

    kept: Kept
    path: str
    heading: str
    node: str
    error: SatError | None


class Drafts(Page):
    """``/blog/drafts``"""

    title = "Drafts"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """All of them."""
        return await _show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Publish or delete one."""
        drafts, id, what = (await visit.desk()).apis.blog_drafts, visit.form.get("id", ""), visit.form.get("do", "")
        try:
            if what == "publish":
                place = await drafts.publish(id)
                visit.notice("It was published.")
                return Redirect(view_path(place))
            if what != "drop":
                raise InvalidArgument(reason="This form asks for nothing that is known here.")
            await drafts.drop(id)
        except SatError as error:
            return await _show(visit, error)
        visit.notice("The draft was deleted.")
        return Redirect(DRAFTS)


async def _show(visit: Visit, error: SatError | None = None) -> Html:
    desk = await visit.desk()
    found: list[Kept] = []
    try:
        found = await desk.apis.blog_drafts.get_all()
    except SatError as failure:
        error = error or failure
    values: dict[str, object] = {
        "live": desk.live,
        "notices": desk.notices,
        "items": [_item(desk, each) for each in found],
        "error": error,
    }
    return Html("blog_drafts/drafts.html", values, error.http_status if error else 200)


def _item(desk: Desk, kept: Kept) -> DraftItem:
    node = kept.node._replace(id="")
    name = desk.live.following.title(node).strip() or node_name(node, desk.live.jid)
    shown = heading(Post(kept.node, desk.live.jid, title=kept.draft.title, text=kept.draft.body))
    return DraftItem(kept, draft_path(kept.id), shown, name, problem_of(kept))
