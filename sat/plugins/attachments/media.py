"""Files as older messages tell them: a reference to media (XEP-0385), which says where a file in clear is."""

from __future__ import annotations

from sat.api.messages import Attachment
from sat.plugins.attachments.sharing import MOST, add_file, with_file
from sat.xmpp import xml
from sat.xmpp.fallback import NS_REFERENCE
from sat.xmpp.jingle import NS_FILES
from sat.xmpp.xml import Element

NS = "urn:xmpp:sims:1"


def can_be(about: Attachment) -> bool:
    """Whether a file can be told in this way: without hash nobody may take it (§5.1), and it has no word for keys."""
    return bool(about.hashes and about.size and about.type) and not about.is_encrypted


def write(about: Attachment) -> Element:
    """What is told of a file."""
    reference = xml.element("reference", NS_REFERENCE, type="data")
    sharing = xml.add(reference, "media-sharing", NS)
    add_file(sharing, NS_FILES, about)
    xml.add(xml.add(sharing, "sources", NS), "reference", NS_REFERENCE, type="data", uri=about.url)
    return reference


def is_one(reference: Element) -> bool:
    """Whether a reference is to a file."""
    return reference.name == "reference" and xml.child(reference, "media-sharing", NS) is not None


def read(reference: Element) -> Attachment:
    """The file of such a reference. Errors: ValueError, whose text fits into a sentence."""
    sharing = xml.child(reference, "media-sharing", NS)
    assert sharing is not None
    sources = xml.child(sharing, "sources", NS)
    found = [] if sources is None else xml.elements(sources, "reference", NS_REFERENCE)[:MOST]
    return with_file(Attachment(_place(found)), xml.child(sharing, "file", NS_FILES), NS_FILES)


def _place(sources: list[Element]) -> str:
    """The first that is on the web. Others lead to a program directly."""
    from sat.xmpp.web import checked_url

    why = ValueError("it does not say where it is")
    for each in sources:
        try:
            return checked_url(str(each.attributes.get("uri", "")))
        except ValueError as error:
            why = error
    raise why
