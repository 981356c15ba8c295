"""Drafts as a list of posts."""

import pytest
from support.fake_blog import Blog, BlogDrafts, Blogs
from support.fakes import JULIET, ROMEO, Loop

from sat.api import JID
from sat.api.posts import Draft, Place
from sat.plugins.blog_drafts.api import Kept
from sat_frontends.quick_frontend.draft_list import DraftList, outlook

NOW = 1_750_000_000.0
TOWN = Place(JID("blogs.verona.lit"), "town")


@pytest.fixture
def drafts():
    first, last = Kept("a", Draft("Text", "First", tags=["x"]), Place(ROMEO)), Kept("b", Draft("Text", "Last"), TOWN)
    api = BlogDrafts(Blog(Blogs(ROMEO)), first, last)
    shown = DraftList(api, ROMEO)
    shown.listen()
    Loop().now(shown.load())
    return shown, api


def test_they_are_posts_of_ours(drafts):
    shown, _ = drafts
    assert [(each.title, each.text, each.author) for each in shown.rows] == [
        ("Last", "Text", ROMEO.bare),
        ("First", "Text", ROMEO.bare),
    ]
    assert (shown.loaded, shown.has_older, shown.waiting) == (True, False, [])
    assert shown.find(shown.posts[1]).draft.tags == ["x"]


def test_what_changes_elsewhere_is_there_at_once(drafts):
    shown, api = drafts
    told = []
    shown.changed.connect(told.append)
    Loop().now(api.keep(Draft("Text", "Better"), Place(ROMEO), "a"))
    assert [each.title for each in shown.posts] == ["Better", "Last"]
    Loop().now(api.drop("b"))
    assert [each.title for each in shown.posts] == ["Better"]
    assert len(told) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "kept 15:06"),
        ({"due": NOW + 3600}, "is published 16:06"),
        ({"node": Place(ROMEO, id="x")}, "kept 15:06 · changes a post"),
        ({"node": TOWN}, "kept 15:06 · for town at blogs.verona.lit"),
        ({"node": Place(JULIET)}, "kept 15:06 · for Blog of juliet@capulet.lit"),
        ({"problem": "NotFound", "details": {"what": "\x1bnode"}, "due": NOW}, "not published: There is no ␛node."),
        ({"problem": "Nonsense"}, "not published:"),
    ],
)
def test_what_is_to_become_of_one(monkeypatch, more, words):
    monkeypatch.setattr("sat_frontends.quick_frontend.text.utc_offset", lambda time: 0)
    kept = Kept("a", Draft("Text"), Place(ROMEO), NOW)._replace(**more)
    assert outlook(kept, ROMEO, NOW).startswith(words)
