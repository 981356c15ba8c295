import pytest

from sat.api import SatError
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.registering import Invitation, invitation


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Example.org", Invitation("example.org")),
        ("alice@example.org", Invitation("example.org", "alice")),
        ("xmpp:example.org?register;preauth=a%2Bb", Invitation("example.org", "", "a+b")),
        ("xmpp:alice@example.org?register;preauth=TOKEN", Invitation("example.org", "alice", "TOKEN")),
        ("xmpp:bob@example.org?roster;preauth=TOKEN;ibr=y", Invitation("example.org", "", "TOKEN")),
        ("xmpp:example.org?register", Invitation("example.org")),
    ],
)
def test_reads_servers_and_invitations(text, known):
    assert invitation(text) == known


@pytest.mark.parametrize("text", ["xmpp:example.org?message;body=hi", "xmpp:example.org", "", "a b"])
def test_what_is_no_invitation(text):
    with pytest.raises((Failure, SatError)):
        invitation(text)
