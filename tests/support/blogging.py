"""What a service of posts answers, for the tests of blogs."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.posts import Place
from support.romeo import OWN, Profile

PUBSUB = "http://jabber.org/protocol/pubsub"
JULIET, SERVICE = JID("juliet@capulet.lit"), JID("pubsub.capulet.lit")
OURS, HERS = Place(OWN), Place(JULIET)
NONE = f"<pubsub xmlns='{PUBSUB}'><items node='x'/></pubsub>"


def begin(work: Any) -> list[Any]:
    """Begin something; what it gives comes into the list."""
    told: list[Any] = []
    Deferred.fromCoroutine(work).addBoth(lambda result: told.append(getattr(result, "value", result)))
    return told


def items(*entries: tuple[str, str, str], page: str = "") -> str:
    """An answer with items: id, publisher, what is in the entry."""
    inside = "".join(
        f"<item id='{id}'"
        + (f" publisher='{publisher}'>" if publisher else ">")
        + f"<entry xmlns='http://www.w3.org/2005/Atom'>{entry}</entry></item>"
        for id, publisher, entry in entries
    )
    rsm = page and f"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>"
    return f"<pubsub xmlns='{PUBSUB}'><items node='x'>{inside}</items>{rsm}</pubsub>"


def settings(**values: str) -> str:
    fields = "".join(f"<field var='pubsub#{name}'><value>{value}</value></field>" for name, value in values.items())
    form = f"<x xmlns='jabber:x:data' type='form'>{fields}</x>"
    return f"<pubsub xmlns='{PUBSUB}#owner'><configure node='x'>{form}</configure></pubsub>"


def replies(service: JID, id: str) -> str:
    return f"<link rel='replies' href='xmpp:{service}?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2F{id}'/>"


def ready(romeo: Profile, access: str = "open") -> None:
    """Our blog is there."""
    romeo.wire.answer("<configure", settings(access_model=access, max_items="max", persist_items="1"))


def asked(romeo: Profile, holds: str) -> str:
    (found,) = [each for each in romeo.wire.asked if holds in each]
    return found
