"""What tests of everything together live in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sat.world import World
from sat.world.demo import Libervia


@pytest.fixture(scope="module")
def libervia(world: World) -> Iterator[Libervia]:
    """The web server, for alice and bob."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    server = Libervia(world)
    server.start()
    yield server
    server.stop()
