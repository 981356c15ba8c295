"""Where hosts are that others name, and whether that is the internet. Imported when it is used."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

_NAT64 = int(IPv6Address("64:ff9b::")) >> 32

Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet, and not of a network or machine near us."""
    inside: IPv4Address | None = None
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if int(address) >> 32 == _NAT64:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
    if inside is not None and not is_public(inside):
        return False
    return (address.is_global or inside is not None) and not address.is_multicast


async def addresses_of(reactor: Any, host: str) -> list[str]:
    """The addresses of a host, without a zone; none where it cannot be found. An address is its own."""
    found: list[str] = []
    done: Deferred[None] = Deferred()

    @implementer(IResolutionReceiver)
    class Receiver:
        def resolutionBegan(self, resolution: Any) -> None:
            pass

        def addressResolved(self, address: Any) -> None:
            if address.host not in found:
                found.append(address.host)

        def resolutionComplete(self) -> None:
            done.callback(None)

    reactor.nameResolver.resolveHostName(Receiver(), host)
    await done
    return found
