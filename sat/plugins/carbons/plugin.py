"""What our other programs send and receive (XEP-0280)."""

from __future__ import annotations

from sat.api.errors import SatError
from sat.api.messages import MessageKind
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Online, Plugin, on_event, on_message
from sat.xmpp.forward import forwarded
from sat.xmpp.stanzas import Iq

NS = "urn:xmpp:carbons:2"


class Carbons(Plugin):
    """Messages of our other devices appear here too (XEP-0280)."""

    xeps = ("0280", "0297")

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        if not event.resumed and NS not in event.told.enabled:
            self.spawn(self._enable())

    async def _enable(self) -> None:
        try:
            request = Iq.set()
            request.add("enable", NS)
            await self.ask(request)
        except SatError as error:
            self.log.info("the server gives no copies of other devices' messages: %s", error)

    @on_message(Stage.UNWRAP, NS)
    def _unwrap(self, arrival: Arrival) -> None:
        copy = next((child for child in arrival.message.children(NS) if child.name in ("sent", "received")), None)
        if copy is None:
            return
        own = self.session.account.jid.bare
        if arrival.sender != own or arrival.archived or arrival.carbon:  # §11: only from our own bare address
            self.log.warning("a copy of a message that %s has no right to send was ignored", arrival.sender)
            arrival.stop()
            return
        inner = forwarded(copy)
        message = inner.message if inner is not None else None
        sender = message.sender if message is not None else None
        recipient = message.recipient if message is not None else None
        sent = copy.name == "sent"
        ours = sender if sent else recipient
        if message is None or sender is None or recipient is None or ours is None or ours.bare != own:
            arrival.stop()
            return
        if message.kind == MessageKind.GROUPCHAT:  # rooms send to every occupant themselves
            arrival.stop()
            return
        arrival.message, arrival.sender, arrival.carbon = message, sender, True
        arrival.outgoing = sender.bare == own  # also of one that we wrote to ourselves, which another device received
        arrival.peer = recipient.bare if sent else sender.bare
