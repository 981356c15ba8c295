"""Where the server of a domain is: DNS SRV records, both kinds merged (RFC 6120 §3.2, XEP-0368)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Coroutine, Iterable
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred

from sat.api.errors import InvalidArgument, ServerNotFound
from sat.xmpp.idn import ascii_name

PORT, DIRECT_PORT = 5222, 5223
_DNS_TIMEOUTS = (1, 3, 5)  # seconds for each try
_AT_MOST = 10  # targets tried in one go


class Target(NamedTuple):
    """A host and port to connect to; ``direct`` is TLS from the first byte. With a ``url``, XMPP is in a WebSocket."""

    host: str
    port: int
    direct: bool = False
    url: str = ""


def web_target(url: str, encrypted: bool = True) -> Target:
    """Where the server is whose WebSocket has this URL. ``ws:`` only to this machine, and where it need not be
    ``encrypted``. Errors: InvalidArgument."""
    try:
        parts = urlsplit(url)
        secure, host, port = parts.scheme.lower() == "wss", parts.hostname or "", parts.port
    except ValueError:
        secure, host, port = False, "", None
    near = host == "localhost" or (is_literal(host) and ip_address(host).is_loopback)
    clear = not encrypted and near and url.lower().startswith("ws://")
    if not host or not (secure or clear) or "@" in url or "#" in url or not url.isascii() or not url.isprintable():
        reason = f"“{url[:200]}” is no address of an encrypted WebSocket (wss://HOST/PATH)."
        raise InvalidArgument(reason=reason)
    return Target(host, port or (443 if secure else 80), secure, url)


_LOCATION = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z_.-]{1,253})(?::(\d{1,5}))?", re.ASCII)


def located(location: str, before: Target) -> Target | None:
    """Where a server would have us come back (XEP-0198 §3): a name, an IPv4 address or an IPv6 address in brackets,
    perhaps with a port. It is reached in the way that we came ``before``. None where it names no such place."""
    found = _LOCATION.fullmatch(location)
    if found is None or before.url:
        return None
    host, port = found[1], int(found[2] or before.port)
    if not 0 < port < 65_536 or (host.startswith("[") and not is_literal(host)):
        return None
    return before._replace(host=host, port=port)


class Record(NamedTuple):
    """What matters of an SRV record (RFC 2782)."""

    priority: int
    weight: int
    host: str
    port: int
    direct: bool = False


Lookup = Callable[[str], Coroutine[Any, Any, list[Record]]]


async def targets_of(domain: str, host: str, port: int, direct: bool, lookup: Lookup) -> list[Target]:
    """Where to connect for ``domain``, in order. A host that was set is taken as it is; ``lookup`` asks for the SRV
    records of a name, and gives none where there are none. Errors: ServerNotFound, InvalidAddress."""
    if host or port:
        return [Target(host or domain, port or (DIRECT_PORT if direct else PORT), direct)]
    if is_literal(domain) or domain == "localhost":
        return [Target(domain, DIRECT_PORT if direct else PORT, direct)]
    name = ascii_name(domain)
    asked = [Deferred.fromCoroutine(lookup(f"_{service}._tcp.{name}")) for service in ("xmpp-client", "xmpps-client")]
    clear, secure = [await each for each in asked]  # both were asked at once
    secure = [each._replace(direct=True) for each in secure]
    records = [each for each in (*clear, *secure) if each.host not in ("", ".")]
    if not records:
        if any(each.host in ("", ".") for each in clear):  # RFC 2782: decidedly no service here
            raise ServerNotFound(server=domain)
        return [Target(name, PORT)]
    return [Target(each.host.rstrip("."), each.port, each.direct) for each in ordered(records)][:_AT_MOST]


def ordered(records: Iterable[Record], pick: Callable[[int], int] = random.randrange) -> list[Record]:
    """By priority; within one, drawn by weight (RFC 2782). ``pick(n)`` gives one of 0…n-1."""
    left = sorted(records, key=lambda each: (each.priority, each.weight))
    drawn: list[Record] = []
    while left:
        same = [each for each in left if each.priority == left[0].priority]
        at = pick(sum(each.weight for each in same) + 1)
        for each in same:
            at -= each.weight
            if at <= 0:
                break
        drawn.append(each)
        left.remove(each)
    return drawn


def is_literal(host: str) -> bool:
    """Whether a host is an IP address, so that there is nothing to look up."""
    from twisted.internet.abstract import isIPAddress, isIPv6Address

    return bool(isIPAddress(host) or isIPv6Address(host.strip("[]")))


class Dns:
    """SRV look-ups by twisted.names, which never blocks. The system's settings are read again for each."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    async def __call__(self, name: str) -> list[Record]:
        """The SRV records of a name. None where the look-up fails: then the domain itself is tried."""
        from twisted.names import client, dns

        # Given the file, the resolver would read it every minute for ever.
        resolver = client.Resolver(servers=_name_servers(), timeout=_DNS_TIMEOUTS, reactor=self._reactor)
        try:
            answers, _, _ = await resolver.lookupService(name, timeout=_DNS_TIMEOUTS)
        except Exception:  # whatever is wrong with the answer or the network: connecting will tell
            return []
        return [
            Record(
                each.payload.priority, each.payload.weight, each.payload.target.name.decode("ascii"), each.payload.port
            )
            for each in answers
            if each.type == dns.SRV and each.payload is not None
        ]


def _name_servers(path: str = "/etc/resolv.conf") -> list[tuple[str, int]]:
    """The system's name servers: a small local file, read again for each look-up because networks change."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file.read(65536).splitlines()]
    except OSError:
        lines = []
    found = [line[1] for line in lines if len(line) > 1 and line[0] == "nameserver" and is_literal(line[1])]
    return [(address, 53) for address in found[:3]] or [("127.0.0.1", 53)]
