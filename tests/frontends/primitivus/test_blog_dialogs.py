"""Who can read a blog, and blogs to follow: the dialogs."""

from __future__ import annotations

import pytest
from blogs import TOWN, made
from world import BOB, CAROL, ME, Console

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected
from sat.api.posts import Audience, Place
from sat.plugins.blog.api import Access
from sat.plugins.timeline.api import Found

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def console(open_console) -> Console:
    return open_console(size=(100, 24))


# -- who can read it ---------------------------------------------------------------------------------------------


def test_access_is_shown_and_changed(timeline, apis):
    timeline.press("a")
    assert "< Everybody >" in timeline.text
    assert "Groups:" not in timeline.text
    timeline.press("right").press("right")
    assert "You have: Friends, Work." in timeline.text
    timeline.press("down").type("Work, Friends").press("enter")
    assert apis.blog.access[Place(ME)] == Access(Audience.GROUPS, ["Work", "Friends"])
    assert "Your contacts in Work, Friends can read it." in timeline.text
    timeline.press("a")
    assert "Groups: Work, Friends" in timeline.text
    timeline.press("right").press("down").type("bob, carol@example.org").press("enter")
    assert apis.blog.access[Place(ME)] == Access(Audience.LISTED, [], [BOB, CAROL])


def test_what_is_wrong_is_said_in_the_dialog(timeline, apis):
    timeline.press("a").press("right").press("right").press("down").press("enter")
    assert "Say which groups of your contacts may read it." in timeline.text
    timeline.press("up").press("right").press("down").type("nobody").press("enter")
    assert "Nobody in your contacts is called “nobody”." in timeline.text
    assert apis.blog.access == {}
    apis.blog.fails["get_access"] = NotConnected(profile="alice")
    timeline.press("esc").press("a")
    assert "not connected" in timeline.text


def test_access_of_a_community(console, apis):
    apis.blogs.put(CAROL, "Peace", "Ho", service=TOWN.service, node=TOWN.node)
    console.type("/blog blogs.example.org/verona").press("enter").press("a")
    assert "Who can read: verona at blogs.example.org" in console.text
    console.press("left").press("down").type("bob").press("enter")
    assert apis.blog.access == {TOWN: Access(Audience.LISTED, [], [BOB])}


def test_of_the_blog_of_somebody_else_one_has_nothing_to_say(console):
    console.type("/blog bob").press("enter").press("a")
    assert "Who can read: Your blog" in console.text


def test_access_by_a_command(console, apis):
    console.type("/blog-access contacts").press("enter")
    assert apis.blog.access == {Place(ME): Access(Audience.CONTACTS)}
    console.type("/blog-access").press("enter")
    assert "Contacts who may see your presence can read it." in console.text


# -- what could be followed --------------------------------------------------------------------------------------


@pytest.fixture
def found(apis):
    apis.timeline.found = [
        Found(Place(BOB), "Bob’s \x1bblog", "Of gardens", True, [CAROL]),
        Found(TOWN, "Verona", "News of the town", False, [BOB, CAROL, ME, JID("dave@example.org")]),
        Found(TOWN._replace(node="mantua"), "", "", False),
    ]
    return apis.timeline.found


def test_blogs_are_found_and_followed(found, timeline, apis):
    timeline.press("F")
    assert "✓ Bob’s ␛blog" in timeline.text
    assert "mantua at blogs.example.org" in timeline.text
    timeline.type("verona").press("enter").press("enter")
    assert made(apis.timeline, "follow") == [("follow", TOWN, True)]
    assert "✓ Verona" in timeline.text, "the list stays open"
    assert "Verona is in your timeline now." in timeline.text
    timeline.press("enter").press("enter")
    assert made(apis.timeline, "follow")[-1] == ("follow", TOWN, False)
    assert "✓ Verona" not in timeline.text


def test_found_blog_is_read(found, timeline):
    timeline.press("F").press("enter").type("read").press("enter")
    assert timeline.lines[0].startswith(" Blog of bob@example.org")


def test_an_address_that_is_typed_is_looked_at(found, timeline, apis):
    timeline.press("F").type("blogs.example.org")
    timeline.press("up").press("page down").press("enter")
    assert made(apis.timeline, "discover")[-1] == ("discover", TOWN.service)
    assert "Blogs at blogs.example.org" in timeline.text
    assert "Bob’s" not in timeline.text


def test_service_by_a_command(found, console, apis):
    console.type("/blog-discover blogs.example.org").press("enter")
    assert "Verona" in console.text
    console.press("esc").type("/blog-discover").press("enter")
    assert [call[1] for call in made(apis.timeline, "discover")] == [TOWN.service, ""]


def test_errors_are_said_where_the_list_would_be(timeline, apis):
    timeline.press("F")
    assert "Nothing was found; an address may be typed." in timeline.text
    apis.timeline.fails["discover"] = NotConnected(profile="alice")
    timeline.press("esc").press("F")
    assert "not connected" in timeline.text


def test_what_cannot_be_followed_is_told(found, timeline, apis):
    apis.timeline.fails["follow"] = FeatureMissing(who="blogs.example.org", feature="subscriptions")
    timeline.press("F").type("verona").press("enter").press("enter")
    assert "✓ Verona" not in timeline.text
    assert "subscriptions" in timeline.text
