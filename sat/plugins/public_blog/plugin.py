"""Whether the web frontend shows the blog of a profile to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api.settings import Tab
from sat.core.plugin import Plugin, configured
from sat.core.settings import Help


@dataclass
class Options:
    """Who sees the blog on the web."""

    tab: ClassVar[Tab] = Tab.BLOG_PAGE
    shown: Annotated[
        bool,
        "Show my blog to everybody on the web",
        Help("On libervia's pages, at /u/ and the profile's name; only where everybody may read the blog."),
    ] = False


class PublicBlog(Plugin):
    """The blog of a profile as a web page for everybody."""

    options = configured(Options)
