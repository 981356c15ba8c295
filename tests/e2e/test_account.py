"""Changing how an account's server is reached, with jp against a real server."""

from __future__ import annotations

import subprocess
from functools import partial

import pytest

from sat.world import World
from sat.world.daemon import script


def jp(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script("jp"), *words], env=world.environment(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def alice(world: World) -> partial[subprocess.CompletedProcess[str]]:
    """jp, in a world where alice has a profile that is online."""
    world.enter_profile("alice")
    return partial(jp, world)


def test_who_cannot_connect_tries_anew_at_once_when_the_server_is_elsewhere(world, alice):
    assert alice("profile", "set", "--port", "1").returncode == 0
    assert alice("status", "-f", "{state}").stdout == "online\n"  # it holds from the next connection on
    assert alice("profile", "disconnect").returncode == 0
    refused = alice("profile", "connect")
    assert refused.returncode == 4
    assert "jp profile set" in refused.stderr
    mended = alice("profile", "set", "--port", str(world.prosody.port), "--resource", "garden")
    assert mended.returncode == 0
    assert "alice is online as alice@localhost/garden" in mended.stderr
