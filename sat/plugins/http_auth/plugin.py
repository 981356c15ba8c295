"""Web sites ask by a server of theirs whether we want to enter, and the person says so or not (XEP-0070)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import NotFound
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Ended, Plugin, Refusal, on_event, on_iq, on_message
from sat.plugins.http_auth.api import Confirmation, HttpAuthApi
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq, Message
from sat.xmpp.times import NS_DELAY
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/http-auth"
NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
PATIENCE = 300.0  # seconds until nobody waits any more
OPEN = 20  # requests without an answer; more are refused
LONG = 2000  # characters of a URL
SHORT = 100


class Asked(NamedTuple):
    """A request, and what is done with its answer."""

    confirmation: Confirmation
    answer: Callable[[bool], object]


class HttpAuth(Plugin, HttpAuthApi):
    """Confirm requests of web sites (XEP-0070)."""

    xeps = ("0070",)
    features = (NS,)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._open: dict[str, Asked] = {}

    @on_iq("get", NS, "confirm")
    async def _by_iq(self, iq: Iq) -> None:
        said: Deferred[bool] = Deferred()
        assert iq.payload is not None
        if not self._ask(iq.sender, iq.payload, said.callback):
            raise Refusal("not-authorized")
        if not await said:
            raise Refusal("not-authorized")

    @on_message(Stage.CORRECT, NS)
    def _by_message(self, arrival: Arrival) -> None:
        message = arrival.message
        confirm = message.child("confirm", NS)
        if confirm is None or message.kind == "error" or arrival.outgoing or arrival.archived:
            return
        if message.child("delay", NS_DELAY) is not None:  # it was kept for us: nobody waits any more
            return
        arrival.stop()  # what it says is shown as a request
        thread = message.thread

        def answer(allow: bool) -> None:
            reply = Message.to(arrival.sender, "normal" if allow else "error")
            if thread:
                xml.add(reply.element, "thread", None, thread)
            reply.element.addChild(_copy(confirm))
            if not allow:
                xml.add(reply.add("error", "jabber:client", type="auth"), "not-authorized", NS_STANZAS)
            self.session.send(reply.element)

        if not self._ask(message.sender, confirm, answer):
            answer(False)

    def _ask(self, sender: JID | None, confirm: Element, answer: Callable[[bool], object]) -> bool:
        """Put a request to the person; whether that could be. Only servers may ask: a page has no account."""
        if sender is None or sender.local or len(self._open) >= OPEN:
            return False
        told = {name: str(confirm.attributes.get(name, "")) for name in ("id", "method", "url")}
        if not told["url"].startswith(("https://", "http://")) or len(told["url"]) > LONG:
            return False
        number = secrets.token_hex(6)
        confirmation = Confirmation(number, sender, told["method"][:SHORT], told["url"], told["id"][:SHORT])
        self._open[number] = Asked(confirmation, answer)
        self.after(PATIENCE, lambda: self._settle(number, False), key=number)
        self.asked.emit([confirmation])
        return True

    def _settle(self, number: str, allow: bool) -> None:
        asked = self._open.pop(number)
        self.tasks.cancel(number)
        asked.answer(allow)
        self.settled.emit([number])

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        """Who asked cannot be answered any more."""
        for number in list(self._open):
            self._settle(number, False)

    async def get_confirmations(self) -> list[Confirmation]:
        return [each.confirmation for each in self._open.values()]

    async def answer(self, number: str, allow: bool) -> None:
        if number not in self._open:
            raise NotFound(what="request of a web site with that number")
        self._settle(number, allow)


def _copy(confirm: Element) -> Element:
    told = {name: str(confirm.attributes.get(name, ""))[:LONG] for name in ("id", "method", "url")}
    return xml.element("confirm", NS, **told)
