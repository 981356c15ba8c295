"""Posts as they are shown: for people with who, when and what is said of them; for scripts as cells."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sat.api.posts import HEART, NOWHERE
from sat_frontends.jp.messages import when
from sat_frontends.jp.output import BOLD, CYAN, DIM, GREEN, YELLOW, Column, iso, tidy, tidy_lines
from sat_frontends.jp.places import typed
from sat_frontends.quick_frontend.languages import own_language, spoken
from sat_frontends.quick_frontend.post_words import can_comment, counts, heading, threaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sat.api.posts import Enclosure, Post
    from sat.plugins.timeline.api import Response
    from sat_frontends.jp.context import Jp

CELLS = """Columns in a pipe: address, time, who, whether the service vouches for them (yes or no), title, text, tags,
likes, comments, unread or read, language, other languages, other reactions and how often (👍 2), by how many it was
noticed; lists with commas."""


def cells(post: Post) -> tuple[str, ...]:
    """What ``CELLS`` names."""
    return (
        typed(post.place),
        iso(post.published),
        post.author,
        "yes" if post.verified else "no",
        post.title,
        post.text,
        ",".join(post.tags),
        str(post.likes),
        str(post.said),
        "unread" if post.unread else "read",
        post.lang,
        ",".join(each.lang for each in post.versions),
        ",".join(f"{emoji} {count}" for emoji, count in post.reactions.items()),
        str(post.noticed),
    )


def _chosen(jp: Jp, posts: Sequence[Post], lang: str) -> Sequence[Post]:
    """Posts in that language, where they are in it; without one, people see theirs, and programs what comes first."""
    lang = lang or (own_language() if jp.out.terminal and not jp.out.json else "")
    return [spoken(each, lang) for each in posts]


def who(post: Post) -> str:
    """Who has written it, clean; with a mark whether that is sure. What somebody calls themselves is no address, so
    that stands beside it."""
    name, address = tidy(post.name), tidy(post.author)
    shown = f"{name} <{address}>" if name and name != address else address
    return f"{shown} ✓" if post.verified else f"{shown} (not verified)"


def show_list(jp: Jp, posts: Sequence[Post], none: str = "", lang: str = "") -> None:
    """A line for each post."""
    posts = _chosen(jp, posts, lang)
    columns = (
        Column("", YELLOW),
        Column("When", DIM),
        Column("Who", GREEN, flexible=True),
        Column("What", BOLD, flexible=True),
        Column("Said", DIM),
        Column("Address", DIM),  # whole, so that it can be typed
    )
    if jp.out.terminal and not jp.out.json:
        rows = [
            (
                "*" if each.unread else "",
                when(jp, each.published),
                who(each) if not each.verified else f"{tidy(each.name) or each.author} ✓",
                heading(each),
                " ".join([str(each.said), *([f"♥{each.likes}"] if each.likes else []), *_reactions(each)]),
                typed(each.place),
            )
            for each in posts
        ]
        jp.out.table(posts, columns, rows)
        if not posts and none:
            jp.out.say(none)
    else:
        jp.out.table(posts, columns, [cells(each) for each in posts])


def answer_cells(answer: Response) -> tuple[str, ...]:
    """What others have said of us, for a pipe."""
    post = answer.post
    kind = "mention" if not answer.title else "like" if post.text.strip() == HEART else "comment"
    start = cells(post)[:4]
    return (*start, kind, post.title or post.text, answer.title, typed(answer.on) if answer.title else "")


def _reactions(post: Post) -> list[str]:
    return [tidy(f"{emoji}{count}") for emoji, count in post.reactions.items()]


def show(jp: Jp, posts: Sequence[Post], lang: str = "") -> None:
    """Posts as they are to be read."""
    if jp.out.json or not jp.out.terminal:
        show_list(jp, posts, lang=lang)
        return
    for number, post in enumerate(_chosen(jp, posts, lang)):
        if number:
            jp.out.line("")
        for line in text_of(jp, post):
            jp.out.line(line)


def text_of(jp: Jp, post: Post) -> list[str]:
    """A post for people, in clean lines."""
    paint = jp.out.paint
    lines = [paint(line, BOLD) for line in tidy_lines(post.title.strip()).split("\n") if line]
    edited = f", changed {when(jp, post.updated)}" if post.updated > post.published else ""
    lines.append(f"{paint(who(post), GREEN)} {paint(when(jp, post.published) + edited, DIM)}")
    if post.via != NOWHERE:
        lines.append(paint(f"repeated from {tidy(typed(post.via))}", DIM))
    if post.tags:
        lines.append(paint(" ".join(f"#{tidy(each)}" for each in post.tags), CYAN))
    text = tidy_lines(post.text.strip())
    lines += ["", *text.split("\n")] if text else []
    lines += ["", *(f"▤ {_enclosed(each)}" for each in post.enclosures)] if post.enclosures else []
    about = [
        counts(post) if can_comment(post) else "no comments",
        " ".join(_reactions(post)),
        "you like it" if post.liked else "",
        tidy(f"yours: {' '.join(post.reacted)}") if post.reacted else "",
        tidy(f"also in {', '.join(each.lang for each in post.versions)}") if post.versions else "",
        tidy(typed(post.place)) if post.place != NOWHERE else "",
    ]
    return [*lines, "", paint(" · ".join(filter(None, about)), DIM)]


def _enclosed(file: Enclosure) -> str:
    from sat.api.sizes import shown

    known = [file.url, file.type, shown(file.size) if file.size else "", f"“{file.title}”" if file.title else ""]
    return tidy(" ".join(filter(None, known)))


def show_comments(jp: Jp, posts: Sequence[Post]) -> None:
    """Comments, those that answer another one below it."""
    if jp.out.json or not jp.out.terminal:
        show_list(jp, posts)
        return
    for post, depth in threaded(posts):
        indent = "  " * depth
        jp.out.line(f"{indent}{jp.out.paint(who(post), GREEN)} {jp.out.paint(when(jp, post.published), DIM)}")
        jp.out.line("\n".join(f"{indent}  {line}" for line in tidy_lines(post.text.strip()).split("\n")))
        jp.out.line(f"{indent}  {jp.out.paint(tidy(typed(post.place)), DIM)}")
    if not posts:
        jp.out.say("Nobody has commented on it.")


def show_event(jp: Jp, post: Post) -> None:
    """A post of a stream, on one line."""
    said = f" {tidy(' '.join(post.text.split()))}" if post.title.strip() else ""
    text = (
        f"{jp.out.paint(when(jp, post.published), DIM)} {jp.out.paint(who(post), GREEN)}: {heading(post)}{said[:200]}"
    )
    jp.out.event(post, text, cells(post))
    sys.stdout.flush()
