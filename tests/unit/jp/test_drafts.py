"""Drafts of posts, as jp shows them."""

from __future__ import annotations

from types import SimpleNamespace

from support.fake_blog import Blog, BlogDrafts, Blogs
from support.fakes import ROMEO

from sat.api.posts import Draft, Place
from sat.plugins.blog_drafts.api import Kept
from sat_frontends.jp.commands.blog.unpublished import draft, drafts
from sat_frontends.jp.main import finish
from sat_frontends.jp.output import Output

FAILED = Kept(
    "7", Draft("Text", slug="light"), Place(ROMEO.bare), problem="PostExists", details={"slug": "\x1b[31mlight"}
)  # fmt: skip


class Jp:
    def __init__(self):
        self.out = Output()

    async def profile(self):
        return SimpleNamespace(blog_drafts=BlogDrafts(Blog(Blogs(ROMEO)), FAILED, Kept("8", Draft(""))))


def test_why_one_could_not_be_published(capsys):
    finish(drafts(Jp()))
    last, first = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert first[2:] == ["Text", "romeo@montague.lit", "", "There is a post with the address “␛[31mlight” already."]
    assert last[2:] == ["(no text)", "", "", ""]
    finish(draft(Jp(), "show", "7", "", "", False))
    shown = capsys.readouterr()
    assert shown.out.endswith("slug: light\ndraft: yes\n---\n\nText\n")
    assert shown.err == "It could not be published: There is a post with the address “␛[31mlight” already.\n"
