"""The timeline and blogs in the terminal."""

from __future__ import annotations

import pytest
from blogs import TOWN, column, made
from world import BOB, CAROL, Console

from sat.api.errors import NotConnected
from sat.api.posts import Enclosure, Place
from sat.plugins.timeline.api import Response
from sat_frontends.primitivus.config import Config

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def console(open_console) -> Console:
    return open_console(size=(100, 24))


# -- reading -----------------------------------------------------------------------------------------------------


def test_list_is_beside_the_post_that_is_chosen(timeline):
    listed = column(timeline, 0, 40)
    assert listed.index("Long") < listed.index("The garden") < listed.index("What ␛[31mlight")
    assert "\x1b" not in timeline.text
    assert "Timeline" in timeline.lines[0]
    timeline.press("j", "j")
    assert "But soft," in column(timeline, 41, 100)
    assert "#balcony" in timeline.text
    assert "It is the east" not in timeline.text, "it is not opened yet"


def test_enter_reads_a_post_with_its_comments_as_a_tree(timeline):
    timeline.press("G", "enter")
    x, y = timeline.find("It is the east")
    answer_x, answer_y = timeline.find("And Juliet")
    assert answer_y > y
    assert answer_x == x + 2
    timeline.press("esc")
    assert "And Juliet" not in timeline.text
    assert timeline.app.posts.shown
    timeline.press("esc")
    assert not timeline.app.posts.shown
    assert "No conversation is open." in timeline.text
    timeline.press("f4")
    assert "But soft," in timeline.text, "where it was left"


def test_what_others_say_of_our_posts_is_told_wherever_one_is(console, apis):
    post = apis.blogs.put(BOB, "But \x1b[31msoft", id="said")
    apis.timeline.answered.emit([Response(post, "The garden")])
    console.settle()
    assert "on “The garden”: But ␛[31msoft" in console.text


def test_what_was_said_to_us_is_listed_and_leads_to_our_post(console, apis):
    ours = apis.blogs.put(console.app.live.jid, "Mine", "The garden", id="garden")
    said = apis.blogs.put(BOB, "But \x1b[31msoft", id="said")
    apis.timeline.responses = [
        Response(said, "The garden", ours.place),
        Response(apis.blogs.put(BOB, "Alice!", id="n")),
    ]
    console.press("f4", "A")
    assert "What was said to you" in console.lines[0]
    assert "But ␛[31msoft" in console.text
    assert "on “The garden”" in console.text
    assert "names you" in console.text
    apis.timeline.answered.emit([Response(apis.blogs.put(BOB, "♥", id="heart"), "The garden", ours.place)])
    console.settle()
    console.press("g")
    assert "likes “The garden”" in console.text
    console.press("enter")
    assert "Mine" in console.text
    assert console.text.count("names you") == 1  # our own post does not
    console.press("esc", "esc")
    assert "Timeline" in console.lines[0]


def test_what_is_unread_is_marked_and_counted_until_it_is_read(console, apis):
    post = apis.blogs.put(BOB, "Now", "News", id="news")
    apis.timeline.arrive(post)
    apis.timeline.following_changed.emit(apis.timeline._followed())
    console.settle()
    assert "1 post (F4)" in console.text
    console.press("f4")
    assert "• News" in console.text
    console.press("enter")
    assert made(apis.timeline, "mark_read") == [("mark_read", [post.place])]
    assert "• News" not in console.text
    assert "1 post" not in console.text
    apis.timeline.arrive(apis.blogs.put(BOB, "Then", "More", id="more"))
    console.press("esc", "u")
    assert "Timeline, unread" in console.lines[0]
    assert "The garden" not in console.text
    assert "More" in console.text
    console.press("M")
    assert made(apis.timeline, "mark_read")[-1] == ("mark_read", [])


def test_what_comes_waits_and_what_goes_is_gone(timeline, apis):
    apis.timeline.arrive(apis.blogs.put(CAROL, "Live", "Fresh", id="fresh"))
    timeline.settle()
    assert "1 new post (g)" in timeline.text
    assert "Fresh" not in timeline.text
    timeline.press("g")
    assert "• Fresh" in timeline.text
    timeline.press("j")
    chosen = timeline.app.posts.pane.selected
    apis.timeline.goes(Place(CAROL, id="fresh"))
    timeline.settle()
    assert "Fresh" not in timeline.text
    assert timeline.app.posts.pane.selected == chosen
    timeline.press("G", "enter")
    light = apis.blogs.find(Place(BOB, id="light"))
    apis.timeline.arrive(apis.blogs.say(light, CAROL, "Arise, fair sun", id="c3"))
    timeline.settle()
    assert "Arise, fair sun" in timeline.text
    apis.timeline.goes(light.comments._replace(id="c3"))
    timeline.settle()
    assert "Arise" not in timeline.text


def test_older_ones_are_loaded_when_the_end_comes_near(open_console, apis):
    for number in range(45):
        apis.blogs.put(BOB, "x", f"Old {number}")
    console = open_console(size=(80, 24)).press("f4")
    assert len(made(apis.timeline, "get_timeline")) == 1
    for _page in range(4):
        console.press("G")
    assert "What ␛[31mlight" in console.text
    console.press("g")
    assert "Old 44" in console.text


def test_long_post_is_scrolled_by_lines_and_pages(open_console, apis):
    apis.blogs.put(BOB, "\n".join(f"line {n}." for n in range(60)), "Poem", id="poem")
    console = open_console(size=(80, 24)).press("f4").press("enter")
    assert "line 0." in console.text
    console.press("page down")
    assert "line 0." not in console.text
    console.press("page up")
    assert "line 0." in console.text
    console.press(*["j"] * 8)
    assert "line 0." not in console.text
    console.press("G")
    assert "line 59." in console.text


@pytest.mark.parametrize("size", [(80, 24), (40, 20), (40, 10), (20, 8)], ids=str)
@pytest.mark.parametrize("ascii", [False, True])
def test_it_fits_and_hostile_texts_act_on_nothing(open_console, apis, size, ascii):
    bad = "\x1b]0;x\x07\u202e" + "日本語" * 40
    file = Enclosure("https://e.org/\x1b[2J", title=bad)
    post = apis.blogs.put(BOB, f"{bad}\n\ttab", bad, name=bad, tags=[bad], verified=False, enclosures=[file])
    said = apis.blogs.say(post, CAROL, bad, name=bad, verified=False)
    for _deep in range(30):
        said = apis.blogs.say(post, CAROL, "deep " * 9, answers=said.place, verified=False)
    console = open_console(size=size, config=Config(ascii=ascii)).press("f4")
    for keys in (["enter"], ["j"] * 5, ["G"], ["page up"], ["esc"], ["j", "G"], ["/"], ["esc"], ["c"], ["esc"]):
        console.press(*keys)
        assert not set("\x1b\u202e\x07\t") & set(console.text)
        if ascii:
            ours = console.text
            for theirs in ("␛", "␇", "�", "日", "本", "語"):
                ours = ours.replace(theirs, "")
            assert ours.isascii(), ours
    console.resize(120, 30)
    assert "What" in console.text


def test_where_there_is_no_room_list_and_post_are_shown_in_turn(open_console, apis):
    console = open_console(size=(40, 20)).press("f4").press("G")
    assert "What ␛[31mlight" in console.text
    assert "But soft," not in console.text
    console.press("enter")
    assert "But soft," in console.text
    assert "The garden" not in console.text
    console.press("q")
    assert "The garden" in console.text


def test_who_is_not_vouched_for_is_told(console, apis):
    apis.blogs.put(BOB, "I am Bob", id="x", verified=False)
    console.press("f4")
    assert "! Bob" in console.text
    assert "Only the post itself says" in " ".join(column(console, 41, 100).split())


def test_search(timeline, apis):
    timeline.press("/").type("garden").press("enter")
    assert "Found: garden" in timeline.lines[0]
    assert "What" not in timeline.text
    timeline.press("esc")
    assert "What" in timeline.text


def test_mouse(timeline):
    x, y = timeline.find("The garden")
    timeline.click(x, y)
    assert "About the garden" in timeline.text
    timeline.press("enter").click(*timeline.find("Long"))
    assert timeline.app.posts.pane.opened is None
    timeline.click(x, y, button=5)
    assert timeline.app.posts.pane.selected.place.id != "long"


def test_errors_are_told_and_nothing_is_lost(open_console, apis):
    apis.timeline.fails["get_timeline"] = NotConnected(profile="alice")
    console = open_console().press("f4")
    assert "not online" in console.text or "not connected" in console.text
    apis.timeline.fails.clear()
    console.type(":").press("backspace").type("/timeline").press("enter")
    assert "The garden" in console.text


# -- blogs -------------------------------------------------------------------------------------------------------


def test_blog_of_somebody_and_of_ours(console, apis):
    console.type("/blog bob").press("enter")
    assert "Blog of bob@example.org" in console.lines[0]
    assert "The garden" not in console.text
    assert "Long" in console.text
    console.press(":").type("blog carol").press("enter")
    assert "Blog of carol@example.org" in console.lines[0]
    console.press("esc")
    assert "Blog of bob@example.org" in console.lines[0], "the one before is below"
    console.press(":").type("blog nowhere@example.org").press("enter")
    assert "There is no blog of nowhere@example.org." in " ".join(console.text.split())


def test_post_is_opened_by_its_address(console):
    console.type("/blog xmpp:bob@example.org?;node=urn%3Axmpp%3Amicroblog%3A0;item=light").press("enter")
    assert "It is the east" in console.text


def test_author_and_following(timeline, apis):
    timeline.press("f")
    assert made(apis.timeline, "follow") == [("follow", Place(BOB), False)]
    assert "no longer" in timeline.text
    timeline.press("b")
    assert "Blog of bob@example.org" in timeline.lines[0]
    timeline.press("f")
    assert made(apis.timeline, "follow")[-1] == ("follow", Place(BOB), True)
    timeline.press(":").type("follow blogs.example.org/verona").press("enter")
    assert made(apis.timeline, "follow")[-1] == ("follow", TOWN, True)
    assert "verona at blogs.example.org is in your timeline now." in " ".join(timeline.text.split())


# -- what is said of it ------------------------------------------------------------------------------------------


def test_like_and_repeat(timeline, apis):
    timeline.press("G", "l")
    assert made(apis.blog, "like") == [("like", Place(BOB, id="light"), True)]
    assert "1 like" in timeline.text
    assert "you like it" in timeline.text
    timeline.press("l")
    assert made(apis.blog, "like")[-1][2] is False
    assert "1 like" not in timeline.text
    timeline.press("R").type("Hear!").press("enter")
    assert made(apis.blog, "repeat") == [("repeat", Place(BOB, id="light"), "Hear!")]
    timeline.press("k", "l")
    assert "Nobody can comment on this post." in timeline.text, "a like is a comment"


def test_comment_and_answer(timeline, apis):
    timeline.press("G", "c").type("So it is").press("enter")
    assert made(apis.blog, "comment") == [("comment", Place(BOB, id="light"), "So it is", "")]
    timeline.press("enter")
    assert "So it is" in timeline.text
    assert "3 comments" in timeline.text
    while not timeline.app.posts.pane.on_comment:
        timeline.press("j")
    timeline.press("c")
    assert "Answer the comment" in timeline.text
    timeline.type("No").press("enter")
    assert made(apis.blog, "comment")[-1] == ("comment", Place(BOB, id="light"), "No", "c1")
    timeline.press("esc", "k", "c")
    assert "Nobody can comment on this post." in timeline.text


def test_comment_that_was_refused_is_there_again(timeline, apis):
    apis.blog.fails["comment"] = NotConnected(profile="alice")
    timeline.press("G", "c").type("Kept").press("enter")
    apis.blog.fails.clear()
    timeline.press("c").press("enter")
    assert made(apis.blog, "comment")[-1][2] == "Kept"


# -- beside conversations ----------------------------------------------------------------------------------------


def test_messages_are_not_read_behind_it(console, apis):
    console.press("meta g").type("bob").press("enter", "f4")
    apis.messages.arrive(BOB, "psst")
    console.settle()
    assert apis.messages.counts[BOB] == 1
    console.press("f4")
    assert apis.messages.counts[BOB] == 0
    console.press("f4", "meta 1")
    assert not console.app.posts.shown


def test_keys_are_told_where_they_work(timeline):
    timeline.press("f1")
    assert "Timeline and blogs (F4)" in timeline.text


def test_what_is_pasted_goes_into_the_input(timeline):
    timeline.tell("begin paste", "h", "i", "end paste")
    assert timeline.app.input.text == "hi"
