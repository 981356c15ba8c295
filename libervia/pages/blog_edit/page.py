"""Changing a post or a comment of ours."""

from __future__ import annotations

from libervia.server.editing import Editor, Entered, kept, of_draft
from libervia.server.page import Answer, Page, Visit, not_found
from libervia.server.posts import own_blog, view_place
from sat.api import SatError


class EditPost(Page):
    """``/blog/edit/<address>/<node>/<id>``, or with ``?node=`` and ``?id=`` what no path can hold; ``/blog/edit/<id>``
    of our blog"""

    title = "Edit a post"
    argument = True
    more = 2
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, with the post as it was written."""
        editor = await _editor(visit)
        try:
            return await editor.show(kept(visit) or of_draft(await editor.source())._replace(slug=editor.id))
        except SatError as error:
            return await editor.show(Entered(), error)

    async def post(self, visit: Visit) -> Answer:
        """Change it, preview, or add a picture."""
        return await (await _editor(visit)).take()


async def _editor(visit: Visit) -> Editor:
    desk = await visit.desk()
    if visit.argument and not visit.more and not visit.query.get("id"):
        place = own_blog(desk.live.jid)._replace(id=visit.argument)
    else:
        place = view_place(visit)
    if not place.id:
        raise not_found()
    return Editor(desk, visit, place._replace(id=""), place)
