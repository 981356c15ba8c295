"""How messages tell of files: by their address (XEP-0066), with what is known of them (XEP-0385, XEP-0447), and of what
is encrypted (XEP-0448, XEP-0454)."""

from __future__ import annotations

from collections.abc import Iterator

from sat.api.errors import FileUnusable
from sat.api.messages import SEALED, Attachment
from sat.core.pipeline import Arrival, Departure
from sat.plugins.attachments import media, sharing
from sat.plugins.attachments.links import read_link
from sat.plugins.attachments.names import name_of
from sat.xmpp import fallback, xml
from sat.xmpp.stanzas import Message

NS = "jabber:x:oob"
MOST = 10  # attachments of a message
REFERENCES = 60  # looked at in a message; most are to people
LONG = 1000  # characters of a description


def hear(arrival: Arrival) -> None:
    """Find the files that come with a message."""
    _shared(arrival)  # first, because it tells most of a file
    _linked(arrival)
    for each in arrival.message.children(NS)[:MOST]:
        url = xml.text_of(xml.child(each, "url", NS)).strip()
        about = xml.text_of(xml.child(each, "desc", NS)).strip()[:LONG]
        if is_web(url):
            _add(arrival, Attachment(url, name_of(url), description=about))


def tell(departure: Departure) -> None:
    """Put what is told of files into a message. Of an encrypted one nothing, where the message is not."""
    message = departure.message
    for each in departure.attachments:
        if not each.is_encrypted:
            _tell_in_clear(message, each)
        elif departure.method:  # else the key would go in clear
            message.body = each.url  # all that some methods encrypt
            message.element.children.append(sharing.write(each))
            fallback.put_all(message, sharing.NS)


def is_web(url: str) -> bool:
    """Whether a file could be fetched there."""
    from sat.xmpp.web import checked_url

    try:
        return bool(checked_url(url))
    except ValueError:
        return False


def _tell_in_clear(message: Message, about: Attachment) -> None:
    """For programs of all ages."""
    xml.add(message.add("x", NS), "url", NS, about.url)
    if about.size:
        message.element.children.append(sharing.write(about))
        if message.body == about.url:
            fallback.put_all(message, sharing.NS)
    if media.can_be(about):
        message.element.children.append(media.write(about))


def _shared(arrival: Arrival) -> None:
    message = arrival.message
    why = ""
    for found in _described(message):
        if isinstance(found, Attachment):
            _add(arrival, found)
        else:
            why = found
    in_clear = {each.url for each in arrival.attachments if not each.is_encrypted}
    if arrival.attachments and fallback.is_all(message, sharing.NS) and message.body not in in_clear:
        message.body = ""  # an address in clear may stay: it is no text to anybody (``Message.text``)
    if why and not arrival.attachments and not message.body:
        arrival.unreadable = str(FileUnusable(reason=why))


def _described(message: Message) -> Iterator[Attachment | str]:
    """The files of which more is told than where they are, or why one cannot be fetched."""
    shared = [each for each in message.children(sharing.NS) if each.name == "file-sharing"][:MOST]
    references = [each for each in message.children(fallback.NS_REFERENCE)[:REFERENCES] if media.is_one(each)]
    for read, elements in ((sharing.read, shared), (media.read, references)):
        for each in elements:
            try:
                yield read(each)
            except ValueError as error:
                yield str(error)


def _linked(arrival: Arrival) -> None:
    """A link to an encrypted file is one where it came encrypted and is all there is (XEP-0454 §6), but for a
    preview, which is not looked at. Else it is text."""
    if not arrival.encrypted.method:
        return
    first, _, rest = arrival.message.body.partition("\n")
    if not first.startswith(SEALED) or len(first.split()) > 1 or (rest and not rest.startswith("data:")):
        return
    arrival.message.body = ""  # it is secret, and nothing to read
    try:
        link = read_link(first.strip())
    except ValueError as error:
        if not arrival.attachments:
            arrival.unreadable = str(FileUnusable(reason=error))
    else:
        _add(arrival, Attachment(str(link), name_of(link.url)))


def _add(arrival: Arrival, about: Attachment) -> None:
    """It comes with the message, unless that is known."""
    if len(arrival.attachments) < MOST and all(about.url != known.url for known in arrival.attachments):
        arrival.attachments = [*arrival.attachments, about]
