"""Which time it is where somebody is, and where we are (XEP-0202)."""

from __future__ import annotations

import re
import time

from sat.api import JID
from sat.api.errors import NotFound
from sat.core.plugin import Plugin, Refusal, needs, on_iq
from sat.plugins.entity_time.api import EntityTime, EntityTimeApi
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:time"
_ZONE = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])", re.ASCII)  # XEP-0082 §3.3; no country is further


class EntityTimePlugin(Plugin, EntityTimeApi):
    """Which time it is where somebody is (XEP-0202)."""

    xeps = ("0202",)
    features = (NS,)
    roster = needs(Roster)

    @on_iq("get", NS, "time")
    def _asked(self, iq: Iq) -> Element:
        if iq.sender is not None and not self.roster.may_see(iq.sender):
            raise Refusal("service-unavailable")  # it says in which part of the world we are, and that we are there
        now = self.session.now()
        answer = xml.element("time", NS)
        xml.add(answer, "tzo", NS, _written(time.localtime(now).tm_gmtoff))
        xml.add(answer, "utc", NS, format_stamp(now))
        return answer

    async def get_time(self, jid: JID) -> EntityTime:
        request = Iq.get(jid)
        request.add("time", NS)
        found = xml.child(await self.ask(request), "time", NS)
        told = {} if found is None else {each.name: xml.text_of(each).strip() for each in xml.elements(found, ns=NS)}
        utc, offset = parse_stamp(told.get("utc", "")), _read(told.get("tzo", ""))
        if utc is None or offset is None:
            raise NotFound(what=f"time at {jid}")
        return EntityTime(utc, offset)


def _written(offset: int) -> str:
    if not offset:
        return "Z"
    minutes = abs(offset) // 60
    return f"{'+' if offset > 0 else '-'}{minutes // 60:02}:{minutes % 60:02}"


def _read(text: str) -> int | None:
    if text == "Z":
        return 0
    found = _ZONE.fullmatch(text)
    if found is None:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60
    return -seconds if found[1] == "-" else seconds
