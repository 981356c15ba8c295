"""What is read of posts in the terminal: long talks, languages, files and pictures, reactions, stories."""

from __future__ import annotations

from pathlib import Path

import pytest
from blogs import column, made
from support.pictures import png
from world import BOB, CAROL, Console

from sat.api.errors import FeatureMissing, NotConnected
from sat.api.posts import NOWHERE, Enclosure, Place, Version
from sat_frontends.primitivus import file_acts
from sat_frontends.primitivus.config import Config
from sat_frontends.quick_frontend.timeline import STORIES

ROSE = "https://files.example/1/rose.png"

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def console(open_console) -> Console:
    return open_console(size=(100, 24))


# -- what was said before ----------------------------------------------------------------------------------------


@pytest.fixture
def talk(apis, open_console) -> Console:
    """120 comments on the newest post, of which the last 50 are loaded at first."""
    post = apis.blogs.put(BOB, "What do you think?", "Question", id="question")
    for number in range(120):
        apis.blogs.say(post, CAROL, f"said {number}.", id=f"s{number}")
    return open_console(size=(100, 40)).press("f4").press("enter")


def test_earlier_comments_are_loaded_at_the_edge(talk, apis):
    assert "earlier comments (m)" in talk.text
    assert "said 70." in talk.text
    assert "said 69." not in talk.text
    talk.press("j")
    assert "said 20." in talk.text
    assert [call[2] for call in made(apis.blog, "get_comments")] == ["", "s70"]
    assert "earlier comments (m)" in talk.text
    talk.press("G")
    assert "said 119." in talk.text


def test_who_reads_upwards_goes_on_where_they_were(talk, apis):
    pane = talk.press("G").app.posts.pane
    for first in ("said 70.", "said 20."):
        while len(made(apis.blog, "get_comments")) == (1 if first == "said 70." else 2):
            talk.press("k")
        assert pane.current.text == first
    while pane.on_comment:
        talk.press("k")
    assert "said 0." in talk.text
    assert "earlier comments" not in talk.text
    assert len(made(apis.blog, "get_comments")) == 3


def test_earlier_comments_are_loaded_by_a_key(talk):
    talk.press("m").press("m")
    assert "said 0." in talk.text
    talk.press("m")
    assert "Nothing was said before." in talk.text
    talk.press("esc").press("m")
    assert "Open a post first." in talk.text


def test_what_cannot_be_loaded_is_told(talk, apis):
    apis.blog.fails["get_comments"] = NotConnected(profile="alice")
    talk.press("m")
    assert "is not connected" in " ".join(talk.text.split())
    assert "said 70." in talk.text


# -- languages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def light(apis):
    """A post in three languages."""
    return apis.blogs.put(
        BOB,
        "What light",
        "Light",
        id="three",
        lang="en",
        versions=[Version("fr-CH", "Lumière", "Quelle lumière"), Version("de", "Licht", "Welch Licht")],
    )


def test_post_is_read_in_the_language_of_the_person(light, open_console, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    console = open_console(size=(100, 24)).press("f4")
    assert "Lumière" in column(console, 0, 40)
    assert "Quelle lumière" in console.text
    assert "fr-CH · t: en, de" in console.text


def test_next_language_by_a_key(light, timeline, apis):
    assert "What light" in timeline.text
    for words in ("Quelle lumière", "Welch Licht", "What light"):
        timeline.press("t")
        assert words in timeline.text
    timeline.press("t").press("y")
    assert timeline.screen.copied == ["Lumière\n\nQuelle lumière"]
    timeline.press("l")
    assert apis.blogs.find(light.place).title == "Light"
    timeline.press("j").press("t")
    assert "This post is in one language only." in timeline.text


def test_an_own_language_is_not_lost_when_it_is_edited(light, timeline, apis):
    timeline.press("t").press("i")
    assert "Languages: en, fr-CH, de" in timeline.text


# -- reactions ---------------------------------------------------------------------------------------------------


def test_reactions_are_shown_put_and_taken_away(console, apis):
    apis.blogs.put(BOB, "x", "Party", id="party", reactions={"🎉": 2, "\x1b👎": 1}, reacted=["🎉"], noticed=3)
    console.press("f4").press("enter")
    assert "🎉 2  ␛👎" in console.text
    assert "3 noticed it" in console.text
    console.press("+")
    assert "take it away" in console.text
    console.press("enter")
    assert made(apis.blog, "react") == [("react", Place(BOB, id="party"), [])]
    assert "🎉  ␛👎" in console.text
    console.press("+").type("tears of joy").press("enter")
    assert made(apis.blog, "react")[-1][2] == ["😂"]
    assert "😂" in console.text


def test_heart_is_a_like(console, apis):
    apis.blogs.put(BOB, "x", "Party", id="party")
    console.press("f4").press("+").type("heavy black heart").press("enter")
    assert made(apis.blog, "react")[-1][2] == ["❤️"]
    assert "1 like" in console.text
    assert "you like it" in console.text


def test_comment_gets_a_reaction(timeline, apis):
    timeline.press("G").press("enter").press("j").press("+").press("enter")
    assert made(apis.blog, "react")[0][1].id == "c1"
    assert "👍" in column(timeline, 41, 100)


def test_where_nobody_can_react_that_is_told(timeline, apis):
    apis.blog.fails["react"] = FeatureMissing(who="bob@example.org", feature="reactions")
    timeline.press("+").press("enter")
    assert "👍" not in timeline.text
    assert "reactions" in timeline.text


# -- files -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rose(apis, tmp_path: Path):
    """Puts a post with a picture there."""

    def put(*enclosures: Enclosure, html: str = "", **more: object):
        data = png(640, 360)
        (tmp_path / "cached").write_bytes(data)
        apis.attachments.fetched(ROSE, str(tmp_path / "cached"), data, "rose.png")
        enclosures = enclosures or (Enclosure(ROSE, "image/png", "A rose"),)
        return apis.blogs.put(BOB, "Look", "Roses", id="roses", enclosures=list(enclosures), html=html, **more)

    return put


def rich(console: Console) -> Console:
    console.screen.colors = 1 << 24
    return console


def test_picture_is_shown_where_the_post_is_read(rose, apis, console):
    rose()
    rich(console).press("f4").settle()
    assert "▤ rose.png “A rose”  o open  s save" in console.text
    assert made(apis.attachments, "get_picture_of") == [], "to be chosen in a list is not to be read"
    console.press("enter").settle()
    assert made(apis.attachments, "get_picture_of") == [("get_picture_of", BOB, ROSE)]
    assert "▤ rose.png 640×360" in console.text
    assert len([line for line in console.lines if "▀" in line]) > 5


def test_picture_in_the_text_is_shown_with_what_it_shows(rose, console):
    rose(Enclosure("https://files.example/talk.pdf"), html=f'<p>Look <img src="{ROSE}" alt="A red rose"/></p>')
    rich(console).press("f4").press("enter").settle()
    assert "“A red rose”" in console.text
    assert "▀" in console.text
    assert "▤ talk.pdf" in console.text


@pytest.mark.parametrize(("hidden", "verified"), [(True, True), (False, False)])
def test_picture_of_whom_the_person_does_not_want_has_its_line(rose, apis, console, hidden, verified):
    rose(verified=verified)
    if hidden:
        apis.attachments.hidden.add(ROSE)
    rich(console).press("f4").press("enter").settle()
    assert "▤ rose.png “A rose”  o open  s save" in console.text
    assert "▀" not in console.text


def test_terminal_of_few_colours_gets_the_line_only(rose, apis, console):
    rose()
    console.screen.colors = 16
    console.press("f4").press("enter").settle()
    assert "▀" not in console.text
    assert apis.attachments.calls == []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that another program would open."""
    addresses: list[str] = []

    async def open_address(_app: object, url: str) -> None:
        addresses.append(url)

    monkeypatch.setattr("sat_frontends.primitivus.post_reading.open_address", open_address)
    return addresses


def test_file_is_opened(rose, console, opened):
    rose()
    console.press("f4").press("o")
    assert opened == [ROSE]


def test_one_of_several_files_is_opened(rose, console, opened):
    rose(Enclosure(ROSE), Enclosure("https://files.example/talk.pdf"), Enclosure("javascript:alert(1)"))
    console.press("f4").press("o").type("talk").press("enter")
    assert opened == ["https://files.example/talk.pdf"]


def test_files_are_saved(rose, console, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    rose()
    console.press("f4").press("s")
    assert (tmp_path / "rose.png").read_bytes() == png(640, 360)
    assert "Saved as" in console.text


def test_post_without_a_file_says_so(timeline, opened):
    timeline.press("o")
    assert "No file came with this post." in timeline.text
    timeline.press("s")
    assert opened == []


# -- what is known of it -----------------------------------------------------------------------------------------


def test_info_names_the_address(timeline):
    timeline.press("i")
    assert "By: Bob bob@example.org" in timeline.text
    assert "xmpp:bob@example.org?;node=urn%3Axmpp%3Amicroblog%3A0;item=long" in timeline.text


# -- stories -----------------------------------------------------------------------------------------------------


@pytest.fixture
def story(apis):
    """carol shows something for a day."""
    post = apis.blogs.put(CAROL, "In the garden", node=STORIES, id="now", comments=NOWHERE)
    apis.timeline.stories = [post._replace(unread=True)]
    apis.timeline.unread.add(post.place)
    return post


def test_stories_are_above_the_posts_and_opened_by_enter(story, timeline, apis):
    listed = column(timeline, 0, 40)
    assert listed.index("In the garden") < listed.index("Long")
    assert "Carol · story" in timeline.text
    timeline.press("g").press("enter")
    assert timeline.app.posts.pane.opened.place == story.place
    assert made(apis.timeline, "mark_read") == [("mark_read", [story.place])]
    assert "• In the garden" not in timeline.text


def test_story_comes_at_once_and_goes(timeline, apis):
    new = apis.blogs.put(CAROL, "Just now", node=STORIES, id="new")
    apis.timeline.arrive(new)
    timeline.settle()
    assert "Just now" in timeline.text
    apis.timeline.goes(new.place)
    timeline.settle()
    assert "Just now" not in timeline.text


def test_timeline_is_read_where_there_are_no_stories(console, apis):
    apis.timeline.fails["get_stories"] = NotConnected(profile="alice")
    console.press("f4")
    assert "The garden" in console.text
    assert "not connected" not in console.text


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 8)], ids=str)
def test_it_fits_and_hostile_texts_act_on_nothing(open_console, rose, apis, size):
    bad = "\x1b]0;x\x07\u202e" + "日本語" * 40
    post = rose(
        Enclosure(f"{ROSE}?{bad}", title=bad),
        lang=bad,
        versions=[Version(bad, bad, bad)],
        reactions={bad: 2},
    )
    apis.blogs.say(post, CAROL, bad, reactions={bad: 1})
    console = rich(open_console(size=size, config=Config()))
    for keys in (["f4"], ["enter"], ["t"], ["i"], ["esc"], ["+"], ["esc"], ["o"], ["esc"], ["j"], ["i"], ["esc"]):
        console.press(*keys)
        assert not set("\x1b\u202e\x07\t") & set(console.text)


def test_opener_that_is_not_there_is_told(rose, console, monkeypatch, tmp_path):
    monkeypatch.setattr(file_acts, "OPENER", str(tmp_path / "none"))
    rose()
    console.press("f4").press("o")
    assert "There is no" in console.text
