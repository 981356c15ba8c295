"""The log of all XML that goes in and out: logger ``sat.xmpp.traffic``, off by default, secrets masked."""

from __future__ import annotations

import logging
from typing import Any

from sat.xmpp import xml
from sat.xmpp.xml import Element

logger = logging.getLogger("sat.xmpp.traffic")
logger.setLevel(logging.WARNING)  # only on when it is asked for by name

_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_SASL2 = "urn:xmpp:sasl:2"  # with tokens in it (XEP-0484)
_REGISTER = "jabber:iq:register"
_PREAUTH = "urn:xmpp:pars:0"  # XEP-0445: an invitation's token
_MUC = "http://jabber.org/protocol/muc"
_ROOMS = (_MUC, f"{_MUC}#user", f"{_MUC}#owner", "jabber:x:conference")  # the passwords of rooms
_MASKED = "…"
_LONGEST = 10_000  # characters of a stanza; the rest of a longer one is left out


def received(log: logging.LoggerAdapter[Any] | logging.Logger, element: Element) -> None:
    """Log what came in."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("← %s", _short(masked(element)), extra=getattr(log, "extra", None))


def sent(log: logging.LoggerAdapter[Any] | logging.Logger, element: Element) -> None:
    """Log what goes out."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("→ %s", _short(masked(element)), extra=getattr(log, "extra", None))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def masked(element: Element) -> str:
    """The element as text, without what proves who we are."""
    if element.uri == _SASL and element.name in ("auth", "challenge", "response", "success"):
        copy = xml.element(element.name, _SASL)
        copy.attributes.update(element.attributes)
        xml.set_text(copy, _MASKED)
        return xml.to_text(copy)
    if element.uri == _SASL2:
        return xml.to_text(_without_text(element))
    if any(each.uri in (_REGISTER, _PREAUTH) for each in xml.elements(element)):
        return xml.to_text(_without_text(element))
    if any(each.uri in _ROOMS for each in xml.elements(element)):
        copy = xml.element(element.name, element.uri)
        copy.attributes.update(element.attributes)
        copy.children = [
            _without_text(each) if not isinstance(each, str) and each.uri in _ROOMS else each
            for each in element.children
        ]
        return xml.to_text(copy)
    return xml.to_text(_without_passwords(element))


def _without_passwords(element: Element) -> Element:
    """Those of rooms stand deep in bookmarks."""
    if element.name == "password":
        return _without_text(element)
    copy = xml.element(element.name, element.uri)
    copy.attributes.update(element.attributes)
    copy.children = [each if isinstance(each, str) else _without_passwords(each) for each in element.children]
    return copy


def _without_text(element: Element) -> Element:
    copy = xml.element(element.name, element.uri)
    copy.attributes.update(element.attributes)
    for name in ("token", "password"):
        if name in copy.attributes:
            copy.attributes[name] = _MASKED
    copy.children = [_MASKED if isinstance(each, str) else _without_text(each) for each in element.children]
    return copy
