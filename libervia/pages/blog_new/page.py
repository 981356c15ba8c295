"""Writing a post, in our blog or in a community; going on with a draft."""

from __future__ import annotations

from libervia.server.editing import Editor, Entered, kept, of_draft, problem_of
from libervia.server.page import Answer, Page, Visit
from libervia.server.posts import own_blog
from sat.api.errors import InvalidArgument, NotFound
from sat.api.places import from_uri
from sat.api.posts import Place
from sat.plugins.blog_drafts.api import Kept


class NewPost(Page):
    """``/blog/new``, ``?at=`` the address of a node, ``xmpp:…?;node=…``; ``?draft=`` the id of a draft, of a new post
    or of another text of one that is there"""

    title = "Write a post"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form."""
        draft = await _draft(visit)
        entered = Entered() if draft is None else of_draft(draft.draft, draft.due)
        return await (await _editor(visit, draft)).show(kept(visit) or entered, problem_of(draft))

    async def post(self, visit: Visit) -> Answer:
        """Publish, preview, keep, or add a picture. A draft that is gone meanwhile is a new post."""
        try:
            draft = await _draft(visit)
        except NotFound:
            draft = None
        return await (await _editor(visit, draft)).take()


async def _draft(visit: Visit) -> Kept | None:
    id = visit.query.get("draft", "")
    return await (await visit.desk()).apis.blog_drafts.get(id) if id else None


async def _editor(visit: Visit, draft: Kept | None) -> Editor:
    desk = await visit.desk()
    if draft is None:
        return Editor(desk, visit, await _node(visit))
    node = draft.node._replace(id="")
    return Editor(desk, visit, node, draft.node if draft.node.id else None, draft.id)


async def _node(visit: Visit) -> Place:
    """Where it is to be published. Errors: InvalidArgument."""
    text = visit.form.get("at", "") or visit.query.get("at", "")
    if not text:
        return own_blog((await visit.desk()).live.jid)
    found = from_uri(text)
    if found is None:
        raise InvalidArgument(reason="This is no address of a blog or a community.")
    return found._replace(id="")
