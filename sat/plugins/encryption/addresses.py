"""Addresses that name the keys of somebody: ``xmpp:somebody@example.org?omemo-sid-1234=…``."""

from __future__ import annotations

from urllib.parse import quote, unquote

from sat.api import JID
from sat.api.errors import InvalidAddress, InvalidArgument

LONGEST = 10_000  # characters


def write(owner: JID, parameters: dict[str, str]) -> str:
    """The address of somebody with what methods tell of their keys."""
    pairs = ";".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return f"xmpp:{quote(str(owner), safe='@')}?{pairs}"


def read(uri: str) -> tuple[JID, dict[str, str]]:
    """The reverse. Errors: InvalidArgument."""
    address, question, query = uri.strip()[:LONGEST].partition("?")
    scheme, _, path = address.partition(":")
    if scheme.lower() != "xmpp" or not question:
        raise InvalidArgument(reason="This is no address with keys, such as xmpp:somebody@example.org?omemo-sid-….")
    try:
        owner = JID.parse(unquote(path)).bare
    except InvalidAddress as error:
        raise InvalidArgument(reason=str(error)) from None
    pairs = (each.partition("=") for each in query.replace("&", ";").split(";"))
    return owner, {name: unquote(value) for name, _, value in pairs if value}
