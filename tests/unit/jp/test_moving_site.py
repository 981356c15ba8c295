"""A blog as a site of plain files."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import feedparser
import pytest
from support.atom_schema import faults
from support.fake_blog import Blog, Blogs
from support.fake_files import Attachments
from support.fakes import ROMEO

from sat.api import JID
from sat.api.errors import PeerError
from sat.api.posts import Enclosure, Place, Version
from sat.plugins.attachments.api import Fetched
from sat_frontends.jp.main import finish
from sat_frontends.jp.moving.feed_files import About
from sat_frontends.jp.moving.posts import Folder
from sat_frontends.jp.moving.site import Site

EVIL = "<script>alert(1)</script>\"'&{{ 7*7 }}\x1b[31m\u202e"


class Out:
    def __init__(self):
        self.said = []

    def say(self, sentence):
        self.said.append(sentence)


class World:
    """jp with blogs in memory, and what it writes."""

    def __init__(self, folder):
        self.blogs = Blogs(ROMEO)
        self.blog, self.attachments, self.out = Blog(self.blogs), Attachments(None), Out()
        self.folder = folder

    async def profile(self):
        return SimpleNamespace(blog=self.blog, attachments=self.attachments)

    def write(self, *, pictures=False, comments=True, url="", title=""):
        about = About(Place(ROMEO.bare), title, url)
        site = Site(self, about, Folder(self.folder, True), pictures=pictures, comments=comments)
        count = finish(site.write())
        return count, {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file()}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags(text, name):
    return [attrs for tag, attrs in Tags(text).found if tag == name]


def test_what_people_write_is_text(world):
    post = world.blogs.put(
        ROMEO, EVIL, EVIL, id=EVIL, html="<p onclick='x'>a</p><script>alert(1)</script>", tags=[EVIL], name=EVIL,
        versions=[Version('x" onload="1', EVIL, EVIL)], lang='"><script>',
        enclosures=[Enclosure("javascript:alert(1)"), Enclosure("https://x.lit/a.zip", title=EVIL)],
    )  # fmt: skip
    world.blogs.say(post, JID("evil@x.lit"), f"<b>{EVIL}</b>", name=EVIL)
    _, files = world.write(title=EVIL)
    assert len(files) == 5
    for name, text in files.items():
        assert re.fullmatch(r"[\w-]+\.(html|xml|css)", name), name
        assert "<script" not in text
        assert "javascript:" not in text
        assert "49" not in text
        assert not set("\x1b\u202e") & set(text)
        for tag, attrs in Tags(text).found if name.endswith("html") else []:
            assert tag not in ("script", "iframe", "form", "b")
            assert not [each for each in attrs if each.startswith("on")]
    (page,) = [text for name, text in files.items() if name.startswith("2025-")]
    assert "&lt;b&gt;&lt;script&gt;" in page, "a comment is its text"


def test_posts_are_paged_and_linked(world):
    for n in range(45):
        world.blogs.put(ROMEO, f"Text {n}", f"Post {n}", id=f"p{n}", tags=["Tag", "tag"] if n == 3 else [])
    count, files = world.write(url="https://b.lit/x/")
    assert count == 45
    pages = [name for name in files if name.startswith("index")]
    assert sorted(pages) == ["index-page-2.html", "index-page-3.html", "index.html"]
    links = {each["href"] for text in files.values() for each in tags(text, "a") + tags(text, "link") if "href" in each}
    local = {each for each in links if ":" not in each}
    assert local <= set(files)
    assert {name for name in files if name.endswith(".html")} - {"index.html"} <= local, "all can be reached"
    assert {"tag-tag.html", "tag-tag-2.html"} <= set(files)
    assert "https://b.lit/x/2025-06-15-p44.html" in files["atom.xml"]
    assert len(feedparser.parse(files["atom.xml"]).entries) == 45
    assert faults(files["atom.xml"].encode()) == []


def test_every_language_is_there(world):
    world.blogs.put(ROMEO, "a", "Light", id="p", lang="en", versions=[Version("fr", "Lumière", "b", "<p>b</p>")])
    page = world.write()[1]["2025-06-15-p.html"]
    assert '<section lang="fr">\n<h2>Lumière</h2>\n<p>b</p>' in page
    assert '<div lang="en">\n<h1>Light</h1>' in page


def test_pictures_are_brought_along(world, tmp_path_factory):
    picture = tmp_path_factory.mktemp("cache") / "x"
    picture.write_bytes(b"PNG")
    world.attachments.files["https://x.lit/a.png"] = Fetched(str(picture), "a.png", "image/png", 3, 1, 1)
    world.attachments.files["https://x.lit/no.png"] = Fetched(str(picture), "a.png", "application/octet-stream", 3)
    html = "".join(f'<img src="https://x.lit/{name}.png" alt="{name}"/>' for name in ("a", "no", "gone", "a"))
    world.blogs.put(ROMEO, "a", id="p", html=html, enclosures=[Enclosure("https://x.lit/a.png", "image/png")])
    assert {each["src"] for each in tags(world.write()[1]["2025-06-15-p.html"], "img")} == {
        f"https://x.lit/{name}.png" for name in ("a", "no", "gone")
    }
    sources = [each["src"] for each in tags(world.write(pictures=True)[1]["2025-06-15-p.html"], "img")]
    (kept,) = (world.folder / "pictures").iterdir()
    assert kept.read_bytes() == b"PNG"
    here = f"pictures/{kept.name}"
    assert sources == [here, "https://x.lit/no.png", "https://x.lit/gone.png", here, here]
    assert len(world.out.said) == 1
    assert "gone.png stays where it is" in world.out.said[0]


def test_comments_that_cannot_be_had_are_left_out(world, monkeypatch):
    world.blogs.put(ROMEO, "a", id="p")

    async def refuse(*_):
        raise PeerError(peer=ROMEO, condition="forbidden")

    monkeypatch.setattr(world.blog, "get_comments", refuse)
    assert world.write()[0] == 1
    assert "are left out" in world.out.said[0]


def test_an_empty_blog_is_a_site(world):
    world.blogs.nodes[Place(ROMEO.bare)] = []
    count, files = world.write()
    assert (count, "There is no post yet." in files["index.html"]) == (0, True)
