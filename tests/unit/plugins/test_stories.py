"""Stories: shown for a day, whoever tells them (XEP-0501)."""

import pytest
from support.followed import JULIET, MINE, STRANGER, event, goes_online, item, items, refuse_all, started
from support.romeo import OWN, now

from sat.api.posts import Enclosure, Place
from sat.plugins.blocking.plugin import Blocking
from sat.plugins.timeline import looking, stories
from sat.plugins.timeline.plugin import Timeline

HERS = Place(JULIET, stories.NODE)
START = 1_750_000_000
PICTURE = "<link rel='enclosure' href='https://capulet.lit/moon.jpg' type='image/jpeg' title='The moon' length='4096'/>"

# A story as Movim's users publish it: a title, one picture, an address, a place for comments.
MOVIM = """<item id='a-story'><entry xmlns='http://www.w3.org/2005/Atom'>
  <title>Moon</title>
  <id>d6a44b0e-1a53-4d0e-8f4c-2a0f6f6e5a10</id>
  <author><name>Juliet</name><uri>xmpp:juliet@capulet.lit</uri></author>
  <link rel='enclosure' title='story.jpg' href='https://upload.capulet.lit/story.jpg' type='image/jpeg' length='52341'/>
  <link rel='alternate'
    href='xmpp:juliet@capulet.lit?;node=urn:xmpp:pubsub-social-feed:stories:0;item=a-story'/>
  <link rel='replies' title='comments'
    href='xmpp:juliet@capulet.lit?;node=urn:xmpp:microblog:0:comments/a-story'/>
  <published>2025-06-15T15:00:00Z</published><updated>2025-06-15T15:00:00Z</updated>
</entry></item>"""


def lives(romeo, seconds=""):
    """Juliet's server says how long stories are kept."""
    field = f"<field var='pubsub#item_expire'><value>{seconds}</value></field>"
    form = f"<x xmlns='jabber:x:data' type='result'>{field}</x>"
    info = f"<query xmlns='http://jabber.org/protocol/disco#info'>{form}</query>"
    romeo.wire.answer(f"node='{stories.NODE}'", info)


def told(romeo, inner, place=HERS, seconds=""):
    event(romeo, place, inner)
    if any("disco#info" in each and stories.NODE in each for each in romeo.wire.asked):
        lives(romeo, seconds)


def ids(timeline):
    return [each.place.id for each in now(timeline.get_stories())]


def restarted(romeo, timeline):
    timeline.stop()
    del romeo._plugins[Timeline]
    return romeo.plug(Timeline)


def test_a_story_is_shown_until_it_expires(romeo, online):
    assert f"{stories.NODE}+notify" in romeo.features
    told(romeo, MOVIM)
    (story,) = now(online.get_stories())
    assert (story.place, story.author) == (HERS._replace(id="a-story"), JULIET)
    assert (story.verified, story.unread) == (True, True)
    assert (story.text, story.name) == ("Moon", "Juliet")
    assert story.enclosures == [Enclosure("https://upload.capulet.lit/story.jpg", "image/jpeg", "story.jpg", 52341)]
    assert now(online.get_timeline()) == []
    assert now(restarted(romeo, online).get_stories()) == [story]
    online = romeo.plugin(Timeline)
    romeo.clock.advance(stories.DAY - 450)
    assert ids(online) == ["a-story"]
    romeo.clock.advance(60)
    assert ids(online) == []
    told(romeo, MOVIM)
    assert ids(online) == [], "it does not come back"


@pytest.mark.parametrize(("said", "life"), [("3600", 3600), ("max", stories.DAY), ("99999999", stories.LONGEST)])
def test_its_node_says_how_long(romeo, online, said, life):
    told(romeo, item(more=PICTURE, at=START + 1), seconds=said)
    romeo.clock.advance(life - 10)
    assert ids(online) == ["1"]
    romeo.clock.advance(20)
    assert ids(online) == []


def test_the_newest_is_first_and_what_was_seen_is_read(romeo, online):
    told(romeo, item("1", ago=50, more=PICTURE) + item("2", ago=10, more=PICTURE) + item("3", ago=90, more=PICTURE))
    told(romeo, item("4", ago=70, more=PICTURE), MINE._replace(node=stories.NODE))
    assert [(each.place.id, each.unread) for each in now(online.get_stories())] == [
        ("2", True),
        ("1", True),
        ("4", False),
        ("3", True),
    ]
    now(online.mark_read([HERS._replace(id="1")]))
    told(romeo, item("1", "Again", ago=50, more=PICTURE))
    assert [each.unread for each in now(online.get_stories())] == [True, False, False, True]
    now(online.mark_read([]))
    assert not any(each.unread for each in now(restarted(romeo, online).get_stories()))


def test_what_is_taken_back_is_gone(romeo, online):
    told(romeo, item("1", more=PICTURE) + item("2", more=PICTURE))
    event(romeo, HERS, "<retract id='1'/>")
    assert ids(online) == ["2"]
    romeo.hears(
        f"<message from='{JULIET}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<purge node='{stories.NODE}'/></event></message>"
    )
    assert ids(online) == []


def test_what_is_no_story_of_a_contact_is_not_shown(romeo, online):
    strange = [
        item("1"),  # without a picture
        f"<item id='2' publisher='{STRANGER.service}'>{item('2', more=PICTURE).partition('>')[2]}",
        item("3", "x" * stories.LARGEST, more=PICTURE),
        "<item id='4'><x xmlns='urn:x'/></item>",
        item("5", ago=2 * stories.DAY, more=PICTURE),
    ]
    told(romeo, "".join(strange))
    event(romeo, STRANGER._replace(node=stories.NODE), item("6", more=PICTURE))
    assert ids(online) == []
    now(online.follow(Place(JULIET), False))
    event(romeo, HERS, item("7", more=PICTURE))
    assert ids(online) == []


def test_stories_are_bounded(romeo, online, monkeypatch):
    monkeypatch.setattr(stories, "MOST", 2)
    told(romeo, item("1", ago=1, more=PICTURE) + item("2", ago=3, more=PICTURE) + item("3", ago=2, more=PICTURE))
    assert ids(online) == ["1", "3"]


def test_whom_we_have_blocked_shows_none(romeo, timeline):
    blocking = romeo.plug(Blocking)
    goes_online(romeo)
    blocking._keep([JULIET])
    blocking._lacking = False
    told(romeo, item(more=PICTURE))
    assert ids(timeline) == []


def test_who_has_had_stories_is_asked_after_a_log_in(romeo, online):
    told(romeo, item("1", more=PICTURE) + item("2", more=PICTURE))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.clock.advance(looking.FIRST[1])
    romeo.wire.answer(f"<items node='{stories.NODE}'", items(item("2", more=PICTURE) + item("3", more=PICTURE)))
    assert set(ids(online)) == {"2", "3"}
    romeo.goes_offline()
    goes_online(romeo)
    refuse_all(romeo)
    assert ids(online) == []


def test_what_is_damaged_is_left_out(romeo, online):
    told(romeo, item("1", more=PICTURE))
    rows = now(online.store.get("stories"))
    now(online.store.set("stories", [["@", 1], [JULIET, "2", "<", 1, 1], [JULIET, "3", "<x/>", 1, 1], *rows]))
    assert ids(restarted(romeo, online)) == ["1"]
    assert started(romeo.plugin(Timeline).mark_read([Place(OWN)])) == [None]
