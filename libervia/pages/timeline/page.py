"""The timeline: what contacts and communities publish."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from libervia.server.desk import Desk
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.posts import post_item, view_path
from sat.api import SatError
from sat.api.posts import Post
from sat.plugins.timeline.api import Response
from sat_frontends.quick_frontend.post_words import node_name, response
from sat_frontends.quick_frontend.timeline import PAGE

TAG_AT_MOST = 200
FOLLOWED_AT_MOST = 200
STORIES_AT_MOST = 20
NEVER = 1 << 53
"""The order of what is not on a page of older posts, or of those with a tag: none counts as new there."""


class Timeline(FormPage):
    """``/timeline``: ``?before=`` the order of a post, ``?unread=1``, ``?tag=``, ``?pictures=1``; ``?answers=1``: what
    others have said of our posts"""

    title = "Timeline"
    menu = 2
    live = True

    async def take(self, visit: Visit) -> str:
        """Mark all as read."""
        desk = await visit.desk()
        if visit.form.get("do") != "read":
            raise unknown_form()
        await desk.apis.timeline.mark_read([])
        return self.path

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """The posts, the newest first."""
        desk = await visit.desk()
        before, unread = visit.number("before"), visit.query.get("unread") == "1"
        tag, pictures = visit.query.get("tag", "").strip()[:TAG_AT_MOST], visit.query.get("pictures") == "1"
        if visit.query.get("answers") == "1":
            return await _answers(desk, before, pictures, error)
        posts: list[Post] = []
        seq = desk.feed.seq  # before anything is looked at: what comes meanwhile is told again, rather than missed
        try:
            posts = await desk.apis.timeline.get_timeline(before, PAGE, unread, tag)
        except SatError as failure:
            error = error or failure
        stories = [] if before or unread or tag or error else await _stories(desk)
        chosen = {name: value for name, value in (("unread", "1" if unread else ""), ("tag", tag)) if value}
        shown = chosen | ({"before": str(before)} if before else {}) | ({"pictures": "1"} if pictures else {})
        items = [post_item(desk.live, each, pictures=pictures, short=True) for each in posts]
        told = [post_item(desk.live, each, pictures=pictures, short=True) for each in stories]
        following = desk.live.following
        values: dict[str, object] = {
            "items": [(each, view_path(each.post.place._replace(id=""))) for each in items],
            "unread": unread,
            "tag": tag,
            "before": before,
            "order": (posts[0].order if posts else 0) if not before and not tag else NEVER,
            "epoch": desk.feed.epoch,
            "seq": seq,
            "count": following.unread,
            "followed": [
                (each.title.strip() or node_name(each.place, desk.live.jid), view_path(each.place), each)
                for each in following.followed[:FOLLOWED_AT_MOST]
            ],
            "pictures": pictures,
            "has_pictures": any(each.pictures for each in (*items, *told)),
            "stories": told,
            "here": _path(shown),
            "with_pictures": _path(shown | {"pictures": "1"}),
            "older": _path(shown | {"before": str(posts[-1].order)}) if len(posts) == PAGE else "",
            "newest": _path(chosen),
            "all_of_tag": _path({"tag": tag} if tag else {}),
            "unread_only": _path({"unread": "1"} | ({"tag": tag} if tag else {})),
        }
        return desk.page("timeline/timeline.html", values, error, pictures=pictures)


async def _answers(desk: Desk, before: int, pictures: bool, error: SatError | None) -> Html:
    found: list[Response] = []
    try:
        found = await desk.apis.timeline.get_answers(before, PAGE)
    except SatError as failure:
        error = error or failure
    items = [post_item(desk.live, each.post, pictures=pictures, short=True) for each in found]
    shown = {"answers": "1"} | ({"before": str(before)} if before else {})
    values: dict[str, object] = {
        "answers": [
            (item, response(each), view_path(each.on if each.title else each.post.place))
            for item, each in zip(items, found, strict=True)
        ],
        "before": before,
        "pictures": pictures,
        "has_pictures": any(each.pictures for each in items),
        "with_pictures": _path(shown | {"pictures": "1"}),
        "older": _path({"answers": "1", "before": str(found[-1].post.order)}) if len(found) == PAGE else "",
    }
    return desk.page("timeline/answers.html", values, error, pictures=pictures)


async def _stories(desk: Desk) -> list[Post]:
    """What contacts show for a day."""
    with suppress(SatError):  # they are not what somebody comes for
        return (await desk.apis.timeline.get_stories())[:STORIES_AT_MOST]
    return []


def _path(chosen: dict[str, str]) -> str:
    return f"/timeline?{urlencode(chosen)}" if chosen else "/timeline"
