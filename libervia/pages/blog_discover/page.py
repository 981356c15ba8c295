"""What there is to follow: what contacts publish and follow, or what is at an address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from libervia.server.desk import Desk
from libervia.server.page import Answer, Html, Page, Redirect, Visit
from libervia.server.posts import view_path
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.places import from_uri, to_uri
from sat.plugins.timeline.api import Found
from sat_frontends.quick_frontend.post_words import node_name

PATH = "/blog/discover"
SERVICE_AT_MOST = 3000
VIA_AT_MOST = 5


class FoundItem(NamedTuple):
    """A blog or a community as it is drawn."""

    found: Found
    title: str
    path: str
    at: str
    via: list[str]
    more: int


class Discover(Page):
    """``/blog/discover``, ``?service=`` the address of an account or a service"""

    title = "Discover"
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """What there is."""
        return await _show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Follow it, or no longer."""
        desk, what, service = await visit.desk(), visit.form.get("do", ""), visit.form.get("service", "")
        try:
            node = from_uri(visit.form.get("at", ""))
            if what not in ("follow", "unfollow") or node is None:
                raise InvalidArgument(reason="This form asks for nothing that is known here.")
            await desk.apis.timeline.follow(node._replace(id=""), what == "follow")
        except SatError as error:
            return await _show(visit, error)
        visit.notice(
            "What is published there comes to your timeline." if what == "follow" else "You follow it no longer."
        )
        return Redirect(f"{PATH}?{urlencode({'service': service})}" if service else PATH)


async def _show(visit: Visit, error: SatError | None = None) -> Html:
    desk = await visit.desk()
    service = (visit.query.get("service", "") or visit.form.get("service", "")).strip()[:SERVICE_AT_MOST]
    found: list[Found] = []
    try:
        found = await desk.apis.timeline.discover(JID.parse(service).bare if service else JID(""))
    except SatError as failure:
        error = error or failure
    values: dict[str, object] = {
        "live": desk.live,
        "notices": desk.notices,
        "items": [_item(desk, each) for each in found],
        "service": service,
        "error": error,
    }
    return Html("blog_discover/discover.html", values, error.http_status if error else 200)


def _item(desk: Desk, found: Found) -> FoundItem:
    title = found.title.strip() or node_name(found.place, desk.live.jid)
    via = [desk.live.contacts.label(each) for each in found.via[:VIA_AT_MOST]]
    followed = found.followed or desk.live.following.follows(found.place)
    found = found._replace(followed=followed)
    return FoundItem(found, title, view_path(found.place), to_uri(found.place), via, len(found.via) - len(via))
