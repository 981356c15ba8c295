"""What is said of our posts, in words for the desktop."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.posts import HEART, Post
from sat.plugins.timeline.events import Answered


class Waiting(NamedTuple):
    """How many answers to a post are not told yet, the last one, and how the post begins."""

    number: int
    last: Post
    title: str


def waiting(event: Answered, known: Waiting | None) -> Waiting:
    """With what has come now."""
    number = len(event.comments) + (known.number if known else 0)
    return Waiting(number, event.comments[0], event.post.title or event.post.text)


def body(answers: Waiting, begin: str) -> str:
    """What the last of them says, and how many there are; ``begin`` is how the post begins, shortened."""
    liked = answers.last.text.strip() == HEART
    said = f"likes “{begin}”" if liked else f"on “{begin}”: {answers.last.text}"
    return f"{answers.number} answers. The last one {said}" if answers.number > 1 else said
