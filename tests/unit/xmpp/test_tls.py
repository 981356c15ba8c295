"""Whom a certificate is for."""

from __future__ import annotations

import pytest
from scenarios.hostile import Authority

from sat.xmpp import tls


@pytest.mark.parametrize(("domain", "matches"), [("faß.de", True), ("fass.de", False), ("xn--fa-hia.de", True)])
def test_a_name_beyond_ascii_is_compared_as_dns_has_it(domain: str, matches: bool) -> None:
    certificate, _ = Authority("any").issue(["xn--fa-hia.de"])
    assert tls.matches(certificate, domain) is matches
