import re

import pytest
from support.romeo import now, parse
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.disco import Identity, Info
from sat.plugins.disco.plugin import NODE, Disco
from sat.plugins.ping.plugin import Ping
from sat.plugins.presence.plugin import RESOURCES
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.plugins.version.plugin import Version
from sat.xmpp import caps, xml
from sat.xmpp.disco import read_info

JULIET = JID("juliet@capulet.lit")
INFO = "http://jabber.org/protocol/disco#info"
EXODUS = (
    f"<query xmlns='{INFO}' node='http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0='>"
    "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
    "<feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/></query>"
)  # the example of XEP-0115 §5.2


@pytest.fixture
def disco(romeo):
    disco = romeo.plug(Disco)
    romeo.plug(Ping)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    romeo.goes_online()
    return disco


def presence(ver, sender=f"{JULIET}/b"):
    return (
        f"<presence from='{sender}'><c xmlns='{caps.NS}' hash='sha-1' node='http://code.google.com/p/exodus' "
        f"ver='{ver}'/></presence>"
    )


def test_we_tell_what_our_presence_promises(romeo, disco):
    (announced,) = [xml for xml in romeo.sent() if caps.NS in xml]
    ver = re.search("ver='([^']+)'", announced).group(1)
    romeo.hears(f"<iq type='get' id='d' from='{JULIET}/b'><query xmlns='{INFO}'/></iq>")
    (xml,) = romeo.sent()
    assert "urn:xmpp:ping" in xml
    assert "client" in xml
    assert ver == caps.ver(Info(disco._own().identities, re.findall("var='([^']+)'", xml)))


def told(romeo):
    """The hashes that our presences have told since the last call, and what we answer who asks about them."""
    hashes = re.findall("<c [^>]*ver='([^']+)'", "".join(romeo.sent()))
    for each in hashes:
        ask = f"<query xmlns='{INFO}' node='{NODE}#{each}'/>"
        romeo.hears(f"<iq type='get' id='d' from='{JULIET}/b'>{ask}</iq>")
        assert caps.fits(xml.child(parse(romeo.sent()[-1]), "query", INFO), each)
    return hashes


def test_who_was_told_what_we_can_is_told_when_we_can_something_else(romeo, disco):
    (first,) = told(romeo)
    withdraw_x, withdraw_y = romeo.add_feature("urn:x"), romeo.add_feature("urn:y")
    (second,) = told(romeo)
    withdraw_x()
    withdraw_x = romeo.add_feature("urn:x")
    assert told(romeo) == []  # as before
    romeo.goes_offline(resumable=True)
    withdraw_y()
    assert told(romeo) == []
    romeo.goes_online(resumed=True)
    (third,) = told(romeo)
    withdraw_x()
    assert told(romeo) == [first]
    assert len({first, second, third}) == 3


def test_a_hash_is_asked_about_once_and_believed_when_it_fits(romeo, disco):
    romeo.hears(presence("QgayPKawpkPSDYmwT/WM94uAlu0="))
    romeo.hears(presence("QgayPKawpkPSDYmwT/WM94uAlu0=", f"{JULIET}/c"))
    (asked,) = [xml for xml in romeo.wire.asked if INFO in xml]
    assert "exodus#QgayPKawpkPSDYmwT/WM94uAlu0=" in asked
    romeo.wire.answer(INFO, EXODUS)
    info = now(disco.get_info(JID(f"{JULIET}/c")))
    assert "http://jabber.org/protocol/muc" in info.features


def test_a_hash_that_does_not_fit_is_not_kept(romeo, disco):
    romeo.hears(presence("AAAAPKawpkPSDYmwT/WM94uAlu0="))
    romeo.wire.answer(INFO, EXODUS)
    Deferred.fromCoroutine(disco.get_info(JID(f"{JULIET}/b")))
    assert [xml for xml in romeo.wire.asked if INFO in xml], "it asks again, the poisoned answer is not used"
    romeo.wire.answer(INFO, EXODUS)


def test_a_damaged_answer_in_the_store_is_left_out(romeo):
    rows = {"bad": [["client"], 5], "worse": None, "good": [[["client", "pc", "X"]], ["urn:x"]]}
    now(romeo.store("disco").set("caps", rows))
    assert romeo.plug(Disco)._known == {"good": Info([Identity("client", "pc", "X")], ["urn:x"])}


def test_strangers_are_not_asked(romeo, disco):
    romeo.hears(presence("QgayPKawpkPSDYmwT/WM94uAlu0=", "paris@verona.lit/x"))
    assert not [xml for xml in romeo.wire.asked if INFO in xml]


def test_one_question_at_a_time_for_many_who_ask(romeo, disco):
    works = [Deferred.fromCoroutine(disco.get_info(JID("capulet.lit"))) for _ in range(3)]
    assert len([xml for xml in romeo.wire.asked if INFO in xml]) == 1
    romeo.wire.answer(INFO, f"<query xmlns='{INFO}'><feature var='x'/></query>")
    assert [now(work).features for work in works] == [["x"]] * 3


def test_unknown_requests_are_answered_with_an_error(romeo, disco):
    romeo.sent()
    romeo.hears(f"<iq type='get' id='u' from='{JULIET}/b'><query xmlns='urn:nobody:knows'/></iq>")
    romeo.hears(f"<iq type='set' id='v' from='{JULIET}/b'/>")
    romeo.hears(f"<iq type='get' id='w' from='{JULIET}/b'><query xmlns='{INFO}'/><ping xmlns='urn:xmpp:ping'/></iq>")
    unknown, empty, double = romeo.sent()
    assert "service-unavailable" in unknown
    assert "bad-request" in empty
    assert "bad-request" in double


def test_the_version_tells_the_system_only_when_wanted(romeo, disco):
    romeo.plug(Version)
    ask = f"<iq type='get' id='n' from='{JULIET}/b'><query xmlns='jabber:iq:version'/></iq>"
    romeo.hears(ask)
    assert "<os>" not in romeo.sent()[-1]
    now(romeo.settings.set_setting("version.show_os", "true"))
    romeo.hears(ask)
    assert "<os>" in romeo.sent()[-1]


def test_a_ping_is_answered(romeo, disco):
    romeo.sent()
    romeo.hears(f"<iq type='get' id='p' from='{JULIET}/b'><ping xmlns='urn:xmpp:ping'/></iq>")
    (xml,) = romeo.sent()
    assert "type='result'" in xml
    assert "id='p'" in xml


def test_a_contact_has_no_more_programs_than_are_there(romeo, disco):
    for number in range(100):
        romeo.hears(presence(f"ver{number}", f"{JULIET}/{number}"))
    assert len(disco._told) == RESOURCES


def answer_with(romeo, inner):
    """Let juliet's program tell this, with the hash that fits."""
    told = f"<query xmlns='{INFO}'>{inner}</query>"
    ver = caps.ver(read_info(parse(told)))
    romeo.hears(presence(ver))
    romeo.wire.answer(INFO, told)
    return ver


def test_long_answers_are_not_kept(romeo, disco):
    """Each of the 500 that are kept could have a megabyte."""
    assert answer_with(romeo, "".join(f"<feature var='urn:{number}'/>" for number in range(100))) in disco._known
    assert answer_with(romeo, "".join(f"<feature var='urn:{number}'/>" for number in range(1_000))) not in disco._known
    assert answer_with(romeo, "<x xmlns='jabber:x:data'/>" * 21) not in disco._known


def asking(disco, jid=f"{JULIET}/b", node=""):
    """A question, and what came of it."""
    told = []
    work = Deferred.fromCoroutine(disco.get_info(JID(jid), node))
    work.addCallbacks(lambda info: told.append(info.features), lambda failure: told.append(failure.type.__name__))
    return work, told


def answers(romeo, *features):
    romeo.wire.answer(INFO, f"<query xmlns='{INFO}'>{''.join(f'<feature var={each!r}/>' for each in features)}</query>")


@pytest.mark.parametrize(
    "change",
    [f"<presence from='{JULIET}/b' type='unavailable'/>", presence("another")],
    ids=["it leaves", "it has changed"],
)
def test_an_answer_does_not_outlive_the_program(romeo, disco, change):
    romeo.hears(f"<presence from='{JULIET}/b'/>")
    for node in ("", "node"):
        asking(disco, node=node)
        answers(romeo, "old")
    romeo.hears(f"<presence from='{JULIET}/b'/>")
    assert asking(disco)[1] == asking(disco, node="node")[1] == [["old"]], "the same program, another presence"
    romeo.hears(change)
    romeo.wire._asked.clear()  # about the new hash
    for node in ("", "node"):
        _, told = asking(disco, node=node)
        assert not told
        answers(romeo, "new")
        assert told == [["new"]]


def test_an_answer_that_comes_too_late_is_not_kept(romeo, disco):
    _, first = asking(disco)
    romeo.hears(f"<presence from='{JULIET}/b' type='unavailable'/>")
    _, second = asking(disco)
    answers(romeo, "old")
    assert (first, second) == ([["old"]], [])
    answers(romeo, "new")
    assert second == asking(disco)[1] == [["new"]]


def test_who_waits_no_longer_leaves_the_question_to_the_others(romeo, disco):
    work, told = asking(disco, "capulet.lit")
    _, other = asking(disco, "capulet.lit")
    work.cancel()
    assert told == ["CancelledError"]
    _, third = asking(disco, "capulet.lit")
    answers(romeo, "x")
    assert other == third == [["x"]]


def test_an_error_is_told_to_all_who_wait_and_asked_about_again(romeo, disco):
    told = [asking(disco, "capulet.lit")[1] for _ in range(2)]
    romeo.wire.refuse(INFO, "service-unavailable")
    assert told == [["PeerError"]] * 2
    _, again = asking(disco, "capulet.lit")
    answers(romeo, "x")
    assert again == [["x"]]


def test_nobody_waits_for_a_plugin_that_was_stopped(romeo, disco):
    _, told = asking(disco, "capulet.lit")
    romeo.stop()
    assert told == ["CancelledError"]


def test_a_program_that_is_not_there_is_nobody(romeo, disco):
    """Whatever server says so; one that is there and refuses may do it all the same."""
    gone, mute = JID(f"{JULIET}/gone"), JID(f"{JULIET}/mute")
    asked = [Deferred.fromCoroutine(disco.find_programs(each, "urn:x", LookupError())) for each in (gone, mute)]
    romeo.wire.refuse(f"to='{gone}'", "service-unavailable")
    romeo.wire.refuse(f"to='{mute}'", "forbidden")
    with pytest.raises(LookupError):
        now(asked[0])
    assert now(asked[1]) == [mute]
