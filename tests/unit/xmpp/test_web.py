"""Which addresses may be asked when others name them."""

from ipaddress import ip_address

import pytest

from sat.xmpp.hosts import is_public
from sat.xmpp.web import checked_url


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:c0a8:101::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_only_we_can_reach(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("url", ["https://a.lit/x?y#z", "http://1.2.3.4:8080/", "https://[2001:db8::1]/x"])
def test_web_addresses(url):
    assert checked_url(url) == url


@pytest.mark.parametrize("url", ["ftp://a.lit/x", "//a.lit/x", "https:x", "http://a.lit\\@b.lit/", "http://a.lit/\n"])
def test_what_is_none(url):
    with pytest.raises(ValueError):
        checked_url(url)
