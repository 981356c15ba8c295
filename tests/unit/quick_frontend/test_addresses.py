import pytest

from sat.api import JID, SatError
from sat.api.errors import InvalidAddress
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.addresses import (
    Invitation,
    account_address,
    added,
    contact_address,
    read_invitation,
)

JULIET = JID("juliet@capulet.lit")


def test_an_account_has_a_name_and_no_resource():
    assert account_address(" Juliet@capulet.lit/balcony ") == JULIET
    for text in ("capulet.lit", "@capulet.lit", ""):
        with pytest.raises(InvalidAddress):
            account_address(text)


def test_a_contact_is_a_full_address_or_a_server_with_a_dot():
    assert contact_address(" Juliet@capulet.lit/balcony ") == JULIET
    assert contact_address("juliet@localhost") == "juliet@localhost"
    assert contact_address("irc.capulet.lit") == "irc.capulet.lit"
    for text in ("Juliet", "localhost", "@capulet.lit", ""):
        with pytest.raises(InvalidAddress):
            contact_address(text)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (None, "was asked to show you"),
        (Subscription.NONE, "was asked to show you"),
        (Subscription.FROM, "was asked to show you"),
        (Subscription.TO, "shows you"),
        (Subscription.BOTH, "shows you"),
    ],
)
def test_what_adding_has_done(before, told):
    contact = before and Contact(JULIET, "", before, [])
    assert added(JULIET, contact) == f"juliet@capulet.lit is in your contact list, and {told} their presence."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Montague.lit", Invitation("montague.lit")),
        (" romeo@montague.lit", Invitation("montague.lit", "romeo")),
        ("xmpp:montague.lit?register;preauth=a%3Db", Invitation("montague.lit", "", "a=b")),
        ("xmpp:montague.lit?register;preauth=T%2BK;x=1", Invitation("montague.lit", "", "T+K")),
        ("xmpp:romeo@montague.lit?register;preauth=T", Invitation("montague.lit", "romeo", "T")),
        ("XMPP:juliet@capulet.lit?roster;preauth=T;ibr=y", Invitation("capulet.lit", "", "T")),
        ("xmpp://romeo@montague.lit?register", Invitation("montague.lit", "romeo")),
    ],
)
def test_reads_servers_and_invitations(text, read):
    assert read_invitation(text) == read


@pytest.mark.parametrize(
    "text", ["xmpp:montague.lit?message;body=hi", "xmpp:montague.lit", "", "a b", "xmpp:?register"]
)
def test_what_is_no_invitation(text):
    with pytest.raises(SatError):
        read_invitation(text)
