"""What is followed and what came there, as frontends keep it; what is said of posts."""

import pytest
from support.fake_blog import Blogs, Timeline
from support.fakes import Loop

from sat.api import JID
from sat.api.errors import NotConnected
from sat.api.posts import MICROBLOG, NOWHERE, Audience, Place, Post
from sat.plugins.blog.api import Access
from sat.plugins.timeline.api import Response
from sat_frontends.quick_frontend import post_words, timeline

ROMEO, JULIET, NURSE = (JID(f"{name}@example.org") for name in ("romeo", "juliet", "nurse"))
BLOG = Place(JULIET)


class Scene:
    def __init__(self):
        self.blogs, self.loop = Blogs(ROMEO), Loop()
        self.api = Timeline(self.blogs, [BLOG])
        self.following = timeline.Following(self.api)
        self.following.listen()
        self.timeline = timeline.Timeline(self.api)
        self.timeline.listen()
        self.told = []
        self.timeline.changed.connect(self.told.append)

    def shown(self):
        return [each.text for each in self.timeline.posts]


@pytest.fixture
def scene():
    return Scene()


def test_what_others_publish_about_us_is_told(scene):
    told = []
    scene.following.answered.connect(lambda responses: told.extend(post_words.responded(responses)))
    post = Post(BLOG, NURSE, "Nurse\x1b", text="Well <said>\nall")
    scene.api.answered.emit([Response(post, "My post"), Response(post._replace(text="♥"), "My\npost")])
    assert told == ["Nurse␛ on “My post”: Well <said> all", "Nurse␛ likes “My post”."]
    told.clear()
    scene.api.answered.emit([Response(post)] * 5)
    assert told == [*["Nurse␛ names you: Well <said> all"] * 2, "3 more have answered your posts, or name you."]


def test_what_is_new_waits_until_it_is_asked_for(scene):
    scene.blogs.put(JULIET, "one")
    scene.loop.now(scene.timeline.load())
    post = scene.api.arrive(scene.blogs.put(JULIET, "two"))
    scene.api.arrive(scene.blogs.put(JULIET, "three"))
    scene.api.arrive(scene.blogs.say(post, NURSE, "a comment is none"))
    assert scene.shown() == ["one"]
    assert [each.text for each in scene.timeline.waiting] == ["three", "two"]
    scene.timeline.show_new()
    assert scene.shown() == ["three", "two", "one"]
    assert scene.timeline.waiting == []


def test_stories_come_at_once_change_and_go(scene):
    scene.blogs.put(JULIET, "post")
    scene.loop.now(scene.timeline.load())
    story = scene.api.arrive(scene.blogs.put(JULIET, "story", node=timeline.STORIES))
    assert ([each.text for each in scene.timeline.stories], scene.timeline.waiting) == (["story"], [])
    scene.api.published.emit([story._replace(unread=False)])
    assert [each.unread for each in scene.timeline.stories] == [False]
    assert scene.timeline.find(story.place)
    scene.api.goes(story.place)
    assert (scene.timeline.stories, scene.shown()) == ([], ["post"])


def test_timeline_is_there_without_stories(scene):
    scene.blogs.put(JULIET, "post")
    scene.api.fails["get_stories"] = NotConnected(profile="romeo")
    scene.loop.now(scene.timeline.load())
    assert (scene.shown(), scene.timeline.stories) == (["post"], [])


def test_what_is_gone_goes_and_what_changes_changes_where_it_is(scene):
    one, two = scene.blogs.put(JULIET, "one"), scene.blogs.put(JULIET, "two")
    scene.loop.now(scene.timeline.load())
    new = scene.api.arrive(scene.blogs.put(JULIET, "three"))
    scene.api.published.emit([two._replace(text="two!"), new._replace(text="three!")])
    assert (scene.shown(), scene.timeline.find(new.place).text) == (["two!", "one"], "three!")
    scene.api.goes(one.place)
    scene.api.goes(new.place)
    assert (scene.shown(), scene.timeline.waiting) == (["two!"], [])
    assert len(scene.told) == 5


def test_older_ones_follow_page_by_page_and_only_those_that_were_chosen(scene):
    for number in range(timeline.PAGE + 3):
        scene.blogs.put(JULIET, str(number), tags=["roses"] if number % 2 else [])
    scene.loop.now(scene.timeline.load())
    assert scene.timeline.has_older
    scene.loop.now(scene.timeline.load_older())
    assert scene.shown() == [str(number) for number in reversed(range(timeline.PAGE + 3))]
    assert not scene.timeline.has_older
    scene.loop.now(scene.timeline.choose(tag="roses"))
    assert scene.shown() == [str(number) for number in reversed(range(1, timeline.PAGE + 3, 2))]
    scene.api.arrive(scene.blogs.put(JULIET, "other"))
    assert scene.timeline.waiting == []
    scene.loop.now(scene.timeline.choose(unread_only=True))
    assert scene.shown() == ["other"]


def test_what_cannot_be_loaded_is_said_and_what_is_here_stays(scene):
    scene.blogs.put(JULIET, "one")
    scene.loop.now(scene.timeline.load())
    scene.api.fails["get_timeline"] = NotConnected(profile="romeo")
    with pytest.raises(NotConnected):
        scene.loop.now(scene.timeline.load())
    assert scene.shown() == ["one"]


def test_what_is_followed_and_how_much_of_it_was_not_seen(scene):
    scene.loop.now(scene.following.load())
    assert scene.following.follows(BLOG._replace(id="any"))
    assert not scene.following.follows(Place(NURSE))
    post = scene.api.arrive(scene.blogs.put(JULIET, "one"))
    scene.loop.now(scene.api.follow(Place(NURSE)))
    assert (scene.following.unread, scene.following.follows(Place(NURSE))) == (1, True)
    scene.loop.now(scene.api.mark_read([post.place]))
    assert scene.following.unread == 0
    scene.api.fails["get_following"] = NotConnected(profile="romeo")
    scene.loop.now(scene.following.load())
    assert scene.following.follows(BLOG)


# -- words ----------------------------------------------------------------------------------------------------------


def post(id="a", text="", **fields):
    return Post(Place(JULIET, MICROBLOG, id), fields.pop("author", JULIET), text=text, **fields)


def test_answers_stand_below_what_they_answer():
    first, second = post("first"), post("second")
    answer, deeper = post("answer", answers=first.place), post("deeper", answers=Place(JULIET, MICROBLOG, "answer"))
    lost = post("lost", answers=Place(JULIET, MICROBLOG, "elsewhere"))
    found = post_words.threaded([first, second, deeper, answer, lost])
    assert [(each.post.place.id, each.depth) for each in found] == [
        ("first", 0),
        ("answer", 1),
        ("deeper", 2),
        ("second", 0),
        ("lost", 0),
    ]


def test_answers_in_a_circle_are_shown_once():
    one, two = post("1", answers=post("2").place), post("2", answers=post("1").place)
    itself = post("3", answers=post("3").place)
    found = post_words.threaded([one, two, itself])
    assert sorted(each.post.place.id for each in found) == ["1", "2", "3"]


def test_long_threads_do_not_run_out_of_the_page():
    chain = [post(str(n), answers=post(str(n - 1)).place) for n in range(2000)]
    assert max(each.depth for each in post_words.threaded(chain)) == post_words.DEEPEST


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " java\nscript:x",
        "data:text/html,x",
        "//evil.example/",
        "http:///x",
        "https://[",
        "https://a b",
        "",
    ],
)
def test_only_harmless_addresses_become_links(url):
    assert post_words.harmless(url) == ""


def test_addresses_of_the_web_and_of_xmpp_are_harmless():
    for url in ("https://example.org/a?b=1", "http://example.org", "xmpp:juliet@example.org?;node=x"):
        assert post_words.harmless(f" {url} ") == url


def test_words():
    claims = post(name="Romeo\u202e", verified=False, author=NURSE)
    assert post_words.author(claims) == "Romeo�"
    assert post_words.doubt(claims) == "Only the post itself says that nurse@example.org wrote it."
    assert post_words.doubt(post(verified=True)) == ""
    assert post_words.author(post(author=JID(""))) == "juliet@example.org"
    assert post_words.heading(post(text="\n one\ntwo")) == "one two"
    assert post_words.heading(post(title="T\n", text="one")) == "T"
    assert post_words.heading(post()) == "(no text)"
    assert post_words.counts(post(likes=1, said=2)) == "2 comments · 1 like"
    assert post_words.counts(post()) == ""
    assert post_words.can_comment(post(comments=BLOG))
    assert not post_words.can_comment(post(comments=NOWHERE))
    assert post_words.node_name(BLOG, JULIET) == "Your blog"
    assert post_words.node_name(BLOG, ROMEO) == "Blog of juliet@example.org"
    assert post_words.node_name(Place(JID("pubsub.example"), "roses"), ROMEO) == "roses at pubsub.example"
    assert post_words.audience(Access(Audience.GROUPS, ["Friends", "Work"])) == (
        "Your contacts in Friends, Work can read it."
    )
    assert post_words.audience(Access(Audience.LISTED, [], [NURSE])) == "Only nurse@example.org can read it."
    assert post_words.tags_of("roses, #garden ,, roses,#") == ["roses", "garden"]
