"""Who is named in a text: read with care, and sent."""

import pytest
from support.muc import NURSE, ROOM, enter, history
from support.romeo import OWN, now

from sat.api import JID
from sat.api.messages import PLAIN, Mention
from sat.plugins.correction.plugin import Correction
from sat.plugins.references.plugin import MOST, References, uri_of
from sat.plugins.replies.plugin import Replies
from sat.plugins.rooms.naming import named

JULIET = JID("juliet@capulet.lit")
OURS = ROOM.with_resource("r")


@pytest.fixture
def talk(romeo, host, messages):
    romeo.plug(References, Replies)
    enter(host, "nurse", "Nurse Angelica")
    return messages


def reference(begin, end, uri=f"xmpp:{OURS}", kind="mention", name="reference"):
    return f"<{name} xmlns='urn:xmpp:reference:0' type='{kind}' begin='{begin}' end='{end}' uri='{uri}'/>"


def test_we_are_named_by_our_address_in_the_room_or_elsewhere(talk, host):
    host.says("<body>you there, wake up</body>" + reference(0, 9), "nurse")
    host.says("<body>you there, wake up</body>" + reference(0, 9, f"xmpp:{OWN}"), "nurse")
    assert [each.mention for each in history(talk)] == [True, True]
    assert history(talk)[0].extra.mentions == [Mention(0, 9, OURS, own=True)]


def test_who_else_is_named_is_no_mention_of_us(talk, host):
    host.says("<body>you there</body>" + reference(0, 9, f"xmpp:{NURSE}"), "nurse")
    message = history(talk)[-1]
    assert (message.mention, message.extra.mentions) == (False, [Mention(0, 9, NURSE)])


@pytest.mark.parametrize(
    "forged",
    [
        *(reference(*place) for place in ((-1, 3), (0, 99), (5, 2), (3, 3), ("x", 3), ("", ""), (0, 10**30))),
        reference(0, 3, f"https://{OURS}"),
        reference(0, 3, "xmpp:"),
        reference(0, 3, "xmpp:a b@@"),
        reference(0, 3, "xmpp:%ff@x.lit"),
        reference(0, 3, kind="data"),
        reference(0, 3, name="other"),
    ],
)
def test_what_cannot_be_is_no_mention(talk, host, forged):
    host.says(f"<body>wake up</body>{forged}", "nurse")
    message = history(talk)[-1]
    assert (message.body, message.mention, message.extra) == ("wake up", False, PLAIN)


def test_only_so_many_are_read(talk, host):
    host.says("<body>wake up</body>" + reference(0, 4) * 10 * MOST, "nurse")
    assert len(history(talk)[-1].extra.mentions) == MOST


def test_outside_of_rooms_nobody_counts_them(romeo, talk):
    romeo.hears(
        f"<message from='{JULIET}/x' type='chat' id='1'><body>romeo!</body>{reference(0, 5, f'xmpp:{OWN}')}</message>"
    )
    romeo.turn()
    message = history(talk, JULIET)[-1]
    assert (message.mention, message.extra.mentions) == (False, [Mention(0, 5, OWN, own=True)])


def test_a_quotation_before_the_text_moves_the_places(romeo, talk, host):
    quoted = (
        f"<body>&gt; cake?\nr, yes</body><reply xmlns='urn:xmpp:reply:0' to='{OURS}' id='lost'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='8'/></fallback>"
    )
    host.says(quoted + reference(8, 9) + reference(2, 6), "nurse")
    message = history(talk)[-1]
    assert (message.body, message.extra.mentions) == ("r, yes", [Mention(0, 1, OURS, own=True)])
    romeo.sent()
    host.says("<body>cake?</body><stanza-id xmlns='urn:xmpp:sid:0' by='x' id='1'/>", "nurse", id="q")
    now(talk.send(ROOM, "nurse: yes"))
    (xml,) = romeo.sent()
    assert "begin='0' end='5'" in xml


def test_who_is_named_in_a_text_of_ours_is_told(romeo, talk):
    romeo.sent()
    id = now(talk.send(ROOM, "ask @nurse angelica, or nurse: they know. R: no. a@nurse.lit nurse:x"))
    (xml,) = romeo.sent()
    assert reference(5, 19, "xmpp:balcony@rooms.capulet.lit/Nurse%20Angelica") in xml
    assert "begin='24' end='29' uri='xmpp:balcony@rooms.capulet.lit/nurse'" in xml
    assert xml.count("<reference ") == 2
    now(romeo.plugin(Correction).correct(id, "ask nobody, nurse: no"))
    assert "begin='12' end='17'" in romeo.sent()[-1]
    assert [each.begin for each in history(talk)[-1].extra.mentions] == [12]
    now(talk.send(JULIET, "ask @nurse"))
    assert "<reference" not in romeo.sent()[-1]


def test_an_address_as_uri_and_back():
    assert uri_of(JID("a&b@x.lit/c d/é")) == "xmpp:a%26b@x.lit/c%20d%2F%C3%A9"
    assert uri_of(JID("x.lit")) == "xmpp:x.lit"


def test_a_name_at_the_end_ends_there():
    assert named(["carol", "bob", "Bobby"], "ask @Bob") == [(5, 8, "bob")]
    assert named(["carol", "bob", "Bobby"], "@bobby: @bob") == [(1, 6, "Bobby"), (9, 12, "bob")]


def test_a_flood_of_signs_costs_little():
    nicks = [f"{'n' * (number % 60)}{number}" for number in range(5000)]
    assert named(nicks, "@" * 100_000 + ":" * 100_000) == []
    assert len(named(["n"], "@n " * 10_000)) == 50
