"""A blog, a community, or one of their posts with what was said of it; what can be done there."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from urllib.parse import unquote, urlencode

from libervia.server.desk import Desk
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.posts import (
    EMOJI_AT_MOST,
    anchor,
    comment_items,
    edit_path,
    in_language,
    languages,
    own_blog,
    post_item,
    public_path,
    view_path,
    view_place,
)
from libervia.server.public import is_public
from sat.api import SatError
from sat.api.errors import InvalidAddress, InvalidArgument, NotFound
from sat.api.places import to_uri
from sat.api.posts import Place, Post
from sat.plugins.blog.api import BlogApi
from sat.plugins.blog.api import Page as Posts
from sat_frontends.quick_frontend import post_words

OLDER_AT_MOST = 3000
BODY_AT_MOST = 60_000
BACK = ("/timeline", "/blog/view/")
"""Pages that forms of posts are on."""


class View(FormPage):
    """``/blog/view/<address>``, ``…/<node>``, ``…/<node>/<id>``; with ``?node=`` and ``?id=`` what no path can hold;
    ``?older=``, ``?answer=`` the id of a comment, ``?pictures=1``"""

    title = "Blog"
    argument = True
    more = 2

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """What is there."""
        try:
            return await _show(visit, error)
        except InvalidAddress as wrong:
            return (await visit.desk()).page("blog/open.html", {"at": visit.argument}, wrong)

    async def take(self, visit: Visit) -> str:
        """One thing that somebody does there."""
        return await _do(await visit.desk(), visit, view_place(visit))


async def _do(desk: Desk, visit: Visit, place: Place) -> str:
    """Do what a form says; where that leads to."""
    form, blog, here = visit.form, desk.apis.blog, view_path(place)
    what, back = next((each for each in ("react", "unreact") if each in form), form.get("do", "")), form.get("back", "")
    back = back if back.startswith(BACK) and back.isascii() and back.isprintable() and "\\" not in back else here
    if what in ("follow", "unfollow"):
        await desk.apis.timeline.follow(place._replace(id=""), what == "follow")
        visit.notice(
            "What is published there comes to your timeline." if what == "follow" else "You no longer follow it."
        )
        return here
    if not place.id:
        raise unknown_form()
    if what in ("like", "unlike"):
        await blog.like(place, what == "like")
    elif what in ("react", "unreact"):
        await _react(
            blog, place, unquote(form.get(what, ""), errors="replace").strip()[:EMOJI_AT_MOST], what == "react"
        )
    elif what == "comment":
        said = await blog.comment(place, _text(form.get("body", "")), form.get("answers", ""))
        visit.notice("Your comment was published.")
        back = f"{here}#{anchor(said)}"
    elif what == "repeat":
        await blog.repeat(place, _text(form.get("body", "")))
        visit.notice("It stands in your blog now, with the name of its author.")
    elif what == "delete":
        await blog.delete(place)
        visit.notice("It was taken back.")
        return back if back != here else view_path(place._replace(id=""))
    else:
        raise unknown_form()
    with suppress(SatError):  # what was wanted is done
        await desk.apis.timeline.mark_read([place])
    return back


async def _react(blog: BlogApi, place: Place, emoji: str, on: bool) -> None:
    """Put an emoji to a post, or take ours back. Errors: those of asking for the post and of ``react``."""
    found = (await blog.get(place)).posts
    ours = list(found[0].reacted) if found else []
    if not emoji:
        raise InvalidArgument(reason="Choose an emoji first.")
    if (emoji in ours) is not on:
        await blog.react(place, [*ours, emoji] if on else [each for each in ours if each != emoji])


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n")[:BODY_AT_MOST]


async def _show(visit: Visit, error: SatError | None = None) -> Html:
    desk, place = await visit.desk(), view_place(visit)
    label = desk.live.contacts.label(place.service)
    pictures = visit.query.get("pictures") == "1"
    older = visit.query.get("older", "")[:OLDER_AT_MOST]
    written = visit.form if error else visit.logged_in.take_written(visit.path)
    found = Posts([])
    try:
        found = await desk.apis.blog.get(place, "" if place.id else older)
    except NotFound as failure:
        if place.id or place.service != desk.live.jid:
            error = error or failure
    except SatError as failure:
        error = error or failure
    level = 2 if place.id else 3
    whole = found.posts[0] if place.id and found.posts else None
    if whole is not None:
        found = found._replace(posts=[in_language(whole, visit.query.get("lang", ""))])
        await _seen(desk, visit, whole)
    posts = [post_item(desk.live, each, pictures=pictures, short=not place.id, level=level) for each in found.posts]
    values: dict[str, object] = {
        "place": place,
        "at": to_uri(place._replace(id="")),
        "node": desk.live.following.title(place).strip() or post_words.node_name(place, desk.live.jid, label),
        "blog": view_path(place._replace(id="")),
        "own": place.service == desk.live.jid,
        "follows": desk.live.following.follows(place),
        "here": view_path(place),
        "pictures": pictures,
        "has_pictures": any(each.pictures for each in posts),
        "with_pictures": _with(view_path(place), pictures="1", **({"older": older} if older else {})),
        "entered": written.get("body", ""),
        "deleting": post_words.DELETING,
    }
    if not place.id:
        further = {"pictures": "1"} if pictures else {}
        values |= {
            "items": posts,
            "older": _with(view_path(place), older=found.older, **further) if found.older else "",
            "public": await _public(visit, desk, place),
        }
        return desk.page("blog_view/blog.html", values, error, pictures=pictures)
    post = found.posts[0] if found.posts else None
    said: Posts = Posts([])
    if post is not None and post_words.can_comment(post):
        try:
            said = await desk.apis.blog.get_comments(place, older)
        except SatError as failure:
            values["error"] = error or failure
    answers = written.get("answers", "") or visit.query.get("answer", "")
    values |= {
        "item": posts[0] if posts else None,
        "edit": edit_path(place),
        "languages": languages(whole, post, partial(_in, place)) if whole and post else [],
        "comments": comment_items(desk.live, said.posts),
        "older": _with(view_path(place), older=said.older) if said.older else "",
        "answered": _answered(said.posts, answers),
        "answer_paths": {each.place: f"{_with(view_path(place), answer=each.place.id)}#comment" for each in said.posts},
        "doing": written.get("do", ""),
    }
    return desk.page("blog_view/post.html", values, error, pictures=pictures)


def _in(place: Place, lang: str) -> str:
    return _with(view_path(place), lang=lang) if lang else view_path(place)


async def _seen(desk: Desk, visit: Visit, post: Post) -> None:
    """Who opens a post or a story has seen it."""
    new = post.unread or (desk.live.following.unread and desk.live.following.follows(post.place))
    if visit.method == "GET" and new:
        with suppress(SatError):  # then it stays new
            await desk.apis.timeline.mark_read([post.place])


async def _public(visit: Visit, desk: Desk, place: Place) -> str:
    """Where everybody can read a blog of ours; nowhere if nobody without an account can."""
    possible = visit.app.config.public_blogs and place == own_blog(desk.live.jid)
    return public_path(desk.name) if possible and await is_public(desk.apis) else ""


def _answered(comments: list[Post], id: str) -> Post | None:
    return next((each for each in comments if id and each.place.id == id), None)


def _with(path: str, **more: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(more)}"
