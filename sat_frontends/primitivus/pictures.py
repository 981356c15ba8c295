"""The pictures of conversations and posts, fetched when their row is drawn, and kept as they are drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from sat.api import SatError
from sat.api.messages import Message
from sat.api.posts import Enclosure, Post
from sat.api.values import ANYBODY
from sat.plugins.attachments.api import AttachmentsApi, Fetched
from sat_frontends.primitivus.gallery import Drawn, Gallery
from sat_frontends.primitivus.loop import Loop
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.attachments import looks_like_picture
from sat_frontends.quick_frontend.post_files import is_picture

KEPT = 100
Key = tuple[object, object]  # whose it is, and which one
Fetch = Callable[[AttachmentsApi], Coroutine[Any, Any, Fetched]]


class Shown(NamedTuple):
    """A picture that is there."""

    fetched: Fetched
    drawn: Drawn


class Pictures:
    """Those of the profile that ``apis`` gives; ``drawn`` is called when there is another one."""

    def __init__(
        self, loop: Loop, gallery: Gallery, apis: Callable[[], ProfileApis], drawn: Callable[[], object]
    ) -> None:
        self._loop, self._gallery, self._apis, self._drawn = loop, gallery, apis, drawn
        self._known: OrderedDict[Key, Shown | None] = OrderedDict()

    def find(self, message: Message, number: int) -> Shown | None:
        """A picture of a message. Where it is not there yet, it is fetched, if this terminal can show it."""
        if not looks_like_picture(message.attachments[number]):
            return None
        return self._find((message.id, number), lambda api: api.get_picture(message.id, number))

    def find_of_post(self, post: Post, file: Enclosure) -> Shown | None:
        """A picture of a post, in the same way."""
        if not is_picture(file):
            return None
        author = post.author if post.verified else ANYBODY
        return self._find((post.place, file.url), lambda api: api.get_picture_of(author, file.url))

    def _find(self, key: Key, fetch: Fetch) -> Shown | None:
        if key in self._known:
            self._known.move_to_end(key)
        elif self._gallery.can_show:
            self._known[key] = None
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            self._loop.spawn(self._fetch(key, fetch))
        return self._known.get(key)

    async def _fetch(self, key: Key, fetch: Fetch) -> None:
        try:
            fetched = await fetch(self._apis().attachments)
        except SatError:  # the settings say no, or it is not there: its line is
            return
        drawn = await self._gallery.make(fetched.path)
        if drawn is not None:
            self._known[key] = Shown(fetched, drawn)
            self._drawn()
