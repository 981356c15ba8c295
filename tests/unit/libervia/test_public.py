"""Pages of public blogs are made once, however many ask, and never sent when they may be true no longer."""

from __future__ import annotations

import asyncio

import pytest
from support import fakes
from support.fake_blog import Blog, Blogs, Timeline

from libervia.server.page import HttpError
from libervia.server.public import SETTING, PublicBlogs, Trail
from sat.api import JID, Signal
from sat.api.manager import ProfileInfo
from sat.api.posts import Audience, Place
from sat.api.settings import Setting, SettingChange, SettingKind, Tab
from sat.plugins.blog.api import Access

ALICE = JID("alice@example.org")
HERE, URI = "https://example.org", "/u/alice"


class Apis(fakes.Apis):
    def __init__(self) -> None:
        super().__init__()
        self.settings = fakes.Settings(Setting(SETTING, "", SettingKind.BOOL, "true", "false", Tab.BLOG_PAGE))
        self.blogs = Blogs(ALICE)
        self.blog, self.timeline = Blog(self.blogs), Timeline(self.blogs, [Place(ALICE)])


class Daemon:
    def __init__(self) -> None:
        self.gone, self.back = Signal(), Signal()
        self.manager = fakes.Manager()
        self.manager.infos["alice"] = ProfileInfo("alice", ALICE)
        self.apis = Apis()

    async def check(self) -> None: ...

    def profile(self, name: str) -> Apis:
        return self.apis


class Drawing:
    """Makes pages, each another one, when it may."""

    def __init__(self) -> None:
        self.begun, self.begins, self.may = 0, asyncio.Queue(), asyncio.Event()
        self.may.set()

    async def __call__(self, blog):
        self.begun += 1
        mine = self.begun
        self.begins.put_nowait(mine)
        await self.may.wait()
        return "text/html", f"page {mine}".encode()


def run(test):
    async def start():
        daemon = Daemon()
        blogs = PublicBlogs(daemon)
        await test(daemon, blogs, Drawing())
        blogs.close()

    asyncio.run(start())


def test_many_at_once_make_it_once():
    async def test(daemon, blogs, draw):
        draw.may.clear()
        asking = [asyncio.ensure_future(blogs.get(HERE, URI, "alice", draw)) for _ in range(20)]
        await asyncio.sleep(0)
        asking[0].get_loop().call_soon(draw.may.set)
        assert {page.body for page in await asyncio.gather(*asking)} == {b"page 1"}
        assert draw.begun == 1

    run(test)


def test_what_changes_while_it_is_made_is_not_kept():
    async def test(daemon, blogs, draw):
        post = daemon.apis.blogs.put(ALICE, "text")
        await blogs.get(HERE, "/u/alice/first", "alice", draw)
        await draw.begins.get()
        draw.may.clear()
        early = asyncio.ensure_future(blogs.get(HERE, URI, "alice", draw))
        await draw.begins.get()
        daemon.apis.timeline.arrive(post)
        late = asyncio.ensure_future(blogs.get(HERE, URI, "alice", draw))
        await draw.begins.get()
        draw.may.set()
        assert ((await early).body, (await late).body) == (b"page 2", b"page 3")
        assert (await blogs.get(HERE, URI, "alice", draw)).body == b"page 3"

    run(test)


@pytest.mark.parametrize("end", ["setting", "gone", "back", "removed", "changed", "retracted"])
def test_whatever_the_daemon_tells_of_it_makes_it_be_looked_at_again(end):
    async def test(daemon, blogs, draw):
        post = daemon.apis.blogs.put(ALICE, "text")
        await blogs.get(HERE, URI, "alice", draw)
        assert blogs.shelf.find((HERE, URI))
        if end == "setting":
            daemon.apis.settings.changed.emit(SettingChange("another", "x"))
            assert blogs.shelf.find((HERE, URI)), "that has nothing to do with it"
            daemon.apis.settings.changed.emit(SettingChange(SETTING, "false"))
        elif end in ("gone", "back"):
            getattr(daemon, end).emit(None)
        elif end == "removed":
            daemon.manager.profile_removed.emit("alice")
        elif end == "changed":
            daemon.manager.profile_changed.emit(ProfileInfo("alice", ALICE))
        else:
            daemon.apis.timeline.goes(post.place)
        assert blogs.shelf.find((HERE, URI)) is None
        daemon.apis.blog.access[Place(ALICE)] = Access(Audience.CONTACTS)
        with pytest.raises(HttpError):
            await blogs.get(HERE, URI, "alice", draw)
        assert blogs.shelf.find((HERE, URI)) is None

    run(test)


def test_who_waits_for_a_page_that_fails_makes_it():
    async def test(daemon, blogs, draw):
        daemon.manager.infos["alice"] = daemon.manager.infos["alice"]._replace(locked=True)
        asking = [asyncio.ensure_future(blogs.get(HERE, URI, "alice", draw)) for _ in range(3)]
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(each) for each in found] == [HttpError] * 3

    run(test)


def test_the_way_back_is_known_to_who_came_along_it():
    trail = Trail()
    assert [trail.before("", "b"), trail.before("b", "c"), trail.before("c", "")] == [None, "", "b"]
    assert trail.before("x", "") is None
    for number in range(1000):
        trail.before(str(number), str(number + 1))
    assert (trail.before("c", ""), trail.before("1000", "")) == (None, "999")
