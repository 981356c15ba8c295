"""The server's block list, kept as it last told it (XEP-0191), and reports to it (XEP-0377)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidAddress, InvalidArgument, NotFound, PeerError, SatError
from sat.core.plugin import Online, Plugin, Refusal, needs, on_event, on_iq
from sat.plugins.blocking.api import BlockingApi, Report
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.edits import NS_SID
from sat.plugins.presence.plugin import PresencePlugin
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "urn:xmpp:blocking"
NS_REPORTING = "urn:xmpp:reporting:1"
MOST = 10_000  # addresses that are kept
MOST_NAMED = 20  # messages in a report
LONGEST = 2_000  # characters of a report
LACKS = ("service-unavailable", "feature-not-implemented")


class Blocking(Plugin, BlockingApi):
    """Nothing comes from whom we block (XEP-0191, XEP-0377)."""

    xeps = ("0191", "0377")
    presence = needs(PresencePlugin)
    disco = needs(Disco)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._blocked: set[JID] = set()
        self._lacking = False  # the server has said that it knows no blocking

    async def load(self) -> None:
        self._blocked.update(await self.store.rows("blocked", JID.parse))

    # -- from the server ---------------------------------------------------------------------------------------

    @on_event(Online)
    def _connected(self, event: Online) -> None:
        if not event.resumed:
            self.spawn(self._fetch())

    async def _fetch(self) -> None:
        request = Iq.get()
        request.add("blocklist", NS)
        try:
            answer = await self.ask(request, timeout=60)
        except SatError as error:
            self._lacking = isinstance(error, PeerError) and error.details.get("condition") in LACKS
            self.log.info("the block list could not be fetched: %s", error)
            return
        self._lacking = False
        listed = xml.child(answer, "blocklist", NS)
        self._keep([] if listed is None else self._read(listed))

    @on_iq("set", NS, "block")
    def _block_pushed(self, iq: Iq) -> None:
        named = self._pushed(iq)
        if not named:  # §3.3: one at least
            raise Refusal("bad-request")
        self._keep(self._blocked.union(named))

    @on_iq("set", NS, "unblock")
    def _unblock_pushed(self, iq: Iq) -> None:
        named = self._pushed(iq)
        if not named and xml.elements(iq.payload or iq.element, "item", NS):
            raise Refusal("bad-request")  # an empty list means all (§3.5); one of which nothing can be read does not
        self._keep(self._blocked.difference(named) if named else ())

    def _pushed(self, iq: Iq) -> set[JID]:
        if iq.sender is not None and iq.sender != self.session.account.jid.bare:
            self.log.warning("a block list from a stranger (%s) was ignored", iq.sender)
            raise Refusal("service-unavailable")
        return set() if iq.payload is None else self._read(iq.payload)

    def _read(self, parent: Element) -> set[JID]:
        found = set()
        for item in xml.elements(parent, "item", NS)[:MOST]:
            try:
                found.add(JID.parse(str(item.attributes.get("jid", ""))))
            except InvalidAddress as error:
                self.log.warning("a blocked address was left out: %s", error)
        return found

    def _keep(self, blocked: Iterable[JID]) -> None:
        now = set(sorted(blocked)[:MOST])
        for jid in now - self._blocked:
            self.presence.lose(jid)  # §3.3: nothing is told of them any more, not even that they leave
        for jid in self._blocked - now:
            self.presence.seek(jid)
        if now != self._blocked:
            self._blocked = now
            self.changed.emit(sorted(now))
            self.spawn(self._store())

    async def _store(self) -> None:
        try:
            await self.store.set("blocked", sorted(self._blocked))
        except SatError as error:
            self.log.error("the block list could not be stored: %s", error)

    # -- BlockingApi -------------------------------------------------------------------------------------------

    async def get_blocked(self) -> list[JID]:
        self._must_have()
        return sorted(self._blocked)

    async def block(
        self,
        jid: JID,
        report: Report = Report.NONE,
        text: str = "",
        messages: Sequence[str] = (),
    ) -> None:
        self._must_have()
        own = self.session.account.jid
        if jid.bare in (own.bare, own.domain):
            raise InvalidArgument(reason="You cannot block yourself or your own server.")
        if len(text) > LONGEST:
            raise InvalidArgument(reason=f"A report has at most {LONGEST} characters.")
        if len(messages) > MOST_NAMED:
            raise InvalidArgument(reason=f"A report names {MOST_NAMED} messages at most.")
        if messages and report is Report.NONE:
            raise InvalidArgument(reason="Messages are named in a report only.")
        named = await self.session.messages.archived(messages, jid)
        request = Iq.set()
        item = xml.add(request.add("block", NS), "item", NS, jid=jid.bare)
        if report is not Report.NONE:
            if NS_REPORTING not in (await self.disco.get_info(JID(own.domain))).features:
                raise FeatureMissing(who=own.domain, feature="reports of spam and abuse; blocking works without")
            reported = xml.add(item, "report", NS_REPORTING, reason=f"urn:xmpp:reporting:{report.value}")
            if text.strip():
                xml.add(reported, "text", NS_REPORTING, text.strip())
            for archive, archive_id in named:
                if archive == own.bare:  # the server cannot look into another
                    xml.add(reported, "stanza-id", NS_SID, by=archive, id=archive_id)
        await self._ask(request)
        self._keep(self._blocked | {jid.bare})

    async def unblock(self, jid: JID) -> None:
        self._must_have()
        if jid not in self._blocked and jid.bare not in self._blocked:
            raise NotFound(what=f"{jid.bare} among those whom you block")
        named = jid if jid in self._blocked else jid.bare
        request = Iq.set()
        xml.add(request.add("unblock", NS), "item", NS, jid=named)
        await self._ask(request)
        self._keep(self._blocked - {named})

    def _must_have(self) -> None:
        if self._lacking:
            raise FeatureMissing(who=self.session.account.jid.domain, feature="blocking")

    async def _ask(self, request: Iq) -> None:
        try:
            await self.ask(request)
        except PeerError as error:
            if error.details.get("condition") in LACKS:
                raise FeatureMissing(who=self.session.account.jid.domain, feature="blocking") from error
            raise
