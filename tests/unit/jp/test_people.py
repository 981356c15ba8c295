from types import SimpleNamespace

import pytest
from support.fakes import Profile, Roster

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.main import finish
from sat_frontends.jp.people import resolve


def contact(jid, name=""):
    return Contact(JID(jid), name, Subscription.BOTH, [])


def find(text, *contacts):
    found = []

    async def ask():
        profile = SimpleNamespace(roster=Roster(*contacts), profile=Profile("alice", JID("alice@localhost")))
        found.append(await resolve(profile, text))

    finish(ask())
    return found[0]


BOB, CAROL = contact("bob@a.example", "Bobby"), contact("carol@a.example")


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("bobby", "bob@a.example"),
        ("BOB", "bob@a.example"),
        ("carol", "carol@a.example"),
        ("Dave@B.example/phone", "dave@b.example"),
        ("irc.example", "irc.example"),
        ("me", "alice@localhost"),
    ],
)
def test_finds_whom_is_meant(text, jid):
    assert find(text, BOB, CAROL) == jid


def test_a_name_is_preferred_to_what_stands_before_the_at():
    assert find("bob", BOB, contact("robert@a.example", "Bob")) == "robert@a.example"


def test_me_may_be_a_contact():
    assert find("me", contact("michael@a.example", "Me")) == "michael@a.example"


def test_several_are_listed():
    with pytest.raises(Failure) as caught:
        find("bob", BOB, contact("bob@b.example", "\x1b[31mBob"))
    assert caught.value.code == 2
    assert "bob@a.example" in caught.value.sentence
    assert "bob@b.example" in caught.value.sentence
    assert "\x1b" not in caught.value.sentence


def test_nobody_is_called_so():
    with pytest.raises(Failure) as caught:
        find("bobbi", BOB, CAROL)
    assert caught.value.code == 16
    assert "Bobby" in caught.value.hint


def test_the_beginning_of_a_name_is_not_enough_to_write_to_somebody():
    with pytest.raises(Failure):
        find("car", CAROL)


def test_an_address_is_checked():
    with pytest.raises(InvalidAddress):
        find("@example.org", BOB)
