"""A room that romeo meets, and what it says (XEP-0045)."""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import Cancelled
from sat.api.messages import Message
from sat.api.values import NO_SECRET
from sat.plugins.rooms.plugin import Rooms
from support.romeo import Profile, now

ROOM = JID("balcony@rooms.capulet.lit")
USER = "http://jabber.org/protocol/muc#user"
NS_OWNER = "http://jabber.org/protocol/muc#owner"
INFO = "http://jabber.org/protocol/disco#info"
ARCHIVE = "<feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:sid:0'/>"
OCCUPANTS = "<feature var='urn:xmpp:occupant-id:0'/>"

NURSE = ROOM.with_resource("nurse")
MAM = "urn:xmpp:mam:2"
SID = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='{{}}'/>"
DELAY = "<delay xmlns='urn:xmpp:delay' from='{}' stamp='2025-06-01T10:00:00Z'/>"
ID = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{}'/>"


class RoomHost:
    """The room's side. ``asked_in`` and ``enter`` are ours."""

    def __init__(self, romeo: Profile) -> None:
        self.romeo = romeo
        self.count = 0

    def asked_in(self, nick: str, info: str = "", password: Any = NO_SECRET) -> Deferred[Any]:
        """We want to come in, and the room says what it is like; what ``join`` returns."""
        work = Deferred.fromCoroutine(self.romeo.plugin(Rooms).join(ROOM, nick, password))
        self.tells_info(info)
        return work

    def wants_in(self, nick: str, info: str = "") -> None:
        """The same, where nobody hears what becomes of it."""
        self.asked_in(nick, info).addErrback(lambda failure: failure.trap(Cancelled))

    def enter(self, nick: str, *others: str, info: str = "") -> None:
        """We come in."""
        work = self.asked_in(nick, info)
        for other in others:
            self.there(other)
        self.there(nick, codes=(110,))
        now(work)

    def tells_info(self, info: str = "") -> None:
        """It says what it is like."""
        identity = "<identity category='conference' type='text' name='The balcony'/>"
        self.romeo.wire.answer(self.asked(INFO), f"<query xmlns='{INFO}'>{identity}{info}</query>")

    def asked(self, holds: str) -> str:
        """The first request to the room that holds this and has no answer."""
        return next(each for each in self.romeo.wire.asked if f"to='{ROOM}'" in each and holds in each)

    def there(
        self,
        nick: str,
        affiliation: str = "none",
        role: str = "participant",
        *,
        codes: tuple[int, ...] = (),
        jid: str = "",
        more: str = "",
    ) -> None:
        """Somebody is there."""
        who = f" jid='{jid}'" if jid else ""
        item = f"<item affiliation='{affiliation}' role='{role}'{who}/>"
        self._presence(nick, f"{more}<x xmlns='{USER}'>{item}{_statuses(codes)}</x>")

    def gone(self, nick: str, *, codes: tuple[int, ...] = (), item: str = "", beside: str = "") -> None:
        """Somebody has gone."""
        x = f"<item affiliation='none' role='none'>{item}</item>{_statuses(codes)}{beside}"
        self._presence(nick, f"<x xmlns='{USER}'>{x}</x>", "unavailable")

    def renamed(self, nick: str, new: str, *, own: bool = False) -> None:
        """Somebody is called otherwise."""
        codes = (303, 110) if own else (303,)
        item = f"<item affiliation='none' role='participant' nick='{new}'/>{_statuses(codes)}"
        self._presence(nick, f"<x xmlns='{USER}'>{item}</x>", "unavailable")
        self.there(new, codes=(110,) if own else ())

    def refuses(self, condition: str, nick: str = "r") -> None:
        """It does not let us in, or does not call us so."""
        error = f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        self._presence(nick, error, "error")

    def says(self, inside: str, nick: str = "", id: str = "", kind: str = "groupchat") -> Any:
        """A message of somebody, or of the room itself."""
        self.count += 1
        sender = ROOM.with_resource(nick)
        waits = self.romeo.hears(
            f"<message from='{sender}' type='{kind}' id='{id or f's{self.count}'}'>{inside}</message>"
        )
        self.romeo.turn()
        return waits

    def _presence(self, nick: str, inside: str, kind: str = "") -> None:
        how = f" type='{kind}'" if kind else ""
        self.romeo.hears(f"<presence from='{ROOM.with_resource(nick)}'{how}>{inside}</presence>")


def _statuses(codes: tuple[int, ...]) -> str:
    return "".join(f"<status code='{code}'/>" for code in codes)


def goes_online(romeo: Profile) -> None:
    """romeo is online; the server has nothing special."""
    romeo.goes_online()
    for question in ("jabber:iq:roster", "urn:xmpp:carbons:2", "disco#info"):
        romeo.wire.answer(question)


def history(messages: Any, peer: JID = ROOM) -> list[Message]:
    """What is written in a conversation."""
    return now(messages.get_history(peer))


def bodies(messages: Any, peer: JID = ROOM) -> list[str]:
    """The texts of a conversation."""
    return [each.body for each in history(messages, peer)]


def enter(host: RoomHost, *others: str, info: str = "") -> None:
    """We are in, and what was said before has come."""
    host.enter("r", *others, info=info)
    host.says("<subject/>")


def query_of(host: RoomHost) -> tuple[str, str]:
    """The id of the open question to the room's archive, and the question."""
    asked = host.asked(MAM)
    found = re.search("queryid='([^']+)'", asked)
    assert found
    return found[1], asked


def tells(
    romeo: Profile, query: str, id: int, body: str, sender: str = ROOM, who: str = NURSE, kind: str = "groupchat"
) -> None:
    """A message of the archive comes."""
    inner = f"<message xmlns='jabber:client' from='{who}' type='{kind}' id='w{id}'><body>{body}</body></message>"
    stamp = f"<delay xmlns='urn:xmpp:delay' stamp='2025-06-01T10:00:{id:02}Z'/>"
    forward = f"<forwarded xmlns='urn:xmpp:forward:0'>{stamp}{inner}</forwarded>"
    romeo.hears(
        f"<message from='{sender}'><result xmlns='{MAM}' queryid='{query}' id='{id}'>{forward}</result></message>"
    )
    romeo.turn()


def ends(romeo: Profile, host: RoomHost, last: str, complete: str = "true") -> None:
    """The page of the archive is over."""
    rsm = f"<set xmlns='http://jabber.org/protocol/rsm'><first>x</first><last>{last}</last></set>" if last else ""
    romeo.wire.answer(host.asked(MAM), f"<fin xmlns='{MAM}' complete='{complete}'>{rsm}</fin>")


def failure(work: Deferred[Any]) -> Any:
    """The error of a Deferred that has one."""
    found: list[Any] = []
    work.addErrback(lambda failure: found.append(failure.value))
    assert found, "it has not failed"
    return found[0]
