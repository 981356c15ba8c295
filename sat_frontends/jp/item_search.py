"""Looking for items at a service: here, as services cannot do that. What is looked through is bounded in size, and so
is the time for one item: a pattern may take for ever on a text that somebody has made for it."""

from __future__ import annotations

import os
import re
import signal
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any

from lxml import etree

from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.item_views import parsed, text_of
from sat_frontends.jp.output import complain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sat.plugins.pubsub.api import Entry

LARGEST = 256 * 1024  # characters of an item that is looked through
LONGEST = 2000  # of a pattern
SECONDS = 5.0  # for one item
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "x": "jabber:x:data",
}
"""Prefixes that are known without being told."""
_TOO_LONG = "Looking through one item took more than 5 s, so it was given up. A simpler pattern may do."


class Search:
    """What an item must be: hold all words of a text, match a regular expression, and have what an XPath says."""

    def __init__(self, text: Sequence[str], regex: str, xpath: str, namespaces: Sequence[str]) -> None:
        if not (text or regex or xpath):
            raise usage("Say what to look for: --text, --regex or --xpath.")
        if max(map(len, (regex, xpath))) > LONGEST:
            raise usage(f"A pattern has at most {LONGEST} characters.")
        self._words = [word for each in text for word in each.casefold().split()]
        try:
            self._regex = re.compile(regex) if regex else None
        except (re.error, OverflowError, RecursionError) as error:
            raise usage(f"“{regex}” is no regular expression: {error}.") from None
        self._xpath = _compiled(xpath, namespaces) if xpath else None
        self.skipped = 0
        """Items that were too large."""

    def fits(self, entry: Entry) -> bool:
        """Whether an item is meant. Errors: Failure where that takes too long."""
        if len(entry.xml) > LARGEST:
            self.skipped += 1
            return False
        root = parsed(entry.xml)
        if root is None:
            return False
        text = text_of(root)
        folded = text.casefold()
        if not all(word in folded for word in self._words):
            return False
        with _patience():
            return self._matches(text) and self._has(root)

    def _matches(self, text: str) -> bool:
        return self._regex is None or self._regex.search(text) is not None

    def _has(self, root: Any) -> bool:
        if self._xpath is None:
            return True
        try:
            return bool(self._xpath(root))
        except etree.XPathError as error:
            raise usage(f"The XPath cannot be used: {error}.") from None


def _compiled(xpath: str, given: Sequence[str]) -> Any:
    namespaces = dict(NAMESPACES)
    for each in given:
        prefix, equals, uri = each.partition("=")
        if not (prefix and equals and uri):
            raise usage(f"A namespace is PREFIX=URI, not “{each}”.")
        namespaces[prefix] = uri
    try:
        return etree.XPath(xpath, namespaces=namespaces, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise usage(f"“{xpath}” is no XPath: {error}.") from None


@contextmanager
def _patience() -> Iterator[None]:
    """Give up after a while. Python's patterns look whether a signal has come; libxml2 does not, but lets other threads
    run: one of those ends the program then."""

    def give_up(*_: object) -> None:
        raise Failure(_TOO_LONG)

    def end() -> None:
        complain(f"jp: {_TOO_LONG}")
        os._exit(4)

    before = signal.signal(signal.SIGALRM, give_up)
    last = Timer(2 * SECONDS, end)
    last.daemon = True
    last.start()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        last.cancel()
