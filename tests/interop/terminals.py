"""Programs of others in a terminal, set up as the benchmarks have them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from support.tmux import Terminal

from benchmarks import peers
from sat.world import World


@contextmanager
def profanity(world: World, person: str) -> Iterator[Terminal]:
    """profanity, online."""
    assert peers.find("profanity"), "profanity is not installed: apt install profanity"
    yield from _shown(peers.Profanity(world, person), "profanity")


@contextmanager
def poezio(world: World, person: str) -> Iterator[Terminal]:
    """poezio, online."""
    assert peers.find("poezio"), "poezio is not installed: apt install poezio"
    yield from _shown(peers.Poezio(world, person), "poezio")


def _shown(program: peers.Profanity | peers.Poezio, name: str) -> Iterator[Terminal]:
    with Terminal(program.env, shlex.join(program.command), columns=120, rows=40) as terminal:
        yield terminal
