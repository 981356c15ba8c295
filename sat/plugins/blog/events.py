"""What the plugin ``blog`` tells other plugins."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.posts import Place, Post
from sat.storage.post_rows import Attached


class Said(NamedTuple):
    """An event: comments in this node, likes among them, that were read or written here; ``gone`` are those of ours
    that we have taken back."""

    node: Place
    posts: list[Post]
    gone: list[Place] = []  # noqa: RUF012 - a named tuple's default, never changed


class Put(NamedTuple):
    """An event: what is put to a post was read."""

    post: Place
    attached: Attached
