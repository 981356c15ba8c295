"""Blogs that could be followed."""

import pytest
from support.fake_blog import Blogs, Timeline
from support.fakes import JULIET, NURSE, ROMEO, Loop

from sat.api import JID
from sat.api.errors import NotConnected
from sat.api.posts import Place
from sat.plugins.timeline.api import Found
from sat_frontends.quick_frontend.discovering import Discovery

TOWN = Place(JID("blogs.verona.lit"), "town")


@pytest.fixture
def api():
    api = Timeline(Blogs(ROMEO))
    api.found = [Found(Place(JULIET), "", "Of\x1b love"), Found(TOWN, "Town", "", True, [JULIET, NURSE, ROMEO, NURSE])]
    return api


def load(api, service=""):
    discovery = Discovery(api, ROMEO, JID(service))
    Loop().now(discovery.load())
    return discovery


def test_what_is_found_is_named_and_described_clean(api):
    found = load(api)
    assert found.title == "Blogs of contacts, and what they follow"
    assert [(found.name(each), found.about(each)) for each in found.found] == [
        ("Blog of juliet@capulet.lit", "Of␛ love · juliet@capulet.lit"),
        ("Town", f"blogs.verona.lit/town · followed by {JULIET}, {NURSE}, {ROMEO}, …"),
    ]


def test_a_service_is_asked(api):
    found = load(api, "blogs.verona.lit")
    assert (found.title, [each.place for each in found.found]) == ("Blogs at blogs.verona.lit", [TOWN])


def test_following_and_no_longer(api):
    found, loop = load(api), Loop()
    assert loop.now(found.follow(found.found[0])).followed
    assert [each.followed for each in found.found] == [True, True]
    loop.now(found.follow(found.found[1]))
    assert [call[1:] for call in api.calls if call[0] == "follow"] == [(Place(JULIET), True), (TOWN, False)]
    api.fails["follow"] = NotConnected(profile="romeo")
    with pytest.raises(NotConnected):
        loop.now(found.follow(found.found[0]))
    assert found.found[0].followed
