"""Drafts of posts, and what is published later."""

from __future__ import annotations

from typing import NamedTuple

from libervia.server.desk import Desk
from libervia.server.editing import problem_of
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.posts import draft_path, view_path
from sat.api import SatError
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


class Drafts(FormPage):
    """``/blog/drafts``"""

    title = "Drafts"

    async def take(self, visit: Visit) -> str:
        """Publish or delete one."""
        drafts, id, what = (await visit.desk()).apis.blog_drafts, visit.form.get("id", ""), visit.form.get("do", "")
        if what == "publish":
            place = await drafts.publish(id)
            visit.notice("It was published.")
            return view_path(place)
        if what != "drop":
            raise unknown_form()
        await drafts.drop(id)
        visit.notice("The draft was deleted.")
        return self.path

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """All of them."""
        desk = await visit.desk()
        found: list[Kept] = []
        try:
            found = await desk.apis.blog_drafts.get_all()
        except SatError as failure:
            error = error or failure
        return desk.page("blog_drafts/drafts.html", {"items": [_item(desk, each) for each in found]}, error)


def _item(desk: Desk, kept: Kept) -> DraftItem:
    node = kept.node._replace(id="")
    name = desk.live.following.title(node).strip() or node_name(node, desk.live.jid)
    shown = heading(Post(kept.node, desk.live.jid, title=kept.draft.title, text=kept.draft.body))
    return DraftItem(kept, draft_path(kept.id), shown, name, problem_of(kept))
