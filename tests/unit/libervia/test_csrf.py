import pytest

from libervia.server.csrf import host_allowed, origin_allowed

HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "chat.example.org"})


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8080", True),
        ("LOCALHOST", True),
        ("[::1]:8080", True),
        ("chat.example.org.", True),
        ("", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("[::1", True),
    ],
)
def test_names(host, allowed):
    assert host_allowed(host, HOSTS) is allowed


@pytest.mark.parametrize(
    ("origin", "site", "https", "allowed"),
    [
        ("http://localhost:8080", "", False, True),
        ("http://localhost:8080", "", True, False),
        ("https://localhost:8080", "", True, True),
        ("http://localhost:8081", "", False, False),
        ("http://localhost", "", False, False),
        ("http://evil.example", "same-origin", False, False),
        ("ftp://localhost:8080", "", False, False),
        ("http://[", "", False, False),
        ("null", "", False, False),
        ("null", "same-origin", False, True),
        ("null", "same-site", False, False),
        ("", "", False, True),
        ("", "none", False, False),
    ],
)
def test_origins(origin, site, https, allowed):
    assert origin_allowed(origin, "localhost:8080", site, https=https) is allowed
