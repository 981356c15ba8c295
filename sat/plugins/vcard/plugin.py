"""Cards of people: read where they are newest, our own written where all programs look (XEP-0292, XEP-0054)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.api.settings import Tab
from sat.core.plugin import Plugin, configured, needs
from sat.core.settings import Help
from sat.plugins.pubsub.plugin import Pubsub
from sat.plugins.vcard.api import LONGEST, LONGEST_NOTE, MOST, Card, VcardApi
from sat.plugins.vcard.wire import NS_TEMP, TEMP, VCARD4, change, read, tidied, values
from sat.xmpp import xml
from sat.xmpp.pubsub import Options as NodeOptions
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NODE = "urn:xmpp:vcard4"
FOR_CONTACTS: NodeOptions = {"pubsub#persist_items": "true", "pubsub#access_model": "presence"}
NONE = ("item-not-found",)
LACKS = ("service-unavailable", "feature-not-implemented")


@dataclass
class Options:
    """Who may read what we tell of ourselves."""

    tab: ClassVar[Tab] = Tab.GENERAL
    for_all: Annotated[
        bool,
        "Keep my card for older programs, too",
        Help("Most servers show that one to everybody who knows the address; off: only contacts can read it."),
    ] = True


class Vcard(Plugin, VcardApi):
    """What people tell of themselves (XEP-0292, XEP-0054)."""

    xeps = ("0054", "0292")
    pubsub = needs(Pubsub)
    options = configured(Options)

    # -- reading -----------------------------------------------------------------------------------------------

    async def get_card(self, jid: JID) -> Card:
        whose = None if jid.bare == self.session.account.jid.bare else jid.bare
        try:
            card = read(await self._newer(whose), VCARD4)
        except (PeerError, FeatureMissing):  # they have no such nodes, or do not let us see this one
            card = Card()
        return card if any(card) else read(await self._older(whose), TEMP)

    async def _newer(self, whose: JID | None) -> Element | None:
        return _card(await self.pubsub.newest(whose, NODE), VCARD4.root, VCARD4.ns)

    async def _older(self, whose: JID | None) -> Element | None:
        """Errors: NotConnected, PeerError, RequestTimeout."""
        request = Iq.get(whose)
        request.add(TEMP.root, NS_TEMP)
        try:
            return xml.child(await self.ask(request), TEMP.root, NS_TEMP)
        except PeerError as error:
            if error.details.get("condition") in (NONE if whose is None else (*NONE, *LACKS)):
                return None
            raise

    # -- writing -----------------------------------------------------------------------------------------------

    async def set_own(self, card: Card) -> None:
        card = _checked(card)
        newer = await self._newer(None)
        # A server that makes one card of both has to be told the newer one, which holds more, last.
        if self.options.for_all:
            await self._write_older(card)
        await self.pubsub.publish(None, NODE, change(newer, VCARD4, card), id="current", options=FOR_CONTACTS)

    async def _write_older(self, card: Card) -> None:
        try:
            older = await self._older(None)
        except PeerError as error:
            if error.details.get("condition") in LACKS:
                return
            raise
        request = Iq.set()
        request.element.children.append(change(older, TEMP, card))
        await self.ask(request)


def _card(found: Element | None, name: str, ns: str) -> Element | None:
    return found if found is not None and (found.name, found.uri) == (name, ns) else None


def _checked(card: Card) -> Card:
    """The card as it is written. InvalidArgument where it holds too much."""
    fields: dict[str, str | list[str]] = {}
    for field in Card._fields:
        given = values(card, field)
        if len(given) > MOST or any(len(text) > (LONGEST_NOTE if field == "note" else LONGEST) for text in given):
            raise InvalidArgument(
                reason=f"A value has at most {LONGEST} characters, the note {LONGEST_NOTE}; there are at most {MOST}"
                " of a kind."
            )
        tidy = list(dict.fromkeys(filter(None, (tidied(field, text) for text in given))))
        fields[field] = tidy if isinstance(getattr(card, field), list) else "".join(tidy)
    return Card(**fields)  # type: ignore[arg-type]  # each as the field is
