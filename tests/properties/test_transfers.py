"""What must hold for whatever is on its way, however it moves."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sat.api import JID
from sat.plugins.transfers.api import Direction, Transfer, TransferState, Way
from sat_frontends.jp.progress import line_of
from sat_frontends.quick_frontend import transfer_words as words
from sat_frontends.quick_frontend.text import clean_line
from sat_frontends.quick_frontend.transfers import Pace

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SECONDS = {"d": 86_400, "h": 3600, "min": 60, "s": 1}
numbers = st.integers(-(2**63), 2**63 - 1)
transfers = st.builds(
    Transfer,
    id=st.text(max_size=5),
    direction=st.sampled_from(Direction),
    name=st.text(max_size=20),
    size=numbers,
    moved=numbers,
    state=st.sampled_from(TransferState),
    way=st.sampled_from(Way),
    peer=st.text(max_size=20).map(JID),
    path=st.text(max_size=20),
    partial=st.booleans(),
    pipe=st.booleans(),
    error=st.sampled_from(["", "NotFound", "PeerError", "no such error"]),
    details=st.dictionaries(st.sampled_from(["what", "peer", "reason"]), st.text(max_size=20)),
)


@FEW
@given(transfers, st.text(max_size=20), st.floats(0, 1e12), st.none() | st.floats(allow_nan=True))
def test_any_one_can_be_shown_in_one_clean_line(
    transfer: Transfer, name: str, speed: float, seconds: float | None
) -> None:
    row = words.row(transfer, name, speed, seconds)
    line = line_of(row)
    assert clean_line(line) == line
    assert row.fraction is None or 0 <= row.fraction <= 1
    assert row.actions


@FEW
@given(transfers)
def test_only_what_is_all_there_is_a_hundred_percent(transfer: Transfer) -> None:
    part = words.percent(transfer)
    if part == "100%":
        assert transfer.state is TransferState.DONE or transfer.moved >= transfer.size
    assert part == "" or 0 <= int(part[:-1]) <= 100


@FEW
@given(st.floats(0, 98 * 86_400))
def test_a_duration_is_what_it_says_in_two_units_at_most(seconds: float) -> None:
    parts = re.findall(r"(\d+) (\w+)", words.duration(seconds))
    assert 1 <= len(parts) <= 2
    told = sum(int(number) * SECONDS[unit] for number, unit in parts)
    assert abs(told - seconds) <= max(0.5, SECONDS[parts[-1][1]], seconds / 24)


@FEW
@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 2**40)), max_size=60), st.floats(0, 100))
def test_a_pace_is_never_negative_nor_endless(steps: list[tuple[float, int]], pause: float) -> None:
    pace, now = Pace(), 0.0
    for passed, moved in steps:
        now += passed
        pace.note(now, moved)
    now += pause
    assert 0 <= pace.speed(now) <= 2**41
    left = pace.left(now, 2**40)
    assert left is None or left >= 0


@FEW
@given(st.integers(1, 10**6), st.integers(12, 200), st.floats(0.1, 1))
def test_a_steady_pace_is_told_as_it_is(speed: int, ticks: int, every: float) -> None:
    pace = Pace()
    for tick in range(ticks):
        pace.note(tick * every, round(speed * tick * every))
    told = pace.speed((ticks - 1) * every)
    assert abs(told - speed) <= 2 / every + speed / 100
