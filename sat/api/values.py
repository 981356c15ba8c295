"""Values that every side understands: addresses and secrets."""

from __future__ import annotations

import re
from functools import lru_cache

from sat.api.errors import InvalidAddress

_FORBIDDEN_LOCAL = frozenset("\"&'/:<>@ ")
_LIMIT = 1023  # bytes, for each part (RFC 7622 §3.2–3.4)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # RFC 3490 §3.1
_NO_LETTER = re.compile(r"[\x00-,./:-@\[-^`{-\x7f\u3002]")  # ASCII but letters, digits, - and _; a dot
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]")
_USUAL = 200  # characters; longer addresses are checked anew each time, or strangers could fill the memory with them


class JID(str):
    """An XMPP address, normalised. Compares and travels as a string.

    ``JID(text)`` trusts the text; :meth:`parse` checks and normalises what a person or the network gave.
    """

    __slots__ = ()

    @property
    def bare(self) -> JID:
        """The account or room, without the resource."""
        bare, slash, _ = self.partition("/")
        return JID(bare) if slash else self

    @property
    def local(self) -> str:
        """The part before the @, or nothing."""
        bare = self.partition("/")[0]
        return bare.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The server's part."""
        return self.partition("/")[0].rpartition("@")[2]

    @property
    def resource(self) -> str:
        """The part after the first /, or nothing."""
        return self.partition("/")[2]

    def with_resource(self, resource: str) -> JID:
        """The same account at another resource."""
        return JID(f"{self.bare}/{resource}") if resource else self.bare

    @classmethod
    def parse(cls, text: str) -> JID:
        """Check and normalise an address (RFC 7622); ``InvalidAddress`` says what is wrong with it."""
        return _remembered(text) if len(text) <= _USUAL else _parse(text)


def _parse(text: str) -> JID:
    if len(text) > 3 * _LIMIT + 2:
        raise InvalidAddress(address=text[:60] + "…", reason="it is too long")
    bare, slash, resource = text.partition("/")
    local, at, domain = bare.partition("@")
    if not at:
        local, domain = "", bare
    if at and not local:
        raise InvalidAddress(address=text, reason="nothing stands before the @")
    if slash and not resource:
        raise InvalidAddress(address=text, reason="nothing stands after the /")
    domain = _domain(text, domain)
    if local:
        local = _local(text, local)
    if resource:
        if not resource.isascii():
            import unicodedata  # 5 ms, and most addresses are ASCII: jp feels it

            resource = unicodedata.normalize("NFC", resource)
        # Lenient here, or an emoji newer than our tables would lose a message: who shows a resource cleans it.
        _checked(text, resource, "resource", ("Cc", "Cs", "Zl", "Zp"))
    return JID(f"{local}@{domain}" if local else domain).with_resource(resource)


_remembered = lru_cache(maxsize=8192)(_parse)


def _domain(address: str, domain: str) -> str:
    if not domain.isascii():
        domain = domain.translate(_DOTS)
    domain = domain.removesuffix(".")
    if _IPV6.fullmatch(domain.lower()):
        return domain.lower()
    labels = domain.split(".")
    if not all(labels):
        raise InvalidAddress(address=address, reason="the server's name is missing or has an empty part")
    return _checked(address, ".".join([_label(address, label) for label in labels]), "server", ())


def _label(address: str, label: str) -> str:
    """A part of a server's name in its one form, the readable one."""
    shown, foreign = label, not label.isascii() or label[:4].lower() == "xn--"
    if foreign:
        from sat.api import labels

        label = labels.folded(label)
        try:
            label = labels.readable(label) if label.startswith("xn--") else label
        except ValueError:
            raise InvalidAddress(address=address, reason=f"“{shown}” is no valid name") from None
    else:
        label = label.lower()
    # After the mapping: a wide ／ has become one that would begin a resource.
    if _NO_LETTER.search(label) or not label.strip("-_") or len(label) > 63:
        raise InvalidAddress(address=address, reason=f"“{shown}” cannot be a part of a server's name")
    if foreign and not labels.is_sound(label):
        raise InvalidAddress(address=address, reason=f"“{shown}” is no valid name")
    return label


def _narrow(char: str) -> str:
    import unicodedata

    wide = unicodedata.decomposition(char).startswith(("<wide>", "<narrow>"))
    return unicodedata.normalize("NFKC", char) if wide else char


def _local(address: str, local: str) -> str:
    # PRECIS UsernameCaseMapped (RFC 8265 §3.3): width mapping, lower case, NFC.
    if local.isascii():
        local = local.lower()
    else:
        import unicodedata

        local = unicodedata.normalize("NFC", "".join(map(_narrow, local)).lower())
    bad = next((char for char in local if char in _FORBIDDEN_LOCAL or char.isspace()), "")
    if bad:
        raise InvalidAddress(address=address, reason=f"the name before the @ cannot hold “{bad}”")
    return _checked(address, local, "name")


_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _checked(address: str, part: str, what: str, unwanted: tuple[str, ...] = _UNSEEN) -> str:
    if not part.isprintable():
        from unicodedata import category

        if any(category(char) in unwanted for char in part):
            raise InvalidAddress(address=address, reason=f"the {what} holds an invisible or undefined character")
    if len(part.encode("utf-8", "replace")) > _LIMIT:
        raise InvalidAddress(address=address, reason=f"the {what} is too long")
    return part


class Secret(str):
    """A password on its way to the daemon.

    It crosses D-Bus as the reading end of a pipe, written and closed before, so that who watches the bus does not see
    it; and it never shows itself in a log or a traceback.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')"


class Pipe(int):
    """A file descriptor on its way to the daemon: a pipe, a file, a terminal.

    It crosses D-Bus as another descriptor of the same open file. Who gives it may close it after the call; the daemon
    closes its own.
    """

    __slots__ = ()


NO_SECRET = Secret("")
ANYBODY = JID("")
"""As a parameter: no address in particular."""
