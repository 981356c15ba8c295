"""What there is to follow: what contacts publish and follow, or what is at an address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from libervia.server.desk import Desk
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.posts import view_path
from sat.api import JID, SatError
from sat.api.places import from_uri, to_uri
from sat.plugins.timeline.api import Found
from sat_frontends.quick_frontend.post_words import node_name

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


class Discover(FormPage):
    """``/blog/discover``, ``?service=`` the address of an account or a service"""

    title = "Discover"

    async def take(self, visit: Visit) -> str:
        """Follow it, or no longer."""
        desk, what, service = await visit.desk(), visit.form.get("do", ""), visit.form.get("service", "")
        node = from_uri(visit.form.get("at", ""))
        if what not in ("follow", "unfollow") or node is None:
            raise unknown_form()
        await desk.apis.timeline.follow(node._replace(id=""), what == "follow")
        visit.notice(
            "What is published there comes to your timeline." if what == "follow" else "You follow it no longer."
        )
        return f"{self.path}?{urlencode({'service': service})}" if service else self.path

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """What there is."""
        desk = await visit.desk()
        service = (visit.query.get("service", "") or visit.form.get("service", "")).strip()[:SERVICE_AT_MOST]
        found: list[Found] = []
        try:
            found = await desk.apis.timeline.discover(JID.parse(service).bare if service else JID(""))
        except SatError as failure:
            error = error or failure
        values: dict[str, object] = {"items": [_item(desk, each) for each in found], "service": service}
        return desk.page("blog_discover/discover.html", values, error)


def _item(desk: Desk, found: Found) -> FoundItem:
    title = found.title.strip() or node_name(found.place, desk.live.jid)
    via = [desk.live.contacts.label(each) for each in found.via[:VIA_AT_MOST]]
    followed = found.followed or desk.live.following.follows(found.place)
    found = found._replace(followed=followed)
    return FoundItem(found, title, view_path(found.place), to_uri(found.place), via, len(found.via) - len(via))
