"""Which addresses are told to a peer, and which of a peer's may be connected to."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest

from sat.plugins.socks5 import addresses
from sat.plugins.socks5.addresses import may_connect, told

OURS = [ip_interface("192.168.7.2/24"), ip_interface("127.0.0.1/8"), ip_interface("2001:db8:5::2/64")]


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "2606:4700::1111", "192.168.7.3", "2001:db8:5::3", "::ffff:192.168.7.3"]
)
def test_addresses_that_may_be_connected_to(address):
    assert may_connect(address, 5000, OURS, False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "192.168.8.1", "172.17.0.1", "192.168.7.2", "100.64.0.1",
        "fd00:ec2::254", "2001:db8:5::2", "2001:db8:6::1", "localhost", "", "1.1.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_may_not(address):
    assert not may_connect(address, 5000, OURS, False)


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
    ],
)
def test_addresses_that_never_may(address, local):
    assert not may_connect(address, 5000, OURS, local)


@pytest.mark.parametrize("port", [0, 22, 25, 80, 1023, 65_536])
def test_ports_that_never_may(port):
    assert not may_connect("1.1.1.1", port, OURS, True)
    assert may_connect("1.1.1.1", 443, OURS, False)


def test_what_a_setting_allows():
    assert may_connect("127.0.0.1", 5000, OURS, True)
    assert may_connect("10.0.0.1", 5000, OURS, True)


def test_addresses_that_are_told():
    assert told(OURS, "", False) == ["192.168.7.2", "2001:db8:5::2"]
    assert told(OURS, "", True)[-1] == "127.0.0.1"
    assert told(OURS, "127.0.0.1", False) == ["127.0.0.1"]
    assert told([ip_interface("169.254.1.1/16"), ip_interface("fe80::1/64")], "", True) == []


def test_own_addresses():
    found = addresses.own_interfaces()
    assert any(each.ip.is_loopback for each in found)
    assert all(each.network.prefixlen for each in found)


def test_of_addresses_that_change_the_lasting_one_is_not_told(tmp_path):
    rows = tmp_path / "if_inet6"
    rows.write_text(
        "20010db8000500000000000000000002 02 40 00 00 eth0\n"
        "20010db8000500000000000000000abc 02 40 00 01 eth0\n"
        "20010db8000500000000000000000def 02 40 00 21 eth0\n"
        "nonsense\n"
        "fe800000000000000000000000000001 02 40 20 80 eth0\n"
    )
    assert [str(each.ip) for each in addresses._interfaces_6(str(rows))] == ["2001:db8:5::abc", "fe80::1"]
