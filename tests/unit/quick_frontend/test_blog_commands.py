"""The commands about blogs."""

from __future__ import annotations

import pytest
from support.fakes import JULIET, NURSE, ROMEO

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound
from sat.api.posts import Audience, Place
from sat.plugins.blog.api import Access
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.commands import complete

from .test_commands import Shell

TOWN = Place(JID("blogs.verona.lit"), "town")


@pytest.fixture
def shell():
    shell = Shell()
    shell.apis.timeline.follows.append(TOWN)
    shell.loop.now(shell.live.following.load())
    return shell


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("/blog", Place(ROMEO)),
        ("/blog juliet", Place(JULIET)),
        ("/blog juliet@capulet.lit", Place(JULIET)),
        ("/blog blogs.verona.lit/town", TOWN),
        ("/blog xmpp:juliet@capulet.lit?;node=n;item=i", Place(JULIET, "n", "i")),
    ],
)
def test_which_blog_is_meant(shell, line, place):
    assert shell.types(line) == ("blog", place)


def test_nobody_is_called_so(shell):
    with pytest.raises(InvalidArgument, match="Paris"):
        shell.types("/blog Paris")


def test_following(shell):
    assert shell.types("/follow juliet") == ("show", "Blog of juliet@capulet.lit is in your timeline now.")
    assert shell.apis.timeline.follows == [TOWN, Place(JULIET)]
    assert (
        shell.types("/unfollow blogs.verona.lit/town")[1] == "town at blogs.verona.lit is in your timeline no longer."
    )
    assert shell.apis.timeline.follows == [Place(JULIET)]


def test_timeline(shell):
    assert shell.types("/timeline") == ("timeline",)


def test_what_is_followed_is_offered_first(shell):
    assert [each.text for each in complete(shell.live, "/blog bl")] == ["/blog blogs.verona.lit/town"]
    assert "/follow Juliet Capulet" in [each.text for each in complete(shell.live, "/follow ju")]


@pytest.fixture
def groups(shell):
    shell.apis.roster.changed.emit([Contact(JULIET, "Juliet Capulet", Subscription.BOTH, ["Friends", "Old, and dear"])])
    return shell


@pytest.mark.parametrize(
    ("line", "access", "said"),
    [
        ("contacts", Access(Audience.CONTACTS), "Contacts who may see your presence can read it."),
        ("Everybody", Access(Audience.EVERYBODY), "Everybody can read it."),
        ("groups Friends", Access(Audience.GROUPS, ["Friends"]), "Your contacts in Friends can read it."),
        (
            "listed juliet, nurse@capulet.lit, juliet@capulet.lit",
            Access(Audience.LISTED, [], [JULIET, NURSE]),
            "",
        ),
    ],
)
def test_who_may_read_is_said(groups, line, access, said):
    shown = groups.types(f"/blog-access {line}")[1]
    assert groups.apis.blog.access == {Place(ROMEO): access}
    assert said in shown


def test_who_may_read_is_shown(shell):
    assert shell.types("/blog-access") == ("show", "Everybody can read it.")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("strangers", "“strangers” is none of everybody, contacts, groups, listed."),
        ("groups", "Say which groups of your contacts. You have: Friends"),
        ("groups Foes", "You have no group “Foes”. You have: Friends"),
        ("contacts juliet", "goes with nobody in particular"),
        ("listed Paris", "Nobody in your contacts is called “Paris”."),
    ],
)
def test_what_cannot_be_who_may_read(groups, line, why):
    with pytest.raises(InvalidArgument, match=why):
        groups.types(f"/blog-access {line}")
    assert groups.apis.blog.access == {}


def offered(shell, line):
    return [each.text for each in complete(shell.live, line)]


def test_audiences_are_completed_then_who(groups):
    assert offered(groups, "/blog-access g") == ["/blog-access groups "]
    assert offered(groups, "/blog-access c") == ["/blog-access contacts"]
    assert "/blog-access groups Friends" in offered(groups, "/blog-access groups fr")
    assert offered(groups, "/blog-access listed x@y, jul") == ["/blog-access listed x@y, Juliet Capulet"]
    assert offered(groups, "/blog-access contacts ") == []


def test_post_is_renamed(shell):
    shell.blogs.put(ROMEO, "Text", id="old")
    assert shell.types("/blog-rename old  new") == ("show", "The post is new now; its comments have stayed.")
    assert shell.blogs.find(Place(ROMEO, id="new"))
    with pytest.raises(InvalidArgument, match="POST NAME"):
        shell.types("/blog-rename new")
    with pytest.raises(NotFound):
        shell.types(f"/blog-rename xmpp:{ROMEO}?;node=other;item=new best")


def test_what_opens(shell):
    assert shell.types("/blog-drafts") == ("blog drafts",)
    assert shell.types("/blog-discover") == ("blog discovery", JID(""))
    assert shell.types("/blog-discover blogs.verona.lit/town") == ("blog discovery", JID("blogs.verona.lit"))
    assert shell.types("/blog-discover juliet") == ("blog discovery", JULIET)
