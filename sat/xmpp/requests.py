"""Questions that we asked, and which answers are believed (RFC 6120 §8.1.2.1, §8.2.3)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidAddress, RequestTimeout, SatError
from sat.xmpp.stanzas import new_id, stanza_error
from sat.xmpp.xml import Element

AT_MOST = 10_000  # open questions


class Requests:
    """The open questions of one session at the address ``own``."""

    def __init__(self, reactor: Any, own: JID) -> None:
        self._reactor, self._own = reactor, own
        self._open: dict[str, tuple[frozenset[str], Deferred[Element], Any]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, iq: Element, timeout: float) -> Deferred[Element]:
        """Expect the answer to ``iq``, which gets an id of ours unless it has one. Cancelling it forgets it."""
        attributes = iq.attributes
        if attributes.get("id", "") in ("", *self._open):
            attributes["id"] = new_id()
        id = str(attributes["id"])
        peer = str(attributes.get("to") or "")
        made: Deferred[Element] = Deferred(lambda _: self._forget(id))
        late = self._reactor.callLater(timeout, self._late, id, peer or self._own.domain, timeout)
        self._open[id] = (_believed(JID(peer), self._own), made, late)
        return made

    def answered(self, iq: Element) -> bool:
        """Whether this result or error answers a question of ours; then who asked gets it."""
        found = self._open.get(str(iq.attributes.get("id", "")))
        if found is None:
            return False
        sender = iq.attributes.get("from", "")
        if sender not in found[0] and _normal(sender) not in found[0]:
            return False
        self._take(str(iq.attributes["id"]))
        if iq.attributes.get("type") == "error":
            found[1].errback(stanza_error(iq))
        else:
            found[1].callback(iq)
        return True

    def fail(self, error: SatError) -> None:
        """No answer can come any more."""
        for id in list(self._open):
            found = self._take(id)
            if found:
                found[1].errback(error)

    def _take(self, id: str) -> tuple[frozenset[str], Deferred[Element], Any] | None:
        found = self._open.pop(id, None)
        if found and found[2].active():
            found[2].cancel()
        return found

    def _forget(self, id: str) -> None:
        self._take(id)

    def _late(self, id: str, peer: str, timeout: float) -> None:
        found = self._open.pop(id, None)
        if found:
            found[1].errback(RequestTimeout(peer=peer, seconds=f"{timeout:g}"))


def _believed(peer: JID, own: JID) -> frozenset[str]:
    """Who may answer a question to ``peer``. An absent ``from`` is our account, as is its bare address; the server
    answers in its account's place, and some do with their own name or our full address."""
    if not peer or peer in (own.bare, own):
        return frozenset({"", own.bare, own, *((own.domain,) if not peer else ())})
    if peer == own.domain:
        return frozenset({"", own.domain, own.bare})
    return frozenset({peer})


def _normal(address: str) -> str | None:
    try:
        return JID.parse(address) if address else ""
    except InvalidAddress:
        return None
