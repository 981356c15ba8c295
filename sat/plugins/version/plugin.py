"""Which program somebody uses, and which we are (XEP-0092)."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sat import __version__
from sat.api import JID
from sat.api.settings import Tab
from sat.core.plugin import Plugin, configured, on_iq
from sat.core.settings import Help
from sat.plugins.version.api import Software, VersionApi
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "jabber:iq:version"
LONGEST = 200


@dataclass
class Options:
    """What strangers may know."""

    tab: ClassVar[Tab] = Tab.MISC
    show_os: Annotated[bool, "Tell which operating system this is", Help("Others can ask; off is more private.")] = (
        False
    )


class Version(Plugin, VersionApi):
    """Which program is this (XEP-0092)?"""

    xeps = ("0092",)
    features = (NS,)
    options = configured(Options)

    @on_iq("get", NS, "query")
    def _asked(self, iq: Iq) -> Element:
        query = xml.element("query", NS)
        xml.add(query, "name", NS, "Salut à Toi")
        xml.add(query, "version", NS, __version__)
        if self.options.show_os:
            xml.add(query, "os", NS, platform.system())
        return query

    async def get_version(self, jid: JID) -> Software:
        request = Iq.get(jid)
        request.add("query", NS)
        query = xml.child(await self.ask(request), "query", NS)
        told = {} if query is None else {each.name: xml.text_of(each)[:LONGEST] for each in xml.elements(query, ns=NS)}
        return Software(told.get("name", ""), told.get("version", ""), told.get("os", ""))
