"""Drafts of posts, and what is published by itself."""

from __future__ import annotations

from typing import Any

import pytest
from support.blogging import NONE, OURS, SERVICE, asked, begin, items
from support.romeo import OWN, Profile, now

from sat.api import JID
from sat.api.errors import InvalidArgument, NotConnected, NotFound, PeerError, RequestTimeout
from sat.api.posts import NOWHERE, Draft, Enclosure, Place, Translation
from sat.core.plugin import Hook
from sat.plugins.blog_drafts import plugin
from sat.plugins.blog_drafts.api import MOST, Kept
from sat.plugins.blog_drafts.events import NotPublished
from sat.plugins.blog_drafts.plugin import LOOK, RETRY, BlogDrafts

START = 1_750_000_000.0
CLUB = Place(SERVICE, "verona")
LATER = Draft("Later", comments=False)


@pytest.fixture
def drafts(romeo: Profile) -> BlogDrafts:
    made: BlogDrafts = romeo.plug(BlogDrafts)
    return made


def again(romeo: Profile, drafts: BlogDrafts) -> BlogDrafts:
    """The daemon has been started anew."""
    drafts.stop()
    del romeo._plugins[BlogDrafts]
    made: BlogDrafts = romeo.plug(BlogDrafts)
    return made


def published(romeo: Profile) -> list[str]:
    return [each for each in romeo.wire.asked if "<publish" in each]


def arrives(romeo: Profile) -> str:
    """A post comes to a node where there is none with that id; the id."""
    romeo.wire.answer("<items", NONE)
    sent = asked(romeo, "<publish")
    romeo.wire.answer("<publish")
    return sent.split("<item id='")[1].split("'")[0]


def test_drafts_are_kept_and_told(romeo: Profile, drafts: BlogDrafts) -> None:
    told: list[list[Kept]] = []
    drafts.changed.connect(told.append)
    draft = Draft(
        "A",
        "T",
        True,
        "en",
        ["x"],
        [Enclosure("https://x.test/a", size=3)],
        "s",
        False,
        5.0,
        [Translation("fr", body="B")],
    )
    first = now(drafts.keep(draft, NOWHERE))
    romeo.clock.advance(1)
    second = now(drafts.keep(Draft(""), CLUB, "mine"))
    assert second == "mine"
    kept = [Kept("mine", Draft(""), CLUB, START + 1), Kept(first, draft, OURS, START)]
    assert now(drafts.get_all()) == kept == told[-1]
    assert now(again(romeo, drafts).get_all()) == kept
    assert now(drafts.get(first)) == kept[1]
    romeo.clock.advance(1)
    now(drafts.keep(draft._replace(body="C"), NOWHERE, first))
    assert [(each.id, each.draft.body) for each in now(drafts.get_all())] == [(first, "C"), ("mine", "")]
    now(drafts.drop(first))
    assert [each.id for each in told[-1]] == ["mine"]
    for work in (drafts.get(first), drafts.drop(first), drafts.publish(first)):
        with pytest.raises(NotFound):
            now(work)


def test_drafts_are_within_bounds(romeo: Profile, drafts: BlogDrafts, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (
        drafts.keep(Draft("x" * 1_000_001), NOWHERE),
        drafts.keep(Draft("x"), NOWHERE, "i" * 65),
        drafts.keep(Draft("x"), NOWHERE, due=float("nan")),
        drafts.keep(Draft("x", published=float("inf")), NOWHERE),
        drafts.keep(Draft("x"), Place(OWN, "")),
        drafts.keep(Draft(" "), NOWHERE, due=START + 5),
    ):
        with pytest.raises(InvalidArgument):
            now(wrong)
    for _ in range(MOST):
        now(drafts.keep(Draft("x"), NOWHERE))
    with pytest.raises(InvalidArgument):
        now(drafts.keep(Draft("x"), NOWHERE))
    monkeypatch.setattr(plugin, "OVERALL", 1000)
    some = now(drafts.get_all())[0].id
    with pytest.raises(InvalidArgument):
        now(drafts.keep(Draft("y"), NOWHERE, some))


def test_what_is_damaged_is_left_out(romeo: Profile, drafts: BlogDrafts) -> None:
    now(drafts.keep(Draft("x"), NOWHERE, "good"))
    good = now(drafts.store.get("good"))
    wrong = {**good, "draft": {**good["draft"], "body": 3}}
    for number, value in enumerate(
        (wrong, [], {"draft": 1}, {"draft": {"enclosures": [], "translations": []}, "node": []})
    ):
        now(drafts.store.set(f"bad{number}", value))
    assert [each.id for each in now(again(romeo, drafts).get_all())] == ["good"]


def test_a_draft_is_published_now(romeo: Profile, drafts: BlogDrafts) -> None:
    romeo.goes_online()
    now(drafts.keep(LATER, CLUB, "d"))
    told = begin(drafts.publish("d"))
    for work in (drafts.publish("d"), drafts.drop("d"), drafts.keep(LATER, CLUB, "d")):
        with pytest.raises(InvalidArgument):
            now(work)
    id = arrives(romeo)
    assert id.startswith("later-")
    assert told == [CLUB._replace(id=id)]
    assert now(drafts.get_all()) == []


def test_one_of_a_post_is_its_new_text(romeo: Profile, drafts: BlogDrafts) -> None:
    romeo.goes_online()
    now(drafts.keep(LATER, CLUB._replace(id="old"), "d"))
    told = begin(drafts.publish("d"))
    romeo.wire.answer("<items", items(("old", str(OWN), "<title>before</title>")))
    romeo.wire.answer("<publish")
    assert told == [CLUB._replace(id="old")]


def test_who_cannot_publish_keeps_the_draft(romeo: Profile, drafts: BlogDrafts) -> None:
    now(drafts.keep(LATER, CLUB, "d"))
    assert isinstance(begin(drafts.publish("d"))[0], NotConnected)
    romeo.goes_online()
    told = begin(drafts.publish("d"))
    romeo.wire.answer("<items", NONE)
    romeo.wire.refuse("<publish", "forbidden")
    assert isinstance(told[0], PeerError)
    assert now(drafts.get("d")) == Kept("d", LATER, CLUB, START)


def test_it_is_published_when_it_is_due(romeo: Profile, drafts: BlogDrafts) -> None:
    romeo.goes_online()
    now(drafts.keep(LATER, CLUB, due=START + 2 * LOOK))
    now(drafts.keep(LATER._replace(slug="first"), CLUB, due=START + 10))
    romeo.clock.advance(9)
    assert not [each for each in romeo.wire.asked if "verona" in each]
    romeo.clock.advance(1)
    assert arrives(romeo) == "first"
    romeo.clock.pump([LOOK, LOOK - 11])
    assert not [each for each in romeo.wire.asked if "verona" in each]
    romeo.clock.advance(1)
    arrives(romeo)
    assert now(drafts.get_all()) == []


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_due_meanwhile_is_published_after_log_in(romeo: Profile, drafts: BlogDrafts, restarted: bool) -> None:
    now(drafts.keep(LATER, CLUB, due=START + 10))
    romeo.clock.advance(100)
    if restarted:
        drafts = again(romeo, drafts)
    assert not romeo.wire.asked
    romeo.goes_online()
    arrives(romeo)
    assert now(drafts.get_all()) == []


@pytest.mark.parametrize("crashed", [False, True])
@pytest.mark.parametrize("arrived", [False, True])
def test_it_is_published_once_whatever_happens(
    romeo: Profile, drafts: BlogDrafts, arrived: bool, crashed: bool
) -> None:
    romeo.goes_online()
    now(drafts.keep(LATER, CLUB, due=START))
    romeo.wire.answer("<items", NONE)
    (sent,) = published(romeo)
    id = sent.split("<item id='")[1].split("'")[0]
    if crashed:
        romeo.goes_offline()
        drafts = again(romeo, drafts)
        romeo.wire._asked.clear()
        romeo.goes_online()
    else:
        _, answer = romeo.wire._asked.pop()
        answer.errback(RequestTimeout(peer=SERVICE))
        assert not published(romeo)
        romeo.clock.advance(RETRY)
    found = items((id, str(OWN), "<title>Later</title>"))
    if arrived:
        for _ in range(2):
            romeo.wire.answer(f"<item id='{id}'/>", found)
        refuse_attached(romeo)
        assert not published(romeo)
    else:
        romeo.wire.answer(f"<item id='{id}'/>", NONE)
        assert f"<item id='{id}'>" in asked(romeo, "<publish")
        romeo.wire.answer("<publish")
    assert now(drafts.get_all()) == []


def refuse_attached(romeo: Profile) -> None:
    romeo.wire.refuse("pubsub-attachments", "item-not-found")


def tried(romeo: Profile, drafts: BlogDrafts, draft: Draft) -> str:
    """It is not known whether it was published, and the draft is another one since; the id of the post."""
    romeo.goes_online()
    now(drafts.keep(draft, CLUB, "d", START))
    romeo.wire.answer("<items", NONE)
    (sent,) = published(romeo)
    _, answer = romeo.wire._asked.pop()
    answer.errback(RequestTimeout(peer=SERVICE))
    now(drafts.keep(draft._replace(body="Changed"), CLUB, "d", START))
    return sent.split("<item id='")[1].split("'")[0]


def test_what_has_arrived_after_all_is_changed(romeo: Profile, drafts: BlogDrafts) -> None:
    id = tried(romeo, drafts, LATER)
    for _ in range(2):
        romeo.wire.answer(f"<item id='{id}'/>", items((id, str(OWN), "<title>Later</title>")))
    refuse_attached(romeo)
    romeo.wire.answer(f"<item id='{id}'/>", items((id, str(OWN), "<title>Later</title>")))
    assert "Changed" in asked(romeo, "<publish")


@pytest.mark.parametrize("draft", [Draft("", "Changed"), Draft("Changed", "Changed"), Draft("Changed")])
def test_what_has_arrived_is_known_however_short_it_is(romeo: Profile, drafts: BlogDrafts, draft: Draft) -> None:
    id = tried(romeo, drafts, draft._replace(slug="mine", comments=False))
    for _ in range(2):
        romeo.wire.answer(f"<item id='{id}'/>", items((id, str(OWN), "<title>Changed</title>")))
    refuse_attached(romeo)
    assert now(drafts.get_all()) == []


@pytest.mark.parametrize(("author", "text"), [(OWN, "Another"), (JID("juliet@capulet.lit"), "Changed")])
def test_another_post_is_never_taken_for_it(romeo: Profile, drafts: BlogDrafts, author: JID, text: str) -> None:
    id = tried(romeo, drafts, LATER._replace(slug="mine"))
    for _ in range(2):
        romeo.wire.answer(f"<item id='{id}'/>", items((id, str(author), f"<title>{text}</title>")))
    refuse_attached(romeo)
    assert not published(romeo)
    assert now(drafts.get("d")).problem == "PostExists"


def test_a_failure_waits_for_a_person(romeo: Profile, drafts: BlogDrafts) -> None:
    told: list[Any] = []
    forget = romeo.hook(Hook("event", NotPublished), told.append, "test")
    romeo.goes_online()
    now(drafts.keep(LATER, CLUB, "d", START))
    romeo.wire.answer("<items", NONE)
    romeo.wire.refuse("<publish", "forbidden")
    kept = now(drafts.get("d"))
    assert (kept.problem, kept.details["condition"]) == ("PeerError", "forbidden")
    assert told[0].kept == kept
    assert told[0].reason
    romeo.clock.pump([RETRY] * 20)
    assert not published(romeo)
    assert now(again(romeo, drafts).get("d")) == kept
    now(romeo.plugin(BlogDrafts).keep(LATER, CLUB, "d", START + 1))
    assert arrives(romeo)
    forget()
