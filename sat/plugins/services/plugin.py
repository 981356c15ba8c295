"""Services that want to know us, and directories (XEP-0077, XEP-0100, XEP-0055)."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.api.forms import Field, FieldKind, Form
from sat.core.plugin import Plugin
from sat.plugins.services.api import ServicesApi
from sat.xmpp import forms, register, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS_SEARCH = "jabber:iq:search"
LABELS = {"jid": "Address", "first": "First name", "last": "Last name", "nick": "Nickname", "email": "E-mail"}
LONG = 500  # characters of what is found
_LACKING = ("feature-not-implemented", "service-unavailable")


class Services(Plugin, ServicesApi):
    """Be known to gateways and other services, and search in directories (XEP-0100, XEP-0055)."""

    xeps = ("0055", "0100")

    async def get_registration(self, jid: JID) -> Form:
        return register.read(await self._registration(jid), jid)

    async def register(self, jid: JID, fields: dict[str, str]) -> None:
        # It is asked for once more: what the form hides may be good for one answer only.
        query = await self._registration(jid)
        await self.ask(register.answer(query, fields, jid))

    async def unregister(self, jid: JID) -> None:
        self._check(jid)
        await self.ask(register.removal(jid))

    def _check(self, jid: JID) -> None:
        """Our own server is no such service: with it, this would change or end the account (XEP-0077 §3.2, §3.3)."""
        own = self.session.account.jid.bare
        if jid.bare in ("", own, own.domain):
            raise InvalidArgument(reason="This is the server of your account, which you are registered with already.")

    async def _registration(self, jid: JID) -> Element:
        self._check(jid)
        return await self._query(jid, register.question(jid), register.NS, "registration")

    async def get_search(self, jid: JID) -> Form:
        return _to_search(await self._search_form(jid), jid)

    async def search(self, jid: JID, fields: dict[str, str]) -> Form:
        asked = await self._search_form(jid)
        request = Iq.set(jid)
        query = request.add("query", NS_SEARCH)
        form = forms.find(asked)
        if form is not None:
            query.addChild(forms.submit(form, fields))
        else:
            for name in _plain(asked):
                if fields.get(name):
                    xml.add(query, name, NS_SEARCH, fields[name])
        found = await self._query(jid, request, NS_SEARCH, "search")
        result = forms.find(found)
        return forms.read(result) if result is not None else _found(found)

    async def _search_form(self, jid: JID) -> Element:
        request = Iq.get(jid)
        request.add("query", NS_SEARCH)
        return await self._query(jid, request, NS_SEARCH, "search")

    async def _query(self, jid: JID, request: Iq, ns: str, feature: str) -> Element:
        try:
            query = xml.child(await self.ask(request), "query", ns)
        except PeerError as error:
            if error.details["condition"] in _LACKING:
                raise FeatureMissing(who=jid, feature=feature) from None
            raise
        if query is None:
            raise FeatureMissing(who=jid, feature=feature)
        return query


def _plain(query: Element) -> list[str]:
    return [each.name for each in xml.elements(query, ns=NS_SEARCH) if each.name in LABELS]


def _to_search(query: Element, jid: JID) -> Form:
    found = forms.find(query)
    if found is not None:
        return forms.read(found)
    instructions = xml.text_of(xml.child(query, "instructions", NS_SEARCH))
    fields = [Field(name, FieldKind.TEXT, LABELS[name], []) for name in _plain(query)]
    return Form(f"Search at {jid}", instructions[: register.LONGEST], fields)


def _found(query: Element) -> Form:
    """Plain items (XEP-0055 §2.1) as the rows of a form."""
    rows = []
    for item in xml.elements(query, "item", NS_SEARCH)[: forms.ROWS]:
        said = {name: xml.text_of(xml.child(item, name, NS_SEARCH))[:LONG] for name in LABELS}
        said["jid"] = str(item.attributes.get("jid", ""))[:LONG]
        rows.append([said[name] for name in LABELS])
    return Form("", "", [], "", list(LABELS.values()), rows)
