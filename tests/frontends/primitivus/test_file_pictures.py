"""Pictures of files on their way: small ones of what is offered, and those that have come."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.pictures import png
from world import BOB, NOON, Console

from sat.api import JID
from sat.api.transfers import Transfer, TransferState

PHONE = JID(f"{BOB}/phone")


@pytest.fixture
def bob(with_bob: Console) -> Console:
    with_bob.screen.colors = 1 << 24
    return with_bob


def offer(transfers) -> Transfer:
    return transfers.offered(PHONE, "x.png", 2048, begun=NOON + 60)


def ended(transfers, path: Path) -> Transfer:
    path.write_bytes(png(80, 40))
    return transfers.end(offer(transfers).id, path=str(path))


def asked(apis) -> list[tuple]:
    return [call for call in apis.files.calls if call[0] == "get_thumbnail"]


def shows_picture(console: Console) -> int:
    """How many lines a picture takes, once it is there."""
    for _ in range(500):
        console.settle(0.02)
        if "▀" in console.text:
            break
    return sum("▀" in line for line in console.lines)


def test_a_picture_is_shown(bob: Console, transfers, tmp_path: Path):
    ended(transfers, tmp_path / "x.png")
    assert shows_picture(bob) == 10


def test_a_picture_is_seen_small_before_it_is_taken(bob: Console, apis):
    one = offer(apis.transfers)
    bob.settle()
    assert asked(apis) == []
    apis.files.pictured(one.id, png(80, 40))
    assert shows_picture(bob) == 10
    assert "a takes it" in bob.text
    assert asked(apis) == [("get_thumbnail", one.id)]
    bob.press("esc", "d")
    assert "▀" not in bob.text


def test_a_terminal_of_few_colours_asks_for_no_small_picture(bob: Console, apis):
    bob.screen.colors = 16
    apis.files.pictured(offer(apis.transfers).id, png(80, 40))
    bob.settle(0.05)
    assert asked(apis) == []


def test_a_small_picture_that_is_gone_is_none(bob: Console, apis):
    apis.transfers.put(offer(apis.transfers), thumbnail=True)
    bob.settle(0.05)
    assert len(asked(apis)) == 1
    assert "▀" not in bob.text
    assert "x.png" in bob.text


@pytest.mark.parametrize("fields", [{"quarantined": True}, {"state": TransferState.RUNNING}, {"size": 10**9}])
def test_what_is_not_whole_or_safe_is_not_looked_into(bob: Console, transfers, tmp_path: Path, fields):
    transfers.put(ended(transfers, tmp_path / "x.png"), **fields)
    bob.settle(0.05)
    assert bob.app.conversations.look_of_files.picture(next(iter(bob.app.live.transfers))) is None
    bob.settle(0.05)
    assert "▀" not in bob.text
