"""Message replies (XEP-0461), with a quotation for programs that do not know them (XEP-0428)."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.api.values import ANYBODY
from sat.core.pipeline import Answered, Arrival, Departure, Stage
from sat.core.plugin import Plugin, needs, on_message, on_sending
from sat.plugins.messages.plugin import Messages
from sat.xmpp import fallback
from sat.xmpp.xml import Element

NS = "urn:xmpp:reply:0"


class Replies(Plugin):
    """Message replies (XEP-0461)."""

    xeps = ("0461", "0428")
    features = (NS, fallback.NS)
    messages = needs(Messages)  # which chooses the text, before the quotation is taken out of it

    @on_sending(Stage.CORRECT)
    def _mark(self, departure: Departure) -> None:
        answers = departure.answers
        if answers is None:
            return
        message = departure.message
        if answers.quote and not any(each.is_encrypted for each in departure.attachments):  # there is only a link
            fallback.put_before(message, NS, "".join(f"> {line}\n" for line in answers.quote.splitlines()))
        message.add("reply", NS, to=answers.author, id=answers.wire_id)

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        message = arrival.message
        reply = message.child("reply", NS)
        if reply is None or not (wire_id := str(reply.attributes.get("id", ""))):
            return
        lines = fallback.take_out(message, NS).splitlines()
        quote = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
        arrival.answers = Answered(_author(reply), wire_id, quote.strip())


def _author(reply: Element) -> JID:
    try:
        return JID.parse(str(reply.attributes.get("to", "")))
    except InvalidAddress:
        return ANYBODY
