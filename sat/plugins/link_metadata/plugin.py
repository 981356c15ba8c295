"""What others tell of the links in their texts (XEP-0511). Nothing is fetched, and only of web addresses that stand in
the text is anything shown: what is told may be wrong, where it leads to is not."""

from __future__ import annotations

from sat.api.messages import Extra, LinkMetadata
from sat.core.pipeline import Arrival
from sat.core.plugin import Plugin, needs
from sat.plugins.messages.plugin import Messages
from sat.xmpp.xml import Element, child, text_of

NS_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NS_OG = "https://ogp.me/ns#"
ABOUT = (NS_RDF, "about")
MOST = 3  # links of one message
LONGEST_TITLE = 200  # characters
LONGEST_DESCRIPTION = 500


class Links(Plugin):
    """Link metadata of others (XEP-0511). Ours tell nothing: we would have to fetch them."""

    xeps = ("0511",)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS_RDF, self._read))

    def _read(self, arrival: Arrival, extra: Extra) -> Extra:
        found: dict[str, LinkMetadata] = {}
        for each in arrival.message.children(NS_RDF):
            url = str(each.attributes.get(ABOUT, ""))
            if len(found) == MOST:
                break
            if url in found or not url.startswith(("http://", "https://")) or url not in arrival.message.body.split():
                continue
            title = _said(each, "title", LONGEST_TITLE)
            if title:
                found[url] = LinkMetadata(url, title, _said(each, "description", LONGEST_DESCRIPTION))
        return extra._replace(links=list(found.values())) if found else extra


def _said(description: Element, name: str, longest: int) -> str:
    return " ".join(text_of(child(description, name, NS_OG)).split())[:longest]
