"""What the plugin ``blog_drafts`` tells other plugins."""

from __future__ import annotations

from typing import NamedTuple

from sat.plugins.blog_drafts.api import Kept


class NotPublished(NamedTuple):
    """An event: what was due could not be published, and waits for a person now; ``reason`` is for them."""

    kept: Kept
    reason: str
