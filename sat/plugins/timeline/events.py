"""What the plugin ``timeline`` tells other plugins."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.posts import Post


class Mentioned(NamedTuple):
    """An event: these new posts of what we follow have a link to our address."""

    posts: list[Post]


class Answered(NamedTuple):
    """An event: somebody has commented on a post of ours, or likes it."""

    post: Post
    comments: list[Post]
