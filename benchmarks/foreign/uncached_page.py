"""The page of a public blog made anew by libervia's own parts, without their server: of what the daemon is asked for,
then of what it has answered before; then its template alone, with the same values. Says the CPU of each, in µs. Run by
``benchmarks/public_pages.py``: ``uncached_page.py PROFILE TIMES``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from libervia.routes import load_pages
from libervia.server.app import App
from libervia.server.bridge import BusDaemon
from libervia.server.config import Config
from libervia.server.page import Visit
from libervia.server.posts import public_item
from sat.api.posts import Place
from sat.plugins.blog.api import Page

name, times = sys.argv[1], int(sys.argv[2])


async def main() -> None:
    """Measure. Who may read the blog is known for a minute."""
    daemon = await BusDaemon.connect(asyncio.get_running_loop())
    app = App(Config(), daemon, load_pages())
    drawn: list[tuple[str, dict[str, Any]]] = []
    draw = app.renderer.page

    def remembered(template: str, **values: Any) -> bytes:
        drawn[:] = [(template, values)]
        return draw(template, **values)

    app.renderer.page = remembered  # type: ignore[method-assign]  # to have the values

    async def make() -> None:
        app.public.shelf.forget(name)
        address = str(len(asked) + len(made))  # each from another one: nobody has to wait
        visit = Visit(app, "GET", f"/u/{name}", name, {}, {}, "", None, address, origin="http://127.0.0.1")
        await app.pages["/u"].get(visit)

    async def cost(work: Callable[[], Awaitable[None]]) -> float:
        began = time.process_time()
        await work()
        return time.process_time() - began

    async def template() -> None:
        articles = [app.renderer.fragment("posts.html:public", each) for each in items]
        draw(drawn[0][0], **(drawn[0][1] | {"articles": articles}))

    blog = daemon.profile(name).blog
    ask = blog.get
    answer = await ask(
        Place(next(each.jid for each in await daemon.manager.list_profiles() if each.name == name)), "", 10
    )

    items = [public_item(name, each) for each in answer.posts]

    async def answered(*_: Any) -> Page:
        return answer

    asked: list[float] = []
    made: list[float] = []
    alone: list[float] = []
    while len(asked) <= times:
        asked.append(await cost(make))
    vars(blog)["get"] = answered
    while len(made) <= times:
        made.append(await cost(make))
        alone.append(await cost(template))
    print(*(median(each[1:]) * 1e6 for each in (asked, made, alone)))
    await app.close()


asyncio.run(main())
