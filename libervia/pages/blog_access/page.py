"""Who can read a blog of ours."""

from __future__ import annotations

from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.posts import own_blog, public_path, view_path
from libervia.server.public import is_public
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.posts import Audience, Place
from sat.plugins.blog.api import Access
from sat_frontends.quick_frontend import post_words

ADDRESSES_AT_MOST = 500


class BlogAccess(Page):
    """``/blog/access``, ``?node=`` of another node of ours"""

    title = "Who can read it"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, with who can read it now."""
        desk = await visit.desk()
        try:
            return await _show(visit, await desk.apis.blog.get_access(await _node(visit)))
        except SatError as error:
            return await _show(visit, None, error)

    async def post(self, visit: Visit) -> Answer:
        """Let others read it."""
        desk, node = await visit.desk(), await _node(visit)
        access = Access(Audience.EVERYBODY)
        try:
            access = _entered(visit)
            access = access._replace(listed=_addresses(visit.form.get("listed", "")))
            await desk.apis.blog.set_access(node, access)
            visit.app.public.forget(desk.name)
        except SatError as error:
            return await _show(visit, access, error)
        visit.notice(post_words.audience(access))
        return Redirect(view_path(node))


async def _node(visit: Visit) -> Place:
    place = own_blog((await visit.desk()).live.jid)
    return place._replace(node=visit.query.get("node", "") or place.node)


def _entered(visit: Visit) -> Access:
    audience = visit.form.get("audience", "")
    if audience not in list(Audience):
        raise InvalidArgument(reason="Say who can read it.")
    return Access(Audience(audience), visit.values("groups"))


def _addresses(text: str) -> list[JID]:
    found = [JID.parse(line.strip()).bare for line in text.replace(",", "\n").splitlines() if line.strip()]
    return list(dict.fromkeys(found))[:ADDRESSES_AT_MOST]


async def _show(visit: Visit, access: Access | None, error: SatError | None = None) -> Html:
    desk, node = await visit.desk(), await _node(visit)
    values: dict[str, object] = {
        "node": post_words.node_name(node, desk.live.jid),
        "blog": view_path(node),
        "access": access,
        "audiences": post_words.AUDIENCES,
        "groups": list(dict.fromkeys([*desk.live.contacts.groups(), *(access.groups if access else [])])),
        "listed": visit.form.get("listed", "") or "\n".join(access.listed if access else []),
        "public": public_path(desk.name) if visit.app.config.public_blogs and await is_public(desk.apis) else "",
        "possible": visit.app.config.public_blogs,
    }
    return desk.page("blog_access/access.html", values, error)
