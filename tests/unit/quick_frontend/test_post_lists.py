"""Lists of posts: a blog, what a search found, comments."""

from __future__ import annotations

import pytest
from support.fake_blog import Blog, Blogs, Timeline
from support.fakes import JULIET, NURSE, ROMEO, Loop

from sat.api.errors import NotFound
from sat.api.posts import HEART, NOWHERE, Place
from sat_frontends.quick_frontend.post_lists import BlogList, CommentList, FoundList, TimelineList
from sat_frontends.quick_frontend.timeline import PAGE, STORIES


class Scene:
    def __init__(self):
        self.blogs, self.loop = Blogs(ROMEO), Loop()
        self.blog, self.timeline = Blog(self.blogs), Timeline(self.blogs, [Place(JULIET), Place(NURSE)])

    def load(self, shown):
        shown.listen()
        self.loop.now(shown.load())
        return shown

    def of(self, who):
        return self.load(BlogList(self.blog, self.timeline, Place(who), ROMEO))


@pytest.fixture
def scene():
    return Scene()


def ids(shown):
    return [each.place.id for each in shown.posts]


def test_blog_is_loaded_by_pages(scene):
    for number in range(PAGE + 5):
        scene.blogs.put(JULIET, "x", id=f"p{number}")
    shown = scene.of(JULIET)
    assert (len(shown.posts), shown.has_older, shown.title) == (PAGE, True, "Blog of juliet@capulet.lit")
    scene.loop.now(shown.load_older())
    assert (ids(shown)[-1], len(shown.posts), shown.has_older) == ("p0", PAGE + 5, False)
    scene.loop.now(shown.load_older())
    assert len(shown.posts) == PAGE + 5


def test_page_that_came_twice_is_taken_once(scene):
    for number in range(2 * PAGE):
        scene.blogs.put(JULIET, "x", id=f"p{number}")
    shown = scene.of(JULIET)
    scene.blog.gate.closed = True
    scene.loop.spawn(shown.load_older())
    scene.loop.spawn(shown.load_older())
    scene.blog.gate.open(scene.loop)
    assert len(set(ids(shown))) == len(shown.posts) == 2 * PAGE


def test_new_ones_of_that_blog_wait(scene):
    scene.blogs.put(JULIET, "x", id="old")
    shown = scene.of(JULIET)
    scene.timeline.arrive(scene.blogs.put(NURSE, "x", id="other"))
    scene.timeline.arrive(scene.blogs.put(JULIET, "x", id="new"))
    assert (ids(shown), [each.place.id for each in shown.waiting]) == (["old"], ["new"])
    shown.show_new()
    assert (ids(shown), shown.waiting) == (["new", "old"], [])
    scene.timeline.goes(Place(JULIET, id="old"))
    assert ids(shown) == ["new"]


def test_nothing_waits_before_it_is_loaded(scene):
    shown = BlogList(scene.blog, scene.timeline, Place(JULIET), ROMEO)
    shown.listen()
    scene.timeline.arrive(scene.blogs.put(JULIET, "x"))
    assert shown.waiting == []
    with pytest.raises(NotFound):
        scene.loop.now(BlogList(scene.blog, scene.timeline, Place(ROMEO), ROMEO).load())


def test_what_is_found_is_loaded_by_pages(scene):
    for number in range(PAGE + 1):
        scene.blogs.put(JULIET, "word", id=f"p{number}")
    shown = scene.load(FoundList(scene.timeline, "word"))
    assert (shown.title, len(shown.posts), shown.has_older) == ("Found: word", PAGE, True)
    scene.loop.now(shown.load_older())
    assert (ids(shown)[-1], shown.has_older) == ("p0", False)
    scene.timeline.arrive(scene.blogs.put(JULIET, "word"))
    assert len(shown.posts) == PAGE + 1, "it is what was found then"


def test_post_is_another_in_every_list(scene):
    post = scene.blogs.put(JULIET, "x", id="p")
    for shown in (scene.of(JULIET), scene.load(TimelineList(scene.timeline))):
        told = []
        shown.changed.connect(told.append)
        shown.replace(shown.posts[0]._replace(liked=True))
        assert (shown.posts[0].liked, len(told)) == (True, 1)
        scene.timeline.published.emit([post._replace(title="Changed")])
        assert shown.posts[0].title == "Changed"


def test_comments_come_and_go(scene):
    post = scene.blogs.put(JULIET, "x", id="p")
    scene.blogs.say(post, NURSE, "one", id="c1")
    shown = scene.load(CommentList(scene.blog, scene.timeline, post))
    scene.timeline.arrive(scene.blogs.say(post, ROMEO, "two", id="c2"))
    scene.timeline.arrive(scene.blogs.say(post, ROMEO, HEART))
    assert ids(shown) == ["c1", "c2"]
    scene.timeline.goes(post.comments._replace(id="c1"))
    assert ids(shown) == ["c2"]


def test_what_was_said_before_is_loaded_by_pages(scene):
    post = scene.blogs.put(JULIET, "x", id="p")
    for number in range(120):
        scene.blogs.say(post, NURSE, "said", id=f"c{number}")
    shown = scene.load(CommentList(scene.blog, scene.timeline, post))
    assert (ids(shown)[0], ids(shown)[-1], shown.has_older) == ("c70", "c119", True)
    scene.blog.gate.closed = True
    scene.loop.spawn(shown.load_older())
    scene.loop.spawn(shown.load_older())  # the key was pressed twice
    scene.blog.gate.open(scene.loop)
    assert (ids(shown)[0], len(shown.posts)) == ("c20", 100)
    scene.loop.now(shown.load_older())
    assert (ids(shown), shown.has_older) == ([f"c{number}" for number in range(120)], False)
    scene.loop.now(shown.load_older())
    scene.blogs.say(post, ROMEO, "I, too", id="own")
    scene.loop.now(shown.load())
    assert (ids(shown)[0], ids(shown)[-1], len(shown.posts)) == ("c0", "own", 121)
    for number in range(60):
        scene.blogs.say(post, NURSE, "said", id=f"d{number}")
    scene.loop.now(shown.load())  # what is between is not known
    assert (ids(shown)[0], len(shown.posts), shown.has_older) == ("d10", 50, True)


def test_nobody_is_asked_for_comments_that_cannot_be(scene):
    post = scene.blogs.put(JULIET, "x", comments=NOWHERE)
    shown = scene.load(CommentList(scene.blog, scene.timeline, post))
    assert (shown.loaded, shown.posts, scene.blog.count("get_comments")) == (True, [], 0)


def test_stories_are_listed_above_the_timeline(scene):
    seen, new = (scene.blogs.put(NURSE, "x", node=STORIES, id=id) for id in ("seen", "new"))
    scene.timeline.stories = [new._replace(unread=True), seen]
    scene.blogs.put(JULIET, "x", id="post")
    shown = scene.load(TimelineList(scene.timeline))
    assert [each.place.id for each in shown.rows] == ["new", "seen", "post"]
    assert ids(shown) == ["post"], "older ones are looked for behind it"
    shown.replace(shown.rows[0]._replace(text="changed"))
    assert shown.rows[0].text == "changed"
    scene.loop.now(shown.choose(unread_only=True))
    assert [each.place.id for each in shown.rows] == ["new"]
    scene.loop.now(shown.choose(tag="garden"))
    assert shown.rows == []


def test_titles_say_what_of_the_timeline_is_shown(scene):
    shown = scene.load(TimelineList(scene.timeline))
    assert shown.title == "Timeline"
    scene.loop.now(shown.choose(unread_only=True, tag="a\u202eb"))
    assert shown.title == "Timeline, unread #a�b"
