"""Addresses of this machine, and which addresses that others name may be connected to."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from sat.xmpp.hosts import Address, is_public

MOST = 6  # addresses of ours that are told
ALLOWED_BELOW_1024 = (443,)  # ports that are no streams' behind which other services listen
_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B  # netdevice(7)
_TEMPORARY, _DEPRECATED, _TENTATIVE = 0x01, 0x20, 0x40  # rtnetlink(7)

Interface = IPv4Interface | IPv6Interface


def own_interfaces() -> list[Interface]:
    """The addresses of this machine with their networks, those of loopback too. Where the system does not tell in a
    way known here, the addresses by which it would reach the internet."""
    found = [*_interfaces_4(), *_interfaces_6()]
    return found or [ip_interface(address) for address in _routed()]


def _interfaces_4() -> list[Interface]:
    try:
        from fcntl import ioctl

        names = [name for _, name in socket.if_nameindex()]
    except (ImportError, OSError):
        return []
    found: list[Interface] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for name in names:
            request = struct.pack("256s", name.encode()[:15])
            try:
                address, mask = (
                    socket.inet_ntoa(ioctl(asking, what, request)[20:24]) for what in (_SIOCGIFADDR, _SIOCGIFNETMASK)
                )
                found.append(IPv4Interface(f"{address}/{mask}"))
            except (OSError, ValueError):
                continue
    return found


def _interfaces_6(path: str = "/proc/net/if_inet6") -> list[Interface]:
    try:
        with open(path, encoding="ascii") as file:
            rows = [line.split() for line in file.read(65_536).splitlines()]
    except (OSError, ValueError):
        return []
    found: list[tuple[Interface, int]] = []
    for row in rows:
        try:
            digits, _, prefix, _, flags = row[:5]
            number, flag = int(digits, 16), int(flags, 16)
            found.append((IPv6Interface((number, int(prefix, 16))), flag))
        except ValueError:
            continue
    temporary = {each.network for each, flag in found if flag & _TEMPORARY and not flag & _DEPRECATED}
    return [
        each
        for each, flag in found
        # Where there is an address that changes, the lasting one says who we are.
        if not flag & (_DEPRECATED | _TENTATIVE) and (flag & _TEMPORARY or each.network not in temporary)
    ]


def _routed() -> list[str]:
    found = []
    for family, far in ((socket.AF_INET, "198.51.100.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((far, 9))  # nothing is sent
                found.append(str(asking.getsockname()[0]).partition("%")[0])
            except OSError:
                continue
    return found


def told(interfaces: Sequence[Interface], only: str, local: bool) -> list[str]:
    """Which of our addresses a peer is told, the best first: ``only`` that one where it is set; loopback where
    ``local`` says that peers are on this machine."""
    if only:
        return [only]
    addresses = [each.ip for each in interfaces]
    fine = [
        each
        for each in addresses
        if not (each.is_link_local or each.is_multicast or each.is_unspecified) and (local or not each.is_loopback)
    ]
    fine.sort(key=lambda each: (each.is_loopback, not is_public(each), each.version))
    return [str(each) for each in dict.fromkeys(fine)][:MOST]


def may_connect(text: str, port: int, interfaces: Sequence[Interface], local: bool) -> bool:
    """Whether an address that a peer has named may be connected to. What is on this machine, or in a network that is
    not ours, only where ``local`` says so; what is for the network itself (as the services of a cloud that tell its
    secrets, at 169.254.169.254) never."""
    try:
        address: Address = ip_address(text)
    except ValueError:
        return False
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_reserved and not is_public(address):
        return False
    if not 0 < port < 65_536 or (port < 1024 and port not in ALLOWED_BELOW_1024):
        return False
    if local:
        return True
    if address.is_loopback or any(address == each.ip for each in interfaces):
        return False
    near = any(address.version == each.version and address in each.network for each in interfaces)
    return near or is_public(address)
