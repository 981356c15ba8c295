"""Emojis that are put to posts (XEP-0470)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.posts import HEART, Post
from sat_frontends.quick_frontend.text import clean_line

VARIATIONS = ("\ufe0e", "\ufe0f")  # a sign as text, or as a picture: it is the same one
HEARTS = (HEART, "❤")


class Put(NamedTuple):
    """An emoji at a post, clean; by how many, and whether by us too."""

    emoji: str
    people: int
    own: bool


def reactions(post: Post) -> list[Put]:
    """Those of a post, the hearts left out: they are likes."""
    return [
        Put(clean_line(emoji), count, emoji in post.reacted) for emoji, count in post.reactions.items() if count > 0
    ]


def toggled(post: Post, emoji: str) -> list[str]:
    """Our reactions to a post when one is put to it, or taken away if it is there."""
    return [each for each in post.reacted if each != emoji] if emoji in post.reacted else [*post.reacted, emoji]


def reacted(post: Post, reactions: list[str]) -> Post:
    """The post as it looks when these are our reactions to it."""
    counts = dict(post.reactions)
    for step, emojis in ((-1, post.reacted), (1, reactions)):
        for each in emojis:
            if not is_heart(each):
                counts[each] = counts.get(each, 0) + step
    liked = any(map(is_heart, reactions))
    likes = post.likes + liked - any(map(is_heart, post.reacted))
    return post._replace(
        reactions={emoji: count for emoji, count in counts.items() if count > 0},
        reacted=list(reactions),
        likes=max(0, likes),
        liked=liked or (post.liked and not any(map(is_heart, post.reacted))),
    )


def is_heart(emoji: str) -> bool:
    """Whether it says that somebody likes the post."""
    return emoji.rstrip("".join(VARIATIONS)) in HEARTS
