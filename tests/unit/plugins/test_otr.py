"""OTR between romeo's profile and programs of juliet's, and what others can try."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.otr import Person, key_of
from support.romeo import FULL, Profile, now, parse
from twisted.internet.defer import Deferred

from sat.api import JID, Secret
from sat.api.errors import CannotEncrypt, InvalidArgument, NotConnected, NotFound
from sat.api.messages import IN_CLEAR, MessageState, Trust
from sat.core.plugin import Leaving
from sat.otr.outcomes import Ended, Error, Policy, Question, Started, State, Text
from sat.otr.wire import QUERY
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.encryption.api import ComparisonState
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages.plugin import Messages
from sat.plugins.otr import keeping
from sat.plugins.otr.plugin import PATIENCE, Otr
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
BALCONY, PHONE = JID("juliet@capulet.lit/balcony"), JID("juliet@capulet.lit/phone")
MALLORY = JID("mallory@evil.lit/x")


class Juliet(Person):
    """A program of hers."""

    def __init__(self, romeo: Profile, policy: Policy = Policy.ASKED, jid: JID = BALCONY) -> None:
        super().__init__(f"juliet {jid}", policy)
        self.romeo, self.jid = romeo, jid

    def says(self, body: str, kind: str = "chat", inner: str = "") -> None:
        body = body.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "&#10;")
        self.romeo.hears(f"<message from='{self.jid}' to='{FULL}' type='{kind}'><body>{body}</body>{inner}</message>")

    def talk(self) -> list[str]:
        """Carry what both send until they are silent; the stanzas that romeo sent."""
        seen = []
        while True:
            stanzas = self.romeo.sent()
            bodies = self.take()
            if not (stanzas or bodies):
                return seen
            for stanza in stanzas:
                seen.append(stanza)
                if body := body_of(stanza):
                    self.get(body)
            for body in bodies:
                self.says(body)


def body_of(stanza: str) -> str:
    return "".join(str(each) for child in parse(stanza).children if child.name == "body" for each in child.children)


def children(stanza: str) -> set[tuple[str, str]]:
    return {(each.name, each.uri) for each in parse(stanza).children}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Our key needs no time, and is the same in every test."""

    async def made(work: Any) -> bytes:
        return key_of("romeo")

    monkeypatch.setattr(keeping, "in_thread", made)


@pytest.fixture
def otr(romeo: Profile) -> Otr:
    romeo.plug(Carbons)
    otr: Otr = romeo.plug(Otr)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "Juliet", Subscription.BOTH, [])
    romeo.goes_online()
    romeo.sent()
    return otr


@pytest.fixture
def service(romeo: Profile, otr: Otr) -> Encryption:
    return romeo.plugin(Encryption)


@pytest.fixture
def told(service: Encryption) -> list[Any]:
    told: list[Any] = []
    service.compared.connect(told.extend)
    return told


@pytest.fixture
def juliet(romeo: Profile) -> Juliet:
    return Juliet(romeo)


def begin(service: Encryption) -> list[Any]:
    results: list[Any] = []
    Deferred.fromCoroutine(service.begin(JULIET, "otr")).addBoth(
        lambda result: results.append(getattr(result, "value", result))
    )
    return results


@pytest.fixture
def talking(service: Encryption, juliet: Juliet) -> Juliet:
    """An encrypted conversation."""
    results = begin(service)
    juliet.talk()
    assert juliet.got(Started)
    (chat,) = results
    assert (chat.method, chat.trust) == ("otr", Trust.BLIND)
    return juliet


def write(romeo: Profile, text: str) -> str:
    return now(romeo.plugin(Messages).send(JULIET, text))


def history(romeo: Profile) -> list[Any]:
    romeo.turn()
    return now(romeo.plugin(Messages).get_history(JULIET))


def note(service: Encryption) -> str:
    return now(service.get(JULIET)).note


# -- as it should be -----------------------------------------------------------------------------------------------


def test_texts_go_both_ways(romeo, service, talking):
    id = write(romeo, "only you & me <b>")
    (stanza,) = talking.talk()
    assert [each.text for each in talking.got(Text)] == ["only you & me <b>"]
    assert parse(stanza)["to"] == BALCONY
    assert "only you" not in stanza
    assert children(stanza) >= {
        ("no-copy", "urn:xmpp:hints"),
        ("no-permanent-store", "urn:xmpp:hints"),
        ("private", "urn:xmpp:carbons:2"),
        ("encryption", "urn:xmpp:eme:0"),
    }
    talking.says(talking.seal("and back")[0])
    sent, came = history(romeo)
    assert (sent.id, sent.body, sent.encrypted.method) == (id, "only you & me <b>", "otr")
    assert came.body == "and back"
    assert came.encrypted[:3] == ("otr", Trust.BLIND, talking.session.own_fingerprint)


def test_it_waits_for_the_answer_and_says_so(romeo, service):
    results = begin(service)
    (query,) = romeo.sent()
    assert body_of(query) == QUERY
    assert parse(query)["to"] == JULIET
    assert ("no-permanent-store", "urn:xmpp:hints") in children(query)
    assert "Until they answer, it stays as it was" in note(service)
    assert not results
    romeo.clock.advance(PATIENCE)
    (error,) = results
    assert isinstance(error, CannotEncrypt)
    assert "not answered within 30 seconds" in str(error)
    assert now(service.get(JULIET)).method == ""


def test_an_answer_that_comes_late_counts(romeo, service, juliet):
    begin(service)
    stanzas = romeo.sent()
    romeo.clock.advance(PATIENCE)
    juliet.get(body_of(stanzas[0]))
    juliet.talk()
    assert now(service.get(JULIET)).method == "otr"


@pytest.mark.parametrize("chosen", [False, True])
def test_an_answer_that_comes_late_counts_where_another_method_is_used(romeo, service, juliet, chosen):
    now(service._set(JULIET, "cipher", chosen))
    begin(service)
    romeo.clock.advance(PATIENCE + 1)
    assert now(service.get(JULIET)).method == "cipher"
    juliet.talk()
    assert juliet.got(Started)
    state = now(service.get(JULIET))
    assert (state.method, state.logged) == ("otr", False)
    write(romeo, "only now")
    juliet.talk()
    assert [each.text for each in juliet.got(Text)] == ["only now"]


@pytest.mark.parametrize("chosen", [False, True])
def test_what_a_contact_begins_leaves_another_encryption_alone(romeo, service, otr, chosen):
    now(romeo.settings.set_setting("otr.begin", "asked"))
    now(service._set(JULIET, "cipher", chosen))
    juliet = Juliet(romeo, Policy.MANUAL)
    juliet.session.start()
    juliet.talk()
    assert juliet.got(Started)
    assert now(service.get(JULIET)).method == "cipher"


def test_nothing_leaves_in_clear_without_a_session(romeo, service, talking):
    romeo.plugin(Otr)._end_all()
    talking.talk()
    id = write(romeo, "in clear?")
    assert not talking.talk()
    failed = now(romeo.plugin(Messages).get_message(id))
    assert failed.state is MessageState.FAILED
    assert "there is no conversation with OTR. Begin one, or end the encryption" in failed.error
    assert "nothing is sent" in note(service)
    now(service.end(JULIET))
    write(romeo, "yes, in clear")
    assert [body_of(each) for each in talking.talk()] == ["yes, in clear"]


def test_after_they_have_finished_nothing_leaves_until_we_say_so(romeo, service, talking):
    talking.session.end()
    talking.talk()
    assert "They have ended" in note(service)
    id = write(romeo, "in clear?")
    assert not talking.talk()
    assert "Begin it again, or end it here, too" in now(romeo.plugin(Messages).get_message(id)).error
    results = begin(service)
    talking.talk()
    assert results
    now(romeo.plugin(Messages).retry(id))
    talking.talk()
    assert [each.text for each in talking.got(Text)] == ["in clear?"]


def test_it_ends_when_their_program_goes(romeo, service, talking):
    romeo.hears(f"<presence from='{JULIET}/orchard' type='unavailable'/>")  # another one
    assert now(service.get(JULIET)).trust is Trust.BLIND
    romeo.hears(f"<presence from='{BALCONY}' type='unavailable'/>")
    assert note(service).startswith("Their program is offline")
    romeo.sent()
    id = write(romeo, "still there?")
    romeo.turn()
    assert not [each for each in romeo.sent() if "still there" in each]
    (message,) = [each for each in history(romeo) if each.id == id]
    assert "has ended on their side" in message.error
    begin(service)
    talking.talk()
    assert note(service) == ""


def test_to_end_it_tells_them(romeo, service, talking):
    now(service.end(JULIET))
    talking.talk()
    assert talking.got(Ended)
    assert now(service.get(JULIET)).method == ""


def test_it_ends_when_we_log_out(romeo, service, talking):
    romeo.emit(Leaving())
    talking.talk()
    assert talking.got(Ended)
    assert now(service.get(JULIET)).method == "otr"  # nothing leaves in clear
    assert "nothing is sent" in note(service)


def test_another_address_of_ours_is_another_program(romeo, service, talking):
    romeo.goes_online()
    assert note(service) == ""
    romeo.link_online(FULL.bare.with_resource("tomb"), False)
    assert "nothing is sent" in note(service)


def test_long_texts_are_split(romeo, talking):
    text = "é" * 45_000
    write(romeo, text)
    stanzas = talking.talk()
    assert len(stanzas) > 1
    assert [each.text for each in talking.got(Text)] == [text]


def test_what_otr_does_not_carry_fails(romeo, service, talking):
    id = now(romeo.plugin(Messages).send(JULIET, "text", subject="secret subject"))
    assert not talking.talk()
    assert "OTR knows no subjects" in now(romeo.plugin(Messages).get_message(id)).error


def test_a_contact_asks_and_we_say_yes(romeo, service):
    juliet = Juliet(romeo, Policy.MANUAL)
    juliet.session.start()
    juliet.talk()
    assert juliet.session.state is State.PLAIN
    (asked,) = history(romeo)
    assert (
        asked.error
        == note(service)
        == "Juliet would like to talk with OTR. /encrypt otr says yes, /encrypt no says no; they learn nothing of a no."
    )
    results = begin(service)
    juliet.talk()
    assert results[0].method == "otr"


def test_a_contact_asks_and_we_say_no(romeo, service):
    juliet = Juliet(romeo, Policy.MANUAL)
    for refuses in (lambda: service.refuse(JULIET), lambda: service.end(JULIET)):
        juliet.session.start()
        juliet.talk()
        state = now(service.get(JULIET))
        assert (state.method, state.asked) == ("", "otr")
        assert state.note.startswith("Juliet would like to talk with OTR")
        now(refuses())
        state = now(service.get(JULIET))
        assert (state.method, state.asked, state.note) == ("", "", "")
        assert romeo.sent() == []


def test_who_has_asked_and_goes_asks_no_longer(romeo, service, juliet):
    juliet.session.start()
    juliet.talk()
    assert now(service.get(JULIET)).asked == "otr"
    romeo.hears(f"<presence from='{BALCONY}' to='{FULL}' type='unavailable'/>")
    assert now(service.get(JULIET)).asked == ""


def test_a_contact_asks_and_we_always_want_to(romeo, service, otr):
    now(romeo.settings.set_setting("otr.begin", "asked"))
    juliet = Juliet(romeo, Policy.MANUAL)
    juliet.session.start()
    juliet.talk()
    assert juliet.got(Started)
    assert now(service.get(JULIET)).method == "otr"


def test_never(romeo, service, juliet):
    now(romeo.settings.set_setting("otr.begin", "never"))
    juliet.session.start()
    assert not juliet.talk()
    assert history(romeo)[0].body == QUERY
    (error,) = begin(service)
    assert "switched off in the settings" in str(error)


def test_offline_nothing_begins(romeo, service):
    romeo.goes_offline()
    (error,) = begin(service)
    assert isinstance(error, NotConnected)


# -- comparing -----------------------------------------------------------------------------------------------------


def test_to_compare_the_same(romeo, service, told, talking):
    now(service.compare(JULIET, Secret("nurse"), "Who raised you?"))
    assert now(service.get_comparisons()) == [(JULIET, "otr", ComparisonState.WAITING, "Who raised you?")]
    talking.talk()
    assert talking.got(Question) == [Question("Who raised you?")]
    talking.session.answer("nurse")
    talking.talk()
    assert [each.state for each in told] == [ComparisonState.WAITING, ComparisonState.SAME]
    assert now(service.get_comparisons()) == []
    assert now(service.get(JULIET)).trust is Trust.VERIFIED
    talking.says(talking.seal("it is me")[0])
    assert history(romeo)[-1].encrypted.trust is Trust.VERIFIED


def test_to_compare_something_else(romeo, service, told, talking):
    now(service.compare(JULIET, Secret("nurse")))
    talking.talk()
    talking.session.answer("Nurse")
    talking.talk()
    assert told[-1].state is ComparisonState.DIFFERENT
    assert now(service.get(JULIET)).trust is Trust.BLIND


def test_they_ask(romeo, service, told, talking):
    talking.session.begin_comparing("montague", "Your name?")
    talking.talk()
    assert now(service.get_comparisons()) == told == [(JULIET, "otr", ComparisonState.ASKED, "Your name?")]
    now(service.answer(JULIET, Secret("montague")))
    talking.talk()
    assert told[-1].state is ComparisonState.PROVED
    assert now(service.get(JULIET)).trust is Trust.BLIND  # we have learned nothing
    with pytest.raises(NotFound):
        now(service.answer(JULIET, Secret("montague")))


def test_they_or_we_give_up(romeo, service, told, talking):
    talking.session.begin_comparing("x")
    talking.talk()
    talking.session.abort_comparing()
    talking.talk()
    assert told[-1].state is ComparisonState.ABORTED
    talking.session.begin_comparing("x")
    talking.talk()
    now(service.abort(JULIET))
    talking.talk()
    assert told[-1].state is ComparisonState.ABORTED
    assert now(service.get_comparisons()) == []


def test_the_end_gives_up_what_is_compared(service, told, talking):
    now(service.compare(JULIET, Secret("x")))
    talking.talk()
    talking.session.end()
    talking.talk()
    assert told[-1].state is ComparisonState.ABORTED


def test_nothing_is_compared_in_clear(service, juliet):
    with pytest.raises(InvalidArgument, match="OTR"):
        now(service.compare(JULIET, Secret("x")))


def test_no_secret_is_in_the_log(service, talking, caplog):
    caplog.set_level(0)
    now(service.compare(JULIET, Secret("hunter2")))
    talking.talk()
    assert "hunter2" not in caplog.text


# -- what others can try -------------------------------------------------------------------------------------------


OFFER = "hi \t  \t\t\t\t \t \t \t    \t\t  \t "


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("?OTR?v2?", "?OTR?v2?"),
        ("?OTRv2? talk?", "?OTRv2? talk?"),
        (OFFER, "hi"),
        ("?OTR,1,2,x,", None),
        ("?OTR:AAID", None),
    ],
)
def test_a_stranger_gets_no_answer(romeo, service, otr, body, shown):
    now(romeo.settings.set_setting("otr.begin", "asked"))
    romeo.hears(f"<message from='{MALLORY}' to='{FULL}' type='chat'><body>{body}</body></message>")
    assert romeo.sent() == []
    assert [each.body for each in now(romeo.plugin(Messages).get_history(MALLORY))] == ([shown] if shown else [])


def test_what_a_stranger_has_encrypted_is_shown_as_such(romeo, service, otr, talking):
    body = talking.seal("for romeo")[0]
    romeo.hears(f"<message from='{MALLORY}' to='{FULL}' type='chat'><body>{body}</body></message>")
    (came,) = now(romeo.plugin(Messages).get_history(MALLORY))
    assert "may not see whether you are online" in came.error
    assert romeo.sent() == []


def test_a_contact_who_does_not_see_us_gets_none_either(romeo, service, juliet):
    now(romeo.settings.set_setting("otr.begin", "asked"))
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "Juliet", Subscription.TO, [])
    juliet.session.start()
    assert juliet.talk() == []


def test_what_is_in_clear_inside_is_shown_as_such(romeo, service, talking):
    talking.says("send me money")
    (came,) = history(romeo)
    assert (came.body, came.encrypted) == ("send me money", IN_CLEAR)
    assert "anybody on the way may have written" in note(service)
    assert now(service.get(JULIET)).method == "otr"


def test_another_program_of_theirs_does_not_come_in(romeo, service, talking):
    phone = Juliet(romeo, Policy.ASKED, PHONE)
    phone.says("hello from the phone")
    assert (history(romeo)[-1].body, history(romeo)[-1].encrypted) == ("hello from the phone", IN_CLEAR)
    phone.says(talking.seal("replayed from there")[0])
    assert "another program of theirs" in history(romeo)[-1].error
    phone.session.start()
    phone.says(phone.take()[0])
    assert romeo.sent() == []
    assert "would like to talk with OTR" in history(romeo)[-1].error
    write(romeo, "to the balcony")
    talking.talk()
    assert [each.text for each in talking.got(Text)] == ["to the balcony"]
    begin(service)  # an explicit start goes to who has asked
    assert parse(romeo.sent()[-1])["to"] == PHONE


@pytest.mark.parametrize("received", ["received", "sent"])
def test_no_copy_is_fed_to_it(romeo, service, talking, received):
    body = talking.seal("copied")[0]
    sender, recipient = (BALCONY, FULL) if received == "received" else (FULL, BALCONY)
    romeo.hears(
        f"<message from='romeo@montague.lit' to='{FULL}'><{received} xmlns='urn:xmpp:carbons:2'><forwarded"
        f" xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{sender}' to='{recipient}' type='chat'>"
        f"<body>{body}</body></message></forwarded></{received}></message>"
    )
    assert "for another program of yours" in history(romeo)[-1].error
    assert romeo.sent() == []
    talking.says(body)  # it was not used up
    assert history(romeo)[-1].body == "copied"


def test_nothing_of_rooms_or_errors_is_fed_to_it(romeo, service, talking):
    body = talking.seal("text")[0]
    talking.says(body, "groupchat")
    talking.says(body, "error", "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")
    assert history(romeo) == []
    talking.says(body)
    assert history(romeo)[-1].body == "text"


def test_what_is_damaged_or_sent_again_is_shown_as_such(romeo, service, talking):
    body = talking.seal("once")[0]
    talking.says(body)
    talking.says(body)
    once, again = history(romeo)
    assert once.body == "once"
    assert again.body == ""
    assert "sent before" in again.error
    talking.talk()
    assert talking.got(Error)  # they are told


def test_what_stands_beside_an_encrypted_text_counts_for_nothing(romeo, service, talking):
    talking.says(talking.seal("pay 10")[0], inner="<origin-id xmlns='urn:xmpp:sid:0' id='first'/>")
    talking.says(
        talking.seal("pay 1000")[0],
        inner="<replace xmlns='urn:xmpp:message-correct:0' id='first'/><subject>forged</subject>"
        "<x xmlns='jabber:x:oob'><url>https://evil.lit/</url></x>",
    )
    first, second = history(romeo)
    assert (first.body, first.edited) == ("pay 10", 0)
    assert (second.body, second.subject, second.attachments) == ("pay 1000", "", [])


def test_an_error_of_theirs_is_quoted(romeo, service, juliet):
    juliet.says("?OTR Error: <b>enter your password</b>")
    (came,) = history(romeo)
    assert came.body == ""
    assert (
        "Their program reports of OTR, and anybody on the way may have written it: “enter your password”" in came.error
    )


def test_a_verified_contact_with_another_key(romeo, service, talking):
    now(service.set_trust(JULIET, "otr", talking.session.own_fingerprint, Trust.VERIFIED))
    now(service.end(JULIET))
    talking.talk()
    mallory = Juliet(romeo, Policy.ASKED, PHONE)
    begin(service)
    mallory.talk()
    chat = now(service.get(JULIET))
    assert chat.trust is Trust.UNDECIDED
    assert "another one than before" in chat.note
    id = write(romeo, "for juliet only")
    assert not mallory.talk()
    assert "have not decided" in now(romeo.plugin(Messages).get_message(id)).error


def test_the_key_is_kept_and_known_again(romeo, service, talking):
    (own,) = now(service.get_keys(FULL.bare))
    assert own.here
    assert re.fullmatch("[0-9a-f]{40}", own.fingerprint)
    stored = now(romeo.secrets("otr").all())
    assert set(stored) == {"key", f"of {JULIET}"}
    assert now(service.get_uri(FULL.bare)) == f"xmpp:romeo@montague.lit?otr-fingerprint={own.fingerprint}"
    (key,) = now(service.verify_uri(f"xmpp:{JULIET}?otr-fingerprint={talking.session.own_fingerprint}"))
    assert key.trust is Trust.VERIFIED


# -- off the record --------------------------------------------------------------------------------------------------


def test_it_is_nowhere_on_the_disk(romeo, service, talking, tmp_path):
    assert [each.logged for each in now(service.get_methods())] == [False]
    write(romeo, "quicksilver out")
    talking.talk()
    talking.says(talking.seal("quicksilver in")[0])
    assert [each.body for each in history(romeo)] == ["quicksilver out", "quicksilver in"]
    written = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert b"juliet@capulet.lit" in written
    assert b"quicksilver" not in written


def test_it_is_kept_where_one_wants_that(romeo, service, talking):
    now(romeo.settings.set_setting("otr.log", "true"))
    talking.says(talking.seal("for the record")[0])
    romeo.turn()
    assert [each.body for each in now(romeo.plugin(Messages).search("record"))] == ["for the record"]
