"""Where the server of a domain is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock

from sat.api.errors import InvalidAddress, ServerNotFound
from sat.xmpp.resolve import Dns, Record, Target, _name_servers, ordered, targets_of


def found(domain: str, records: dict[str, list[Record]], host: str = "", port: int = 0, direct: bool = False) -> Any:
    asked: list[str] = []

    async def lookup(name: str) -> list[Record]:
        asked.append(name)
        return records.get(name, [])

    results: list[Any] = []
    made = Deferred.fromCoroutine(targets_of(domain, host, port, direct, lookup))
    made.addCallbacks(results.append, lambda failure: results.append(failure.value))
    return results[0], asked


CLEAR, SECURE = "_xmpp-client._tcp.example.org", "_xmpps-client._tcp.example.org"


def test_both_kinds_are_merged_by_priority() -> None:
    targets, _ = found(
        "example.org",
        {
            CLEAR: [Record(20, 0, "a.example.org", 5222), Record(5, 0, "b.example.org.", 5223)],
            SECURE: [Record(10, 0, "c.example.org", 443)],
        },
    )
    assert targets == [
        Target("b.example.org", 5223),
        Target("c.example.org", 443, True),
        Target("a.example.org", 5222),
    ]


def test_without_records_it_is_the_domain_itself() -> None:
    assert found("example.org", {})[0] == [Target("example.org", 5222)]
    assert found("exämple.org", {})[0] == [Target("xn--exmple-cua.org", 5222)]
    assert found("faß.de", {})[0] == [Target("xn--fa-hia.de", 5222)], "fass.de is somebody else's"


def test_a_name_that_dns_cannot_have_is_told() -> None:
    error, asked = found("i❤.ws", {})
    assert error == InvalidAddress(address="i❤.ws", reason="DNS can have no such name")
    assert not asked


def test_a_dot_means_that_there_is_no_service() -> None:
    error, _ = found("example.org", {CLEAR: [Record(0, 0, ".", 0)], SECURE: [Record(0, 0, "", 0)]})
    assert error == ServerNotFound(server="example.org")


def test_a_dot_for_direct_tls_only_leaves_the_other() -> None:
    assert found("example.org", {SECURE: [Record(0, 0, ".", 0)]})[0] == [Target("example.org", 5222)]


@pytest.mark.parametrize(
    ("host", "port", "direct", "target"),
    [
        ("h", 0, False, Target("h", 5222)),
        ("h", 0, True, Target("h", 5223, True)),
        ("", 99, False, Target("example.org", 99)),
        ("::1", 99, True, Target("::1", 99, True)),
    ],
)
def test_what_was_set_asks_nobody(host: str, port: int, direct: bool, target: Target) -> None:
    assert found("example.org", {}, host, port, direct) == ([target], [])


@pytest.mark.parametrize("domain", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_asks_nobody(domain: str) -> None:
    assert found(domain, {}) == ([Target(domain, 5222)], [])


def test_at_most_ten_are_tried() -> None:
    many = [Record(0, 0, f"h{number}", 5222) for number in range(1000)]
    assert len(found("example.org", {CLEAR: many})[0]) == 10


def test_weights_are_drawn() -> None:
    """RFC 2782: the draw is among the sum of the weights, and each is drawn once."""
    a, b, c = Record(1, 10, "a", 1), Record(1, 30, "b", 1), Record(1, 0, "c", 1)
    assert ordered([a, b, c], lambda n: 0) == [c, a, b]
    assert ordered([a, b, c], lambda n: n - 1)[0] == b
    assert ordered([a, b, c], lambda n: min(5, n - 1))[0] == a


def test_the_systems_name_servers(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("# x\nsearch a\nnameserver 192.0.2.1\nnameserver\nnameserver evil\nnameserver 2001:db8::1\n")
    assert _name_servers(str(path)) == [("192.0.2.1", 53), ("2001:db8::1", 53)]
    assert _name_servers(str(tmp_path / "missing")) == [("127.0.0.1", 53)]


def test_dead_dns_is_no_records_and_leaves_nothing_behind() -> None:
    reactor = MemoryReactorClock()
    results: list[Any] = []
    Deferred.fromCoroutine(Dns(reactor)("_xmpp-client._tcp.example.org")).addBoth(results.append)
    for _ in range(20):
        reactor.advance(1)
    assert results == [[]]
    assert not reactor.getDelayedCalls()
