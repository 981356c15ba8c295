"""Server names as DNS, TLS and certificates have them (IDNA 2008)."""

from __future__ import annotations

from sat.api.errors import InvalidAddress


def ascii_name(domain: str) -> str:
    """The name of a server, or its IP address, in ASCII. Errors: InvalidAddress, where DNS can have no such name."""
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain).decode()
    except idna.IDNAError:
        raise InvalidAddress(address=domain, reason="DNS can have no such name") from None
