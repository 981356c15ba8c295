"""What a hostile server or peer can do with requests, answers and acknowledgements. See test_threats.py."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from scenarios.hostile import DOMAIN
from scenarios.siege import Canary, Meet
from scenarios.target import (
    BOSS,
    EVIL,
    FRIEND,
    GOOD,
    HEARD,
    STRANGER,
    WORDS,
    Target,
    answers,
    archived,
    carbon,
    inside,
    message,
    result,
)

from sat.api import JID
from sat.api.errors import InternalError, SatError
from sat.api.messages import MessageState
from sat.world.people import run
from sat.xmpp import xml
from sat.xmpp.xml import Element

pytestmark = pytest.mark.usefixtures("unharmed")


# -- requests --------------------------------------------------------------------------------------------------------


MALFORMED = {
    "no id": "<iq from='$mal' to='$full' type='get'><query xmlns='jabber:iq:version'/></iq>",
    "no type": "<iq from='$mal' to='$full' id='$id'/>",
    "another type": "<iq from='$mal' to='$full' id='$id' type='foo'/>",
    "nothing asked": "<iq from='$mal' to='$full' id='$id' type='get'/>",
    "two things asked": "<iq from='$mal' id='$id' type='get'><ping xmlns='urn:xmpp:ping'/><x xmlns='urn:x'/></iq>",
    "text": "<iq from='$mal' to='$full' id='$id' type='set'>evil</iq>",
    "an answer to nothing": "<iq from='$mal' to='$full' id='$id' type='result'><query xmlns='$roster'/></iq>",
    "an error to nothing": "<iq from='$mal' to='$full' id='$id' type='error'/>",
    "an error that asks": "<iq from='$mal' id='$id' type='get'><error><gone/></error></iq>",
    "an address of nobody": "<iq from='@@' to='$full' id='$id' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
    "an id of 500 KB": f"<iq from='$mal' id='{'x' * 500_000}' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request(steady: Target, name: str) -> None:
    steady.send(MALFORMED[name])
    steady.say(f"after {name}")
    steady.settle()
    assert steady.bodies()[-1] == f"after {name}"
    assert steady.undisturbed


REFUSED = {
    "a command": "<command xmlns='http://jabber.org/protocol/commands' action='execute' node='x'/>",
    "remote control": (
        "<command xmlns='http://jabber.org/protocol/commands' action='execute' "
        "node='http://jabber.org/protocol/rc#forward'/>"
    ),
    "a push of the block list": "<block xmlns='urn:xmpp:blocking'><item jid='$boss'/></block>",
    "a transfer": "<open xmlns='http://jabber.org/protocol/ibb' sid='x' block-size='4096'/>",
    "places of no transfer": (
        "<query xmlns='http://jabber.org/protocol/bytestreams' sid='x'>"
        "<streamhost jid='$mal' host='127.0.0.1' port='PORT'/></query>"
    ),
    "the end of a session": (
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='x'><reason><success/></reason></jingle>"
    ),
    "data of no transfer": "<data xmlns='http://jabber.org/protocol/ibb' sid='nosuch' seq='0'>AAAA</data>",
    "a file": (
        "<si xmlns='http://jabber.org/protocol/si' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
        "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='../../x' size='-1'/></si>"
    ),
    "an address to fetch": "<query xmlns='jabber:iq:oob'><url>http://127.0.0.1:PORT/</url></query>",
    "contacts": f"<query xmlns='$roster'><item jid='evil@evil.test' name='{EVIL}' subscription='both'/></query>",
    "fewer contacts": "<query xmlns='$roster'><item jid='$boss' subscription='remove'/></query>",
    "a registration": "<query xmlns='jabber:iq:register'><remove/></query>",
}


@pytest.mark.parametrize("sender", ["$mal", "$friend/x", "$domain", "$own.evil.test", "x$own", "$full", "$own/evil"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_nobody_may_ask(steady: Target, canary: Canary, name: str, sender: str) -> None:
    before = run(steady.access.roster.get_contacts())
    inner = REFUSED[name].replace("PORT", str(canary.port))
    id = steady.fill("ask$id")
    steady.send(f"<iq type='set' id='{id}' from='{sender}' to='$full'>{inner}</iq>")
    assert "type='error'" in steady.expect(f"id='{id}'")
    steady.settle()
    assert run(steady.access.roster.get_contacts()) == before
    assert not canary.visited
    assert steady.undisturbed


@pytest.mark.parametrize("sender", ["", " from='$own'"])
def test_our_own_server_changes_the_contact_list(steady: Target, sender: str) -> None:
    name = f"GOOD{sender}".replace("'", "").replace(" ", "")
    item = f"<item jid='new@$domain' name='{name}' subscription='none'/>"
    steady.send(f"<iq type='set' id='push'{sender} to='$full'><query xmlns='$roster'>{item}</query></iq>")
    steady.settle()
    assert name.replace("$own", steady.own) in steady.shown()
    steady.send(
        "<iq type='set' id='p'><query xmlns='$roster'><item jid='new@$domain' subscription='remove'/></query></iq>"
    )
    steady.settle()


# -- answers ---------------------------------------------------------------------------------------------------------


def false_contacts(iq: Element, sender: str) -> list[str]:
    item = f"<item jid='evil@evil.test' name='{EVIL}' subscription='both'/>"
    return [
        result(iq, f"<query xmlns='jabber:iq:roster'>{item}</query>", sender),
        f"<iq type='error' id='{iq.attributes['id']}' from='{sender}'/>",
    ]


def false_history(iq: Element, sender: str) -> list[str]:
    query = xml.child(iq, "query", WORDS["mam"])
    right = "" if query is None else str(query.attributes["queryid"])
    return [archived(sender, right), result(iq, "<fin xmlns='$mam' complete='true'/>", sender)]


@pytest.mark.parametrize("false", [false_contacts, false_history])
def test_a_false_answer_with_the_right_id(meet: Meet, false: Callable[[Element, str], list[str]]) -> None:
    target, truth = meet(online=False), answers()

    def answer(iq: Element) -> str | None:
        for sender in (STRANGER, FRIEND, f"{target.own}.evil.test", f"{target.own}/evil"):
            for each in false(iq, sender):
                target.server.connection.send(target.fill(each))
        return truth(iq)

    target.behaviour.answers = answer
    target.connect()
    target.say(GOOD)
    target.settle()
    target.wait(lambda: len(run(target.access.roster.get_contacts())) == 2, "the true list is there")
    assert EVIL not in target.shown()
    assert target.bodies() == [GOOD]
    ids = [str(each.attributes["id"]) for each in target.memory.received if each.name == "iq"]
    assert len(set(ids)) == len(ids)
    assert min(map(len, ids)) >= 16, "64 random bits are 11 characters"


def test_only_what_was_asked_for_comes_out_of_the_archive(meet: Meet) -> None:
    target = meet(online=False)

    def answer(iq: Element) -> str | None:
        query = xml.child(iq, "query", WORDS["mam"])
        assert query is not None
        id = str(query.attributes["queryid"])
        heard = HEARD.replace(EVIL, GOOD)
        for each in (
            archived("$own", "another"),
            archived("$own", id, HEARD.replace("$boss/x", "@@")),
            archived("$own", id, HEARD.replace("type='chat'", "type='groupchat'")),
            archived("$own", id, inside(carbon("$own", "received", HEARD))),
            archived("$own", id, ""),
            archived("$own", id, heard, "9999-01-02T03:04:05Z"),
            archived("", id, heard.replace("$boss", "$friend"), "evil"),
        ):
            target.server.connection.send(target.fill(each))
        return result(iq, f"<fin xmlns='{WORDS['mam']}' complete='true'/>")

    target.behaviour.answers = answers(mam=answer)
    target.connect()
    target.wait(lambda: GOOD in target.bodies(), "what is in order comes")
    target.settle()
    assert EVIL not in target.shown()
    assert [target.bodies(BOSS), target.bodies(FRIEND)] == [[GOOD], [GOOD]]
    assert all(message.time < time.time() + 1 for peer in (BOSS, FRIEND) for message in target.history(peer))


def error(inner: str = "", **attributes: str) -> Callable[[Element], str]:
    more = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return lambda iq: f"<iq type='error' id='{iq.attributes['id']}'><error{more}>{inner}</error></iq>"


def payload(text: str) -> Callable[[Element], str]:
    return lambda iq: result(iq, text)


def twisted(iq: Element) -> str:
    """What was asked, with everything in it wrong."""
    asked = xml.elements(iq)[0]
    item = f"<item/><item jid='@@'/><item jid='a@b' subscription='evil' name='{'x' * 5_000}'/><item jid='a@b'/>"
    others = "<identity/><feature/><feature var=''/><x xmlns='jabber:x:data'><field/></x><jid>@@</jid>"
    page = "<set xmlns='http://jabber.org/protocol/rsm'><count>-1</count><last/></set>"
    return result(iq, f"<{asked.name} xmlns='{asked.uri}'>text{item}{others}{page}</{asked.name}>" * 2)


STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
ODD_ANSWERS: dict[str, Callable[[Element], str]] = {
    "an error without an error": lambda iq: f"<iq type='error' id='{iq.attributes['id']}'/>",
    "an empty error": error(),
    "an unknown error": error(f"<evil xmlns='{STANZAS}'/><more xmlns='urn:evil'>{EVIL}</more>", type="evil", code="-1"),
    "two errors": error(f"<gone xmlns='{STANZAS}'>xmpp:x</gone><conflict xmlns='{STANZAS}'/>", type="modify"),
    "a long error": error(f"<conflict xmlns='{STANZAS}'/><text xmlns='{STANZAS}'>{'x' * 200_000}</text>", type="wait"),
    "nothing": payload(""),
    "something else": payload(f"<evil xmlns='urn:evil'>{EVIL}</evil>"),
    "text": payload(EVIL),
    "many things": payload("<x xmlns='urn:x'/>" * 1_000),
    "the wrong things": twisted,
}


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_odd_answer_to_every_question(meet: Meet, name: str) -> None:
    target = meet(answers=ODD_ANSWERS[name])
    target.say(GOOD)
    target.settle()
    assert target.bodies() == [GOOD]
    access = target.access
    questions = (
        lambda: access.disco.get_info(JID(DOMAIN)),
        lambda: access.disco.get_items(JID(DOMAIN)),
        lambda: access.version.get_version(JID(DOMAIN)),
        lambda: access.ping.ping(JID(DOMAIN)),
        lambda: access.archive.fetch_older(FRIEND),
        lambda: access.roster.add_contact(JID("new@evil.test"), "New", []),
    )
    unexpected = []
    for question in questions:
        try:
            run(question())
        except SatError as told:
            unexpected += [told] if isinstance(told, InternalError) else []
    assert unexpected == []
    assert EVIL not in target.shown()
    assert target.undisturbed


# -- our messages ------------------------------------------------------------------------------------------------------


def state(target: Target, id: str) -> MessageState:
    return run(target.access.messages.get_message(id)).state


def test_only_the_recipient_says_that_a_message_has_arrived(steady: Target) -> None:
    id = run(steady.access.messages.send(FRIEND, "hello"))
    steady.wait(lambda: state(steady, id) is MessageState.SENT, "it is sent")
    refused = f"<error type='cancel'><gone xmlns='{STANZAS}'/></error>"
    for sender in ("$mal", "$boss/x", "$domain", "$own", "$full", "$friend.evil.test"):
        steady.send(
            f"<message from='{sender}' to='$full'><received xmlns='$receipts' id='{id}'/></message>",
            f"<message from='{sender}' to='$full' type='error' id='{id}'>{refused}</message>",
        )
    denied = message("$full", "$friend").replace("type='chat' id='$id'", f"type='error' id='{id}'")
    steady.send(carbon("$own", "sent", denied))
    steady.settle()
    assert state(steady, id) is MessageState.SENT
    steady.send(f"<message from='$friend/x' to='$full'><received xmlns='$receipts' id='{id}'/></message>")
    steady.settle()
    steady.wait(lambda: state(steady, id) is MessageState.DELIVERED, "it has arrived")


def test_nobody_hides_the_message_of_another(steady: Target) -> None:
    same = "<stanza-id xmlns='$sid' by='$own' id='S'/><origin-id xmlns='$sid' id='O'/>"
    for sender, body in (("$mal", "first"), ("$boss/x", "second"), ("$mal", "third"), ("$boss/y", "fourth")):
        steady.send(f"<message type='chat' from='{sender}' id='I'><body>{body}</body>{same}</message>")
    steady.send("<message type='chat' from='$boss/x' id='J'><body>fifth</body></message>")
    steady.send("<message type='chat' from='$boss/x' id='J'><body>sixth</body></message>")
    steady.settle()
    assert steady.bodies(STRANGER)[0] == "first"
    assert [body for body in steady.bodies(BOSS) if body in ("second", "fifth", "sixth")] == [
        "second",
        "fifth",
        "sixth",
    ]


@pytest.mark.parametrize(
    "nonsense",
    ["<a xmlns='$sm' h='4294967295'/>", "<a xmlns='$sm' h='-1'/>", "<a xmlns='$sm' h='x'/>", "<a xmlns='$sm'/>"],
)
def test_a_false_acknowledgement_is_no_excuse_to_forget_a_message(meet: Meet, nonsense: str) -> None:
    target = meet(answer_acks=False)
    id = run(target.access.messages.send(FRIEND, "keep me"))
    target.expect("keep me")
    target.send(nonsense, counted=False)
    target.wait(lambda: not target.undisturbed, "the stream is ended")
    assert state(target, id) is MessageState.PENDING
    target.behaviour.answer_acks = True
    target.come_back()
    target.wait(lambda: state(target, id) is MessageState.SENT, "it is sent again")
    assert len(target.received(f"id='{id}'", "keep me")) == 2


def test_stream_management_that_was_not_asked_for(meet: Meet) -> None:
    target = meet(managed=False)
    target.send("<r xmlns='$sm'/><a xmlns='$sm' h='4294967295'/><a xmlns='$sm' h='-1'/><a xmlns='$sm'/>")
    target.send("<enabled xmlns='$sm' id='x'/><failed xmlns='$sm'/><resumed xmlns='$sm' previd='x' h='7'/>")
    target.say(GOOD)
    target.wait(lambda: target.bodies() == [GOOD], "it goes on")
    assert target.undisturbed


def test_a_reset_in_the_middle_of_a_stanza(meet: Meet) -> None:
    target = meet()
    target.say("whole")
    target.settle()
    half = f"<message type='chat' from='{FRIEND}/x'><body>{EVIL} half"
    target.write(half.encode())
    target.cut()
    target.come_back()
    target.say("again")
    target.settle()
    assert target.bodies() == ["whole", "again"]
    assert target.memory.logins == 1, "the session goes on"
