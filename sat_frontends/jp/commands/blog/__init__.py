"""jp blog: write posts, read those of others, and follow them."""

from __future__ import annotations

from sat_frontends.jp.commands.blog import following, moving, reading, saying, unpublished, writing

__all__ = ["following", "moving", "reading", "saying", "unpublished", "writing"]
