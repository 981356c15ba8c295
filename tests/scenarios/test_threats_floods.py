"""More of everything than anybody needs, from a hostile server or peer. See test_threats.py."""

from __future__ import annotations

import pytest
from scenarios.hostile import DOMAIN
from scenarios.siege import Meet
from scenarios.target import BOSS, EVIL, FRIEND, HEARD, STRANGER, WORDS, Target, answers, archived, result, together

from sat.bridge.derive import load
from sat.plugins.presence.api import Show
from sat.world.people import run
from sat.xmpp import xml
from sat.xmpp.xml import Element

pytestmark = pytest.mark.usefixtures("unharmed")


def program(sender: str, ver: str, status: str = "") -> str:
    """The presence of somebody whose program tells a hash (XEP-0115)."""
    caps = f"<c xmlns='{WORDS['caps']}' hash='sha-1' node='urn:n' ver='{ver}'/>"
    return f"<presence from='{sender}'>{caps}<status>{status}</status></presence>"


def chat(sender: str, body: str) -> str:
    return f"<message type='chat' from='{sender}'><body>{body}</body></message>"


def unread(target: Target) -> int:
    run(load(target.access.messages, follow=False))
    return target.access.messages.unread.value


def test_presence_of_many_contacts(meet: Meet) -> None:
    """5,000 contacts, each twice, each with a program of its own; and strangers."""
    contacts = [f"c{number}@{DOMAIN}" for number in range(5_000)]
    items = "".join(f"<item jid='{each}' subscription='both'/>" for each in contacts)
    usual = answers(roster=lambda iq: result(iq, f"<query xmlns='jabber:iq:roster'>{items}</query>"))
    target = meet(answers=lambda iq: None if iq.attributes.get("to", "").startswith("c") else usual(iq))
    target.wait(lambda: len(run(target.access.roster.get_contacts())) == 5_000, "the list is there")
    flood = [program(f"{each}/x", f"{each}{again}") for again in range(2) for each in contacts]
    flood += [program(f"s{number}@evil.test/x", f"stranger{number}") for number in range(1_000)]
    target.flood(flood)
    assert len(run(target.access.presence.get_presences())) == 5_000
    assert len(target.received("disco#info", "urn:n#")) == 20
    assert target.undisturbed


def test_many_programs_of_one_contact(steady: Target) -> None:
    """Who has many resources takes no more room than others."""
    steady.flood(program(f"{FRIEND}/{number}{'r' * 900}", f"v{number}", "s" * 900) for number in range(5_000))
    there = [each for each in run(steady.access.presence.get_presences()) if each.jid.bare == FRIEND]
    assert len(there) == 50
    assert all(each.show is Show.ONLINE for each in there)


def test_many_strangers_who_want_to_see_us(steady: Target) -> None:
    asked = f"<status>{'please ' * 100}</status>"
    steady.flood(f"<presence type='subscribe' from='s{n}@evil.test'>{asked}</presence>" for n in range(1_200))
    assert len(run(steady.access.presence.get_requests())) == 1_000
    assert steady.undisturbed


def requests(count: int) -> list[str]:
    return [f"<iq type='get' from='{STRANGER}' id='f{number}'><x xmlns='urn:x'/></iq>" for number in range(count)]


def test_many_requests(steady: Target) -> None:
    steady.flood(requests(5_000))
    steady.wait(lambda: len(steady.received(STRANGER, "service-unavailable", "id='f")) == 5_000, "each is answered")
    assert steady.undisturbed


def test_answers_that_nobody_acknowledges(meet: Meet) -> None:
    target = meet(answer_acks=False)
    target.flood(requests(10_000))
    target.say("still there")
    target.settle()
    assert target.bodies() == ["still there"]


def test_a_server_that_does_not_read(meet: Meet) -> None:
    target = meet()
    target.stop_reading()
    target.write(together(requests(60_000)))
    target.come_back()
    target.say("still there")
    target.settle()
    assert target.bodies() == ["still there"]


def test_many_new_conversations(meet: Meet) -> None:
    target = meet()
    target.flood(chat(f"s{number}@evil.test", f"buy {number}") for number in range(2_000))
    assert unread(target) == 2_000
    assert target.bodies("s1999@evil.test") == ["buy 1999"]
    assert len(run(target.access.messages.get_conversations(500))) == 500


def test_many_large_messages(meet: Meet) -> None:
    """All of them would not fit into one answer over D-Bus."""
    target = meet()
    target.flood(chat(f"{STRANGER}/{number}", "x" * 1_000_000) for number in range(150))
    target.flood(chat(f"s{number}@evil.test", "x" * 1_000_000) for number in range(30))
    assert unread(target) == 180
    assert len(target.bodies(STRANGER)) == 4
    assert len(run(target.access.messages.get_conversations(500))) == 31
    assert run(target.access.messages.search("x", STRANGER)) == []


def test_an_archive_that_gives_more_than_was_asked_for(meet: Meet) -> None:
    target = meet(online=False)
    bodies = ["the first"]

    def answer(iq: Element) -> str | None:
        query = xml.child(iq, "query", WORDS["mam"])
        assert query is not None
        for body in bodies:
            found = archived("$own", str(query.attributes["queryid"]), HEARD.replace(EVIL, body))
            target.server.connection.send(target.fill(found))
        return result(iq, f"<fin xmlns='{WORDS['mam']}'/>")

    target.behaviour.answers = answers(mam=answer)
    target.connect()
    target.wait(lambda: target.bodies(BOSS) == bodies, "the first is there")
    bodies[:] = [letter * 900_000 for letter in "abcdefghijklmnopqrstuvwxyz" * 6]
    assert 0 < run(target.access.archive.fetch_older(BOSS)) < 50
    target.settle()
    assert target.undisturbed


def test_long_addresses(steady: Target) -> None:
    """As long as they may be, each another one."""
    long = "r" * 950 + "\U0001f642"
    steady.flood(f"<presence from='{'l' * 1_000}{n}@evil.test/{n}{long}'/>" for n in range(10_000))
    assert steady.undisturbed


def test_large_stanzas_of_nothing(steady: Target) -> None:
    """Many small elements take more memory than their text."""
    steady.flood(f"<message from='{STRANGER}'><body>x</body>{'<a/>' * 20_000}</message>" for _ in range(20))
    assert steady.undisturbed


def test_ten_thousand_offers(steady: Target) -> None:
    """Of a contact and of strangers: each is answered, and nothing of them is kept."""
    content = (
        "<content creator='initiator' name='a'><description xmlns='urn:x'/>"
        "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='i' block-size='4096'/></content>"
    )
    steady.flood(
        f"<iq type='set' id='offer{n}' from='{FRIEND if n % 2 else STRANGER}/x'>"
        f"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s{n}'>{content}</jingle></iq>"
        for n in range(10_000)
    )
    answered = steady.received("id='offer")
    assert len(answered) == 10_000
    assert sum("service-unavailable" in each for each in answered) == 5_000
    assert steady.undisturbed
