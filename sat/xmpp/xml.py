"""XML as XMPP has it: an incremental parser with limits, and elements in and out.

Elements are those of Twisted's ``domish``, built by a parser of ours on pyexpat: domish's own has no depth limit,
lets a DOCTYPE pass and says no stream error (docs/decisions/004-our-own-stream.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias
from xml.parsers import expat

from twisted.words.xish import domish

Element: TypeAlias = domish.Element

NS_CLIENT = "jabber:client"
NS_XML = "http://www.w3.org/XML/1998/namespace"
LANG = (NS_XML, "lang")
NS_STREAMS = "http://etherx.jabber.org/streams"
_STREAM = (NS_STREAMS, "stream")

_ELEMENT = 1024  # bytes that an element takes in memory
_FEED = 16 * 1024  # bytes for the parser at once, so that limits are looked at this often


class XmlError(Exception):
    """What came in cannot be accepted; ``condition`` is the stream error to answer with (RFC 6120 §4.9.3)."""

    def __init__(self, condition: str, reason: str) -> None:
        self.condition, self.reason = condition, reason
        super().__init__(f"{condition}: {reason}")


class Limits(NamedTuple):
    """How large one stanza may be. ``size`` is in bytes and counted while the stanza is still open."""

    size: int = 1024 * 1024
    depth: int = 100
    elements: int = 50_000  # a roster of some 20,000 contacts; far below what a stanza of one MiB could hold
    attributes: int = 100  # of one element
    namespaces: int = 5_000
    name: int = 512  # characters of a name with its namespace


STANZA = Limits()
BEFORE_LOGIN = Limits(size=64 * 1024, elements=1_000, namespaces=500)


class StreamParser:
    """Turns the bytes of one stream into the stream's header and its elements of depth 1.

    ``opened`` gets the header, ``received`` each element, ``closed`` nothing. Whitespace between them is thrown away.
    """

    def __init__(
        self,
        opened: Callable[[Element], None],
        received: Callable[[Element], None],
        closed: Callable[[], None],
        limits: Limits = STANZA,
    ) -> None:
        self.limits = limits
        self.weight = 0  # bytes that the last stanza takes in memory, roughly
        self._opened, self._received, self._closed = opened, received, closed
        self._names: dict[str, tuple[str, str]] = {}
        self._current: Element | None = None
        self._outer: list[Element] = []  # what the current one is in, the stanza first
        self._depth = 0  # of the element that is open; 1 is the stream
        self._elements = self._namespaces = 0
        self._fed = self._boundary = 0  # bytes; the boundary is where the last complete stanza ended
        self._stopped = False
        parser = self._parser = expat.ParserCreate(None, " ")
        # A token that was cut in two must not wait for more data than its own end (expat ≥ 2.6 would let it).
        # What that deferral protects from is bounded by our limit.
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)
        parser.buffer_text = True
        parser.buffer_size = 32 * 1024
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartNamespaceDeclHandler = self._namespace
        parser.XmlDeclHandler = self._declaration
        # RFC 6120 §11.1
        parser.StartDoctypeDeclHandler = _refuser("a document type declaration")
        parser.EntityDeclHandler = _refuser("an entity declaration")
        parser.CommentHandler = _refuser("a comment")
        parser.ProcessingInstructionHandler = _refuser("a processing instruction")
        parser.ExternalEntityRefHandler = _refuser("an external entity")
        parser.SkippedEntityHandler = _refuser("an entity")

    def feed(self, data: bytes) -> None:
        """Parse some more. ``XmlError`` where it breaks a rule; the parser is of no use afterwards."""
        for start in range(0, len(data), _FEED):
            if self._stopped:
                return
            piece = data[start : start + _FEED]
            self._fed += len(piece)
            try:
                self._parser.Parse(piece)
            except expat.ExpatError as error:
                if self._stopped:
                    return
                raise _described(error) from None
            # At depth 1 each event moves the boundary: without any, a token grows and does not end.
            if self._fed - self._boundary > self.limits.size:
                raise XmlError("policy-violation", "a stanza is too long")

    @property
    def between(self) -> bool:
        """Whether no stanza is open."""
        return self._depth <= 1

    def stop(self) -> None:
        """Hear nothing more, not even the rest of what is being parsed (RFC 6120 §5.4.3.3: a new stream follows)."""
        self._stopped = True
        parser = self._parser
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    # -- what pyexpat calls, for every token: kept flat for speed ------------------------------------------------

    def _start(self, name: str, attributes: dict[Any, str]) -> None:
        limits = self.limits
        pair = self._names.get(name)
        if pair is None:
            pair = self._learn(name)
        if attributes:
            if len(attributes) > limits.attributes:
                raise XmlError("policy-violation", "an element has too many attributes")
            names = "".join(attributes)
            if " " in names or len(names) > limits.name:
                self._split_names(attributes)
        element = Element(pair, pair[0], attributes)
        self._depth += 1
        parent = self._current
        if parent is not None:
            self._elements += 1
            if self._depth > limits.depth or self._elements > limits.elements:
                raise XmlError("policy-violation", "a stanza has too many elements")
            parent.children.append(element)
            self._outer.append(parent)
        elif self._depth == 1:
            self._opened(element)
            return
        elif pair == _STREAM:
            raise XmlError("invalid-xml", "there is a stream inside the stream")
        self._current = element

    def _split_names(self, attributes: dict[Any, str]) -> None:
        """Names in a namespace become pairs, as domish has them."""
        for key in list(attributes):
            if len(key) > self.limits.name:
                raise XmlError("policy-violation", "the name of an attribute is too long")
            uri, in_namespace, local = key.rpartition(" ")
            if in_namespace:
                attributes[uri, local] = attributes.pop(key)

    def _end(self, name: str) -> None:
        self._depth -= 1
        element = self._current
        if element is None:
            self._closed()
        elif self._outer:
            self._current = self._outer.pop()
        else:
            end = self._parser.CurrentByteIndex
            if end - self._boundary > self.limits.size:
                raise XmlError("policy-violation", "a stanza is too long")
            self.weight = end - self._boundary + _ELEMENT * self._elements
            self._boundary = end
            self._current = None
            self._elements = self._namespaces = 0
            self._received(element)

    def _text(self, text: str) -> None:
        element = self._current
        if element is not None:
            children = element.children
            if children and isinstance(children[-1], str):
                children[-1] += text
            else:
                children.append(text)
        elif self._depth == 1 and not self._stopped:  # stop() makes pyexpat give what it still has
            self._boundary = self._fed
            if not text.isspace():
                raise XmlError("bad-format", "there is text between the stanzas")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self._namespaces += 1
        if self._namespaces > self.limits.namespaces or len(uri or "") > self.limits.name:
            raise XmlError("policy-violation", "a stanza declares too many or too long namespaces")

    def _learn(self, name: str) -> tuple[str, str]:
        if len(name) > self.limits.name:
            raise XmlError("policy-violation", "the name of an element is too long")
        uri, _, local = name.rpartition(" ")
        if len(self._names) >= 1024:
            self._names.clear()
        pair = self._names[name] = (uri, local)
        return pair

    @staticmethod
    def _declaration(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.upper() != "UTF-8":  # RFC 6120 §11.6
            raise XmlError("unsupported-encoding", "the encoding is not UTF-8")


def _refuser(what: str) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise XmlError("restricted-xml", f"it holds {what}")

    return refuse


def _described(error: expat.ExpatError) -> XmlError:
    if error.code in (18, 19):  # XML_ERROR_UNKNOWN_ENCODING, XML_ERROR_INCORRECT_ENCODING
        return XmlError("unsupported-encoding", "the encoding is not UTF-8")
    return XmlError("not-well-formed", f"it is not well-formed XML ({expat.ErrorString(error.code)})")


_NOT_ONE = "it is not one element"


def parse(text: bytes) -> Element:
    """A single element from a text, within the limits of a stanza. Errors: ValueError."""
    found: list[Element] = []
    try:
        StreamParser(lambda _: None, found.append, lambda: None).feed(b"<text>" + text + b"</text>")
    except XmlError as error:
        raise ValueError(_NOT_ONE if error.condition == "bad-format" else error.reason) from None
    if len(found) != 1:
        raise ValueError(_NOT_ONE)
    return found[0]


# -- building ----------------------------------------------------------------------------------------------------


def element(name: str, ns: str | None = None, /, **attributes: object) -> Element:
    """A new element; attributes that are None are left out, ``from_`` stands for ``from``."""
    made = Element((ns, name), ns)
    if attributes:
        made.attributes = {key.rstrip("_"): str(value) for key, value in attributes.items() if value is not None}
    return made


def add(parent: Element, name: str, ns: str | None = None, text: str | None = None, /, **attributes: object) -> Element:
    """A new child; without a namespace it has that of its parent."""
    child = element(name, parent.uri if ns is None else ns, **attributes)
    if text:
        child.children.append(text)
    parent.children.append(child)
    return child


def child(parent: Element, name: str, ns: str | None = None) -> Element | None:
    """The first child of that name; without a namespace, in that of its parent."""
    uri = parent.uri if ns is None else ns
    for each in parent.children:
        if not isinstance(each, str) and each.name == name and (each.uri == uri or each.uri is None):
            return each
    return None


def elements(parent: Element, name: str | None = None, ns: str | None = None) -> list[Element]:
    """The children that are elements, of that name and namespace where they are given."""
    return [
        each
        for each in parent.children
        if not isinstance(each, str) and (name is None or each.name == name) and (ns is None or each.uri == ns)
    ]


def text_of(element: Element | None) -> str:
    """The text that stands directly in an element."""
    if element is None:
        return ""
    children = element.children
    if len(children) == 1 and isinstance(children[0], str):  # as nearly always
        return children[0]
    return "".join([each for each in children if isinstance(each, str)])


def weight(element: Element) -> int:
    """Bytes that an element takes in memory, roughly."""
    size, waiting = 0, [element]
    while waiting:
        each = waiting.pop()
        size += _ELEMENT + sum(map(len, each.attributes.values()))
        for child in each.children:
            if isinstance(child, str):
                size += len(child)
            else:
                waiting.append(child)
    return size


def cleaned(text: str) -> str:
    """A text that has not come in XML, without what XML cannot hold: U+FFFD stands there."""
    return text if text.isprintable() else _ILLEGAL.sub("\ufffd", text)


def set_text(element: Element, text: str) -> None:
    """Replace all that is in an element by text."""
    element.children = [text] if text else []


# -- writing -----------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("[&<>'\"\t\n\r]")
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "'": "&apos;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
# XML 1.0 §2.2. A single one would make the server close the stream, and again after each reconnection.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_text(element: Element, ns: str = NS_CLIENT) -> str:
    """The element as it is sent in a stream whose default namespace is ``ns``. Characters that XML cannot hold are
    replaced by U+FFFD."""
    parts: list[str] = []
    write(element, parts.append, ns, element.uri or ns)
    return "".join(parts)


def write(element: Element, out: Callable[[str], object], scope: str, uri: str) -> None:
    """Give an element to ``out`` in pieces; ``scope`` is the default namespace around it, ``uri`` its own."""
    out(f"<{element.name}" if uri == scope else f"<{element.name} xmlns='{escape(uri)}'")
    for number, (key, value) in enumerate(element.attributes.items()):
        if type(key) is tuple:
            space, key = key
            if space == NS_XML:
                key = f"xml:{key}"
            else:
                out(f" xmlns:n{number}='{escape(space)}'")
                key = f"n{number}:{key}"
        out(f" {key}='{escape(value)}'")
    children = element.children
    if not children:
        out("/>")
        return
    out(">")
    inherited = uri if element.defaultUri is None else element.defaultUri or uri
    for each in children:
        if isinstance(each, domish.SerializedXML):
            out(each)
        elif isinstance(each, str):
            out(_content(each))
        else:
            write(each, out, uri, inherited if each.uri is None else each.uri)
    out(f"</{element.name}>")


def _content(text: str) -> str:
    text = cleaned(text)
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return text


def escape(value: object) -> str:
    """A value as it stands between quotes in an attribute."""
    text = cleaned(value if isinstance(value, str) else str(value))
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)
    return text
