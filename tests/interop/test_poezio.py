"""poezio and our daemon. Version 0.14 knows neither replies, reactions, retractions nor spoilers: what is tested of
these is that what we send is readable there, and that a reaction, which has no text, shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.in_terminal import (  # noqa: F401 - the tests run here
    ALICE,
    Client,
    bob_is_there,
    enter,
    test_corrections,
    test_messages_and_receipts,
    test_readable_where_it_is_not_known,
    test_rooms,
)
from interop.terminals import poezio
from support.tmux import Terminal

from sat.world import World

CLIENT = "poezio"


@pytest.fixture(scope="module")
def client() -> Client:
    return Client("/join {room}/bob", lambda screen: screen.shows("retracted a message, which your program"))


@pytest.fixture(scope="module")
def alice(alice_at_prosody: Any) -> Any:
    return alice_at_prosody


@pytest.fixture(scope="module")
def screen(world: World, alice: Any) -> Iterator[Terminal]:
    """poezio, with bob's account, in the window of alice."""
    with poezio(world, "bob") as screen:
        bob_is_there(alice)
        screen.shows("Your JID is")
        screen.press("/")  # the roster takes a key at a time
        screen.wait(lambda text: text.rstrip().endswith("/"))
        enter(screen, f"message {ALICE}")
        screen.wait(lambda text: "1.Alice" in text)
        yield screen
