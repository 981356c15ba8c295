"""Streams without a session between slixmpp and ours (XEP-0047, XEP-0065) over a Prosody.

alice is in a process of the test: no frontend opens a stream by itself. slixmpp takes blocks of 8 KiB at most, and
offers connections over proxies only.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from interop.slixmpp_driver import Slixmpp
from interop.table import BOTH, exchanged
from support.one_stream import OneStream

from sat.world import World

CLIENT = "slixmpp"
SIZE = 512 * 1024


@pytest.fixture(scope="module")
def calm_world() -> Iterator[World]:
    """One in which nobody is online but those of this module."""
    with World(daemon=False) as world:
        yield world


@pytest.fixture(scope="module")
def slixmpp(calm_world: World) -> Iterator[Slixmpp]:
    with Slixmpp(calm_world, "bob") as bob:
        yield bob


@pytest.fixture(scope="module")
def ours(calm_world: World) -> Iterator[OneStream]:
    with OneStream(calm_world, "alice") as alice:
        yield alice


@exchanged(BOTH, "Bytes in stanzas (0047)")
def test_in_stanzas(ours: OneStream, slixmpp: Slixmpp) -> None:
    ours.say("send", "in-band", slixmpp.jid, "there", SIZE)
    digest = ours.answer()
    assert slixmpp.expect(event="stream", size=SIZE)["digest"] == digest
    ours.say("expect", "in-band", slixmpp.jid, "back")
    assert ours.answer() == "ready"
    sent = slixmpp.do("send_in_band", to=ours.jid, sid="back", size=SIZE)
    assert ours.answer() == sent


@exchanged(BOTH, "Bytes over connections (0065)")
def test_over_connections(ours: OneStream, slixmpp: Slixmpp) -> None:
    ours.say("send", "socks5", slixmpp.jid, "there", SIZE)
    digest = ours.answer()
    assert slixmpp.expect(event="stream", size=SIZE)["digest"] == digest
    ours.say("expect", "socks5", slixmpp.jid, "back")
    assert ours.answer() == "ready"
    sent = slixmpp.do("send_over_proxy", to=ours.jid, sid="back", size=SIZE)
    assert ours.answer() == sent


def test_over_the_proxy_only(calm_world: World, slixmpp: Slixmpp) -> None:
    with OneStream(calm_world, "carol", **{"socks5.direct": "false"}) as carol:
        carol.say("send", "socks5", slixmpp.jid, "there", SIZE)
        digest = carol.answer()
        assert slixmpp.expect(event="stream", size=SIZE)["digest"] == digest
