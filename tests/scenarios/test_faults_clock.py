"""The machine's clock is set while the daemon runs (R15): nothing hangs, nothing hurries, the order stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.peer import Peer
from support.talk import all_arrived, connection, faults, history, is_online, say, wait

from sat.world import World
from sat.world.people import run

DAY = 86_400
YEAR = 365 * DAY
JUMPS = [DAY, -DAY, -10 * YEAR, 15 * YEAR, 0]  # the last but one is behind 2038


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands in this file, in seconds, is added to the time of day that the daemon sees."""
    path = tmp_path_factory.mktemp("clock") / "offset"
    path.write_text("0")
    return path


@pytest.fixture(scope="module")
def world(clock: Path) -> Iterator[World]:
    with World(daemon=False) as world:
        folder = Path(__file__).parents[1] / "support" / "clock"
        world.daemon.variables = {**world.env, "PYTHONPATH": str(folder), "CLOCK_OFFSET": str(clock)}
        world.daemon.start()
        world.enter_profile("alice")
        yield world


def set_clock(clock: Path, offset: int) -> None:
    draft = clock.with_suffix(".new")
    draft.write_text(str(offset))
    draft.replace(clock)


def talk(alice: Any, bob: Peer, name: str) -> list[str]:
    """A message each way; what was written, in order."""
    say(alice, f"to bob {name}")
    bob.expect_body(f"to bob {name}")
    wait(lambda: all_arrived(alice), "the timer that asks for an acknowledgement goes off")
    bob.say("alice@localhost", f"to alice {name}", id=f"clock{name}")
    wait(lambda: history(alice)[-1].body == f"to alice {name}", "the new is behind the old")
    return [f"to bob {name}", f"to alice {name}"]


def test_a_clock_that_jumps_disturbs_nothing(world, clock):
    alice = world.bridge().profile("alice")
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        before = connection(alice)
        written = talk(alice, bob, "first")
        times = [message.time for message in history(alice)]
        for jump in JUMPS:
            set_clock(clock, jump)
            written += talk(alice, bob, f"at {jump}")
        assert [message.body for message in history(alice)] == written
        seen = [message.time - times[-1] for message in history(alice)]
        assert min(seen) < -9 * YEAR, "the daemon has seen the jumps"
        assert max(seen) > 14 * YEAR
        assert connection(alice) == before, "the connection has lasted"
        assert "Trying again" not in world.daemon.log.read_text()
    assert not faults(world.daemon)


def test_a_clock_that_jumped_while_the_server_was_away_delays_nothing(world, clock):
    alice = world.bridge().profile("alice")
    world.prosody.kill()
    wait(lambda: not is_online(alice), "it is noticed")
    set_clock(clock, -DAY)
    world.prosody.start()
    wait(lambda: is_online(alice), "the pause is not a day longer")
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        talk(alice, bob, "last")
    assert not faults(world.daemon)


@pytest.mark.parametrize("offset", [DAY, -DAY])
def test_what_was_missed_lies_behind_what_was_there_whatever_the_clocks_say(world, clock, offset):
    """The daemon's clock and the server's differ; the archive's sequence counts."""
    set_clock(clock, offset)
    alice = world.bridge().profile("alice")
    with Peer(world.jid("bob"), "demo", world.prosody.port, world.prosody.ca_file) as bob:
        bob.available()
        written = talk(alice, bob, f"before {offset}")
        run(alice.profile.disconnect())
        for number in range(3):
            bob.say("alice@localhost", f"missed {offset} {number}", id=f"missed{offset}{number}")
            written.append(f"missed {offset} {number}")
        bob.send("<iq type='get' id='done'><ping xmlns='urn:xmpp:ping'/></iq>")
        bob.expect(lambda stanza: stanza.get("id") == "done")
        run(alice.profile.connect())
        wait(lambda: f"missed {offset} 2" in [message.body for message in history(alice)], "they are caught up")
        written += talk(alice, bob, f"after {offset}")
    assert [message.body for message in history(alice)][-len(written) :] == written
    assert not faults(world.daemon)
